"""Configurations as an operator reads them: masked texts, differences of two texts, changed settings."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise

from state.changes import differences, plain
from state.document import ABSENT, Edit, Path, Rename
from state.model import Configuration
from state.secrets import MASKED, SECRET_KEYS
from state.wording import key_text, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = 3
"""Unchanged lines around a change."""

_SEALED = re.compile(r"sealed:[A-Za-z0-9_=-]+")


def masked(text: str) -> str:
    """Return a text with every sealed secret as `masked`."""
    return _SEALED.sub(MASKED, text)


def masked_pair(old: str, new: str) -> tuple[str, str]:
    """Return two texts with secrets masked, so that one that differs still shows as changed."""
    known = set(_SEALED.findall(old))
    return masked(old), _SEALED.sub(lambda found: MASKED if found[0] in known else f"{MASKED}, changed", new)


def unified(old: str, new: str, old_name: str, new_name: str) -> Iterator[str]:
    """Yield a unified diff of two texts.

    Tables are compared first and lines only inside those that differ, so that one changed line of a hundred
    thousand is found in no time.
    """
    before, after = old.splitlines(), new.splitlines()
    yield f"--- {old_name}"
    yield f"+++ {new_name}"
    for group in _groups(_line_operations(_tables(before), _tables(after))):
        first, last = group[0], group[-1]
        yield f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@"
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from (f" {line}" for line in before[a:b])
            else:
                yield from (f"-{line}" for line in before[a:b])
                yield from (f"+{line}" for line in after[c:d])


def changed_settings(old: Configuration, new: Configuration) -> Iterator[str]:
    """Yield `KEY: old -> new` for each setting that differs, and what an entry was renamed to.

    `(default)` is a setting that is not set.
    """
    before = plain(old)
    for edit in differences(old, new):
        if isinstance(edit, Rename):
            yield f"{key_text(edit.path)}: renamed to {quoted(edit.name)}"
            continue
        for path, value in _leaves(edit, before):
            after = f'"{MASKED}, changed"' if path[-1] in SECRET_KEYS and value is not ABSENT else _shown(value)
            yield f"{key_text(path)}: {_shown(_own(before, path))} -> {after}"


def _leaves(edit: Edit, old: object) -> Iterator[tuple[Path, object]]:
    """Yield the settings of an edit: a table that comes or goes is all of its settings, or itself if it has none."""
    value = edit.value
    if value is ABSENT:
        former = _own(old, edit.path)
        if isinstance(former, dict) and former:
            for key, inner in former.items():
                yield from (
                    _leaves(Edit((*edit.path, key), ABSENT), old)
                    if isinstance(inner, dict)
                    else [((*edit.path, key), ABSENT)]
                )
            return
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(Edit((*edit.path, key), inner), old)
        return
    yield edit.path, ABSENT if edit.default else value


def _own(value: object, path: Path) -> object:
    """Return what is set at a path of plain values, from which defaults are left out."""
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def _shown(value: object) -> str:
    if value is ABSENT:
        return "(default)"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_shown(inner)}" for key, inner in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(masked(value)) if isinstance(value, str) else str(value)


def _tables(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """Return lines grouped by lines that look like headers; where the cuts are only matters for speed."""
    cuts = [index for index, line in enumerate(lines) if line.startswith("[")]
    bounds = [0, *cuts, len(lines)]
    return [tuple(lines[a:b]) for a, b in pairwise(bounds) if a < b]


def _line_operations(
    before: Sequence[tuple[str, ...]], after: Sequence[tuple[str, ...]]
) -> list[tuple[str, int, int, int, int]]:
    """Return (equal or change, from, to, from, to) over the lines of two texts, in order."""
    starts = [0], [0]
    for sizes, tables in zip(starts, (before, after), strict=True):
        for table in tables:
            sizes.append(sizes[-1] + len(table))
    found: list[tuple[str, int, int, int, int]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = starts[0][a], starts[1][c]
        if kind == "equal":
            found.append(("equal", old, starts[0][b], new, starts[1][d]))
            continue
        old_lines = [line for table in before[a:b] for line in table]
        new_lines = [line for table in after[c:d] for line in table]
        for what, e, f, g, h in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
            found.append(("equal" if what == "equal" else "change", old + e, old + f, new + g, new + h))
    return _joined(found)


def _joined(operations: Sequence[tuple[str, int, int, int, int]]) -> list[tuple[str, int, int, int, int]]:
    """Return the operations with neighbours of one kind as one."""
    joined: list[tuple[str, int, int, int, int]] = []
    for kind, a, b, c, d in operations:
        if joined and joined[-1][0] == kind:
            _, first_a, _, first_c, _ = joined.pop()
            a, c = first_a, first_c
        joined.append((kind, a, b, c, d))
    return joined


def _groups(
    operations: Sequence[tuple[str, int, int, int, int]],
) -> Iterator[list[tuple[str, int, int, int, int]]]:
    """Yield the operations of each hunk: changes with up to `CONTEXT` equal lines around them."""
    group: list[tuple[str, int, int, int, int]] = []
    for kind, a, b, c, d in operations:
        if kind == "change":
            group.append((kind, a, b, c, d))
            continue
        if group and b - a > 2 * CONTEXT:
            yield [*group, (kind, a, a + CONTEXT, c, c + CONTEXT)]
            group = []
        if not group:
            lead = min(CONTEXT, b - a)
            group = [(kind, b - lead, b, d - lead, d)]
        else:
            group.append((kind, a, b, c, d))
    if any(kind == "change" for kind, *_ in group):
        kind, a, b, c, d = group[-1]
        if kind == "equal":
            group[-1] = (kind, a, min(b, a + CONTEXT), c, min(d, c + CONTEXT))
        yield group


def _span(start: int, end: int) -> str:
    size = end - start
    return f"{start + 1 if size else start},{size}" if size != 1 else f"{start + 1}"
