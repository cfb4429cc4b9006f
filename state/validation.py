"""From TOML text to a `Configuration`, or to every problem that the text has.

The fast way is one `msgspec.convert`. Only when that fails does a walk by field types look at each value
by itself, so that all problems come at once, each with its key, its line and what is accepted there.
"""

from __future__ import annotations

import tomllib
import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from state.model import Configuration
from state.problems import InvalidConfiguration, Problem
from state.rules import broken_rules
from state.section import Section
from state.syntax import syntax_problems
from state.wording import listed, nearest, quoted

MISSING = "is missing"


def read_configuration(text: str, rules: bool = True) -> Configuration:
    """Return the configuration that a TOML text describes.

    Args:
        text: TOML.
        rules: whether rules that span sections must hold; staged work may break them until it is committed.

    Raises:
        InvalidConfiguration: the text is no TOML, has unknown keys or wrong values, or breaks a rule.
    """
    try:
        values = tomllib.loads(text)
        configuration = msgspec.convert(values, Configuration)
        broken = broken_rules(configuration) if rules else []
    except (ValueError, RecursionError):  # no TOML, a number too long to be one, a wrong value, nested too deep
        raise InvalidConfiguration(_all_problems(text)) from None
    if broken:
        raise InvalidConfiguration(_with_lines([Problem(*rule) for rule in broken], text))
    return configuration


def require_rules(configuration: Configuration) -> None:
    """Check what spans sections, for a configuration that was edited and not read.

    Raises:
        InvalidConfiguration: a rule is broken; no line is told, since nobody has seen the text.
    """
    broken = broken_rules(configuration)
    if broken:
        raise InvalidConfiguration([Problem(*rule) for rule in broken])


def value_problems(values: object, section: type[Section]) -> list[Problem]:
    """Return what is wrong with the values of any table that is described by a `Section`; no lines are told."""
    found: list[Problem] = []
    _walk_section(values, section, (), found)
    return found


def _all_problems(text: str) -> list[Problem]:
    """Return everything that is wrong with a text, what follows from something else that is wrong left out."""
    problems, readable = syntax_problems(text)
    values = tomllib.loads(readable)
    found: list[Problem] = []
    _walk(values, Configuration, (), found)
    broken_off = {problem.path for problem in problems}
    found = [one for one in found if not (one.path in broken_off and one.sentence.startswith(MISSING))]
    gone = [_without(values, problem) for problem in found]
    try:
        configuration = msgspec.convert(values, Configuration)
    except msgspec.ValidationError as error:
        if not problems and not found:
            found.append(Problem((), str(error)))
    else:
        named = [quoted(name) for name in gone if name is not None]
        broken = [Problem(*rule) for rule in broken_rules(configuration)]
        found += [problem for problem in broken if not problem.sentence.endswith(tuple(named))]
    return problems + _with_lines(found, readable)


def _without(values: dict[str, Any], problem: Problem) -> str | None:
    """Remove what a problem is about, so that the rest can be judged; return the name of an entry that goes whole."""
    path = problem.path[:-1] if problem.sentence.startswith(MISSING) else problem.path
    if not path:
        return None
    inner: Any = values
    for part in path[:-1]:
        try:
            inner = inner[part]
        except (KeyError, IndexError, TypeError):
            return None  # went with something around it
    if isinstance(inner, dict):
        inner.pop(path[-1], None)
    elif isinstance(inner, list):
        inner.clear()  # the places of the others would not be theirs any more
    return str(path[-1]) if len(path) == 2 else None


def _walk(value: object, expected: Any, path: tuple[str | int, ...], found: list[Problem]) -> None:
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        expected = next(part for part in get_args(expected) if part is not type(None))
        origin = get_origin(expected)
    if isinstance(expected, type) and issubclass(expected, Section):
        _walk_section(value, expected, path, found)
    elif origin is dict:
        if not isinstance(value, dict):
            found.append(Problem(path, f"must be a table, not {_shown(value)}"))
            return
        for key, inner in value.items():
            _walk(inner, get_args(expected)[1], (*path, key), found)
    elif origin is list:
        if not isinstance(value, list):
            found.append(Problem(path, f"must be a list in [ ], not {_shown(value)}"))
            return
        for index, inner in enumerate(value):
            _walk(inner, get_args(expected)[0], (*path, index), found)
    else:
        try:
            msgspec.convert(value, expected)
        except msgspec.ValidationError:
            found.append(Problem(path, f"must be {_accepted(expected)}, not {_shown(value)}"))


def _walk_section(value: object, section: type[Section], path: tuple[str | int, ...], found: list[Problem]) -> None:
    if not isinstance(value, dict):
        found.append(Problem(path, f"must be a table, not {_shown(value)}"))
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(section)}
    for key, inner in value.items():
        if key in fields:
            _walk(inner, fields[key].type, (*path, key), found)
        else:
            near = nearest(key, fields)
            hint = f'did you mean "{near}"?' if near else f"known here: {', '.join(fields)}"
            found.append(Problem((*path, key), f"is not a known key; {hint}"))
    for name, field in fields.items():
        if field.required and name not in value:
            found.append(Problem((*path, name), f"{MISSING}; it must be {_accepted(field.type)}"))


def _accepted(expected: Any) -> str:
    """Return in words what a value of a field's type may be."""
    meta = next((part for part in getattr(expected, "__metadata__", ()) if isinstance(part, msgspec.Meta)), None)
    plain = get_args(expected)[0] if meta else expected
    if get_origin(plain) is Literal:
        return "one of " + listed([quoted(word) for word in get_args(plain)])
    if meta and meta.description:
        return str(meta.description)
    if plain is int:
        return "a whole number" + (f" from {meta.ge} to {meta.le}" if meta else "")
    if plain is bool:
        return "true or false"
    return "a text in quotes" if plain is str else "another kind of value"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return quoted(value)[1:-1]


def _with_lines(problems: list[Problem], text: str) -> list[Problem]:
    from state.document import Document  # only where something is wrong

    document = Document(text)

    def line(path: tuple[str | int, ...]) -> int | None:
        """Return the line of the key, or of the nearest table around it that is written."""
        for length in range(len(path), 0, -1):
            if found := document.line(path[:length]):
                return found
        return None

    return [problem._replace(line=line(problem.path)) for problem in problems]
