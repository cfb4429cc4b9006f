"""IMPORT and EXPORT: the destination table from and to a file in the configuration directory."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.destconfig import entries
from commands.destconfig.table_file import BadLines, read_table, table_text
from commands.dialog import say, text, yes_no
from commands.terminal import Choice, Terminal
from state.exchange import FileRefused, exists, file_name, listed_files, read_file, write_file
from state.model import certificate_choices
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.model import Destinations


async def import_table(session: Session, terminal: Terminal) -> None:
    """Replace the table with that of a file, all or nothing."""

    def read(answer: str) -> Destinations:
        try:
            return read_import(session, file_name(answer))
        except (FileRefused, BadLines) as error:
            raise NotAccepted(str(error)) from None

    destinations = await text(
        terminal,
        "Enter the name of the file to import:",
        read,
        choices=lambda: [Choice(name) for name in listed_files(session.store.folder)],
        hint="A file in the configuration directory.",
    )
    take_table(session, terminal, destinations)


async def export_table(session: Session, terminal: Terminal) -> None:
    """Write the table to a file; an existing one only after a yes."""

    def read(answer: str) -> str:
        try:
            return file_name(answer)
        except FileRefused as error:
            raise NotAccepted(str(error)) from None

    name = await text(
        terminal,
        "Enter the name of the file to export to:",
        read,
        hint="The name of a file in the configuration directory.",
    )
    if exists(session.store.folder, name) and not await yes_no(
        terminal, f"The file {quoted(name)} already exists. Do you want to overwrite it?", default=False
    ):
        return
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
        BadLines: something in it is wrong.
    """
    content = read_file(session.store.folder, name)
    try:
        table = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(f"The file {quoted(name)} is not UTF-8 text (byte {error.start + 1}).") from None
    return read_table(table, entries.bounce_profiles(session.staged), certificate_choices(session.staged))
