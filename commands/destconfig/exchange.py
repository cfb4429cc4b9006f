"""IMPORT and EXPORT: the destination table from and to a file in the configuration directory."""

from __future__ import annotations

from msgspec.structs import replace

from commands.destconfig import entries
from commands.destconfig.table_file import read_table, table_text
from commands.dialog import say
from commands.files import ask_export, ask_import
from commands.table_text import decoded
from commands.terminal import Terminal
from state.exchange import read_file, write_file
from state.model import certificate_choices
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.model import Destinations


async def import_table(session: Session, terminal: Terminal) -> None:
    """Replace the table with that of a file, all or nothing."""
    take_table(session, terminal, await ask_import(session, terminal, lambda content: _table(session, content)))


async def export_table(session: Session, terminal: Terminal) -> None:
    """Write the table to a file; an existing one only after a yes."""
    name = await ask_export(session, terminal)
    if name is not None:
        write_table(session, terminal, name)


def take_table(session: Session, terminal: Terminal, destinations: Destinations) -> None:
    """Stage a table in place of the present one, and say so."""
    session.staged = replace(session.staged, destinations=destinations)
    session.finish_operation()
    say(terminal, f"{len(destinations.domains) + 1} entries were imported.")


def write_table(session: Session, terminal: Terminal, name: str) -> None:
    """Write the present table to a file, and say so.

    Raises:
        FileRefused: the file cannot be written.
    """
    write_file(session.store.folder, name, table_text(session.staged.destinations).encode())
    say(terminal, f"{len(session.staged.destinations.domains) + 1} entries were exported to {quoted(name)}.")


def read_import(session: Session, name: str) -> Destinations:
    """Return the table that a file in the configuration directory stands for.

    Raises:
        FileRefused: the file cannot be read.
        NotText: it is no text.
        BadLines: something in it is wrong.
    """
    return _table(session, read_file(session.store.folder, name))


def _table(session: Session, content: bytes) -> Destinations:
    profiles, certificates = entries.bounce_profiles(session.staged), certificate_choices(session.staged)
    return read_table(decoded(content), profiles, certificates)
