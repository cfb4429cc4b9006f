"""One dialog for all tables: NEW, EDIT, DELETE, MOVE, PRINT, IMPORT, EXPORT and CLEAR over rows of any type."""

from __future__ import annotations

from commands.answers import NotAccepted
from commands.dialog import Operation, menu, number, say, text, yes_no
from commands.files import ask_export, ask_import
from commands.table_rows import Description, Row, StillUsed
from commands.terminal import Choice, Refused, Terminal
from state.exchange import write_file
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.session import Session

LISTED = 20
"""Rows up to which a question shows them with their numbers; of more the operator types one, or Tab completes it."""

_BEHIND_OWN = ("PRINT", "IMPORT", "EXPORT", "CLEAR")
"""Operations that stand behind those that a table has of its own."""


class Table(Description[Row]):
    """A table with its dialog; each table derives from it and describes its rows."""

    def operations(self) -> tuple[Operation, ...]:
        """Return the menu: what the table has of the shared operations, its own before PRINT."""
        known = (
            ("NEW", "Create a new entry.", self.new),
            ("EDIT", "Modify an entry.", self.edit),
            ("DELETE", "Remove an entry.", self.delete),
            ("MOVE", "Move an entry.", self.move),
            ("PRINT", "Display the table.", self.show),
            ("IMPORT", "Import a table from a file.", self.import_table),
            ("EXPORT", "Export the table to a file.", self.export_table),
            ("CLEAR", "Remove all entries.", self.clear),
        )
        shared = [
            Operation(keyword, self.sentences.get(keyword, sentence), function)
            for keyword, sentence, function in known
            if keyword in self.keywords
        ]
        place = next((index for index, one in enumerate(shared) if one.keyword in _BEHIND_OWN), len(shared))
        return (*shared[:place], *self.extra, *shared[place:])

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

        def refuse(rows: Sequence[Row], index: int) -> None:
            self.refuse_edit(rows[index])

        index = await self._choose(session, terminal, "edit", refuse, *about)
        if index is not None:
            row = await self.ask(session, terminal, self.rows(session, *about)[index], *about)
            rows = list(self.rows(session, *about))
            rows[index] = row
            self.put(session, rows, *about)

    async def delete(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Remove a row."""
        users = self.users(session, *about)

        def refuse(rows: Sequence[Row], index: int) -> None:
            self._refuse_removal(rows[index], users)

        index = await self._choose(session, terminal, "delete", refuse, *about)
        if index is not None:
            rows = list(self.rows(session, *about))
            del rows[index]
            self.put(session, rows, *about)

    async def move(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Put a row at another place."""

        def refuse(rows: Sequence[Row], index: int) -> None:
            low, high = self.places(rows, index)
            if low >= high:
                raise NotAccepted(f"{quoted(self.name(rows[index]))} has no other place.")

        index = await self._choose(session, terminal, "move", refuse, *about)
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
        stay = [self.cleared(row) for row in rows if self.built_in(row)]
        if stay == list(rows):
            say(terminal, self._none(rows))
        elif await yes_no(terminal, self.clearing, default=False):
            try:
                self.take(session, stay, *about)
            except StillUsed as error:
                if ahead:  # a line that is not done has to fail
                    raise Refused(str(error)) from None
                terminal.say_error(str(error))

    async def _choose(
        self, session: Session, terminal: Terminal, verb: str, refuse: Callable[[Sequence[Row], int], None], *about: str
    ) -> int | None:
        """Ask for a row and return its index; None, and said so, where there is none but those that are always there.

        Args:
            session: whose.
            terminal: where to ask.
            verb: what is to be done with the row.
            refuse: raises `NotAccepted` for the index of a row with which it cannot be done; Tab does not offer it.
            about: what the table is inside of.
        """
        rows = self.rows(session, *about)

        def possible(index: int) -> bool:
            try:
                refuse(rows, index)
            except NotAccepted:
                return False
            return True

        def read(typed: str) -> int:
            index = self.index(session, typed, *about)
            refuse(rows, index)
            return index

        if not any(possible(index) or not self.built_in(row) for index, row in enumerate(rows)):
            say(terminal, self._none(rows))
            return None
        lines = [f"Enter the {self.unique} or number of the {self.noun} you wish to {verb}."]
        if len(rows) <= LISTED and not self.listed_above:
            lines += [f"{place}. {self.name(row)}" for place, row in enumerate(rows, 1)]
        return await text(
            terminal,
            "\n".join(lines),
            read,
            choices=lambda: [Choice(self.name(row)) for index, row in enumerate(rows) if possible(index)],
            hint=f"The {self.unique}, or a number of the list that PRINT shows.",
        )

    def _none(self, rows: Sequence[Row]) -> str:
        besides = listed([self.name(row) for row in rows], "and")
        return f"There are no {self.plural} besides {besides}." if rows else f"There are no {self.plural}."
