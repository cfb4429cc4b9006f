"""Bounce profiles as text: a section a profile, a line a value."""

from __future__ import annotations

import re

from commands.answers import NotAccepted, read_number
from commands.bounceconfig.profiles import NamedProfile
from commands.table_text import BadLines, numbered_lines
from state.model import MOST_RETRIES, BounceProfile
from state.names import InvalidName, profile_name
from state.rules import waits_conflict
from state.section import DEFAULT_PROFILE, MOST_SECONDS
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


NUMBERS = {
    "max_retries": MOST_RETRIES,
    "max_queue_time": MOST_SECONDS,
    "initial_wait": MOST_SECONDS,
    "max_wait": MOST_SECONDS,
}
SWITCHES = ("send_bounces", "send_delay_warnings")
KEYS = (*NUMBERS, *SWITCHES)
_WORDS = {"yes": True, "no": False}


def section(row: NamedProfile) -> str:
    """Return `[NAME]` and a line for each value."""
    values = [f"{key} = {getattr(row.profile, key)}" for key in NUMBERS]
    values += [f"{key} = {'yes' if getattr(row.profile, key) else 'no'}" for key in SWITCHES]
    return "\n".join((f"[{row.name}]", *values))


def read_sections(text: str, default: BounceProfile) -> list[NamedProfile]:
    """Return the profiles of a text; what a section does not set has the value that every system begins with.

    Args:
        text: the file.
        default: the profile Default, which a file may repeat and not change.

    Raises:
        BadLines: something in it is wrong; all of it is named.
    """
    problems: list[tuple[int, str]] = []
    fields: dict[str, dict[str, Any]] = {}
    headers: dict[str, int] = {}
    lines: dict[tuple[str, str], int] = {}
    name: str | None = None
    skipped = False  # below a header that is bad
    for number, line in numbered_lines(text):
        try:
            if header := re.fullmatch(r"\[(.*)\]", line):
                skipped = True
                name = _name(header[1])
                if name in headers:
                    raise NotAccepted(f"[{name}] is there already (line {headers[name]}).")
                headers[name], fields[name], skipped = number, {}, False
            elif skipped:
                continue
            elif name is None:
                raise NotAccepted(f"{quoted(line)} stands before the first [NAME].")
            else:
                key, value = _value(line)
                earlier = lines.setdefault((name, key), number)
                if earlier != number:
                    raise NotAccepted(f"{quoted(key)} is there already (line {earlier}).")
                fields[name][key] = value
        except NotAccepted as error:
            problems.append((number, str(error)))
    rows = [NamedProfile(name, BounceProfile(**values)) for name, values in fields.items()]
    for row in rows:
        if reason := waits_conflict(row.profile):
            problems.append((headers[row.name], f"{reason}."))
        elif row.name == DEFAULT_PROFILE and row.profile != default:
            problems.append((headers[row.name], "Default stays as it is on every system; leave it out."))
    if problems:
        raise BadLines(problems)
    return rows


def _name(typed: str) -> str:
    try:
        name = profile_name(typed)
    except InvalidName as error:
        raise NotAccepted(f"{quoted(typed)} is not a valid name: {error}.") from None
    return name


def _value(line: str) -> tuple[str, object]:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        raise NotAccepted(f"{quoted(line)} is neither [NAME] nor KEY = VALUE.")
    if key not in KEYS:
        near = nearest(key, KEYS)
        raise NotAccepted(
            f"{quoted(key)} is not a key; " + (f"did you mean {near}?" if near else f"it takes {listed(KEYS)}.")
        )
    if key in SWITCHES:
        if value.lower() not in _WORDS:
            raise NotAccepted(f"{key}: {quoted(value)} is not accepted; it takes yes or no.")
        return key, _WORDS[value.lower()]
    try:
        return key, read_number(value, 0, NUMBERS[key])
    except NotAccepted:
        raise NotAccepted(
            f"{key}: {quoted(value)} is not accepted; it takes a whole number from 0 to {NUMBERS[key]}."
        ) from None
