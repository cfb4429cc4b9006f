"""adminaccessconfig: how the shell may be used; so far the time after which an idle session ends."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, read_number
from commands.dialog import Operation, menu, number
from commands.terminal import Refused, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

SHORTEST, LONGEST = 5, 1440
"""Minutes, as the dialog takes them."""


async def adminaccessconfig(session: Session, terminal: Terminal) -> None:
    """Show the operations until Enter leaves."""
    await menu(session, terminal, OPERATIONS)


async def timeout(session: Session, terminal: Terminal) -> None:
    """Ask for the minutes without a key after which a session ends."""
    minutes = await number(
        terminal,
        f"Enter CLI inactivity timeout(in minutes) - a value between {SHORTEST} and {LONGEST} :",
        SHORTEST,
        LONGEST,
        session.staged.sessions.idle_minutes,
    )
    _set(session, minutes)


async def timeout_batch(session: Session, terminal: Terminal, minutes: str) -> None:
    """`adminaccessconfig timeout MINUTES`."""
    try:
        _set(session, read_number(minutes, SHORTEST, LONGEST))
    except NotAccepted as error:
        raise Refused(f"timeout: {error}") from None


def _set(session: Session, minutes: int) -> None:
    session.staged = replace(session.staged, sessions=replace(session.staged.sessions, idle_minutes=minutes))


OPERATIONS = (Operation("TIMEOUT", "Configure CLI session inactivity timeout.", timeout),)
