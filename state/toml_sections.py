"""TOML text cut into sections and statements, with an index from path to section.

A section is the comment lines directly above a header, the header, and everything up to the next section; the root
section, before the first header, has none. The texts of all sections in their order are the whole text. Values are
not read here: tomllib does that. The text has to be valid TOML.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right, insort
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]
"""Keys from the root of the document down; an int is an index in an array."""

# Every repetition is possessive, so that no input makes the expressions backtrack.
_BASIC = r'"(?:[^"\\\n]++|\\.)*+"'
_LITERAL = r"'[^'\n]*+'"
_STRING = (
    r'(?:"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    rf"|{_BASIC}|{_LITERAL})"
)
_COMMENT = r"#[^\n]*+"
_PLAIN = r"""[^\n"'\[\]{}#]++"""


def _brackets(inner: str) -> str:
    return rf"""[\[{{](?:[^"'\[\]{{}}#]++|{_STRING}|{_COMMENT}{inner})*+[\]}}]"""


# Three levels of brackets are read by one expression; deeper ones are counted token by token.
_NESTED = _brackets("|" + _brackets("|" + _brackets("")))
_KEYS = rf"(?:[A-Za-z0-9_. \t-]++|{_BASIC}|{_LITERAL})++="
_VALUE = rf"(?:{_PLAIN}|{_STRING}|{_NESTED})++"
_LINE_END = rf"[ \t\r]*+(?:{_COMMENT})?+(?:\n|\Z)"
_COMMENT_LINES = rf"(?:[ \t]*+{_COMMENT}(?:\n|\Z))"
_BLANK_LINE = r"(?:[ \t\r]*+\n|[ \t\r]++\Z)"
# Comment lines directly above a header belong to that header, so the lines of a section stop before them.
# The first alternative is what most lines are: a bare key and one short value, no comment.
_LINES = (
    r"""(?:[A-Za-z0-9_. \t-]++=[^\n"'\[\]{}#]*+(?:"(?!"")[^"\\\n]*+"|\{[^\n"'\[\]{}#]*+\})?+[ \t\r]*+\n"""
    rf"|{_KEYS}{_VALUE}{_LINE_END}|{_BLANK_LINE}|{_COMMENT_LINES}++(?![ \t]*+\[))*+"
)
_HEADER = (
    rf"({_COMMENT_LINES}*+)[ \t]*+\[(\[?)"
    rf"""((?:[^\]"'\n]++|{_BASIC}|{_LITERAL})++)\]\]?[^\n]*+(?:\n|\Z)"""
)

_SECTION = re.compile(f"{_HEADER}({_LINES})")
_HEADER_AHEAD = re.compile(rf"{_COMMENT_LINES}*+[ \t]*+\[")
_BODY = re.compile(_LINES)
_STATEMENT = re.compile(rf"({_KEYS})[ \t]*+({_VALUE}){_LINE_END}")
_STATEMENT_HEAD = re.compile(rf"({_KEYS})[ \t]*+")
_NO_STATEMENT = re.compile(rf"(?:{_BLANK_LINE}|{_COMMENT_LINES})*+")
_TOKEN = re.compile(rf"""{_STRING}|[^\n"'\[\]{{}}#]++|{_COMMENT}|[\[\]{{}}\n]""")
_KEY = re.compile(rf"{_BASIC}|{_LITERAL}|[A-Za-z0-9_-]++")
_ATTACHED_COMMENTS = re.compile(rf"{_COMMENT_LINES}*+")
_REST_OF_LINE = re.compile(_LINE_END)


class Section(NamedTuple):
    """One table of the text: its comment lines, header and statements."""

    path: Path
    text: str
    header: int  # offset of the header line, behind the comment lines that belong to it
    body: int  # offset of the first line behind the header line

    @property
    def names(self) -> tuple[str, ...]:
        """The keys as the header has them: the path without indexes."""
        return tuple(key for key in self.path if isinstance(key, str))


class Statement(NamedTuple):
    """One `key = value` with its offsets in the section's text."""

    keys: tuple[str, ...]
    start: int  # of its line
    value: int
    value_end: int
    end: int  # behind its last line


class ArrayCounter:
    """Turns the keys of successive headers into paths: `[[x]]` counts, `[x.y]` belongs to the last `[[x]]`."""

    def __init__(self) -> None:
        self._last: dict[Path, int] = {}

    def path(self, names: tuple[str, ...], is_element: bool) -> Path:
        """Return the path of the next header; an element's path ends with its index."""
        path: Path = names
        if self._last:
            path = ()
            for name in names[:-1]:
                path += (name,)
                index = self._last.get(path)
                if index is not None:
                    path += (index,)
            path += names[-1:]
        if is_element:
            index = self._last.get(path, -1) + 1
            self._last[path] = index
            path += (index,)
        return path


def read_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a (dotted, quoted) key as it is written."""
    head, quote, last = text.partition('"')
    if quote and last.find('"') == len(last) - 1 and "\\" not in last and "'" not in head:
        return (*_bare_keys(head), last[:-1])  # a.b."c", as entries named by a domain are
    return tuple(_unquoted(key) if key[0] in "\"'" else key for key in _KEY.findall(text))


@lru_cache(maxsize=64)
def _bare_keys(text: str) -> tuple[str, ...]:
    return tuple(_KEY.findall(text))


def _unquoted(key: str) -> str:
    if key[0] == '"' and "\\" in key:
        return str(tomllib.loads(f"key = {key}")["key"])
    return key[1:-1]


def key_span(text: str, start: int, index: int) -> tuple[int, int]:
    """Return where key number `index` of the dotted key at or behind `start` stands."""
    for number, match in enumerate(_KEY.finditer(text, start)):
        if number == index:
            return match.span()
    raise IndexError(f"The key at {start} has no part {index}.")


def section(path: Path, text: str) -> Section:
    """Return the section of this path with this text; the root section has the path ()."""
    if not path:
        return Section(path, text, 0, 0)
    match = _SECTION.match(text)
    if match is None:
        raise ValueError(f"This is not the text of a section: {text[:80]!r}")
    return Section(path, text, match.end(1), match.start(4))


def split(text: str) -> list[Section]:
    """Cut a text into its sections; the first is the root section, which may be empty."""
    position = _body_end(text, 0)
    sections = [Section((), text[:position], 0, 0)]
    length, counter = len(text), ArrayCounter()
    while position < length:
        match = _SECTION.match(text, position)
        if match is None:
            end = _body_end(text, position)
            if end == position:
                raise ValueError(f"This is no header of TOML: {text[position : position + 80]!r}")
            last = sections[-1]
            sections[-1] = last._replace(text=last.text + text[position:end])
        else:
            end = match.end()
            path = counter.path(read_keys(match[3]), bool(match[2]))
            sections.append(Section(path, match[0], match.end(1) - position, match.start(4) - position))
        position = end
    return sections


def _body_end(text: str, position: int) -> int:
    """Return where the lines from `position` on end: at the next section or the end of the text."""
    while True:
        match = _BODY.match(text, position)
        position = match.end() if match else position
        if position >= len(text) or _HEADER_AHEAD.match(text, position):
            return position
        position = _read_statement(text, position).end


@lru_cache(maxsize=512)
def statements(section: Section) -> tuple[Statement, ...]:
    """Return the statements of a section in their order."""
    text, position = section.text, section.body
    found: list[Statement] = []
    while True:
        match = _NO_STATEMENT.match(text, position)
        position = match.end() if match else position
        if position >= len(text):
            return tuple(found)
        found.append(_read_statement(text, position))
        position = found[-1].end


def _read_statement(text: str, position: int) -> Statement:
    match = _STATEMENT.match(text, position)
    if match is not None:
        value_end = match.start(2) + len(match[2].rstrip())
        return Statement(read_keys(match[1]), position, match.start(2), value_end, match.end())
    head = _STATEMENT_HEAD.match(text, position)
    if head is None:
        raise ValueError(f"This is no line of TOML: {text[position : position + 80]!r}")
    value_end, depth = head.end(), 0
    for token in _TOKEN.finditer(text, head.end()):
        if not depth and token[0][0] in "#\n":
            break
        depth += (token[0] in "[{") - (token[0] in "]}")
        value_end = token.end()
    value_end = head.end() + len(text[head.end() : value_end].rstrip())
    rest = _REST_OF_LINE.match(text, value_end)
    if rest is None:
        raise ValueError(f"This value has no end: {text[position : position + 80]!r}")
    return Statement(read_keys(head[1]), position, head.end(), value_end, rest.end())


def tail(section: Section) -> int:
    """Return where the part behind a section's own lines starts: a blank line and all that follows it.

    Comment lines directly below the last statement are the section's own. The comments of a root section without
    statements are the head of the file: they are its own too.
    """
    found = statements(section)
    if not section.path and not found:
        return len(section.text)
    match = _ATTACHED_COMMENTS.match(section.text, found[-1].end if found else section.body)
    return match.end() if match else len(section.text)


class Sections:
    """The sections of a document in their order, found by path.

    A section's place is a number that grows along the document and has room for more sections in between, so that an
    insertion moves no other section. A copy shares everything that is not changed afterwards.
    """

    _ROOM = 1 << 48

    def __init__(self, sections: Iterable[Section]) -> None:
        self._number(sections)

    def _number(self, sections: Iterable[Section]) -> None:
        self.by_place = dict(zip(count(step=self._ROOM), sections, strict=False))
        self.order = list(self.by_place)
        self.headers: dict[Path, int] = {}
        self._below: dict[Path, list[int]] = {}
        self._owned: set[Path] = set()
        parent: Path | None = None
        families: list[list[int]] = []
        for place, found in self.by_place.items():
            path = found[0]
            self.headers[path] = place
            if path[:-1] != parent:
                parent = path[:-1]
                families = [self._below.setdefault(parent[:end], []) for end in range(1, len(parent) + 1)]
            for family in families:
                family.append(place)

    def copy(self) -> Sections:
        """Return sections that can be changed without a change here."""
        copy = object.__new__(Sections)
        copy.by_place, copy.order, copy.headers = self.by_place.copy(), self.order.copy(), self.headers.copy()
        copy._below, copy._owned = self._below.copy(), set()
        return copy

    def in_order(self) -> list[Section]:
        """Return all sections as they follow each other."""
        return [self.by_place[place] for place in self.order]

    def below(self, path: Path) -> list[int]:
        """Return the places of the tables below a path, in their order; not to be changed."""
        return self._below.get(path, []) if path else self.order[1:]

    def family(self, path: Path) -> list[int]:
        """Return the places of the table of this path, if it has a header, and of those below it, in their order."""
        places, own = self.below(path).copy(), self.headers.get(path)
        if own is not None:
            insort(places, own)
        return places

    def neighbour(self, place: int, step: int) -> int | None:
        """Return the place `step` sections further on, None beyond the ends."""
        index = bisect_left(self.order, place) + step
        return self.order[index] if 0 <= index < len(self.order) else None

    def elements(self, path: Path) -> int:
        """Return how many `[[x]]` tables the array at a path has."""
        return next(index for index in count() if (*path, index) not in self.headers)

    def _above(self, path: Path) -> Iterable[tuple[int, Section, Path]]:
        """Yield the sections of the tables above a path, outermost first, and the rest of the path in each."""
        for depth in range(len(path)):
            place = self.headers.get(path[:depth])
            if place is not None:
                yield place, self.by_place[place], path[depth:]

    def holder(self, path: Path) -> tuple[int, Statement, Path] | None:
        """Return the statement whose value is, or would hold, what stands at a path; and the path in that value."""
        for place, found, rest in self._above(path):
            for statement in statements(found):
                depth = len(statement.keys)
                if rest[:depth] == statement.keys:
                    return place, statement, rest[depth:]
        return None

    def dotted(self, path: Path) -> list[tuple[int, Statement]]:
        """Return the statements that make a table of dotted keys."""
        return [
            (place, statement)
            for place, found, rest in self._above(path)
            for statement in statements(found)
            if len(statement.keys) > len(rest) and statement.keys[: len(rest)] == rest
        ]

    def has_table(self, path: Path) -> bool:
        """Tell whether headers or dotted keys make a table or an array of tables at a path."""
        return path in self.headers or bool(self.below(path)) or bool(self.dotted(path))

    def value(self, path: Path) -> object:
        """Return what tomllib reads at the path of a table."""
        pieces: dict[int, str] = {}
        for place, statement in self.dotted(path):
            found = self.by_place[place]
            head = pieces.get(place) or found.text[found.header : found.body]
            pieces[place] = f"{head}\n{found.text[statement.start : statement.end]}"
        pieces |= {place: self.by_place[place].text for place in self.family(path)}
        value: Any = tomllib.loads("\n".join(pieces[place] for place in sorted(pieces)))
        for key in path:
            if isinstance(key, str):
                value = value[key]
            elif isinstance(value, list):
                value = value[0]  # the pieces hold no other element of this array
        return value

    def held(self, place: int, statement: Statement) -> object:
        """Return what tomllib reads as the value of a statement."""
        text = self.by_place[place].text[statement.value : statement.value_end]
        return tomllib.loads(f"value = {text}")["value"]

    def replace(self, place: int, text: str) -> None:
        """Give a section another text; its header stays what it is."""
        self.by_place[place] = section(self.by_place[place].path, text)

    def insert(self, after: int, new: Section) -> int:
        """Put a section behind the one at `after` and return its place."""
        index = bisect_right(self.order, after)
        room = (self.order[index] if index < len(self.order) else after + self._ROOM) - after
        if room < 2:
            number = index - 1
            self._number(self.in_order())  # with room again
            return self.insert(self.order[number], new)
        # Tables are mostly added one behind the other: a small step leaves room for many more.
        place = after + max(1, room >> 10)
        self.order.insert(index, place)
        self._enter(place, new)
        return place

    def remove(self, place: int) -> None:
        """Take a section out."""
        del self.order[bisect_left(self.order, place)]
        self._leave(place)

    def move(self, place: int, path: Path, text: str) -> None:
        """Give a section another path and text where it stands."""
        self._leave(place)
        self._enter(place, section(path, text))

    def _enter(self, place: int, new: Section) -> None:
        if new.path in self.headers:
            raise LookupError("There is a table of this name already.")
        self.by_place[place] = new
        self.headers[new.path] = place
        for end in range(1, len(new.path)):
            insort(self._own(new.path[:end]), place)

    def _leave(self, place: int) -> None:
        path = self.by_place.pop(place).path
        if self.headers.get(path) == place:
            del self.headers[path]
        for end in range(1, len(path)):
            family = self._own(path[:end])
            del family[bisect_left(family, place)]

    def _own(self, path: Path) -> list[int]:
        if path not in self._owned:
            self._below[path] = self._below.get(path, []).copy()
            self._owned.add(path)
        return self._below[path]


def renumbered(sections: Iterable[Section]) -> Sections:
    """Return the sections with the indexes of their arrays counted anew."""
    counter = ArrayCounter()
    return Sections(
        found._replace(path=counter.path(found.names, isinstance(found.path[-1], int)) if found.path else ())
        for found in sections
    )
