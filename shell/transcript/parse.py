"""A transcript's text: its head, its body, and what must hold at the end."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

from shell.transcript.head import Head, Problem, read_head
from shell.transcript.match import Script, script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_PART = r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'"""
_KEY = re.compile(rf"\s*(?:{_PART})(?:\s*\.\s*(?:{_PART}))*\s*")
_CHECK_MARKS = {"#=": "committed", "#~": "staged", "#-": "absent"}


class TranscriptError(Exception):
    """A transcript cannot be read, or cannot be played as it stands.

    Its text has one line for each problem: `FILE:LINE: sentence`.

    Attributes:
        file: the transcript.
        problems: all that is wrong, by line.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(f"{file}:{line}: {sentence}" for line, sentence in self.problems))

    @property
    def line(self) -> int:
        """The number of the first line that is wrong."""
        return self.problems[0].line

    @property
    def sentence(self) -> str:
        """What is wrong there."""
        return self.problems[0].sentence

    def __reduce__(self) -> tuple[type[TranscriptError], tuple[str, tuple[Problem, ...]]]:
        return type(self), (self.file, self.problems)


class Check(NamedTuple):
    """What must hold when the body has been played.

    Attributes:
        line: the line's number.
        kind: "committed" or "staged" for the configuration where the key has the value, "absent" for a key
            that the committed configuration does not have.
        key: the key as it is written.
        path: its parts; a bare whole number is the place in a list, from 0.
        value: the TOML value, None for "absent".
    """

    line: int
    kind: str
    key: str
    path: tuple[str | int, ...]
    value: object


class Transcript(NamedTuple):
    """A transcript as it was read.

    Attributes:
        path: the file, as it is named in messages.
        prose: the head's lines that are no settings, the title first.
        head: the settings.
        source: all lines of the file to the letter.
        body: where the body begins in `source`, and where it ends.
        script: the body's lines folded, as output is matched against them.
        checks: what must hold at the end.
    """

    path: str
    prose: tuple[str, ...]
    head: Head
    source: tuple[str, ...]
    body: tuple[int, int]
    script: Script
    checks: tuple[Check, ...]

    @property
    def title(self) -> str:
        """The first line of prose that is not blank, empty if there is none."""
        return next((line for line in self.prose if line), "")


def load(path: str) -> Transcript:
    """Read a transcript from its file.

    Raises:
        TranscriptError: the file is no UTF-8, or something in it is wrong.
        OSError: the file cannot be read.
    """
    content = Path(path).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(line, f"the file is not UTF-8: byte 0x{content[error.start]:02x}")
        raise TranscriptError(path, [problem]) from None
    return parse(text, path)


def parse(text: str, path: str) -> Transcript:
    """Read a transcript from its text.

    Raises:
        TranscriptError: with all that is wrong in the head and in the end checks.
    """
    source = text.replace("\r\n", "\n").split("\n")
    if not source[-1]:
        source.pop()
    begin = next((place for place, line in enumerate(source) if not line.startswith("#")), len(source))
    end, tail = _split_tail(source, begin)
    prose: list[str] = []
    settings: list[tuple[int, str]] = []
    misplaced: list[int] = []
    for place in range(begin):
        line = source[place]
        if line.startswith("#:"):
            settings.append((place + 1, line[2:].removeprefix(" ")))
        elif _looks_like_check(line):
            misplaced.append(place)
        else:
            prose.append(line[1:].strip())
    head, problems = read_head(settings)
    # between the head and the first output blank lines are layout
    while begin < end and not source[begin].strip():
        begin += 1
    misplaced += [place for place in range(begin, end) if source[place][:1] == "#" and _looks_like_check(source[place])]
    problems += [Problem(place + 1, _MISPLACED) for place in misplaced]
    if begin == end:
        problems.append(Problem(max(begin, 1), "the transcript has no body"))
    checks = [check for place in tail if (check := _read_check(source[place], place + 1, problems))]
    if problems:
        raise TranscriptError(path, problems)
    return Transcript(
        path=path,
        prose=tuple(prose),
        head=head,
        source=tuple(source),
        body=(begin, end),
        script=script(source, begin, end, head.ignore_blank),
        checks=tuple(checks),
    )


_MISPLACED = (
    "an end check stands before the last line of the body; "
    r"if the program prints this line, write it as a pattern: \#… (re)"
)


def _split_tail(source: Sequence[str], begin: int) -> tuple[int, list[int]]:
    """Return where the body ends, and the places of the end checks; blank lines between do not count."""
    tail: list[int] = []
    end = len(source)
    while end > begin:
        line = source[end - 1]
        if line[:2] in _CHECK_MARKS:
            tail.append(end - 1)
        elif line.strip():
            break
        end -= 1
    return end, tail[::-1]


def _looks_like_check(line: str) -> bool:
    """Tell an end check from output that happens to begin with its mark, such as `#-----`."""
    if line[:2] not in _CHECK_MARKS or line[2:3] not in (" ", "\t"):
        return False
    key = _KEY.match(line, 2)
    if key is None:
        return False
    rest = line[key.end() :]
    return not rest if line[1] == "-" else rest.startswith("=")


def _read_check(line: str, number: int, problems: list[Problem]) -> Check | None:
    """Read one end check; None when something is wrong with it."""
    mark, kind = line[:2], _CHECK_MARKS[line[:2]]
    key = _KEY.match(line, 2)
    rest = line[key.end() :] if key else ""
    if key is None or (rest if kind == "absent" else not rest.startswith("=")):
        form = "#- KEY" if kind == "absent" else f"{mark} KEY = VALUE"
        problems.append(Problem(number, f"an end check reads {form}"))
        return None
    try:
        path = tuple(_part(part) for part in re.findall(_PART, key[0]))
        value = None if kind == "absent" else tomllib.loads(f"x {rest}")["x"]
    except tomllib.TOMLDecodeError as error:
        sentence = re.sub(r" \(at .*", "", str(error))
        problems.append(Problem(number, f"not TOML in an end check: {sentence}"))
        return None
    return Check(number, kind, key[0].strip(), path, value)


def _part(text: str) -> str | int:
    """Read one part of a key: quoted text, a bare word, or a place in a list."""
    if text[0] in "\"'":
        return str(tomllib.loads(f"x = {text}")["x"])
    return int(text) if text.isdecimal() else text
