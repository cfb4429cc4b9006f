"""The operations of destconfig, each a dialog of its own."""

from __future__ import annotations

from commands.destconfig import entries
from commands.destconfig.questions import ask_default, ask_entry
from commands.destconfig.setup import setup
from commands.destconfig.show import detail, domain_choices, show_list
from commands.dialog import Operation, domain, menu, say, text, yes_no
from commands.terminal import Refused, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

USE_DEFAULT = "The default entry is changed with DEFAULT."
KEEPS_DEFAULT = "The default entry cannot be deleted; change it with DEFAULT."
NO_ENTRIES = "There are no entries besides the default entry."


async def destconfig(session: Session, terminal: Terminal) -> None:
    """Show the number of entries and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=lambda session: [entries.count_line(session.staged)])


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for a domain and everything about its entry."""
    name = await domain(
        terminal,
        "Enter the domain you wish to configure.",
        check=lambda name: entries.refuse_taken(session.staged, name),
    )
    entry = await ask_entry(session, terminal, name, None)
    session.staged = entries.with_entry(session.staged, name, entry)


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask everything about an entry again, each question with its present value."""
    name = await _existing(session, terminal, "Enter the domain you wish to edit.", USE_DEFAULT)
    if name is not None:
        present = session.staged.destinations.domains[name]
        entry = await ask_entry(session, terminal, name, present)
        session.staged = entries.with_entry(session.staged, name, entry)


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove an entry."""
    name = await _existing(session, terminal, "Enter the domain you wish to delete.", KEEPS_DEFAULT)
    if name is not None:
        session.staged = entries.without_entry(session.staged, name)


async def default(session: Session, terminal: Terminal) -> None:
    """Ask everything about the default entry."""
    entry = await ask_default(session, terminal)
    session.staged = session.staged.with_destinations(default=entry)


async def clear(session: Session, terminal: Terminal) -> None:
    """Remove all entries but the default one, after a question."""
    if not session.staged.destinations.domains:
        say(terminal, NO_ENTRIES)
    elif await yes_no(terminal, "Are you sure you want to remove all entries?", default=False):
        session.staged = session.staged.with_destinations(domains={})


async def _existing(session: Session, terminal: Terminal, question: str, about_default: str) -> str | None:
    """Ask for a domain that has an entry; None, and said so, where there is none."""
    if not session.staged.destinations.domains:
        if terminal.ahead:
            raise Refused(NO_ENTRIES)
        say(terminal, NO_ENTRIES)
        return None
    return await text(
        terminal,
        question,
        read=lambda answer: entries.existing(session.staged, answer, about_default),
        choices=lambda: domain_choices(session),
        hint="A domain that has an entry, or its number in LIST.",
    )


OPERATIONS = (
    Operation("SETUP", "Change global settings.", setup),
    Operation("NEW", "Create a new entry.", new),
    Operation("EDIT", "Modify an entry.", edit),
    Operation("DELETE", "Remove an entry.", delete),
    Operation("DEFAULT", "Change the default.", default),
    Operation("LIST", "Display a summary list of all entries.", show_list),
    Operation("DETAIL", "Display details for one destination or all entries.", detail),
    Operation("CLEAR", "Remove all entries.", clear),
    Operation("IMPORT", "Import tables from a file.", "commands.destconfig.exchange:import_table"),
    Operation("EXPORT", "Export tables to a file.", "commands.destconfig.exchange:export_table"),
)
