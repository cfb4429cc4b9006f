"""TOML written: keys, values, tables and the blank lines between them; a value or an array changed, its layout kept."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from state.toml_sections import Path, Section, Sections, renumbered, section, statements, tail

if TYPE_CHECKING:
    from collections.abc import Iterator


class Inline(dict[str, object]):
    """A table value that is written inline where it is new: `{ limit = 1000, minutes = 60 }`."""


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""The value of a key that is not there; as the value of an edit it removes the key or table."""

_IDENTITY_KEYS = ("name", "address", "domain")
_BLANK_START = re.compile(r"\A(?:[ \t\r]*+\n|[ \t\r]++\Z)++")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPED_IN_LINES = re.compile(r'[\x00-\x08\x0b-\x1f\x7f\\]|(?<="")"|"\Z')


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a value is written as a `[table]`."""
    return isinstance(value, dict) and not isinstance(value, Inline)


def is_array_of_tables(value: object) -> TypeGuard[list[dict[str, object]]]:
    """Tell whether a value is written as `[[x]]` tables: tables only, not all of them inline."""
    return is_list_of_dicts(value) and any(is_table(element) for element in value)


def is_list_of_dicts(value: object) -> TypeGuard[list[dict[str, object]]]:
    """Tell whether a value can be written as `[[x]]` tables."""
    return isinstance(value, list) and bool(value) and all(isinstance(element, dict) for element in value)


def same(one: object, other: object) -> bool:
    """Tell whether two values are the same in TOML: 1, 1.0 and true differ, and so do 0.0 and -0.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.isoformat() == other.isoformat()
    return one == other


def render_key(name: str) -> str:
    """Return a key, bare where that is allowed."""
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def render_keys(names: tuple[str, ...]) -> str:
    """Return a dotted key."""
    return ".".join(map(render_key, names))


def render_value(value: object, line_end: str = "") -> str:
    r"""Return a value as TOML; with a line end ("\n", "\r\n"), text of several lines is written on several lines.

    Raises:
        TypeError: TOML has no such value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _lines(value, line_end) if line_end and "\n" in value else _quoted(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict):
        inner = ", ".join(f"{render_key(key)} = {render_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(render_value, value))}]"
    raise TypeError(f"TOML has no value for {type(value).__name__}.")


def _quoted(text: str) -> str:
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _lines(text: str, line_end: str) -> str:
    escaped = _ESCAPED_IN_LINES.sub(_escape, text).replace("\n", line_end)
    return f'"""{line_end}{escaped}"""'


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}"


def render_path(path: Path) -> str:
    """Return a path as a person reads it: listeners.Inbound.host_access.groups[0].name."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{render_key(key)}" for key in path)
    return "".join(parts).removeprefix(".")


def render_table(path: Path, table: dict[str, object], line_end: str) -> Iterator[tuple[Path, str]]:
    """Yield a table as sections, path and text: its header and keys, then its sub-tables.

    A table that holds nothing but tables needs no header of its own, unless it is an element of an array.
    """
    lines: list[str] = []
    below: list[tuple[Path, dict[str, object]]] = []
    for key, value in table.items():
        if is_table(value):
            below.append(((key,), value))
        elif is_array_of_tables(value):
            below.extend(((key, index), element) for index, element in enumerate(value))
        else:
            lines.append(f"{render_key(key)} = {render_value(value, line_end)}{line_end}")
    if lines or not below or isinstance(path[-1], int):
        yield path, header(path) + line_end + "".join(lines)
    for keys, element in below:
        yield from render_table(path + keys, element, line_end)


def render_sections(tables: list[tuple[Path, dict[str, object]]], line_end: str, blank: str) -> list[Section]:
    """Return tables and those below them as sections, without what separates the last from the next one."""
    rendered = [one for path, table in tables for one in render_table(path, table, line_end)]
    return [
        section(path, text if number == len(rendered) else spaced(text, line_end, blank))
        for number, (path, text) in enumerate(rendered, 1)
    ]


def header(path: Path) -> str:
    """Return the header line of a table, without line end."""
    keys = render_keys(tuple(key for key in path if isinstance(key, str)))
    return f"[[{keys}]]" if isinstance(path[-1], int) else f"[{keys}]"


def leaves(names: tuple[str, ...], table: dict[str, object]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield a table as dotted keys and their values; an empty table below is a value."""
    for key, value in table.items():
        if is_table(value) and value:
            yield from leaves((*names, key), value)
        else:
            yield (*names, key), value


def lookup(value: object, path: Path) -> object:
    """Return what stands at a path in a value, ABSENT if nothing does."""
    for key in path:
        if isinstance(value, dict) and key in value:  # noqa: SIM114  # mypy tells them apart
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return ABSENT
    return value


def replaced(value: object, path: Path, new: object) -> object:
    """Return the value with something else at a path in it; ABSENT removes, a list index may be one past the end.

    Raises:
        LookupError: the path leads through something that is no table or array.
    """
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(key, str):
        if rest or new is not ABSENT:
            changed: Any = replaced(value.get(key, {}), rest, new)
            return type(value)({**value, key: changed})
        return type(value)({name: item for name, item in value.items() if name != key})
    if isinstance(value, list) and isinstance(key, int) and 0 <= key <= len(value):
        if not rest and new is ABSENT:
            return value[:key] + value[key + 1 :]
        current = value[key] if key < len(value) else {}
        return [*value[:key], replaced(current, rest, new), *value[key + 1 :]]
    raise LookupError(f"There is no table or array that could hold {key!r}.")


def rewritten(text: str, old: object, new: object, line_end: str) -> str:
    """Return the text of a value changed from `old` to `new`, with as much of its layout kept as can be.

    A value in our own layout is written anew; another one is edited by tomlkit, imported only then because that
    takes 40 ms.
    """
    if render_value(old) == text:
        return render_value(_in_order_of(old, new))
    import tomlkit  # see above
    import tomlkit.exceptions

    try:
        document = tomlkit.parse(f"value = {text}")
        _merge(document, "value", old, new)
        result = document.as_string().removeprefix("value = ")
        if same(tomllib.loads(f"value = {result}"), {"value": new}):
            return result
    except (tomlkit.exceptions.TOMLKitError, ValueError, KeyError, IndexError, TypeError):
        pass  # its layout cannot be kept
    return render_value(new, line_end)


def _in_order_of(old: object, new: object) -> object:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    kept = {key: _in_order_of(value, new[key]) for key, value in old.items() if key in new}
    return {**kept, **{key: value for key, value in new.items() if key not in kept}}


def _merge(container: Any, key: str | int, old: object, new: object) -> None:
    """Change what tomlkit holds under a key from `old` to `new`, item by item where they are alike."""
    import tomlkit

    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() - new.keys():
            del container[key][name]
        for name, value in new.items():
            if name in old:
                _merge(container[key], name, old[name], value)
            else:
                container[key][name] = tomlkit.value(render_value(value))
    elif isinstance(old, list) and isinstance(new, list) and _rewritten_list(container[key], old, new):
        return
    else:
        container[key] = tomlkit.value(render_value(new))


def _rewritten_list(items: Any, old: list[object], new: list[object]) -> bool:
    import tomlkit

    alike = next((i for i, (one, other) in enumerate(zip(old, new, strict=False)) if not same(one, other)), None)
    first = min(len(old), len(new)) if alike is None else alike
    if len(old) == len(new):
        for index in range(first, len(old)):
            _merge(items, index, old[index], new[index])
    elif len(new) == len(old) - 1 and same(old[first + 1 :], new[first:]):
        del items[first]
    elif first == len(old):
        for value in new[first:]:
            items.append(tomlkit.value(render_value(value)))
    else:
        return False
    return True


def match_elements(old: list[Any], new: list[dict[str, object]]) -> list[int | None]:
    """Return for every new element of an array the old one that it is: the equal one, else the one of the same name."""
    equal: dict[object, list[int]] = {}
    for index in reversed(range(len(old))):
        equal.setdefault(_fingerprint(old[index]), []).append(index)
    found = [equal.get(_fingerprint(element)) for element in new]
    matches = [indexes.pop() if indexes else None for indexes in found]
    left = set(range(len(old))).difference(matches)
    named: dict[object, list[int]] = {}
    for index in left:
        for key in set(_IDENTITY_KEYS) & old[index].keys():
            named.setdefault((key, _fingerprint(old[index][key])), []).append(index)
    for number, element in enumerate(new):
        if matches[number] is None:
            names = [(key, _fingerprint(element[key])) for key in set(_IDENTITY_KEYS) & element.keys()]
            those = (index for name in names for index in named.get(name, ()) if index in left)
            matches[number] = min((index for index in those if _same_identity(old[index], element)), default=None)
            left -= {matches[number]}
    return matches


def _fingerprint(value: object) -> object:
    """Return something hashable that is equal for the same values."""
    if isinstance(value, dict):
        return frozenset((key, _fingerprint(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(_fingerprint, value))
    return type(value), repr(value)


def _same_identity(one: dict[str, object], other: dict[str, object]) -> bool:
    key = next((key for key in _IDENTITY_KEYS if key in one and key in other), None)
    return key is not None and same(one[key], other[key])


def arrange(
    sections: Sections,
    path: Path,
    new: list[dict[str, object]],
    matches: list[int | None],
    line_end: str,
    blank: str,
) -> Sections:
    """Return the sections with the elements of an array in a new order and new ones between them.

    What follows an element, blank lines and the comments behind them, stays where it is.

    Args:
        sections: what is there, without the elements that go.
        path: the array.
        new: its new elements.
        matches: for each of them the old one that is to stand there, as it is, None for a new one; not all are None.
        line_end: how a line ends.
        blank: what separates elements.
    """
    families = {match: sections.family((*path, match)) for match in matches if match is not None}
    blocks: list[list[list[Section]]] = [[] for _ in families]  # for every old place the elements that come there
    block = -1
    for match, element in zip(matches, new, strict=True):
        if match is None:
            blocks[max(block, 0)].append(render_sections([((*path, 0), element)], line_end, blank))
        else:
            block += 1
            *others, last = [sections.by_place[place] for place in families[match]]
            blocks[block].append([*others, last._replace(text=last.text[: tail(last)])])
    placed: dict[int, list[Section]] = {}
    for old, elements in zip(sorted(families), blocks, strict=True):
        for element_sections in elements[:-1]:
            last = element_sections[-1]
            element_sections[-1] = section(last.path, spaced(last.text, line_end, blank))
        old_last, new_last = sections.by_place[families[old][-1]], elements[-1][-1]
        behind = old_last.text[tail(old_last) :]
        if behind:
            elements[-1][-1] = section(new_last.path, closed(new_last.text, line_end) + behind)
        placed[families[old][0]] = [found for element_sections in elements for found in element_sections]
    moved = {place for family in families.values() for place in family}
    result: list[Section] = []
    for place in sections.order:
        result += placed.get(place) or ([] if place in moved else [sections.by_place[place]])
    texts = [closed(found.text, line_end) for found in result[:-1]] + [result[-1].text]
    return renumbered(
        found if found.text is text else section(found.path, text) for found, text in zip(result, texts, strict=True)
    )


def ends_blank(text: str) -> bool:
    """Tell whether a text ends with a blank line; an empty one does."""
    return len(without_blank_end(text)) < len(text) or not text


def without_blank_end(text: str) -> str:
    """Return the text of a section without the blank lines at its end."""
    end = len(text)
    while end:
        start = text.rfind("\n", 0, end - 1) + 1
        if text[start:end].strip():
            break
        end = start
    return text[:end]


def without_blank_start(text: str) -> str:
    """Return a text without the blank lines it starts with."""
    return _BLANK_START.sub("", text)


def closed(text: str, line_end: str) -> str:
    """Return a text with its last line ended."""
    return text if not text or text.endswith("\n") else text + line_end


def spaced(text: str, line_end: str, blank: str) -> str:
    """Return a text with its last line ended and what separates tables behind it, if that is not there yet.

    A comment at its end is always set off: directly above a header it would belong to that.
    """
    text = closed(text, line_end)
    if ends_blank(text):
        return text
    ends_with_comment = text.rstrip("\r\n").rpartition("\n")[2].lstrip().startswith("#")
    return text + (line_end if ends_with_comment else blank)


def hand_over_comments(sections: Sections, place: int) -> None:
    """Give comment lines that came to stand directly above the next header to that header, as if read anew."""
    following = sections.neighbour(place, 1)
    if following is None:
        return
    own = sections.by_place[place]
    found = statements(own)
    start = found[-1].end if found else own.body
    attached = re.search(r"(?:^[ \t]*#[^\n]*\n)+\Z", own.text[start:], re.MULTILINE)
    if attached:
        cut = start + attached.start()
        sections.replace(following, own.text[cut:] + sections.by_place[following].text)
        sections.replace(place, own.text[:cut])
