"""The operations of listenerconfig."""

from __future__ import annotations

from commands.dialog import Operation, menu, number, say, text
from commands.listenerconfig import listeners
from commands.listenerconfig.edit import edit_listener
from commands.listenerconfig.new import new
from commands.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

MOST_CONNECTIONS = 10_000
LONGEST_TIMEOUT = 86_400


async def listenerconfig(session: Session, terminal: Terminal) -> None:
    """Show the listeners and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=listeners.state_lines)


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask for a listener and show its menu."""
    name = await _existing(session, terminal, "edit")
    if name is not None:
        await edit_listener(session, terminal, listeners.Edited(name))


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove a listener."""
    name = await _existing(session, terminal, "delete")
    if name is not None:
        session.staged = listeners.without_listener(session.staged, name)
        say(terminal, f"Listener {name} deleted.")


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask what holds for all listeners together."""
    from msgspec.structs import replace

    receiving = session.staged.receiving
    connections = await number(
        terminal,
        "Enter the global limit for concurrent connections across all listeners.",
        1,
        MOST_CONNECTIONS,
        receiving.max_connections,
    )
    tls_connections = await number(
        terminal,
        "Enter the global limit for concurrent TLS connections across all listeners.",
        1,
        MOST_CONNECTIONS,
        receiving.max_tls_connections,
    )
    unsuccessful = await number(
        terminal,
        "Enter the timeout for unsuccessful inbound connections, in seconds.",
        1,
        LONGEST_TIMEOUT,
        receiving.unsuccessful_timeout,
    )
    longest = await number(
        terminal,
        "Enter the maximum connection time for inbound connections, in seconds.",
        1,
        LONGEST_TIMEOUT,
        receiving.connection_timeout,
    )
    receiving = replace(
        receiving,
        max_connections=connections,
        max_tls_connections=tls_connections,
        unsuccessful_timeout=unsuccessful,
        connection_timeout=longest,
    )
    session.staged = replace(session.staged, receiving=receiving)


async def _existing(session: Session, terminal: Terminal, verb: str) -> str | None:
    """Ask for a listener; None, and said so, where there is none."""
    if not session.staged.listeners:
        say(terminal, listeners.NONE)
        return None
    return await text(
        terminal,
        f"Enter the name or number of the listener you wish to {verb}.",
        read=lambda answer: listeners.existing(session.staged, answer),
        choices=lambda: listeners.name_choices(session),
        hint="The name of a listener, or its number of the list.",
    )


OPERATIONS = (
    Operation("NEW", "Create a new listener.", new),
    Operation("EDIT", "Modify a listener.", edit),
    Operation("DELETE", "Remove a listener.", delete),
    Operation("SETUP", "Change global settings.", setup),
)
