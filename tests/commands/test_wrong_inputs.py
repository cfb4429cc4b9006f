"""What wrong input gets, for every command: `wrong_inputs.txt` beside this file is the table, to be read as a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from commands.destconfig.menu import OPERATIONS
from commands.registry import COMMANDS, find
from state.folder import Memory
from state.store import CONFIG

PAGE = Path(__file__).with_name("wrong_inputs.txt")
STATUS = {"refused": 1, "wrong use": 2}
LONGEST = 320
"""Characters of one line: four lines of a screen; nobody reads more than that at night."""


class Row(NamedTuple):
    """A wrong input: the block it stands in, the line that opens the question, what is typed, what it gets."""

    number: int
    kind: str
    opened: str
    typed: str
    text: str
    given: tuple[str, ...]


class Page(NamedTuple):
    """The table: its rows, the files that there are, and what was typed before everything."""

    rows: list[Row]
    files: dict[str, str]
    always: list[str]


def read_page(lines: list[str]) -> Page:
    page = Page([], {}, [])
    kind = opened = file = ""
    given: list[str] = []
    after_rows = False
    for number, line in enumerate(lines, 1):
        head = re.fullmatch(r"(file|always|given|at|pasted at|refused|wrong use)(?: (.*))?", line)
        if head and head[1] == "file":
            file, kind = head[2], ""
            page.files[file] = ""
        elif head and head[1] == "always":
            page.always.append(head[2])
        elif head:
            given, after_rows = ([] if after_rows else given), False
            if head[1] == "given":
                given.append(head[2])
            else:
                kind, opened = head[1], head[2] or ""
        elif not kind and (line.startswith("    ") or (not line and file)):
            page.files[file] += line[4:] + "\n"
        elif line.startswith("    | "):
            row = page.rows[-1]
            page.rows[-1] = row._replace(text=f"{row.text}{line[6:]}\n")
        elif line.startswith("  "):
            typed, _, text = line[2:].partition(" | ")
            page.rows.append(Row(number, kind, opened, _typed(typed.rstrip()), text and f"{text}\n", tuple(given)))
            after_rows = True
        else:
            assert not line or line.startswith("#"), f"line {number}: {line}"
            file = "" if line else file
    return page


def _typed(written: str) -> str:
    """Return what a row's input stands for."""
    repeated = re.sub(r"\{(\d+)\*([^}]+)\}", lambda found: found[2] * int(found[1]), written)
    return re.sub(r"\\x(..)|\\u(....)", lambda found: chr(int(found[1] or found[2], 16)), repeated)


PAGE_READ = read_page(PAGE.read_text().splitlines())
ROWS = PAGE_READ.rows


def of_kind(*kinds: str) -> pytest.MarkDecorator:
    rows = [row for row in ROWS if row.kind in kinds]
    names = [f"{row.number}-{ascii(row.typed)[1:41]}" for row in rows]
    return pytest.mark.parametrize("row", rows, ids=names)


@pytest.fixture
def someone(person: Any) -> Iterator[Any]:
    """Return a person at the appliance of the page; whatever is typed there, nothing may come of it."""
    folder = Memory()
    for name, content in PAGE_READ.files.items():
        folder.write(name if name == CONFIG else f"configuration/{name}", content.encode())
    someone = person(folder=folder)
    for line in PAGE_READ.always:
        someone.type(line)
        assert someone.status == 0
    yield someone
    assert someone.session.store.revision.number == 1 + sum(line.startswith("commit") for line in PAGE_READ.always)
    assert not someone.session.ended


def prepare(someone: Any, row: Row) -> Any:
    """Type what is given and return what is staged then."""
    for line in row.given:
        someone.type(line)
        assert someone.status == 0
    return someone.session.staged


@of_kind("at")
def test_a_wrong_answer_gets_its_line_and_the_same_question(someone: Any, row: Row) -> None:
    before = prepare(someone, row)
    answer = "" if row.typed == '""' else row.typed
    shown = someone.type(row.opened, answer, "^C")
    first, again = someone.asked
    assert shown.endswith(
        f"{first.text}{first.prompt}{answer}\n{row.text}{again.text}{again.prompt}^C\nCommand cancelled.\n"
    )
    assert first.prompt == again.prompt
    assert first.text.endswith(again.text)  # a menu's second time is without its state lines
    assert someone.session.staged == before


@of_kind("refused", "wrong use")
def test_a_wrong_line_gets_its_text_and_status_and_changes_nothing(someone: Any, row: Row) -> None:  # P7
    before = prepare(someone, row)
    shown = someone.type(row.typed)
    assert shown == row.text
    assert someone.status == STATUS[row.kind]
    assert someone.session.staged == before


@of_kind("pasted at")
def test_a_wrong_paste_gets_every_problem_and_loads_nothing(someone: Any, row: Row) -> None:
    before = prepare(someone, row)
    lines = [] if row.typed == '""' else row.typed.split(" ⏎ ")
    shown = someone.type(row.opened, *lines, ".")
    assert shown.endswith(f"\n.\n{row.text}")
    assert someone.status == 1
    assert someone.session.staged == before


@of_kind("at", "refused", "wrong use", "pasted at")
def test_a_text_is_short_printable_and_ends_as_a_sentence(row: Row) -> None:
    for line in row.text.splitlines():
        assert len(line) <= LONGEST
        assert line.isprintable()
        assert not re.search("Traceback|Error|<class", line)
    if not row.text.startswith(("line ", "Unknown command")):
        assert row.text.rstrip().endswith((".", "?"))


def test_the_table_covers_every_command_and_every_operation_of_destconfig() -> None:
    words = [(row.opened or row.typed).replace("->", " ").split() for row in ROWS]
    assert {command.name for word, *_ in words if (command := find(word))} == set(COMMANDS)
    operations = {rest[0] for word, *rest in words if word == "destconfig" and rest}
    assert {operation.keyword.lower() for operation in OPERATIONS} <= operations
    assert {form.words[0] for form in COMMANDS["destconfig"].forms} <= operations
