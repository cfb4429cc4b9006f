"""What both lists of authorities can do: be printed, be exported, have one authority viewed."""

from __future__ import annotations

from commands.answers import NotAccepted, name_or_number
from commands.dialog import say, text, yes_no
from commands.files import ask_export
from commands.table import table
from commands.terminal import Choice, Terminal
from gateway.authorities import Authority, export_text
from gateway.certificates import details, status, validity
from gateway.custom_list import Entry
from state import wording
from state.exchange import write_file
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.session import Session

SAVE = "Do you want to save it to a file?"


def counted(number: int) -> str:
    """Return `1 authority`, `142 authorities`."""
    return wording.counted(number, "authority", "authorities")


def print_list(session: Session, terminal: Terminal, entries: Sequence[Entry]) -> None:
    """Print number, name and end of each authority; what cannot be read says why below."""
    now = session.store.now()
    rows = [(str(number), one.name, _expires(one, now)) for number, one in enumerate(entries, 1)]
    terminal.say("")
    for line in table((("No.", "Name", "Expires"),), rows, (3, 4, 7), "-", terminal.width, ((1, 12),)):
        terminal.say(line)
    for one in entries:
        if one.problem:
            terminal.say(one.problem)


async def choose_entry(terminal: Terminal, question: str, entries: Sequence[Entry]) -> int:
    """Ask for an authority by its name or its number in PRINT and return its index."""
    names = [one.name for one in entries]

    def read(answer: str) -> int:
        if (index := name_or_number(answer, names)) is not None:
            return index
        numbers = "the number 1" if len(names) == 1 else f"a number from 1 to {len(names)}"
        raise NotAccepted(f"There is no authority {quoted(answer)}; enter a name or {numbers}, as PRINT shows them.")

    return await text(
        terminal,
        question,
        read,
        choices=lambda: [Choice(name) for name in names],
        hint="The name of an authority, or its number in PRINT.",
    )


async def view(session: Session, terminal: Terminal, entries: Sequence[Entry]) -> None:
    """Show one authority, and write it to a file where that is wanted."""
    chosen = await choose_entry(terminal, "Enter the name or the number of the authority to view:", entries)
    name, certificate, problem = entries[chosen]
    if certificate is None:
        say(terminal, problem)
        return
    say(terminal, "\n".join(f"{label}: {value}" for label, value in [("Name", name), *details(certificate)]))
    if await yes_no(terminal, SAVE, default=False):
        file = await ask_export(session, terminal)
        if file is not None:
            write_file(session.store.folder, file, export_text([Authority(name, certificate)]).encode())
            say(terminal, f"{quoted(name)} was saved to {quoted(file)}.")


async def export(session: Session, terminal: Terminal, entries: Sequence[Entry]) -> None:
    """Write a list to a file that IMPORT reads; what cannot be read is left out, and said so."""
    file = await ask_export(session, terminal)
    if file is None:
        return
    readable = [Authority(one.name, one.certificate) for one in entries if one.certificate is not None]
    write_file(session.store.folder, file, export_text(readable).encode())
    verb = "was" if len(readable) == 1 else "were"
    say(terminal, f"{counted(len(readable))} {verb} exported to {quoted(file)}.")
    for one in entries:
        if one.problem:
            terminal.say(one.problem)


def _expires(entry: Entry, now: datetime) -> str:
    if entry.certificate is None:
        return "not readable"
    date = f"{validity(entry.certificate)[1]:%Y-%m-%d}"
    held = status(entry.certificate, now)
    return date if held == "Valid" else f"{date} ({held})"
