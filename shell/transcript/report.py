"""What came of playing a transcript, as a person reads it."""

from __future__ import annotations

import re
from typing import NamedTuple

from shell.transcript.values import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shell.transcript.parse import Transcript

_BLANK = "(a blank line)"
_AROUND = 3
_CAME = 3
_LONG = 4
_FRAME = re.compile("-----(BEGIN|END) .*-----")


class Passed(NamedTuple):
    """The whole transcript was played and everything matched.

    Attributes:
        turns: how many answers were given.
    """

    turns: int


class Mismatch(NamedTuple):
    """The first place where the program and the transcript differ; its text is the report.

    Attributes:
        file: the transcript.
        line: the number of the line that was expected.
        sentence: what differs.
        expected: the line.
        came: what came instead, three lines at most.
        context: numbers and texts of the lines around it.
        turns: how many answers were given before.
    """

    file: str
    line: int
    sentence: str
    expected: str
    came: tuple[str, ...]
    context: tuple[tuple[int, str], ...]
    turns: int

    def __str__(self) -> str:
        width = len(str(self.context[-1][0]))
        lines = [
            f"{self.file}:{self.line}: {_visible(self.sentence)}",
            f"  expected: {_visible(self.expected) or _BLANK}",
            f"  came:     {_visible(self.came[0]) or _BLANK}",
            *(f"            {_visible(line)}" for line in self.came[1:]),
            *(
                f"{'>' if number == self.line else ' '} {number:{width}} | {_visible(text)}"
                for number, text in self.context
            ),
        ]
        return "\n".join(line.rstrip() for line in lines)


def mismatch(
    transcript: Transcript, place: int, sentence: str, expected: str, came: Sequence[str], turns: int
) -> Mismatch:
    """Describe a difference at a place of the transcript's source; no secret's value is in it."""
    mask = _Mask(transcript.head.secrets)
    # never a line of the head: secrets stand there
    first = max(place - _AROUND, transcript.body[0])
    around = range(first, min(place + _AROUND + 1, len(transcript.source)))
    return Mismatch(
        file=transcript.path,
        line=place + 1,
        sentence=mask(sentence),
        expected=mask(expected),
        came=tuple(mask(line) for line in came[:_CAME]) or ("(nothing)",),
        context=tuple((number + 1, mask(transcript.source[number])) for number in around),
        turns=turns,
    )


def _visible(text: str) -> str:
    """Show control characters escaped, so that a report cannot steer the screen it is read on."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


class _Mask:
    """Puts `{secret NAME}` where the value of a secret stands.

    Of a secret of several lines each line is masked by itself, since output comes in lines. The frame of
    a PEM block is no secret, nor is a line so short that it stands in any text.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        pairs: dict[str, str] = {}
        for name, value in secrets.items():
            lines = value.splitlines()
            long_lines = [line for line in lines if len(line) >= _LONG and not _FRAME.fullmatch(line)]
            for text in (value, *(long_lines if len(lines) > 1 else lines)):
                if text.strip():
                    # as Python and TOML quote it too: an exception's text may hold it so
                    for written in (text, text.strip(), repr(text)[1:-1], escaped(text)):
                        pairs.setdefault(written, f"{{secret {name}}}")
        self._pairs = sorted(pairs.items(), key=lambda pair: -len(pair[0]))

    def __call__(self, text: str) -> str:
        """Return the text without secrets; the longest are looked for first."""
        if not self._pairs or not any(value in text for value, _ in self._pairs):
            return text

        known = dict(self._pairs)
        expression = "|".join(re.escape(value) for value, _ in self._pairs)
        return re.sub(expression, lambda found: known[found[0]], text)
