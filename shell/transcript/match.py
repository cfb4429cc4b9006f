"""Expected lines against output lines: where do they stop being the same?

Pure functions. The expected lines are stepped through one by one while the set of places in the output
where each of them can end is kept, so `...` never needs backtracking: the work is bounded by expected
lines times output lines, however many `...` there are. Only names bound in a line (`<serial:hex>`) and
used later multiply the places.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Bindings = tuple[tuple[str, str], ...]
    """Names and their texts: the `vars` of the head, and what lines above have bound."""
    States = dict[tuple[int, Bindings], None]
    """How much of the output is used up, with which names bound; the most wanted first."""

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = "(?: [1-9]|0[1-9]|[12][0-9]|3[01])"
_WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
_YEAR = "[0-9]{4}"
# the same mark twice, or none: 2014-05-23, 2014.05.23, 20140523; a time of day may follow: 20140523T114212
_NUMBERED_DATE = "|".join(
    f"{_YEAR}{mark}(?:0[1-9]|1[0-2]){mark}(?:0[1-9]|[12][0-9]|3[01])" for mark in ("", "-", r"\.", "/")
)
_STAMP = "(?:T[0-9]{2}:?[0-9]{2}:?[0-9]{2}Z?)?"

KINDS: Mapping[str, str] = {
    "time": f"{_WEEKDAY} {_MONTH} {_DAY} {_CLOCK} {_YEAR}(?: GMT)?",
    "date": f"(?:(?:{_NUMBERED_DATE}){_STAMP}|(?:{_WEEKDAY} )?{_MONTH} {_DAY} {_YEAR})",
    "int": "-?[0-9]+",
    "hex": "(?:0[xX])?[0-9A-Fa-f]+(?::[0-9A-Fa-f]+)*",
    "any": ".+",
}
"""What stands for which text within a line; `<pem>` stands for whole lines and is not among them."""

NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_TOKEN = re.compile(rf"<(?:({NAME}):)?({'|'.join(KINDS)})>|<({NAME})>")
_USE = re.compile(rf"<({NAME})>")
_BLOCK = re.compile(rf"<(?:({NAME}):)?pem>")
_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")

ANY_LINES = "..."
_MOST_STATES = 20_000


class BadPattern(Exception):
    """An expected line is no pattern that can be matched; its text is the sentence, `line` its place."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.line = 0


class Script(NamedTuple):
    """The expected lines of a transcript, blank runs folded, trailing blanks taken off.

    Attributes:
        texts: the lines.
        starts: for each of them, the place in the source where it (or its run of blanks) begins.
        names: the names that stand somewhere as `<name>`; binding any other would be for nothing.
    """

    texts: list[str]
    starts: list[int]
    names: frozenset[str]


class Found(NamedTuple):
    """All output is used up before this line, with these names bound."""

    line: int
    bindings: Bindings


class Difference(NamedTuple):
    """This line (the number of lines: the end) does not go on with line `output` of the output."""

    line: int
    output: int


def fold(lines: Iterable[str], ignore_blank: bool = False) -> list[str]:
    """Take trailing blanks off, make one blank line of a run of them (none with `ignore_blank`)."""
    folded: list[str] = []
    blank_before = ignore_blank
    for line in lines:
        text = line.rstrip(" \t\r")
        if text:
            folded.append(text)
            blank_before = ignore_blank
        elif not blank_before:
            folded.append(text)
            blank_before = True
    return folded


def script(source: Sequence[str], begin: int, end: int, ignore_blank: bool = False) -> Script:
    """Fold the lines `begin` to `end` of a source as `fold` does, keeping where each came from."""
    texts: list[str] = []
    starts: list[int] = []
    blank_before = ignore_blank
    for place in range(begin, end):
        text = source[place].rstrip(" \t\r")
        if text or not blank_before:
            texts.append(text)
            starts.append(place)
        blank_before = ignore_blank or not text
    return Script(texts, starts, frozenset(_USE.findall("\n".join(texts))))


def find(
    expected: Script,
    start: int,
    output: list[str],
    bindings: Bindings,
    accepts: Callable[[int, Bindings], bool],
) -> Found | Difference:
    """Look for the first line that `accepts` takes and whose preceding lines match all the output.

    Args:
        expected: the transcript.
        start: the line to begin at.
        output: folded output.
        bindings: names that have a text already.
        accepts: is called with a line's place and the names bound before it once the lines from `start`
            up to it match all output; the place after the last line is offered too.

    Raises:
        BadPattern: a line that had to be read as a pattern is none.
    """
    texts = expected.texts
    letter_end = start + len(output)
    if texts[start:letter_end] == output and accepts(letter_end, bindings):
        # to the letter wins, also where a line of the output is `...`
        return Found(letter_end, bindings)
    same = _letter_equal(texts, start, output)
    states: States = {(same, bindings): None}
    index = start + same
    while True:
        for used, bound in states:
            if used == len(output) and accepts(index, bound):
                return Found(index, bound)
        if index == len(texts):
            return Difference(index, max(used for used, _ in states))
        try:
            following = _step(expected, index, output, states)
        except BadPattern as bad:
            bad.line = index
            raise
        if not following:
            # after `...` the line may have been missed anywhere: show the text from where it was looked for
            furthest = min if index > start and texts[index - 1] == ANY_LINES else max
            return Difference(index, furthest(used for used, _ in states))
        states = following
        index += 1


def replace_names(text: str, bindings: Bindings) -> str:
    """Put the texts of the bound names in place of `<name>`; other `<x>` stay."""
    known = dict(bindings)
    return _USE.sub(lambda use: known.get(use[1], use[0]), text)


def _letter_equal(expected: Sequence[str], start: int, output: Sequence[str]) -> int:
    """How many lines are the same to the letter before anything that may stand for several lines."""
    limit = min(len(output), len(expected) - start)
    for same in range(limit):
        text = expected[start + same]
        if text != output[same] or text == ANY_LINES or text.startswith("<"):
            return same
    return limit


def _step(expected: Script, index: int, output: Sequence[str], states: States) -> States:
    """Where the output can stand after line `index`, from where it can stand before it."""
    text = expected.texts[index]
    line = _compile(text)
    following: States = {}
    if text == ANY_LINES:
        covered: dict[Bindings, int] = {}
        for used, bound in states:
            first_covered = covered.get(bound, len(output) + 1)
            for further in range(used, first_covered):
                following[further, bound] = None
            covered[bound] = min(used, first_covered)
    else:
        after_any = index > 0 and expected.texts[index - 1] == ANY_LINES
        for used, bound in states:
            if used < len(output) and output[used] == text:
                following[used + 1, bound] = None
            elif line is not None and used < len(output):
                ended = line.match(output, used, bound, expected.names)
                if ended is not None:
                    following[ended] = None
            if not text and after_any and used > 0 and output[used - 1] == "":
                # blank, `...` standing for nothing, blank: one run of blanks
                following[used, bound] = None
    if len(following) > _MOST_STATES:
        raise BadPattern("too many ways to match; bind fewer names between lines of `...`")
    return following


class _Block:
    """`<pem>` or `<name:pem>` alone: the lines from a BEGIN to its END."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def match(
        self, output: Sequence[str], used: int, bindings: Bindings, names: frozenset[str]
    ) -> tuple[int, Bindings] | None:
        """Return where the block that begins here has ended."""
        begin = _BEGIN.fullmatch(output[used])
        if begin is None:
            return None
        last = f"-----END {begin[1]}-----"
        for place in range(used + 1, len(output)):
            if output[place] == last:
                block = "\n".join(output[used : place + 1])
                return place + 1, _bind(bindings, names, {self._name: block} if self._name else {})
            if output[place].startswith("-----"):
                return None
        return None


class _Pattern:
    """A line with placeholders, names, or a suffix: one line of the output."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._uses = () if text.endswith(" (re)") else tuple(dict.fromkeys(_USE.findall(text)))

    def match(
        self, output: Sequence[str], used: int, bindings: Bindings, names: frozenset[str]
    ) -> tuple[int, Bindings] | None:
        """Return the place after this line, or after the block that a `<name>` alone stands for."""
        known = dict(bindings) if self._uses else {}
        if len(self._uses) == 1 and "\n" in known.get(self._uses[0], ""):
            block = known[self._uses[0]].split("\n")
            whole = self._text == f"<{self._uses[0]}>" and output[used : used + len(block)] == block
            return (used + len(block), bindings) if whole else None
        expression, binds = _expression(self._text, tuple((use, known.get(use)) for use in self._uses))
        match = expression.fullmatch(output[used])
        if match is None:
            return None
        return used + 1, _bind(bindings, names, {name: match[group] for name, group in binds})


@lru_cache(maxsize=4096)
def _compile(text: str) -> _Block | _Pattern | None:
    """Return what a line (not `...`) stands for besides itself, None for nothing."""
    if "<" in text:
        block = _BLOCK.fullmatch(text)
        if block is not None:
            return _Block(block[1])
        if _TOKEN.search(text):
            return _Pattern(text)
    return _Pattern(text) if text.endswith((" (re)", " (glob)")) else None


@lru_cache(maxsize=4096)
def _expression(
    text: str, uses: tuple[tuple[str, str | None], ...]
) -> tuple[re.Pattern[str], tuple[tuple[str, str], ...]]:
    """Compile a line, given the text of each name used in it (None: it is bound nowhere).

    Returns:
        The expression, and the pairs of a name that it binds and the group that holds its text.

    Raises:
        BadPattern: the regular expression is none, or a name is bound twice.
    """
    if text.endswith(" (re)"):
        try:
            return re.compile(text[: -len(" (re)")]), ()
        except re.error as error:
            raise BadPattern(f"not a regular expression: {error}") from None
    literal: Callable[[str], str] = re.escape
    if text.endswith(" (glob)"):
        text = text[: -len(" (glob)")]
        literal = _glob
    known = dict(uses)
    groups: dict[str, str] = {}
    pieces: list[str] = []
    done = 0
    for token in _TOKEN.finditer(text):
        pieces.append(literal(text[done : token.start()]))
        done = token.end()
        name, kind, use = token.groups()
        value = known.get(use) if use else None
        if kind and name in groups:
            raise BadPattern(f"<{name}:…> stands twice in this line; write <{name}> for the same text")
        if kind and name:
            groups[name] = f"g{len(groups)}"
            pieces.append(f"(?P<{groups[name]}>{KINDS[kind]})")
        elif kind:
            pieces.append(KINDS[kind])
        elif use in groups:
            pieces.append(f"(?P={groups[use]})")
        else:
            pieces.append(re.escape(token[0] if value is None else value))
    pieces.append(literal(text[done:]))
    return re.compile("".join(pieces)), tuple(groups.items())


def _glob(text: str) -> str:
    r"""Make an expression of a glob: `*`, `?`, and a backslash before one that means itself.

    Brackets mean themselves: they stand in every prompt.
    """
    marks = {"*": ".*", "?": "."}
    pieces = re.findall(r"\\[*?\\]|.", text)
    return "".join(marks.get(piece) or re.escape(piece[-1]) for piece in pieces)


def _bind(bindings: Bindings, names: frozenset[str], new: Mapping[str, str]) -> Bindings:
    """Add the names that are used anywhere; a name bound again has its new text."""
    wanted = {name: text for name, text in new.items() if name in names}
    return tuple(sorted({**dict(bindings), **wanted}.items())) if wanted else bindings
