"""Tables as text: one row a line, read back as the same rows; every bad line is named with its number.

A file with a bad line stands for no table at all: whoever imports it changes nothing.
"""

from __future__ import annotations

import re

from commands.answers import NotAccepted
from state.problems import StateRefusal
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    Row = TypeVar("Row")


class BadLines(StateRefusal):
    """A file that cannot be taken; its text has one line for each problem, with the line's number."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(f"line {number}: {sentence}" for number, sentence in self.problems))


class NotText(StateRefusal):
    """A file that is no UTF-8 text."""


def decoded(content: bytes) -> str:
    """Return the text of a file; a byte order mark is no part of it.

    Raises:
        NotText: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(f"The file is not UTF-8 text (byte {error.start + 1}).") from None


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and content of each line that is neither blank nor a comment (`#`)."""
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):  # no other character ends a line in an editor
        line = line.strip()
        if line and not line.startswith("#"):
            yield number, line


def read_rows(text: str, read: Callable[[str], Row], name: Callable[[Row], str]) -> list[Row]:
    """Return the rows of a text that has one a line.

    Args:
        text: the file.
        read: the row of a line; raises `NotAccepted`.
        name: what no two rows may share.

    Raises:
        BadLines: something in it is wrong; all of it is named.
    """
    rows: list[Row] = []
    problems: list[tuple[int, str]] = []
    first: dict[str, int] = {}
    for number, line in numbered_lines(text):
        try:
            row = read(line)
        except NotAccepted as error:
            problems.append((number, str(error)))
            continue
        earlier = first.setdefault(name(row), number)
        if earlier != number:
            problems.append((number, f"{quoted(name(row))} is there already (line {earlier})."))
        rows.append(row)
    if problems:
        raise BadLines(problems)
    return rows
