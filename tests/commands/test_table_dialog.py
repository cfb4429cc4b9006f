"""The dialog of all tables, over a toy: alert recipients in an order, each a line of its address."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.command import Command
from commands.dialog import Operation, text
from commands.session import Session
from commands.table_dialog import LISTED, Table
from commands.terminal import Terminal
from state.folder import Memory
from state.model import AlertRecipient

ALWAYS = "postmaster@example.com"


class Recipients(Table[AlertRecipient]):
    """A table with everything: an order, a row that is always there and last, rows that are used."""

    noun, plural, unique = "recipient", "recipients", "address"
    keywords: tuple[str, ...] = ("NEW", "EDIT", "DELETE", "MOVE", "PRINT", "IMPORT", "EXPORT", "CLEAR")

    def rows(self, session: Session, *about: str) -> Sequence[AlertRecipient]:
        return session.staged.alerts.recipients

    def put(self, session: Session, rows: Sequence[AlertRecipient], *about: str) -> None:
        session.staged = replace(session.staged, alerts=replace(session.staged.alerts, recipients=list(rows)))

    def name(self, row: AlertRecipient) -> str:
        return row.address

    async def ask(
        self, session: Session, terminal: Terminal, present: AlertRecipient | None, *about: str
    ) -> AlertRecipient:
        def read(answer: str) -> AlertRecipient:
            row = self.read_line(session, answer)
            self.refuse_taken(session, row.address, present)
            return row

        return await text(terminal, "Enter the address.", read, default=present.address if present else None)

    def line(self, row: AlertRecipient) -> str:
        return row.address

    def read_line(self, session: Session, line: str, *about: str) -> AlertRecipient:
        if "@" not in line:
            raise NotAccepted(f'"{line}" has no @.')
        return AlertRecipient(address=line.lower())

    def typed_name(self, typed: str) -> str:
        return typed.strip("<>")

    def place(self, rows: Sequence[AlertRecipient], row: AlertRecipient) -> int:
        return len(rows) - bool(rows and rows[-1].address == ALWAYS)

    def places(self, rows: Sequence[AlertRecipient], index: int) -> tuple[int, int]:
        last = len(rows) - 1
        if rows[-1].address != ALWAYS:
            return 0, last
        return (last, last) if index == last else (0, last - 1)

    def built_in(self, row: AlertRecipient) -> str | None:
        return "The postmaster stays." if row.address == ALWAYS else None

    def refuse_edit(self, row: AlertRecipient) -> None:
        if row.address == ALWAYS:
            raise NotAccepted("The postmaster stays as it is.")

    def users(self, session: Session, *about: str) -> Mapping[str, Sequence[str]]:
        return {"used@example.com": ["one", "two"], "worn@example.com": list("abcdefgh")}


Open = Callable[..., Any]


@pytest.fixture
def opened(person: Any, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a maker of people whose command `toy` is the table."""

    def make(*addresses: str, files: Mapping[str, bytes] | None = None, table: Table[Any] | None = None) -> Any:
        module = ModuleType("toys")
        module.toy = (table or Recipients()).dialog  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "toys", module)
        folder = Memory()
        for name, content in (files or {}).items():
            folder.write(f"configuration/{name}", content)
        someone = person(commands={"toy": Command("toy", "toys:toy", "Ask.", "Toys")}, folder=folder)
        Recipients().put(someone.session, [AlertRecipient(address=address) for address in addresses])
        someone.session.finish_operation()
        return someone

    return make


def addresses(someone: Any) -> list[str]:
    return [row.address for row in someone.session.staged.alerts.recipients]


def test_the_menu_has_what_the_table_has_in_the_documented_order(opened: Open) -> None:
    assert opened().type("toy", "") == (
        "\nThere are currently 0 recipients.\n\nChoose the operation you want to perform:\n"
        "- NEW - Create a new entry.\n- EDIT - Modify an entry.\n- DELETE - Remove an entry.\n"
        "- MOVE - Move an entry.\n- PRINT - Display the table.\n- IMPORT - Import a table from a file.\n"
        "- EXPORT - Export the table to a file.\n- CLEAR - Remove all entries.\n[]> \n"
    )


def test_operations_of_its_own_stand_before_print_and_others_may_be_left_out() -> None:
    async def default(session: Session, terminal: Terminal) -> None: ...

    class Other(Recipients):
        keywords = ("NEW", "MOVE", "PRINT")
        extra = (Operation("DEFAULT", "Set the defaults.", default),)

    assert [one.keyword for one in Other().operations()] == ["NEW", "MOVE", "DEFAULT", "PRINT"]


@pytest.mark.parametrize("keyword", ["EDIT", "DELETE", "MOVE", "PRINT", "CLEAR"])
def test_an_operation_with_nothing_to_work_on_says_so(opened: Open, keyword: str) -> None:
    assert f"[]> {keyword}\n\nThere are no recipients.\n\nThere are currently" in opened().type("toy", keyword, "")


def test_new_puts_a_row_behind_the_others_but_before_what_is_last(opened: Open) -> None:
    someone = opened("a@example.com", ALWAYS)
    someone.type("toy", "new", "B@example.com", "")
    assert addresses(someone) == ["a@example.com", "b@example.com", ALWAYS]


def test_a_name_that_is_taken_is_asked_again(opened: Open) -> None:
    someone = opened("a@example.com")
    shown = someone.type("toy", "new", "a@example.com", "b@example.com", "")
    assert '"a@example.com" already exists; EDIT changes it.\n' in shown
    assert addresses(someone) == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize("typed", ["2", "b@example.com", "B@EXAMPLE.COM", "<b@example.com>"])
def test_a_row_is_edited_by_name_or_number_with_its_present_values(opened: Open, typed: str) -> None:
    someone = opened("a@example.com", "b@example.com")
    shown = someone.type("toy", "edit", typed, "c@example.com", "")
    assert (
        "\nEnter the address or number of the recipient you wish to edit.\n1. a@example.com\n2. b@example.com\n[]> "
        in shown
    )
    assert "\nEnter the address.\n[b@example.com]> c@example.com\n" in shown
    assert addresses(someone) == ["a@example.com", "c@example.com"]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("0", "There is no recipient number 0; enter a number from 1 to 2 or the address."),
        ("3", "There is no recipient number 3; enter a number from 1 to 2 or the address."),
        ("9" * 30, f"There is no recipient number {'9' * 30}; enter a number from 1 to 2 or the address."),
        ("b@example.org", 'There is no recipient "b@example.org"; did you mean "b@example.com"?'),
        ("zz", 'There is no recipient "zz"; PRINT shows the recipients.'),
        ("", "A value is required."),
    ],
)
def test_a_row_that_is_not_there_is_asked_again(opened: Open, typed: str, text: str) -> None:
    someone = opened("a@example.com", "b@example.com")
    assert f"[]> {typed}\n{text}\n\nEnter the address" in someone.type("toy", "delete", typed, "1", "")
    assert addresses(someone) == ["b@example.com"]


def test_what_is_always_there_is_neither_edited_nor_deleted_nor_cleared_nor_moved(opened: Open) -> None:
    someone = opened("a@example.com", ALWAYS)
    assert "The postmaster stays as it is.\n" in someone.type("toy", "edit", "2", "^C")
    assert "The postmaster stays.\n" in someone.type("toy", "delete", "2", "^C")
    assert f'"{ALWAYS}" has no other place.\n' in someone.type("toy", "move", "2", "^C")
    someone.type("toy", "clear", "y", "")
    assert addresses(someone) == [ALWAYS]
    for keyword in ("edit", "delete", "move", "clear"):
        assert f"There are no recipients besides {ALWAYS}.\n" in someone.type("toy", keyword, "")


def test_what_is_used_is_not_deleted_and_its_users_are_named(opened: Open) -> None:
    someone = opened("used@example.com", "worn@example.com")
    two = '"used@example.com" is in use by one and two; choose another one there first.\n'
    many = '"worn@example.com" is in use by a, b, c, d, e and 3 more; choose another one there first.\n'
    assert two in someone.type("toy", "delete", "1", "^C")
    assert f"\n{two}{many}\nThere are currently 2" in someone.type("toy", "clear", "y", "")
    assert someone.type("toy -> clear -> y") == two + many
    assert someone.status == 1
    assert len(addresses(someone)) == 2


@pytest.mark.parametrize(("entry", "place", "order"), [("1", "3", "bca"), ("3", "1", "cab"), ("b@x", "", "abc")])
def test_move_asks_the_entry_and_its_new_place(opened: Open, entry: str, place: str, order: str) -> None:
    someone = opened("a@x", "b@x", "c@x")
    assert "\nEnter the new place of the recipient.\n[" in someone.type("toy", "move", entry, place, "")
    assert addresses(someone) == [f"{letter}@x" for letter in order]


def test_a_place_behind_what_is_last_is_refused(opened: Open) -> None:
    someone = opened("a@x", "b@x", ALWAYS)
    assert "Enter a whole number from 1 to 2.\n" in someone.type("toy", "move", "1", "3", "2", "")
    assert addresses(someone) == ["b@x", "a@x", ALWAYS]


def test_clear_asks_first(opened: Open) -> None:
    someone = opened("a@x", "b@x")
    assert "\nAre you sure you want to remove all entries? [N]> \n" in someone.type("toy", "clear", "", "")
    assert len(addresses(someone)) == 2
    someone.type("toy", "clear", "y", "")
    assert addresses(someone) == []


def test_what_is_printed_is_what_is_exported_and_imports_again(opened: Open) -> None:
    someone = opened("a@x", "b@x")
    assert "]> print\n\na@x\nb@x\n\nThere are" in someone.type("toy", "print", "")
    shown = someone.type("toy", "export", "table.txt", "clear", "y", "import", "table.txt", "")
    assert '\n2 recipients were exported to "table.txt".\n' in shown
    assert "\n2 recipients were imported.\n" in shown
    assert addresses(someone) == ["a@x", "b@x"]


def test_a_file_is_overwritten_only_after_a_yes(opened: Open) -> None:
    someone = opened("a@x", files={"old.txt": b"old"})
    someone.type("toy", "export", "old.txt", "", "")
    assert someone.session.store.folder.read("configuration/old.txt") == b"old"
    shown = someone.type("toy", "export", "old.txt", "y", "")
    assert 'already exists. Do you want to overwrite it? [N]> y\n\n1 recipient was exported to "old.txt".\n' in shown


def test_an_import_is_all_or_nothing_and_names_every_bad_line(opened: Open) -> None:
    bad = b"# who\r\na@x\r\n\r\nnobody\r\nA@X\r\nnowhere"
    someone = opened("before@x", files={"bad.txt": bad, "latin.txt": b"\xfc@x"})
    shown = someone.type("toy", "import", "bad.txt", "latin.txt", "^C")
    assert 'line 4: "nobody" has no @.\nline 5: "a@x" is there already (line 2).\nline 6: "nowhere" has' in shown
    assert "The file is not UTF-8 text (byte 1).\n" in shown
    assert addresses(someone) == ["before@x"]


def test_an_import_without_a_row_that_is_used_is_refused(opened: Open) -> None:
    someone = opened("used@example.com", files={"new.txt": b"\xef\xbb\xbfa@x"})
    assert '"used@example.com" is in use by one and two' in someone.type("toy", "import", "new.txt", "^C")
    assert addresses(someone) == ["used@example.com"]


def test_of_a_long_table_the_question_lists_nothing_and_tab_completes(opened: Open) -> None:
    someone = opened(*(f"a{number}@x" for number in range(LISTED + 1)))
    shown = someone.type("toy", "delete", "21", "")
    assert "\nEnter the address or number of the recipient you wish to delete.\n[]> 21\n" in shown
    chosen = someone.asked[1]
    assert len(list(chosen.choices())) == LISTED + 1
    assert len(addresses(someone)) == LISTED


def test_tab_offers_only_what_the_operation_takes(opened: Open) -> None:
    someone = opened("a@x", "used@example.com", ALWAYS)
    for keyword, count in (("edit", 2), ("delete", 1), ("move", 2)):
        someone.type("toy", keyword, "^C")
        assert len(list(someone.asked[1].choices())) == count


def test_a_question_mark_lists_no_thousands(opened: Open) -> None:
    someone = opened(*(f"a{number}@x" for number in range(1000)))
    shown = someone.type("toy", "delete", "?", "^C")
    assert "\n  a49@x\n  and 950 more; Tab completes them.\n" in shown


def test_words_ahead_go_through_the_table(opened: Open) -> None:
    someone = opened("a@x", "b@x")
    someone.type("toy -> delete -> 1", "")
    assert addresses(someone) == ["b@x"]
    assert someone.type("toy -> delete -> 7") == (
        "There is no recipient number 7; enter a number from 1 to 1 or the address.\n"
    )
