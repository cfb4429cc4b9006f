"""One dialog for all tables: NEW, EDIT, DELETE, MOVE, PRINT, IMPORT, EXPORT and CLEAR over rows of any type.

A table is a description of its rows (`Table`), a value without a state of its own: where they stand in the
configuration, what a row is called, what is asked about one, how it reads as text. `about` is the name of the
object that a table is inside of, a listener for its Recipient Access Table; a table of the whole system has none.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from commands.answers import NotAccepted
from commands.dialog import Operation, menu, number, say, text, yes_no
from commands.files import ask_export, ask_import
from commands.table_text import decoded, read_rows
from commands.terminal import Choice, Refused, Terminal
from state.exchange import write_file
from state.problems import StateRefusal
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from commands.session import Session

Row = TypeVar("Row")

LISTED = 20
"""Rows up to which a question shows them with their numbers; of more the operator types one, or Tab completes it."""

COMPARED = 1000
"""Rows up to which a mistyped name is compared with each."""

USERS_NAMED = 5
"""Users of a row that a refusal names; of more it tells how many others there are."""


class StillUsed(StateRefusal):
    """Rows cannot be removed, since something names them; the text has a sentence for each."""


class Table(ABC, Generic[Row]):
    """What a table is made of; each table derives from it.

    Attributes:
        noun: what a row is called.
        plural: what several are called.
        unique: what a row is chosen by, beside its number.
        keywords: the operations that it has; MOVE where the order of rows means something.
        extra: operations of its own, which stand before PRINT.
        listed_above: whether the state lines list the rows with their numbers.
    """

    noun: str = "entry"
    plural: str = "entries"
    unique: str = "name"
    keywords: tuple[str, ...] = ("NEW", "EDIT", "DELETE", "PRINT", "IMPORT", "EXPORT", "CLEAR")
    extra: tuple[Operation, ...] = ()
    listed_above: bool = False

    @abstractmethod
    def rows(self, session: Session, *about: str) -> Sequence[Row]:
        """Return the staged rows, in the order in which PRINT shows them."""

    @abstractmethod
    def put(self, session: Session, rows: Sequence[Row], *about: str) -> None:
        """Stage these rows in place of the present ones."""

    @abstractmethod
    def name(self, row: Row) -> str:
        """Return what a row is chosen by; no two rows have the same."""

    @abstractmethod
    async def ask(self, session: Session, terminal: Terminal, present: Row | None, *about: str) -> Row:
        """Ask everything about a row; `present` is the one that EDIT changes, None under NEW."""

    @abstractmethod
    def line(self, row: Row) -> str:
        """Return the text that stands for a row, one line or several."""

    def read_line(self, session: Session, line: str, *about: str) -> Row:
        """Return the row of a line, for a table whose rows have one each.

        Raises:
            NotAccepted: it is none.
        """
        raise NotImplementedError

    def text(self, rows: Sequence[Row]) -> str:
        """Return the text that stands for the table: what PRINT shows, EXPORT writes and IMPORT reads."""
        return "".join(f"{self.line(row)}\n" for row in rows)

    def read_text(self, session: Session, text: str, *about: str) -> list[Row]:
        """Return the rows of a text.

        Raises:
            BadLines: something in it is wrong; all of it is named.
        """
        return read_rows(text, lambda line: self.read_line(session, line, *about), self.name)

    def state(self, session: Session, *about: str) -> list[str]:
        """Return the lines above the menu."""
        return [f"There are currently {len(self.rows(session, *about))} {self.plural}."]

    def typed_name(self, typed: str) -> str:
        """Return a typed name in the form in which rows have it; as it stands where it is none."""
        return typed

    def place(self, rows: Sequence[Row], row: Row) -> int:
        """Return the index at which NEW puts a row: behind all others, where nothing has to stand last."""
        return len(rows)

    def places(self, rows: Sequence[Row], index: int) -> tuple[int, int]:
        """Return the first and the last index to which MOVE may put a row."""
        return 0, len(rows) - 1

    def built_in(self, row: Row) -> str | None:
        """Return the sentence that refuses to remove a row which is always there, None for any other."""
        return None

    def refuse_edit(self, row: Row) -> None:
        """Refuse a row that EDIT does not change.

        Raises:
            NotAccepted: it is one.
        """

    def users(self, session: Session, *about: str) -> Mapping[str, Sequence[str]]:
        """Return who names which row: a row with users is not removed."""
        return {}

    # What operations share with batch forms

    def index(self, session: Session, typed: str, *about: str) -> int:
        """Return the index of a row, typed as its name, in any case, or as its number.

        Raises:
            NotAccepted: there is no such row.
        """
        rows = self.rows(session, *about)
        names = [self.name(row) for row in rows]
        wanted = self.typed_name(typed)
        if wanted in names:
            return names.index(wanted)
        lower = [name.lower() for name in names]
        if lower.count(wanted.lower()) == 1:
            return lower.index(wanted.lower())
        if typed.isascii() and typed.isdigit():
            if re.fullmatch("0*[0-9]{1,9}", typed) and 1 <= int(typed) <= len(rows):
                return int(typed) - 1
            expected = f"enter a number from 1 to {len(rows)} or the {self.unique}" if rows else "there are none"
            raise NotAccepted(f"There is no {self.noun} number {quoted(typed)[1:-1]}; {expected}.")
        near = nearest(wanted, names) if len(names) <= COMPARED else None
        shown = f"did you mean {quoted(near)}?" if near else f"PRINT shows the {self.plural}."
        raise NotAccepted(f"There is no {self.noun} {quoted(wanted)}; {shown}")

    def refuse_taken(self, session: Session, name: str, present: Row | None, *about: str) -> None:
        """Refuse a name that another row has.

        Raises:
            NotAccepted: another row than `present` has it.
        """
        own = None if present is None else self.name(present)
        if name != own and any(self.name(row) == name for row in self.rows(session, *about)):
            raise NotAccepted(f"{quoted(name)} already exists; EDIT changes it.")

    def take(self, session: Session, rows: Sequence[Row], *about: str) -> None:
        """Stage other rows, unless that removes one that is used.

        Raises:
            StillUsed: it does; nothing is staged.
        """
        if users := self.users(session, *about):
            stay = {self.name(row) for row in rows}
            gone = [name for row in self.rows(session, *about) if (name := self.name(row)) not in stay]
            if sentences := [_used(name, users[name]) for name in gone if users.get(name)]:
                raise StillUsed("\n".join(sentences))
        self.put(session, rows, *about)

    def remove(self, session: Session, typed: str, *about: str) -> None:
        """Remove a row that was typed as its name or number.

        Raises:
            NotAccepted: there is no such row, it is always there, or it is used.
        """
        index = self.index(session, typed, *about)
        rows = list(self.rows(session, *about))
        if refusal := self.built_in(rows.pop(index)):
            raise NotAccepted(refusal)
        try:
            self.take(session, rows, *about)
        except StillUsed as error:
            raise NotAccepted(str(error)) from None

    def read_file(self, session: Session, content: bytes, *about: str) -> int:
        """Stage the rows of a file in place of the present ones, and return how many there are.

        Raises:
            StateRefusal: it is no text, has bad lines, or lacks a row that is used; nothing is staged.
        """
        rows = self.read_text(session, decoded(content), *about)
        self.take(session, rows, *about)
        return len(rows)

    def counted(self, count: int, done: str) -> str:
        """Return `1 entry was imported` or `5 entries were imported`."""
        return f"1 {self.noun} was {done}" if count == 1 else f"{count} {self.plural} were {done}"

    # The dialog

    def operations(self) -> tuple[Operation, ...]:
        """Return the menu: what the table has of the shared operations, its own before PRINT."""
        shared = (
            Operation("NEW", "Create a new entry.", self.new),
            Operation("EDIT", "Modify an entry.", self.edit),
            Operation("DELETE", "Remove an entry.", self.delete),
            Operation("MOVE", "Move an entry.", self.move),
            *self.extra,
            Operation("PRINT", "Display the table.", self.show),
            Operation("IMPORT", "Import a table from a file.", self.import_table),
            Operation("EXPORT", "Export the table to a file.", self.export_table),
            Operation("CLEAR", "Remove all entries.", self.clear),
        )
        return tuple(one for one in shared if one.keyword in self.keywords or one in self.extra)

    async def dialog(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Show the state lines and the operations, until Enter leaves."""
        await menu(session, terminal, self.operations(), state=lambda session: self.state(session, *about), about=about)

    async def new(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Ask everything about a new row."""
        row = await self.ask(session, terminal, None, *about)
        rows = list(self.rows(session, *about))
        rows.insert(self.place(rows, row), row)
        self.put(session, rows, *about)

    async def edit(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Ask everything about a row again, each question with its present value."""

        def chosen(typed: str) -> int:
            index = self.index(session, typed, *about)
            self.refuse_edit(self.rows(session, *about)[index])
            return index

        index = await self._choose(session, terminal, "edit", chosen, *about)
        if index is not None:
            row = await self.ask(session, terminal, self.rows(session, *about)[index], *about)
            rows = list(self.rows(session, *about))
            rows[index] = row
            self.put(session, rows, *about)

    async def delete(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Remove a row."""

        def removed(typed: str) -> int:
            self.remove(session, typed, *about)
            return 0

        await self._choose(session, terminal, "delete", removed, *about)

    async def move(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Put a row at another place."""

        def movable(typed: str) -> int:
            rows = self.rows(session, *about)
            index = self.index(session, typed, *about)
            low, high = self.places(rows, index)
            if low >= high:
                raise NotAccepted(f"{quoted(self.name(rows[index]))} has no other place.")
            return index

        index = await self._choose(session, terminal, "move", movable, *about)
        if index is not None:
            rows = list(self.rows(session, *about))
            low, high = self.places(rows, index)
            question = f"Enter the new place of the {self.noun}."
            place = await number(terminal, question, low + 1, high + 1, default=index + 1)
            rows.insert(place - 1, rows.pop(index))
            self.put(session, rows, *about)

    async def show(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Print the table."""
        shown = self.text(self.rows(session, *about)).rstrip("\n")
        say(terminal, shown or f"There are no {self.plural}.")

    async def import_table(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Replace the table with that of a file, all or nothing."""
        count = await ask_import(session, terminal, lambda content: self.read_file(session, content, *about))
        say(terminal, f"{self.counted(count, 'imported')}.")

    async def export_table(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Write the table to a file; an existing one only after a yes."""
        name = await ask_export(session, terminal)
        if name is not None:
            self.write_table(session, terminal, name, *about)

    def write_table(self, session: Session, terminal: Terminal, name: str, *about: str) -> None:
        """Write the table to a file, and say so.

        Raises:
            FileRefused: the file cannot be written.
        """
        rows = self.rows(session, *about)
        write_file(session.store.folder, name, self.text(rows).encode())
        say(terminal, f"{self.counted(len(rows), 'exported')} to {quoted(name)}.")

    async def clear(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Remove all rows but those that are always there, after a question."""
        ahead = bool(terminal.ahead)
        rows = self.rows(session, *about)
        stay = [row for row in rows if self.built_in(row)]
        if len(stay) == len(rows):
            say(terminal, self._none(rows))
        elif await yes_no(terminal, "Are you sure you want to remove all entries?", default=False):
            try:
                self.take(session, stay, *about)
            except StillUsed as error:
                if ahead:  # a line that is not done has to fail
                    raise Refused(str(error)) from None
                terminal.say_error(str(error))

    async def _choose(
        self, session: Session, terminal: Terminal, verb: str, read: Callable[[str], int], *about: str
    ) -> int | None:
        """Ask for a row and return what `read` makes of it; None, and said so, where there is no row."""
        rows = self.rows(session, *about)
        if not rows:
            say(terminal, self._none(rows))
            return None
        lines = [f"Enter the {self.unique} or number of the {self.noun} you wish to {verb}."]
        if len(rows) <= LISTED and not self.listed_above:
            lines += [f"{place}. {self.name(row)}" for place, row in enumerate(rows, 1)]
        return await text(
            terminal,
            "\n".join(lines),
            read,
            choices=lambda: [Choice(self.name(row)) for row in rows],
            hint=f"The {self.unique}, or a number of the list that PRINT shows.",
        )

    def _none(self, rows: Sequence[Row]) -> str:
        besides = listed([self.name(row) for row in rows], "and")
        return f"There are no {self.plural} besides {besides}." if rows else f"There are no {self.plural}."


def _used(name: str, users: Sequence[str]) -> str:
    """Return the sentence that refuses to remove a row that is used."""
    shown = list(users[:USERS_NAMED])
    if len(users) > USERS_NAMED:
        shown.append(f"{len(users) - USERS_NAMED} more")
    return f"{quoted(name)} is in use by {listed(shown, 'and')}; choose another one there first."
