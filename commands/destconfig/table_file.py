"""The text form of the destination table: an INI file, one section a domain, `[DEFAULT]` first.

Keys and values are those of the documented import and export file, with `dane` and `mta_sts` added. What is
written reads back as the same table; a file with a bad line changes nothing, and every bad line is named.
"""

from __future__ import annotations

import re
from configparser import RawConfigParser
from typing import NamedTuple

from commands.answers import NotAccepted, read_number
from commands.table_text import BadLines
from state.model import DefaultDestination, Destination, Destinations, Recipients
from state.names import InvalidName, destination_domain
from state.rules import tls_conflict
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

DEFAULT = "DEFAULT"
_SECTION = re.compile(r"\[(.+)\]\s*")
_ASSIGNMENT = re.compile(r"([^=\[#;][^=]*?)\s*=\s*(.*)")
_BITS = {False: "0", True: "1"}


class _Words(NamedTuple):
    """A key of the file whose values are words: the field, and the first spelling of each value."""

    field: str
    words: dict[str, Any]


_WORDS = {
    "ip_sort_pref": _Words(
        "ip_preference",
        {
            "PREFER_V6": "prefer-v6",
            "REQUIRE_V6": "require-v6",
            "PREFER_V4": "prefer-v4",
            "REQUIRE_V4": "require-v4",
        },
    ),
    "limit_type": _Words(
        "limits_apply_to", {"host": "domain", "0": "domain", "MXIP": "mail-exchanger", "1": "mail-exchanger"}
    ),
    "limit_apply": _Words(
        "limits_enforced", {"system": "system", "0": "system", "VG": "virtual-gateway", "1": "virtual-gateway"}
    ),
    "bounce_validation": _Words("bounce_verification", {"0": False, "1": True}),
    "table_tls": _Words(
        "tls",
        {
            "off": "no",
            "on": "preferred",
            "require": "required",
            "on_verify": "preferred-verify",
            "require_verify": "required-verify",
            "require_verify_hosted": "required-verify-hosted",
        },
    ),
    "dane": _Words("dane", {"none": "none", "opportunistic": "opportunistic", "mandatory": "mandatory"}),
    "mta_sts": _Words("mta_sts", {"0": False, "1": True}),
}
_NUMBERS = {
    "max_host_concurrency": ("concurrency", 1, 1000),
    "max_messages_per_connection": ("messages_per_connection", 1, 1000),
    "recipient_minutes": ("minutes", 1, 60),
    "recipient_limit": ("limit", 0, 1_000_000_000),
}
_ONLY_DEFAULT = ("ip_sort_pref", "send_tls_req_alert", "certificate")
KEYS = (
    "ip_sort_pref",
    "max_host_concurrency",
    "max_messages_per_connection",
    "recipient_minutes",
    "recipient_limit",
    "limit_type",
    "limit_apply",
    "bounce_validation",
    "table_tls",
    "dane",
    "mta_sts",
    "bounce_profile",
    "send_tls_req_alert",
    "certificate",
)


def table_text(destinations: Destinations) -> str:
    """Return the file that stands for a table."""
    default = [
        *_pairs(destinations.default),
        ("send_tls_req_alert", _BITS[destinations.send_tls_alert]),
        ("certificate", destinations.certificate),
    ]
    sections = [(DEFAULT, default), *((name, _pairs(entry)) for name, entry in destinations.domains.items())]
    return "\n".join(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in pairs) for name, pairs in sections)


def read_table(text: str, profiles: Collection[str], certificates: Collection[str]) -> Destinations:
    """Return the table that a file stands for.

    Args:
        text: the file.
        profiles: the bounce profiles that there are.
        certificates: the certificate profiles that can be chosen.

    Raises:
        BadLines: something in it is wrong; all of it is named.
    """
    lines, problems = _scan(text)
    parser = RawConfigParser(default_section="", strict=False, delimiters=("=",), empty_lines_in_values=False)
    parser.read_string("\n".join(f"[{name}]" if key is None else f"{key}={value}" for name, key, value, _ in lines))
    numbers = {(name, key): number for name, key, _, number in lines}
    reader = _Reader(numbers, problems, profiles, certificates)
    domains: dict[str, Destination] = {}
    default: dict[str, Any] = {}
    for section in parser.sections():
        values = dict(parser[section])
        if section == DEFAULT:
            default = reader.fields(section, values, DefaultDestination)
        else:
            domains[section] = Destination(**reader.fields(section, values, Destination))
    shared = {name: default.pop(name) for name in ("send_tls_alert", "certificate") if name in default}
    destinations = Destinations(default=DefaultDestination(**default), domains=domains, **shared)
    if problems:
        raise BadLines(problems)
    return destinations


def _scan(text: str) -> tuple[list[tuple[str, str | None, str, int]], list[tuple[int, str]]]:
    """Return the good lines as (section, key or None for its header, value, number), and the bad ones."""
    lines: list[tuple[str, str | None, str, int]] = []
    problems: list[tuple[int, str]] = []
    first: dict[tuple[str, str | None], int] = {}
    section: str | None = None
    skipped = False  # below a header that is bad
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        key: str | None = None
        value = ""
        if header := _SECTION.fullmatch(line):
            try:
                section = _section_name(header[1])
            except InvalidName as error:
                problems.append((number, f"{quoted(header[1])} is not a valid domain name: {error}."))
                skipped = True
                continue
            skipped = False
        elif skipped:
            continue
        elif section is None:
            problems.append((number, f"{quoted(line)} stands before the first [DEFAULT] or [DOMAIN]."))
            continue
        elif assignment := _ASSIGNMENT.fullmatch(line):
            key, value = assignment[1].lower(), assignment[2]
        else:
            problems.append((number, f"{quoted(line)} is neither [DOMAIN] nor KEY = VALUE."))
            continue
        earlier = first.setdefault((section, key), number)
        if earlier != number:
            what = f"[{section}]" if key is None else quoted(key)
            problems.append((number, f"{what} is there already (line {earlier})."))
            skipped = key is None
            continue
        lines.append((section, key, value, number))
    return lines, problems


def _section_name(typed: str) -> str:
    return DEFAULT if typed.strip().upper() == DEFAULT else destination_domain(typed)


class _Reader:
    """Turns the keys of one section into fields, noting what is wrong at its line."""

    def __init__(
        self,
        numbers: dict[tuple[str, str | None], int],
        problems: list[tuple[int, str]],
        profiles: Collection[str],
        certificates: Collection[str],
    ) -> None:
        self._numbers = numbers
        self._problems = problems
        self._names = {"bounce_profile": profiles, "certificate": certificates}

    def fields(
        self, section: str, values: dict[str, str], kind: type[Destination | DefaultDestination]
    ) -> dict[str, Any]:
        """Return the fields that a section's keys set."""
        fields: dict[str, Any] = {}
        for key, value in values.items():
            try:
                if key not in KEYS:
                    raise NotAccepted(_unknown(key))
                if key in _ONLY_DEFAULT and section != DEFAULT:
                    raise NotAccepted(f"{key} stands in [DEFAULT] only.")
                fields.update(self._field(key, value))
            except NotAccepted as error:
                self._problems.append((self._numbers[section, key], str(error)))
        limit, minutes = fields.pop("limit", 0), fields.pop("minutes", 60)
        if limit:
            fields["recipients"] = Recipients(limit=limit, minutes=minutes)
        entry = kind(**{name: value for name, value in fields.items() if name in ("tls", "dane", "mta_sts")})
        if reason := tls_conflict(entry.tls, entry.dane, entry.mta_sts):
            self._problems.append((self._numbers[section, None], f"{reason}."))
        return fields

    def _field(self, key: str, value: str) -> dict[str, Any]:
        if key in self._names:
            if value not in self._names[key]:
                raise NotAccepted(
                    f"{key}: there is no {quoted(value)}; there is {listed(list(self._names[key]), 'and')}."
                )
            return {key: value}
        if key == "send_tls_req_alert":
            return {"send_tls_alert": _word(key, value, {"0": False, "1": True})}
        if key in _NUMBERS:
            field, low, high = _NUMBERS[key]
            try:
                return {field: read_number(value, low, high)}
            except NotAccepted:
                raise NotAccepted(
                    f"{key}: {quoted(value)} is not accepted; it takes a whole number from {low} to {high}."
                ) from None
        return {_WORDS[key].field: _word(key, value, _WORDS[key].words)}


def _unknown(key: str) -> str:
    near = nearest(key, KEYS)
    return f"{quoted(key)} is not a key; " + (f"did you mean {near}?" if near else f"it takes {listed(KEYS)}.")


def _word(key: str, value: str, words: dict[str, Any]) -> Any:
    for word, meaning in words.items():
        if word.lower() == value.lower():
            return meaning
    raise NotAccepted(f"{key}: {quoted(value)} is not accepted; it takes {listed(list(words))}.")


def _pairs(entry: Destination | DefaultDestination) -> list[tuple[str, str]]:
    """Return the keys and values of an entry, in the order of the documented file."""
    shown: dict[str, str] = {}
    usual = Destination()
    for key, (field, words) in _WORDS.items():
        value = getattr(entry, field, None)
        limits = field in ("limits_apply_to", "limits_enforced") and isinstance(entry, Destination)
        if value is not None and not (limits and value == getattr(usual, field)):
            shown[key] = next(word for word, meaning in words.items() if meaning == value)
    for key, (field, _, _) in _NUMBERS.items():
        value = getattr(entry.recipients, field, None) if field in ("limit", "minutes") else getattr(entry, field)
        if value is not None:
            shown[key] = str(value)
    if entry.bounce_profile is not None:
        shown["bounce_profile"] = entry.bounce_profile
    return [(key, shown[key]) for key in KEYS if key in shown]
