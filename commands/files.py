"""Questions about files of the configuration directory, the only place that dialogs read and write."""

from __future__ import annotations

from commands.answers import NotAccepted
from commands.dialog import text, yes_no
from commands.terminal import Choice, Terminal
from state.exchange import exists, file_name, listed_files, read_file
from state.problems import StateRefusal
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from commands.session import Session

    T = TypeVar("T")

IMPORT = "Enter the name of the file to import:"
EXPORT = "Enter the name of the file to export to:"


async def ask_import(session: Session, terminal: Terminal, read: Callable[[bytes], T], question: str = IMPORT) -> T:
    """Ask for a file and return what `read` makes of its content; a `StateRefusal` of it is told and asked again."""
    return await ask_file(
        session, terminal, lambda answer: read(read_file(session.store.folder, file_name(answer))), question
    )


async def ask_file(session: Session, terminal: Terminal, read: Callable[[str], T], question: str = IMPORT) -> T:
    """Ask for a file and return what `read` makes of its typed name; a `StateRefusal` of it is told and asked again."""

    def opened(answer: str) -> T:
        try:
            return read(answer)
        except StateRefusal as error:
            raise NotAccepted(str(error)) from None

    return await text(
        terminal,
        question,
        opened,
        choices=lambda: [Choice(name) for name in listed_files(session.store.folder)],
        hint="A file in the configuration directory.",
    )


async def ask_export(session: Session, terminal: Terminal, question: str = EXPORT) -> str | None:
    """Ask for the name of a file to write; None where there is one already that is to stay."""

    def named(answer: str) -> str:
        try:
            return file_name(answer)
        except StateRefusal as error:
            raise NotAccepted(str(error)) from None

    name = await text(terminal, question, named, hint="The name of a file in the configuration directory.")
    overwrite = f"The file {quoted(name)} already exists. Do you want to overwrite it?"
    if exists(session.store.folder, name) and not await yes_no(terminal, overwrite, default=False):
        return None
    return name
