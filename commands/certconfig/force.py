"""Which lists of authorities are in force: switched on and off, and said at once where none is."""

from __future__ import annotations

from msgspec.structs import replace

from commands.dialog import say
from commands.terminal import Terminal
from gateway.custom_list import custom_list
from gateway.system_list import system_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

BOTH_DISABLED = "Both lists are disabled: every verification of a certificate fails until one is enabled."
NO_AUTHORITY = "No list in force holds an authority: every verification of a certificate fails."


def nothing_in_force(session: Session) -> str | None:
    """Return the sentence that every verification fails, None where an authority is in force."""
    authorities = session.staged.authorities
    if not authorities.system and not authorities.custom:
        return BOTH_DISABLED
    if authorities.system and system_list(session.store).authorities:
        return None
    if authorities.custom and custom_list(authorities):
        return None
    return NO_AUTHORITY


def switch(session: Session, terminal: Terminal, name: str, on: bool) -> None:
    """Stage that the list `name`, "system" or "custom", is in force or not, and say so."""
    session.staged = replace(session.staged, authorities=replace(session.staged.authorities, **{name: on}))
    say(terminal, f"The {name} list is {'enabled' if on else 'disabled'}.")
    if fails := nothing_in_force(session):
        terminal.say(fails)
