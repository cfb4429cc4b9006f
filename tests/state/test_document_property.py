"""Any edit of any text: the values are what they should be, and what the edit does not concern stays as it was."""

from __future__ import annotations

import copy
import os
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from state.document import ABSENT, Document, Edit, Inline, Path, Rename

if TYPE_CHECKING:
    from random import Random

MANY = settings(
    max_examples=int(os.environ.get("DOCUMENT_EXAMPLES", "120")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

NAMES = ["a", "b", "name", "x-1", "c.d", "e#]=", 'q"uote', "ü", "", "7"]
SCALARS = [
    "1", "0x1F", "-2.5e3", "inf", "true", "false", '"plain"', "'li#t[eral'", '"esc \\" # ["', "1979-05-27 07:32:00",
    "1979-05-27T07:32:00Z", "07:32:00", '""', "''", '""""""', '"""one"""', '"""\n[a]\nb = 1 # c\n\\"""" \n"""',
    '"""\n\\\n  x""\n"""', "'''\n[[a]]\n# c\n\"\"\"\n'''", "'''x'''''", '"""x"""""', "[]", "{}", "[1, 2]",
    "[\n  1, # ] one\n  [2, [3, [4, ['#']]]],\n]", "[ 'a]', \"b[\" ]", "[1,\n\n2 ]",
]  # fmt: skip
PLAIN = [1, True, 2.5, "x", "two\nlines", [1, 2], [], "", 'q"""', Inline(a=1, b=Inline())]


T = TypeVar("T")


@dataclass
class Chunk:
    """A statement, header, comment or blank line of the generated text; path None for comments and blank lines."""

    text: str
    path: Path | None = None
    value: tuple[int, int] | None = None
    above: Path | None = None


@dataclass
class Generated:
    """A text in the making."""

    chunks: list[Chunk] = field(default_factory=list)
    comments: int = 0

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)


class Writer:
    """Draws a text; every comment has a number, so that it can be told apart."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.out = Generated()

    def pick(self, *choices: T) -> T:
        return self.random.choice(choices)

    def name(self, used: set[str]) -> str | None:
        left = [name for name in NAMES if name not in used]
        if not left:
            return None
        name = self.pick(*left)
        used.add(name)
        return name

    def key(self, names: tuple[str, ...]) -> str:
        def one(name: str) -> str:
            basic = '"' + name.replace('"', '\\"') + '"'
            forms = [basic]
            if name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
                forms = [name, name, basic, f"'{name}'"]
            elif "'" not in name:
                forms.append(f"'{name}'")
            return str(self.pick(*forms))

        return str(self.pick(".", ".", " . ")).join(map(one, names))

    def comment(self) -> str:
        self.out.comments += 1
        return f"# comment {self.out.comments} [x] = \"'''"

    def line_end(self) -> str:
        return self.pick("", "", " ", "  " + self.comment()) + "\n"

    def between(self, before_header: bool = False) -> None:
        for kind in self.pick("", "", "b", "bb", "c", "cb", "bcb", "bcc"):
            self.out.chunks.append(Chunk(self.pick("\n", "  \n") if kind == "b" else self.comment() + "\n"))
        if before_header:
            for _ in range(self.pick(0, 0, 1, 2)):
                self.out.chunks.append(Chunk(self.comment() + "\n"))

    def value(self, depth: int) -> str:
        kind = self.pick("scalar", "scalar", "scalar", "table", "tables") if depth else "scalar"
        if kind == "scalar":
            return str(self.pick(*SCALARS))
        if kind == "tables":
            values = [self.inline(depth - 1) for _ in range(self.pick(1, 2, 3))]
            gap = self.pick("", " ", "\n")
            return "[" + gap + ("," + gap).join(values) + gap + "]"
        return self.inline(depth - 1)

    def inline(self, depth: int) -> str:
        used: set[str] = set()
        gap = self.pick("", " ")
        items = []
        for _ in range(self.pick(0, 1, 2)):
            name = self.name(used)
            assert name is not None
            items.append(f"{self.key((name,))}{gap}={gap}{self.value(depth)}")
        return "{" + gap + ("," + gap).join(items) + gap + "}"

    def statement(self, table: Path, names: tuple[str, ...]) -> None:
        head = self.pick("", "", "  ") + self.key(names) + self.pick(" = ", "=", "   =  ")
        value = self.value(2)
        text = head + value + self.line_end()
        self.out.chunks.append(Chunk(text, (*table, *names), (len(head), len(head) + len(value))))

    def table(self, path: Path, depth: int, header: bool = True) -> None:
        used: set[str] = set()
        names = tuple(key for key in path if isinstance(key, str))
        if header:
            self.between(before_header=True)
            is_element = isinstance(path[-1], int)
            opening, closing = ("[[", "]]") if is_element else ("[", "]")
            gap = self.pick("", "", " ")
            self.out.chunks.append(Chunk(opening + gap + self.key(names) + gap + closing + self.line_end(), path))
        mixed = []
        if header or not path:
            for _ in range(self.pick(0, 1, 2, 3)):
                name = self.name(used)
                if name is None:
                    continue
                if self.pick(True, False, False):
                    below: set[str] = set()
                    for _ in range(self.pick(1, 2)):
                        last = self.name(below)
                        assert last is not None
                        deeper = self.pick((last,), (last,), (last, "z"))
                        self.statement(path, (name, *deeper))
                        self.between()
                    if self.pick(True, False, False):
                        new = self.name(below)
                        assert new is not None
                        mixed.append((*path, name, new))
                else:
                    self.statement(path, (name,))
                if self.pick(True, False, False):
                    self.between()
        for sub in mixed:
            self.table(sub, 0)
        for _ in range(self.pick(*range(depth + 1), depth)):
            name = self.name(used)
            if name is None:
                continue
            kind = self.pick("table", "table", "array", "implicit")
            if kind == "array":
                for index in range(self.pick(1, 2, 3)):
                    self.table((*path, name, index), depth - 1)
            else:
                self.table((*path, name), depth - 1, header=kind == "table")


@st.composite
def texts(draw: Any) -> Generated:
    # Hypothesis choosing every word of a text itself would be ten times slower.
    writer = Writer(draw(st.randoms(use_true_random=True)))
    writer.table((), draw(st.sampled_from([1, 2, 2, 3])), header=False)
    writer.between()
    out = writer.out
    above = None
    for chunk in reversed(out.chunks):
        if chunk.path is not None:
            above = chunk.path if chunk.value is None else None
        elif chunk.text.lstrip().startswith("#"):
            chunk.above = above
        else:
            above = None
    if out.chunks and draw(st.booleans()):
        last = out.chunks[-1]
        last.text = last.text.removesuffix("\n")
    if draw(st.booleans()):
        for chunk in out.chunks:
            if chunk.value:
                start, end = chunk.value
                before, value = chunk.text[:start], chunk.text[start:end]
                value = value.replace("\n", "\r\n")
                chunk.value = (start, start + len(value))
                chunk.text = before + value + chunk.text[end:].replace("\n", "\r\n")
            else:
                chunk.text = chunk.text.replace("\n", "\r\n")
    try:
        tomllib.loads(out.text)
    except tomllib.TOMLDecodeError:
        assume(False)
    return out


def all_paths(value: Any, path: Path = ()) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, item in items:
        if not isinstance(value, list) or isinstance(item, dict):
            found += all_paths(item, (*path, key))
    return found


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(value: Any, edit: Edit | Rename) -> Any:
    """What an edit should make of the values, written down without any text in mind."""
    value = copy.deepcopy(value)
    parent, last = at(value, edit.path[:-1]), edit.path[-1]
    if isinstance(edit, Rename):
        parent[edit.name] = parent.pop(last)
    elif edit.value is ABSENT:
        del parent[last]
    elif isinstance(parent, list) and last == len(parent):
        parent.append(edit.value)
    else:
        parent[last] = edit.value
    return value


def pruned(value: Any) -> Any:
    """Without empty tables, which go with their last entry where they have no header."""
    if isinstance(value, dict):
        items = {key: pruned(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item not in ({}, [])}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return repr(value)


def subtables() -> st.SearchStrategy[dict[str, object]]:
    plain = st.sampled_from(PLAIN)
    names = st.sampled_from(NAMES)
    inner = st.dictionaries(names, plain, max_size=2)
    return st.dictionaries(names, plain | inner | st.lists(inner, min_size=1, max_size=2), max_size=3)


@st.composite
def edits(draw: Any, value: dict[str, Any]) -> Edit | Rename:
    """An edit that makes sense for these values."""
    paths = all_paths(value)
    kind = draw(st.sampled_from(["set", "remove", "new", "table", "whole", "array", "append", "rename"]))
    if kind in ("new", "table") or not paths:
        tables = [(), *(path for path in paths if isinstance(at(value, path), dict))]
        parent = draw(st.sampled_from(tables))
        used = at(value, parent)
        name = draw(st.sampled_from([name for name in [*NAMES, "new"] if name not in used]))
        item = draw(
            st.sampled_from(PLAIN) if kind == "new" else subtables() | st.lists(subtables(), min_size=1, max_size=2)
        )
        return Edit((*parent, name), item)
    path = draw(st.sampled_from(paths))
    found = at(value, path)
    if kind == "remove":
        return Edit(path, ABSENT)
    if kind == "rename" and isinstance(path[-1], str):
        used = at(value, path[:-1])
        return Rename(path, draw(st.sampled_from([name for name in [*NAMES, "new"] if name not in used])))
    arrays = [
        path
        for path in paths
        if isinstance(at(value, path), list) and any(isinstance(e, dict) for e in at(value, path))
    ]
    if kind == "append" and arrays:
        array = draw(st.sampled_from(arrays))
        return Edit((*array, len(at(value, array))), draw(subtables()))
    if kind == "array" and arrays:
        array = draw(st.sampled_from(arrays))
        elements = draw(st.lists(st.sampled_from(at(value, array)) | subtables(), min_size=1, max_size=4))
        if all(isinstance(element, dict) for element in elements):
            return Edit(array, [copy.deepcopy(element) for element in elements])
    if kind == "whole" and isinstance(found, dict):
        kept = {key: item for key, item in found.items() if draw(st.booleans())}
        return Edit(path, {**kept, **draw(subtables())})
    if isinstance(path[-1], int):
        return Edit(path, draw(subtables()))
    return Edit(path, draw(st.sampled_from(PLAIN) | subtables()))


def concerns(path: Path, other: Path) -> bool:
    """Tell whether one path leads through the other."""
    return path[: len(other)] == other or other[: len(path)] == path


def untouched(generated: Generated, edit: Edit | Rename) -> list[str]:
    """Every line that this edit has no business with: other keys and headers, and the comments that are not theirs."""
    path = edit.path
    while path and isinstance(path[-1], int) and not isinstance(edit, Rename):
        path = path[:-1]  # the other elements may move
    is_array = isinstance(edit, Edit) and (isinstance(edit.value, list) or path != edit.path)
    kept, inside = [], False
    for chunk in generated.chunks:
        if chunk.path is not None:
            mine = chunk.path[: len(path)] == path or (chunk.value is not None and concerns(chunk.path, path))
            inside = mine
            if not mine:
                kept.append(chunk.text.strip())
        elif chunk.above is not None:
            inside = False
            if chunk.above[: len(path)] != path:
                kept.append(chunk.text.strip())
        elif not inside and not is_array:
            kept.append(chunk.text.strip())
    return [line for line in kept if line]


def assert_in_order(lines: list[str], text: str) -> None:
    position = 0
    for line in lines:
        found = text.find(line, position)
        assert found >= 0, f"{line!r} is gone, or has moved, in {text!r}"
        position = found + len(line)


@given(st.data())
@MANY
def test_an_edit_does_what_it_should_and_nothing_else(data: st.DataObject) -> None:
    generated = data.draw(texts())
    before = generated.text
    value = tomllib.loads(before)
    edit = data.draw(edits(value))
    after = Document(before).edit([edit]).text
    result = tomllib.loads(after)
    assert pruned(result) == pruned(changed(value, edit)), (before, edit, after)
    if isinstance(edit, Edit) and edit.value is not ABSENT:
        assert pruned(at(result, edit.path)) == pruned(edit.value)
        assert isinstance(at(result, edit.path), dict | list) == isinstance(edit.value, dict | list)
    assert_in_order(untouched(generated, edit), after)
    assert ("\r\n" in before) * before.count("\n") in (0, before.count("\r\n"))
    if "\r\n" in before:
        assert after.count("\n") == after.count("\r\n")


@given(st.data())
@MANY
def test_a_scalar_is_changed_in_its_own_place(data: st.DataObject) -> None:
    generated = data.draw(texts())
    places = [index for index, chunk in enumerate(generated.chunks) if chunk.value]
    assume(places)
    index = data.draw(st.sampled_from(places))
    chunk = generated.chunks[index]
    assert chunk.path is not None
    assert chunk.value is not None
    start, end = chunk.value
    offset = sum(len(other.text) for other in generated.chunks[:index])
    before = generated.text
    after = Document(before).edit([Edit(chunk.path, "new value")]).text
    assert after == before[: offset + start] + '"new value"' + before[offset + end :]
    assert Document(before).line(chunk.path) == before[:offset].count("\n") + 1


@given(st.data())
@MANY
def test_a_key_removed_takes_its_own_lines(data: st.DataObject) -> None:
    generated = data.draw(texts())
    places = [index for index, chunk in enumerate(generated.chunks) if chunk.value]
    assume(places)
    index = data.draw(st.sampled_from(places))
    path = generated.chunks[index].path
    assert path is not None
    assume(Document(generated.text).line((*path, "?")) is None)
    after = Document(generated.text).edit([Edit(path, ABSENT)]).text
    assert after == "".join(chunk.text for number, chunk in enumerate(generated.chunks) if number != index)


@given(st.data())
@MANY
def test_a_table_removed_leaves_no_wider_gaps_and_adds_nothing(data: st.DataObject) -> None:
    generated = data.draw(texts())
    headers = [chunk.path for chunk in generated.chunks if chunk.path and not chunk.value]
    assume(headers)
    path = data.draw(st.sampled_from(headers))
    path = path[: data.draw(st.integers(1, len(path)))]
    before = generated.text
    after = Document(before).edit([Edit(path, ABSENT)]).text
    left = iter(before.splitlines())
    for line in after.splitlines():
        assert line in left, (line, after)
    table: Path = ()
    for chunk in generated.chunks:
        if chunk.path and not chunk.value:
            table = chunk.path
        # The line of a dotted key is all that goes with it: the blank lines around it stay.
        assume(chunk.value is None or not chunk.path or chunk.path[: len(path)] != path or table[: len(path)] == path)
    assert widest_gap(after) <= widest_gap(before)


def widest_gap(text: str) -> int:
    width = widest = 0
    for line in text.splitlines():
        width = 0 if line.strip() else width + 1
        widest = max(widest, width)
    return widest


@given(st.data())
@MANY
def test_a_new_entry_only_adds_lines(data: st.DataObject) -> None:
    generated = data.draw(texts())
    before = generated.text
    value = tomllib.loads(before)
    paths = [(), *(path for path in all_paths(value) if isinstance(at(value, path), dict))]
    written = [chunk.path for chunk in generated.chunks if chunk.value]
    paths = [path for path in paths if not any(path[: len(other or ())] == other for other in written)]
    parent = data.draw(st.sampled_from(paths))
    item = data.draw(st.sampled_from(PLAIN) | subtables())
    after = Document(before).edit([Edit((*parent, "new"), item)]).text
    left = iter(after.splitlines())
    for line in before.splitlines():
        assert line in left, (line, after)


@given(st.data())
@MANY
def test_edits_in_a_row_make_the_same_text_as_on_a_fresh_document(data: st.DataObject) -> None:
    document = Document(data.draw(texts()).text)
    for _ in range(data.draw(st.integers(1, 5))):
        edit = data.draw(edits(tomllib.loads(document.text)))
        fresh = Document(document.text).edit([edit])
        document = document.edit([edit])
        assert document.text == fresh.text
        paths = all_paths(tomllib.loads(document.text))
        for path in data.draw(st.lists(st.sampled_from(paths), max_size=3)) if paths else []:
            assert document.line(path) == Document(document.text).line(path)
