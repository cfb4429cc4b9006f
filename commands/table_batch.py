"""The batch forms of tables: the same changes as in the dialog, without a question."""

from __future__ import annotations

from commands.answers import NotAccepted
from commands.dialog import say
from commands.table_dialog import Table
from commands.terminal import Refused, Terminal
from state.exchange import exists, file_name, read_file
from state.problems import StateRefusal
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from commands.session import Session

    Row = TypeVar("Row")


def delete(table: Table[Row], session: Session, typed: str, *about: str) -> None:
    """Remove the row that a line names.

    Raises:
        Refused: there is none, or it has to stay.
    """
    try:
        table.remove(session, typed, *about)
    except NotAccepted as error:
        raise Refused(str(error)) from None


def import_file(table: Table[Row], session: Session, terminal: Terminal, name: str, *about: str) -> None:
    """Replace the table with that of a file, all or nothing.

    Raises:
        Refused: the file cannot be read, or something in it is wrong.
    """
    try:
        count = table.read_file(session, read_file(session.store.folder, file_name(name)), *about)
    except StateRefusal as error:
        raise Refused(str(error)) from None
    session.finish_operation()
    say(terminal, f"{table.counted(count, 'imported')}.")


def export_file(table: Table[Row], session: Session, terminal: Terminal, name: str, *about: str) -> None:
    """Write the table to a file; an existing one is overwritten only in the dialog, where it is asked.

    Raises:
        Refused: there is one already, or it cannot be written.
    """
    try:
        file = file_name(name)
        if exists(session.store.folder, file):
            raise Refused(f"The file {quoted(file)} already exists; export it in the dialog to overwrite it.")
        table.write_table(session, terminal, file, *about)
    except StateRefusal as error:
        raise Refused(str(error)) from None


def clear(table: Table[Row], session: Session, *about: str) -> None:
    """Remove all rows but those that are always there.

    Raises:
        Refused: one of them is used.
    """
    stay = [table.cleared(row) for row in table.rows(session, *about) if table.built_in(row)]
    try:
        table.take(session, stay, *about)
    except StateRefusal as error:
        raise Refused(str(error)) from None
