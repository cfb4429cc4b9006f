"""From TOML text to a `Configuration`, or to every problem that the text has.

The fast way is one `msgspec.convert`. Only when that fails does a walk by field types look at each value
by itself, so that all problems come at once, each with its key, its line and what is accepted there.
"""

from __future__ import annotations

import re
import tomllib
import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from state.model import Configuration, Section
from state.problems import InvalidConfiguration, Problem
from state.rules import broken_rules
from state.wording import listed, nearest, printable, quoted

MOST_SYNTAX_ERRORS = 20
"""After so many lines that are no TOML the rest of the file is not read."""


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
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError):
        raise InvalidConfiguration(_all_problems(text)) from None
    if broken:
        raise InvalidConfiguration(_with_lines([Problem(*rule) for rule in broken], text))
    return configuration


def require_rules(configuration: Configuration, text: str = "") -> None:
    """Check what spans sections, for a configuration that was edited and not read.

    Raises:
        InvalidConfiguration: a rule is broken; `text`, where given, tells the lines.
    """
    broken = broken_rules(configuration)
    if broken:
        raise InvalidConfiguration(_with_lines([Problem(*rule) for rule in broken], text))


def _all_problems(text: str) -> list[Problem]:
    problems, readable = _syntax_problems(text)
    try:
        values = tomllib.loads(readable)
    except (tomllib.TOMLDecodeError, RecursionError):
        return problems
    found: list[Problem] = []
    _walk(values, Configuration, (), found)
    if not found:
        try:
            configuration = msgspec.convert(values, Configuration)
        except msgspec.ValidationError as error:
            found.append(Problem((), str(error)))
        else:
            found += [Problem(*rule) for rule in broken_rules(configuration)]
    return problems + _with_lines(found, readable)


def _syntax_problems(text: str) -> tuple[list[Problem], str]:
    """Return what is no TOML in a text, and the text with those lines left empty."""
    problems: list[Problem] = []
    lines = text.split("\n")
    while len(problems) < MOST_SYNTAX_ERRORS:
        try:
            tomllib.loads("\n".join(lines))
        except RecursionError:
            return [*problems, Problem((), "is nested too deep")], ""
        except tomllib.TOMLDecodeError as error:
            message, number = _where(str(error))
            if number is None or number > len(lines) or not lines[number - 1].strip():
                problems.append(Problem((), f"is not TOML: {message}", number or len(lines)))
                break
            problems.append(Problem(_key_near(lines, number), f"is not TOML: {message}", number))
            lines[number - 1] = ""
        else:
            break
    return problems, "\n".join(lines)


def _where(message: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if not found:
        return printable(message), None
    what = printable(found[1][0].lower() + found[1][1:])
    if found[2] is None:
        return f"{what} at the end of the file", None
    return f"{what} (column {found[3]})", int(found[2])


def _key_near(lines: list[str], number: int) -> tuple[str, ...]:
    """Return the key that a broken line seems to set, with the table it stands in."""
    table: list[str] = []
    for line in reversed(lines[: number - 1]):
        if header := re.match(r"\s*\[{1,2}([^\[\]]+)\]", line):
            table = _parts(header[1])
            break
    assigned = re.match(r"\s*([^=\[#]+?)\s*=", lines[number - 1])
    return (*table, *_parts(assigned[1])) if assigned else tuple(table)


def _parts(dotted: str) -> list[str]:
    return [a or b or c for a, b, c in re.findall(r"\"([^\"]*)\"|'([^']*)'|([^\s.\"']+)", dotted)]


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
            found.append(Problem((*path, name), f"is missing; it must be {_accepted(field.type)}"))


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
