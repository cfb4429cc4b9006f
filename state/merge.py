"""Three-way merge of configurations: what two people changed since a common base.

Tables merge key by key, lists of tables by the name, address or domain of their rows, other lists whole.
Both may make the same change. What one changed and the other removed, or both added or changed differently,
is a conflict; there the merged value is ours, so that a caller may go on where ours is to win.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from state.changes import plain
from state.document import ABSENT, Path
from state.model import Configuration
from state.problems import StateRefusal
from state.secrets import SECRET_KEYS
from state.section import Section
from state.wording import key_text, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.history import Revision

ROW_KEYS = ("name", "address", "domain")


class Conflict(NamedTuple):
    """One key that two people changed differently; the values are plain TOML, `ABSENT` where it was removed."""

    path: Path
    ours: object
    theirs: object


class CommitConflict(StateRefusal):
    """Somebody else committed other values for keys that are staged here; one line for each."""

    def __init__(self, conflicts: list[tuple[Conflict, Revision]]) -> None:
        self.conflicts = [conflict for conflict, _ in conflicts]
        super().__init__("\n".join(_told(conflict, other) for conflict, other in conflicts))


def value_at(configuration: Configuration, path: Path) -> object:
    """Return the value at a path of a conflict, in which a row of a list is named; `ABSENT` where there is none."""
    value: object = configuration
    for part in path:
        entries = _rows(value) if isinstance(value, list) else value
        if isinstance(entries, dict) and part in entries:
            value = entries[part]
        elif isinstance(entries, Section) and isinstance(part, str) and hasattr(entries, part):
            value = getattr(entries, part)
        else:
            return ABSENT
    return value


class _Missing:
    """The type of what is not there, in a table's or list's entry."""


_MISSING = _Missing()


def merge(base: Configuration, ours: Configuration, theirs: Configuration) -> tuple[Configuration, list[Conflict]]:
    """Return theirs with our changes since the base, and where the two collide."""
    conflicts: list[Conflict] = []
    merged = _merge(base, ours, theirs, (), conflicts)
    if not isinstance(merged, Configuration):
        raise TypeError("a configuration merges to a configuration")
    return merged, conflicts


def _merge(base: object, ours: object, theirs: object, path: Path, conflicts: list[Conflict]) -> object:
    if ours is base or ours == base:
        return theirs
    if theirs is base or theirs == base or ours == theirs:
        return ours
    values = (base, ours, theirs)
    if all(isinstance(value, Section) and type(value) is type(ours) for value in values):
        return _merge_sections(base, ours, theirs, path, conflicts)
    if isinstance(base, dict) and isinstance(ours, dict) and isinstance(theirs, dict):
        return _merge_entries(base, ours, theirs, path, conflicts)
    if isinstance(base, list) and isinstance(ours, list) and isinstance(theirs, list):
        rows = [_rows(value) for value in (base, ours, theirs)]
        if rows[0] is not None and rows[1] is not None and rows[2] is not None:
            return list(_merge_entries(rows[0], rows[1], rows[2], path, conflicts).values())
    conflicts.append(Conflict(path, _shown(ours), _shown(theirs)))
    return ours


def _merge_sections(base: object, ours: object, theirs: object, path: Path, conflicts: list[Conflict]) -> object:
    fields: dict[str, object] = {}
    for name in ours.__struct_fields__:  # type: ignore[attr-defined]  # all three are of one Section type
        was, mine, other = getattr(base, name), getattr(ours, name), getattr(theirs, name)
        fields[name] = _merge(was, mine, other, (*path, name), conflicts)
    return msgspec.structs.replace(theirs, **fields)  # type: ignore[type-var]


def _merge_entries(
    base: dict[str, object], ours: dict[str, object], theirs: dict[str, object], path: Path, conflicts: list[Conflict]
) -> dict[str, object]:
    """Merge entry by entry, in their order, ours that are new at the end."""
    merged: dict[str, object] = {}
    for key in (*theirs, *(key for key in ours if key not in theirs)):
        was, mine, other = (entries.get(key, _MISSING) for entries in (base, ours, theirs))
        value = other if mine is was else _merge(was, mine, other, (*path, key), conflicts)
        if value is not _MISSING:
            merged[key] = value
    return merged


def _rows(rows: list[object]) -> dict[str, object] | None:
    """Return a list of tables by what names each row; None where the rows have no names or share one."""
    named: dict[str, object] = {}
    for row in rows:
        name = next((getattr(row, key) for key in ROW_KEYS if hasattr(row, key)), None)
        if not isinstance(row, Section) or not isinstance(name, str) or name in named:
            return None
        named[name] = row
    return named


def _shown(value: object) -> object:
    return ABSENT if value is None or value is _MISSING else plain(value)


def _told(conflict: Conflict, other: Revision) -> str:
    key = str(conflict.path[-1])
    committed = f"{other.user} committed {_value(conflict.theirs, key)} (revision {other.number})"
    return f"{key_text(conflict.path)}: you staged {_value(conflict.ours, key)}, but {committed}."


def _value(value: object, key: str) -> str:
    if value is ABSENT:
        return "its removal"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(inner, name)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(_value(inner, key) for inner in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return '"masked"' if key in SECRET_KEYS else quoted(value)
