"""What is no TOML in a text: each place with its line and key, not only the first.

tomllib stops at the first error. Here the statement that it stopped in is left out and the rest is read again,
so that one slip does not hide another. What stands below a broken header is left out with it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache

from state.problems import Problem
from state.section import Section
from state.wording import key_text, printable

MOST = 20
"""After so many errors the rest of a text is left out."""

FURTHEST_BACK = 60
"""Lines before the one where tomllib stopped in which the beginning of the broken statement is looked for."""

LARGE = 400_000
"""Characters of a text from which on the beginning of a statement is not looked for: each look reads it all."""

_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]")
_STATEMENT = re.compile(r"""\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*\s*=""")


def syntax_problems(text: str) -> tuple[list[Problem], str]:
    """Return what is no TOML in a text, and the text with that left empty, its lines where they were."""
    problems: list[Problem] = []
    lines = text.split("\n")
    while (stopped := _stopped(lines)) is not None:
        message, number = stopped
        if len(problems) == MOST:
            return problems, ""
        begin = _beginning(lines, number)
        message = message.replace(f"(line {begin}, column ", "(column ")
        problems.append(Problem(_key_at(lines, begin), message, begin))
        end = _end(lines, begin, number)
        lines[begin - 1 : end] = [""] * (end - begin + 1)
    return problems, "\n".join(lines)


def _stopped(lines: list[str]) -> tuple[str, int] | None:
    """Return the error that tomllib stops at and its line, None where there is none."""
    try:
        tomllib.loads("\n".join(lines))
    except RecursionError:
        deepest = max(range(len(lines)), key=lambda index: lines[index].count("[") + lines[index].count("{"))
        return "is nested too deep", deepest + 1
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
        what = _readable(found[1] if found else str(error))
        if found is None or found[2] is None:
            last = max((index for index, line in enumerate(lines, 1) if line.strip()), default=1)
            return f"is not TOML: {what} at the end of the file", last
        return f"is not TOML: {what} (line {found[2]}, column {found[3]})", min(int(found[2]), len(lines))
    except ValueError:  # Python reads no number of more than 4300 digits
        longest = max(range(len(lines)), key=lambda index: sum(map(str.isdigit, lines[index])))
        return "is a number that is too long", longest + 1
    return None


def _readable(message: str) -> str:
    """Return tomllib's words as the end of a sentence, keys as an operator writes them."""
    keys = re.sub(r"\(((?:'[^']*'(?:, )?)+),?\)", lambda found: key_text(re.findall("'([^']*)'", found[1])), message)
    return printable(keys[0].lower() + keys[1:])


def _beginning(lines: list[str], number: int) -> int:
    """Return the line in which the statement begins that broke at a line: all before it can be read."""
    if sum(map(len, lines)) > LARGE:
        return number
    for begin in range(number, max(number - FURTHEST_BACK, 1) - 1, -1):
        statement = _STATEMENT.match(lines[begin - 1]) or _HEADER.match(lines[begin - 1])
        if (statement or begin == number) and _stopped(lines[: begin - 1]) is None:
            return begin
    return number


def _end(lines: list[str], begin: int, number: int) -> int:
    """Return the last line that is left out with a statement that begins and breaks at these lines."""
    if begin == number and not lines[begin - 1].lstrip().startswith("["):
        return number
    headers = (index for index in range(begin + 1, len(lines) + 1) if lines[index - 1].startswith("["))
    return next(headers, len(lines) + 1) - 1


def _key_at(lines: list[str], number: int) -> tuple[str, ...]:
    """Return the key that a line sets, with the table it stands in.

    Only what looks like a key of the configuration is named: the line may be a part of a secret.
    """
    if header := _HEADER.match(lines[number - 1]):
        return tuple(_parts(header[1]))
    table: list[str] = []
    for line in reversed(lines[: number - 1]):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            break
    assigned = re.match(r"\s*([^=\[#]+?)\s*=", lines[number - 1])
    key = _parts(assigned[1]) if assigned else []
    named = key and (key[-1] in _field_names() or re.fullmatch("[a-z][a-z_]{0,30}", key[-1]))
    return (*table, *(key if named else ()))


def _parts(dotted: str) -> list[str]:
    return [a or b or c for a, b, c in re.findall(r"\"([^\"]*)\"|'([^']*)'|([^\s.\"']+)", dotted)]


@cache
def _field_names() -> frozenset[str]:
    sections: list[type[Section]] = [Section]
    for section in sections:
        sections.extend(section.__subclasses__())
    return frozenset(name for section in sections for name in section.__struct_fields__)
