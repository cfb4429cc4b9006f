"""What differs between two configurations, as edits of the text.

Values are immutable and share what is the same, so a comparison looks only into what was replaced: one
changed entry among 10,000 is found by 10,000 identity checks.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from state.document import ABSENT, Edit, Inline, Path, Rename
from state.section import Section

T = TypeVar("T", bound=Section)


def differences(old: Section, new: Section) -> list[Edit | Rename]:
    """Return the edits that lead from one configuration's values to another's, in the order of the fields."""
    edits: list[Edit | Rename] = []
    _compare(old, new, (), edits)
    return edits


def in_order_of(old: T, new: T) -> T:
    """Return the new values with the entries of their tables in the order that the edited text gives them.

    What was there keeps its place, what is new comes after it.
    """
    ordered: dict[str, object] = {}
    for field in _fields(type(new)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before is after:
            continue
        if isinstance(before, Section) and isinstance(after, Section):
            after = in_order_of(before, after)
        elif isinstance(before, dict) and isinstance(after, dict):
            names = _renamed(before, after)
            keys = [names.get(key, key) for key in before if names.get(key, key) in after]
            known = set(keys)
            keys += [key for key in after if key not in known]
            if keys != list(after):
                after = {key: after[key] for key in keys}
        if after is not getattr(new, field.name):
            ordered[field.name] = after
    return msgspec.structs.replace(new, **ordered) if ordered else new


def plain(value: object) -> object:
    """Return a value as TOML knows it; of a section only what is not its default."""
    if isinstance(value, Section):
        table: dict[str, object] = Inline() if value.inline else {}
        for field in _fields(type(value)):
            inner = getattr(value, field.name)
            if inner is not None and (field.required or inner != _default(field)):
                table[field.encode_name] = plain(inner)
        return table
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def lookup(section: Section, path: Path) -> object:
    """Return the effective value of a key, defaults included; `ABSENT` where there is none.

    Tables come back as plain values with every default filled in.
    """
    value: object = section
    for part in path:
        if isinstance(value, Section) and isinstance(part, str) and part in value.__struct_fields__:
            value = getattr(value, part)
        elif not isinstance(value, dict | list):
            return ABSENT
        else:
            try:
                value = value[part]  # type: ignore[index]  # a wrong kind of key is a TypeError
            except (KeyError, IndexError, TypeError):
                return ABSENT
    return ABSENT if value is None else _without_none(msgspec.to_builtins(value))


def _compare(old: Section, new: Section, path: Path, edits: list[Edit | Rename]) -> None:
    for field in _fields(type(new)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before is after or before == after:
            continue
        here = (*path, field.encode_name)
        if isinstance(before, Section) and isinstance(after, Section):
            _compare(before, after, here, edits)
        elif isinstance(before, dict) and isinstance(after, dict):
            _compare_entries(before, after, here, edits)
        elif after is None:
            edits.append(Edit(here, ABSENT))
        elif before != _default(field) and (rows := _changed_rows(before, after)):  # a list of defaults is not written
            for index, old_row, new_row in rows:
                _compare(old_row, new_row, (*here, index), edits)
        else:
            edits.append(Edit(here, plain(after), default=not field.required and after == _default(field)))


def _compare_entries(old: dict[str, object], new: dict[str, object], path: Path, edits: list[Edit | Rename]) -> None:
    names = _renamed(old, new)
    edits += [Rename((*path, key), name) for key, name in names.items()]
    edits += [Edit((*path, key), ABSENT) for key in old if key not in new and key not in names]
    former = {name: key for key, name in names.items()}
    for key, after in new.items():
        before = old.get(former.get(key, key))
        if before is after:
            continue
        if isinstance(before, Section) and isinstance(after, Section):
            if before == after:
                continue
            if plain(after):
                _compare(before, after, (*path, key), edits)
            else:  # an entry with nothing of its own stays an entry, however it is written
                edits.append(Edit((*path, key), {}))
        elif before != after:
            edits.append(Edit((*path, key), plain(after)))


def _renamed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Return the new names of entries that stand under another one: their text stays, comments and all.

    An entry is found again where it is the very same value, by the field that no two of its kind share
    (`Section.identity`), or by its place among the others. Of two that are only alike one may have been removed and
    the other made anew.
    """
    gone: dict[object, str] = {}
    for key, value in old.items():
        if key not in new and isinstance(value, Section):
            gone[id(value)] = key
            if value.identity:
                gone[getattr(value, value.identity)] = key
    names: dict[str, str] = {}
    for key, value in new.items() if gone else ():
        if key not in old:
            former = gone.get(id(value)) or gone.get(getattr(value, value.identity) if value.identity else None)
            if former is not None and former not in names:
                names[former] = key
    return names or (_renamed_in_place(old, new) if gone else {})


def _renamed_in_place(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Return the new names of entries by their places: what was renamed and changed too, or read from a staged file.

    What is new stands behind all others. So another name before an entry that stands where it stood is a rename; of
    what has no such entry behind it, only equal values tell, since it may be an entry that was removed and a new one.
    """
    names: dict[str, str] = {}
    behind: dict[str, str] = {}
    if len(new) < len(old):
        return names
    for (former, before), (key, after) in zip(old.items(), new.items(), strict=False):
        if former == key:
            names |= behind
            behind = {}
        elif former in new or key in old or not isinstance(before, Section):
            return {}
        else:
            behind[former] = key
            if before == after:
                names[former] = key
    return names


def _changed_rows(old: object, new: object) -> list[tuple[int, Section, Section]]:
    """Return the one row of a list that changed at its place, none where more than that is different.

    A list of tables is otherwise written whole, which takes its time with thousands of rows.
    """
    if not (isinstance(old, list) and isinstance(new, list)) or len(old) != len(new):
        return []
    pairs = enumerate(zip(old, new, strict=True))
    rows = [(index, before, after) for index, (before, after) in pairs if before is not after and before != after]
    return rows if len(rows) == 1 and all(isinstance(row, Section) for row in rows[0][1:]) else []


@cache
def _fields(section: type[Section]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(section)


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_none(inner) for inner in value]
    return value
