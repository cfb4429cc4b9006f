"""What a table is made of, for one dialog over all of them: a description of its rows, and the changes it takes.

A table is a value without a state of its own: where its rows stand in the configuration, what a row is called, what
is asked about one, how it reads as text. `about` is the name of the object that a table is inside of, a listener for
its Recipient Access Table; a table of the whole system has none.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from types import MappingProxyType
from typing import Generic, TypeVar

from commands.answers import NotAccepted
from commands.table_text import decoded, read_rows
from state.problems import StateRefusal
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from commands.dialog import Operation
    from commands.session import Session
    from commands.terminal import Terminal

Row = TypeVar("Row")

COMPARED = 1000
"""Rows up to which a mistyped name is compared with each."""

USERS_NAMED = 5
"""Users of a row that a refusal names; of more it tells how many others there are."""


class StillUsed(StateRefusal):
    """Rows cannot be removed, since something names them; the text has a sentence for each."""


class Description(ABC, Generic[Row]):
    """What a table says of itself; each table is a `commands.table_dialog.Table` that fills this in.

    Attributes:
        noun: what a row is called.
        plural: what several are called.
        unique: what a row is chosen by, beside its number.
        keywords: the operations that it has; MOVE where the order of rows means something.
        sentences: what its menu says of an operation, where that is not what other tables say.
        clearing: what CLEAR asks.
        extra: operations of its own, which stand before PRINT.
        listed_above: whether the state lines list the rows with their numbers.
    """

    noun: str = "entry"
    plural: str = "entries"
    unique: str = "name"
    keywords: tuple[str, ...] = ("NEW", "EDIT", "DELETE", "PRINT", "IMPORT", "EXPORT", "CLEAR")
    sentences: Mapping[str, str] = MappingProxyType({})
    clearing: str = "Are you sure you want to remove all entries?"
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

    def cleared(self, row: Row) -> Row:
        """Return a row that is always there as CLEAR leaves it."""
        return row

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
            before = [row for row in self.rows(session, *about) if not self.built_in(row)]
            gone = [name for row in before if (name := self.name(row)) not in stay]
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
        self._refuse_removal(rows.pop(index), self.users(session, *about))
        self.put(session, rows, *about)

    def _refuse_removal(self, row: Row, users: Mapping[str, Sequence[str]]) -> None:
        if refusal := self.built_in(row):
            raise NotAccepted(refusal)
        if users.get(self.name(row)):
            raise NotAccepted(_used(self.name(row), users[self.name(row)]))

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


def _used(name: str, users: Sequence[str]) -> str:
    """Return the sentence that refuses to remove a row that is used."""
    shown = list(users[:USERS_NAMED])
    if len(users) > USERS_NAMED:
        shown.append(f"{len(users) - USERS_NAMED} more")
    return f"{quoted(name)} is in use by {listed(shown, 'and')}; choose another one there first."
