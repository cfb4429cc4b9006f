"""SYSTEM: the list that comes with the system; it can be switched off and looked at, never edited."""

from __future__ import annotations

from commands.certconfig import authority_views
from commands.certconfig.force import switch
from commands.dialog import Operation, menu, say
from commands.terminal import Terminal
from gateway.custom_list import Entry
from gateway.system_list import system_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def system(session: Session, terminal: Terminal) -> None:
    """Show the operations, ENABLE or DISABLE among them, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, offered=_offered)


async def enable(session: Session, terminal: Terminal) -> None:
    """Put the list in force."""
    switch(session, terminal, "system", on=True)


async def disable(session: Session, terminal: Terminal) -> None:
    """Take the list out of force."""
    switch(session, terminal, "system", on=False)


async def export(session: Session, terminal: Terminal) -> None:
    """Write the list to a file."""
    if entries := _entries(session, terminal):
        await authority_views.export(session, terminal, entries)


async def print_list(session: Session, terminal: Terminal) -> None:
    """Print the list."""
    if entries := _entries(session, terminal):
        authority_views.print_list(session, terminal, entries)


async def view(session: Session, terminal: Terminal) -> None:
    """Show one authority."""
    if entries := _entries(session, terminal):
        await authority_views.view(session, terminal, entries)


def _entries(session: Session, terminal: Terminal) -> list[Entry]:
    """Return the list; where it is empty, and said so, none."""
    found = system_list(session.store)
    if not found.authorities:
        say(terminal, *(found.problems or ["The system list is empty."])[:1])
    return [Entry(one.name, one.certificate) for one in found.authorities]


def _offered(session: Session, operation: Operation) -> bool:
    in_force = session.staged.authorities.system
    return operation.keyword not in ("ENABLE", "DISABLE") or (operation.keyword == "DISABLE") == in_force


OPERATIONS = (
    Operation("ENABLE", "Enable the system list", enable),
    Operation("DISABLE", "Disable the system list", disable),
    Operation("EXPORT", "Export the list to a file", export),
    Operation("PRINT", "Print the list", print_list),
    Operation("VIEW", "View the details of one authority, or save it to a file", view),
)
