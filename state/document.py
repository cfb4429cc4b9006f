"""The TOML text of a configuration, edited so that every byte that need not change stays.

Reading a configuration is tomllib's business. A document knows where each table and key stands in the text; an edit
gives a new document in which only the statements or tables concerned are other text.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from state.toml_check import UnwritableEdit, refuse_broken
from state.toml_sections import Path, Sections, Statement, key_span, renumbered, split, statements, tail
from state.toml_writing import (
    ABSENT,
    Inline,
    arrange,
    closed,
    ends_blank,
    hand_over_comments,
    is_array_of_tables,
    is_list_of_dicts,
    is_table,
    leaves,
    lookup,
    match_elements,
    render_key,
    render_keys,
    render_path,
    render_sections,
    render_value,
    replaced,
    rewritten,
    same,
    spaced,
    without_blank_end,
    without_blank_start,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ABSENT", "Document", "Edit", "Inline", "Path", "Rename", "UnwritableEdit"]


class Edit(NamedTuple):
    """A value for the key or table at a path.

    `default` says that the value is the key's default: it is rewritten where it stands in the text and left out where
    it does not.
    """

    path: Path
    value: object
    default: bool = False


class Rename(NamedTuple):
    """Another name for the last key of a path; everything below it moves along."""

    path: Path
    name: str


class Document:
    """A TOML text that can be edited; immutable, edits give a new document that shares what is unchanged.

    Args:
        text: valid TOML, for example because tomllib has read it.
    """

    __slots__ = ("_lines", "_sections", "_text")

    def __init__(self, text: str) -> None:
        self._sections = Sections(split(text))
        self._text: str | None = text
        self._lines: dict[int, int] | None = None

    @property
    def text(self) -> str:
        """The whole text."""
        if self._text is None:
            self._text = "".join([found.text for found in self._sections.in_order()])
        return self._text

    def edit(self, edits: Iterable[Edit | Rename]) -> Document:
        """Return the document after these edits, made one after the other.

        Raises:
            UnwritableEdit: an edit has no place in the text.
        """
        editing = _Editing(self._sections.copy())
        for edit in edits:
            try:
                if isinstance(edit, Rename):
                    editing.rename(edit.path, edit.name)
                else:
                    editing.put(edit.path, edit.value, edit.default)
            except LookupError as error:
                raise UnwritableEdit(f"{render_path(edit.path)} cannot be written: {error}") from error
        editing.check()
        document = object.__new__(Document)
        document._sections, document._text, document._lines = editing.sections, None, None
        return document

    def line(self, path: Path) -> int | None:
        """Return the 1-based line on which a key or table stands, None if it is not written.

        A table of dotted keys stands where its first key does, an array of tables where its first element does, and
        what is inside an inline value stands where its statement does.
        """
        if self._lines is None:
            ends = accumulate((found.text.count("\n") for found in self._sections.in_order()), initial=1)
            self._lines = dict(zip(self._sections.order, ends, strict=False))
        place, offset = self._position(path) or (None, 0)
        return (
            place if place is None else self._lines[place] + self._sections.by_place[place].text.count("\n", 0, offset)
        )

    def _position(self, path: Path) -> tuple[int, int] | None:
        sections = self._sections
        for table in (path, (*path, 0)):
            place = sections.headers.get(table)
            if place is not None:
                return (place, sections.by_place[place].header) if path else None
        holder = sections.holder(path)
        if holder is not None:
            place, statement, rest = holder
            return None if lookup(sections.held(place, statement), rest) is ABSENT else (place, statement.start)
        return next(((place, statement.start) for place, statement in sections.dotted(path)), None)


class _Editing:
    """The sections of a document while they are edited."""

    def __init__(self, sections: Sections) -> None:
        self.sections = sections
        self._changed: set[Path] = set()
        texts = (sections.by_place[place].text for place in sections.order)
        first_line = next((text for text in texts if "\n" in text), "").partition("\n")[0]
        self._line_end = "\r\n" if first_line.endswith("\r") else "\n"

    def check(self) -> None:
        """Parse what has changed; UnwritableEdit is raised where it is not TOML."""
        changed = self._changed & self.sections.headers.keys()
        for path in changed:
            hand_over_comments(self.sections, self.sections.headers[path])
        refuse_broken(self.sections, changed)

    def put(self, path: Path, value: object, default: bool = False) -> None:
        """Make the value at a path this one; see Edit."""
        if value is ABSENT:
            self.remove(path)
            return
        holder = self.sections.holder(path)
        if holder is not None:
            self._put_held(path, holder, value, default)
            return
        if not self.sections.has_table(path):
            if not default:
                self._add(path, value)
            return
        is_array = (*path, 0) in self.sections.headers
        if is_list_of_dicts(value) and is_array:
            self._put_array(path, value)
        elif isinstance(value, dict) and not is_array:
            self._put_table(path, value, default)
        else:
            self.remove(path)
            if not default or value:
                self._add(path, value)

    def _put_held(self, path: Path, holder: tuple[int, Statement, Path], value: object, default: bool) -> None:
        place, statement, rest = holder
        old = self.sections.held(place, statement)
        if default and lookup(old, rest) is ABSENT:
            return
        new = replaced(old, rest, value)
        if same(old, new):
            return
        if (is_table(new) and not isinstance(old, dict)) or (is_array_of_tables(new) and not is_list_of_dicts(old)):
            self._replace(place, statement.start, statement.end, "")
            self._add(path, value)
            return
        text = self.sections.by_place[place].text[statement.value : statement.value_end]
        if rest or (isinstance(old, dict) and isinstance(new, dict)):
            text = rewritten(text, old, new, self._line_end)
        else:
            text = render_value(new, self._line_end)
        self._replace(place, statement.value, statement.value_end, text)

    def _put_table(self, path: Path, table: dict[str, object], default: bool) -> None:
        old: Any = self.sections.value(path)
        for key, value in table.items():
            if key not in old or not same(old[key], value):
                self.put((*path, key), value, default)
        for key in old:
            if key not in table:
                self.remove((*path, key))
        if not default and not self.sections.has_table(path):
            self._add(path, dict(table))  # its last dotted key is gone

    def _put_array(self, path: Path, new: list[dict[str, object]]) -> None:
        old: Any = self.sections.value(path)
        places = self.sections.below(path)[:-1]  # what ends there may get another header behind it
        as_before = {self.sections.by_place[place].text for place in places}
        matches = match_elements(old, new)
        kept = [match for match in matches if match is not None]
        gone = sorted(set(range(len(old))).difference(kept))
        if not kept:
            elements = [((*path, index), element) for index, element in enumerate(new, len(old))]
            self._insert_tables(self.sections.family(path)[-1], elements)
        for place in [place for index in gone for place in self.sections.family((*path, index))]:
            self._remove_section(place)
        if kept and (None in matches or kept != sorted(kept)):
            blank = self._line_end if self._separated(self.sections.headers[*path, min(kept)]) else ""
            self.sections = arrange(self.sections, path, new, matches, self._line_end, blank)
        elif gone:
            self.sections = renumbered(self.sections.in_order())
        written = (self.sections.by_place[place] for place in self.sections.below(path))
        self._changed |= {found.path for found in written if found.text not in as_before}
        for index, (match, element) in enumerate(zip(matches, new, strict=True)):
            if match is not None and not same(old[match], element):
                self._put_table((*path, index), element, default=False)

    def remove(self, path: Path) -> None:
        """Take out the key or table at a path; nothing is done where there is none."""
        holder = self.sections.holder(path)
        if holder is not None:
            place, statement, rest = holder
            old = self.sections.held(place, statement)
            if not rest:
                self._replace(place, statement.start, statement.end, "")
            elif lookup(old, rest) is not ABSENT:
                text = self.sections.by_place[place].text[statement.value : statement.value_end]
                text = rewritten(text, old, replaced(old, rest, ABSENT), self._line_end)
                self._replace(place, statement.value, statement.value_end, text)
            return
        if not path:
            raise LookupError("The document itself cannot be removed.")
        for place, statement in reversed(self.sections.dotted(path)):
            self._replace(place, statement.start, statement.end, "")
        family = self.sections.family(path)
        for place in family:
            self._remove_section(place)
        if family and isinstance(path[-1], int):
            self.sections = renumbered(self.sections.in_order())
            self._changed |= {self.sections.by_place[place].path for place in self.sections.below(path[:-1])}

    def rename(self, path: Path, name: str) -> None:
        """Give the last key of a path another name; nothing is done where there is none."""
        if not path or not isinstance(path[-1], str):
            raise LookupError("Only a key has a name.")
        new_path = (*path[:-1], name)
        holder = self.sections.holder(path)
        if new_path == path or (holder is None and not self.sections.has_table(path)):
            return
        taken = self.sections.holder(new_path)
        if self.sections.has_table(new_path) or (taken is not None and not taken[2]):
            raise LookupError(f"There is a {render_key(name)} already.")
        if holder is not None and holder[2]:
            place, statement, rest = holder
            old = self.sections.held(place, statement)
            value = lookup(old, rest)
            if value is not ABSENT:
                self.put(new_path, value)
                self.remove(path)
            return
        written = [holder[:2]] if holder is not None else self.sections.dotted(path)
        for place, statement in reversed(written):
            above = self.sections.by_place[place]
            start, end = key_span(above.text, statement.start, len(path) - len(above.path) - 1)
            self._replace(place, start, end, render_key(name))
        number = sum(isinstance(key, str) for key in path) - 1
        for place in self.sections.family(path):
            found = self.sections.by_place[place]
            start, end = key_span(found.text, found.header, number)
            text = found.text[:start] + render_key(name) + found.text[end:]
            self.sections.move(place, new_path + found.path[len(path) :], text)
            self._changed.add(new_path + found.path[len(path) :])

    def _add(self, path: Path, value: object) -> None:
        for depth, key in enumerate(path):
            if (*path[:depth], 0) in self.sections.headers and not isinstance(key, int):
                raise LookupError(f"{render_path(path[:depth])} is an array of tables.")
            if isinstance(key, str) or path[: depth + 1] in self.sections.headers:
                continue
            if depth < len(path) - 1 or key != self.sections.elements(path[:-1]) or not isinstance(value, dict):
                raise LookupError(f"{render_path(path[: depth + 1])} is not there.")
        if is_table(value) or is_array_of_tables(value) or isinstance(path[-1], int):
            self._add_table(path, value)
            return
        parent, name = path[:-1], str(path[-1])
        place = self.sections.headers.get(parent)
        if place is not None:
            found = statements(self.sections.by_place[place])
            self._insert_statement(place, found[-1] if found else None, (name,), value)
        elif dotted := self.sections.dotted(parent):
            place, last = dotted[-1]
            self._insert_statement(place, last, (*self._keys_of(place, last, parent), name), value)
        elif below := self.sections.below(parent):
            above = self.sections.neighbour(below[0], -1) or 0
            blank = self._line_end if self._separated(below[0]) else ""
            (table,) = render_sections([(parent, {name: value})], self._line_end, "")
            self._changed.add(parent)
            self.sections.insert(above, table._replace(text=spaced(table.text, self._line_end, blank)))
        else:
            self._add_table(parent, {name: value})

    def _add_table(self, path: Path, value: Any) -> None:
        parent = path[:-1]
        sibling = self._dotted_sibling(parent)
        if sibling is not None and isinstance(path[-1], str):
            place, statement = sibling
            keys = (*self._keys_of(place, statement, parent), path[-1])
            for names, item in leaves(keys, value) if value and isinstance(value, dict) else [(keys, value)]:
                statement = self._insert_statement(place, statement, names, item)
            return
        depth = len(parent)
        while depth and not self.sections.family(path[:depth]):
            depth -= 1
        after = self.sections.family(path[:depth])[-1] if depth else self.sections.order[-1]
        is_array = isinstance(value, list)
        self._insert_tables(after, [((*path, i), one) for i, one in enumerate(value)] if is_array else [(path, value)])

    def _dotted_sibling(self, parent: Path) -> tuple[int, Statement] | None:
        """Return the last statement of the tables in a parent if all of them are made of dotted keys."""
        if self.sections.below(parent):
            return None
        place = self.sections.headers.get(parent)
        if place is None:
            return next(reversed(self.sections.dotted(parent)), None)
        found = (item for item in reversed(statements(self.sections.by_place[place])) if len(item.keys) > 1)
        return next(((place, statement) for statement in found), None)

    def _keys_of(self, place: int, statement: Statement, path: Path) -> tuple[str, ...]:
        """Return the keys that lead from the section at a place to a path below it."""
        return statement.keys[: len(path) - len(self.sections.by_place[place].path)]

    def _replace(self, place: int, start: int, end: int, text: str) -> None:
        old = self.sections.by_place[place]
        self.sections.replace(place, old.text[:start] + text + old.text[end:])
        self._changed.add(old.path)

    def _insert_statement(self, place: int, after: Statement | None, keys: tuple[str, ...], value: object) -> Statement:
        """Write a key behind a statement of a section, or as its first one, and return it."""
        found = self.sections.by_place[place]
        text = found.text
        start = after.end if after else found.body if found.path else len(text)
        indentation = text[after.start : key_span(text, after.start, 0)[0]] if after else ""
        line = f"{indentation}{render_keys(keys)} = {render_value(value, self._line_end)}{self._line_end}"
        if not found.path and not after and self.sections.neighbour(place, 1) is not None:
            line += self._line_end  # the first top-level key, before the first header
        self._replace(place, 0, len(text), closed(text[:start], self._line_end) + line + text[start:])
        written = statements(self.sections.by_place[place])
        return next(statement for statement in written if after is None or statement.start > after.start)

    def _insert_tables(self, after: int, elements: list[tuple[Path, dict[str, object]]]) -> None:
        """Put tables behind a section, before the blank lines and comments that follow its own lines."""
        blank = self._line_end if self._separated(after) else ""
        tables = render_sections(elements, self._line_end, blank)
        above = self.sections.by_place[after]
        own, behind = above.text[: tail(above)], above.text[tail(above) :]
        is_last = self.sections.neighbour(after, 1) is None
        if own:
            ends_with_comment = own.rstrip().rpartition("\n")[2].lstrip().startswith("#")
            own = spaced(own, self._line_end, self._line_end if ends_with_comment else blank)
        self._replace(after, 0, len(above.text), own)
        last = tables[-1]
        tables[-1] = last._replace(text=last.text + (behind or ("" if is_last else blank)))
        for table in tables:
            after = self.sections.insert(after, table)
            self._changed.add(table.path)

    def _remove_section(self, place: int) -> None:
        found = self.sections.by_place[place]
        previous, following = self.sections.neighbour(place, -1), self.sections.neighbour(place, 1)
        if previous is None:
            raise LookupError("The root section stays.")
        self.sections.remove(place)
        before, behind = self.sections.by_place[previous].text, found.text[tail(found) :]
        if ends_blank(before):
            behind = without_blank_start(behind)
        if following is None and not behind.strip():
            before, behind = without_blank_end(before), ""
        if before + behind != self.sections.by_place[previous].text:
            self._replace(previous, 0, len(self.sections.by_place[previous].text), before + behind)

    def _separated(self, place: int) -> bool:
        """Tell whether blank lines stand between the tables around a section, as they do where there is no other."""
        previous, following = self.sections.neighbour(place, -1), self.sections.neighbour(place, 1)
        if previous is not None and self.sections.by_place[previous].text:
            return ends_blank(self.sections.by_place[previous].text)
        return following is None or ends_blank(self.sections.by_place[place].text)
