"""Configurations as they are read: diffs that apply, masked secrets, changed settings."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from commands.configuration_text import changed_settings, masked, masked_pair, unified
from state.factory import FACTORY_TEXT
from state.model import Configuration, Destination, Recipients
from state.validation import read_configuration

LINES = st.sampled_from(["[a]", "[b]", "[c]", "x = 1", "y = 2", "z = 3", "# note", ""])


def applied(old: list[str], diff: list[str]) -> list[str]:
    """Return the text that a unified diff makes of another, checking every line that it says is there."""
    new: list[str] = []
    position = 0
    for line in diff[2:]:
        if line.startswith("@@"):
            start, _, size = line.split()[1][1:].partition(",")
            begin = int(start) - (0 if size == "0" else 1)
            new += old[position:begin]
            position = begin
        elif line[0] in " -":
            assert old[position] == line[1:]
            position += 1
            if line[0] == " ":
                new.append(line[1:])
        else:
            assert line[0] == "+"
            new.append(line[1:])
    return new + old[position:]


@given(st.lists(LINES, max_size=30), st.lists(LINES, max_size=30))
def test_a_diff_leads_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    diff = list(unified("\n".join(old), "\n".join(new), "old", "new"))
    assert applied("\n".join(old).splitlines(), diff) == "\n".join(new).splitlines()


@given(st.lists(st.integers(0, 40), max_size=4))
def test_where_one_line_changed_the_diff_is_difflibs(changed: list[int]) -> None:
    old = [f"[t{number}]" if number % 5 == 0 else f"k = {number}" for number in range(41)]
    new = [line + " # changed" if number in changed else line for number, line in enumerate(old)]
    ours = list(unified("\n".join(old), "\n".join(new), "a", "b"))
    theirs = [line.rstrip("\n") for line in difflib.unified_diff(old, new, "a", "b", lineterm="")]
    assert ours[2:] == theirs[2:]


def test_secrets_are_masked_and_one_that_differs_shows() -> None:
    assert masked('private_key = "sealed:gAAA_-=" # k') == 'private_key = "masked" # k'
    assert masked_pair('a = "sealed:A"\nb = "sealed:B"', 'a = "sealed:A"\nb = "sealed:C"') == (
        'a = "masked"\nb = "masked"',
        'a = "masked"\nb = "masked, changed"',
    )


def test_changed_settings_name_key_and_both_values() -> None:
    old = read_configuration(FACTORY_TEXT)
    entry = Destination(tls="required", recipients=Recipients(limit=5, minutes=60), bounce_verification=False)
    new = old.with_destinations(domains={"a.example": entry, "b.example": Destination()}, send_tls_alert=True)
    forth = [
        "destinations.send_tls_alert: (default) -> true",
        'destinations.domains."a.example".tls: (default) -> "required"',
        'destinations.domains."a.example".recipients.limit: (default) -> 5',
        'destinations.domains."a.example".bounce_verification: (default) -> false',
        'destinations.domains."b.example": (default) -> {}',
    ]
    assert list(changed_settings(old, new)) == forth
    assert list(changed_settings(new, old)) == [
        "destinations.send_tls_alert: true -> (default)",
        'destinations.domains."a.example".tls: "required" -> (default)',
        'destinations.domains."a.example".recipients.limit: 5 -> (default)',
        'destinations.domains."a.example".bounce_verification: false -> (default)',
        'destinations.domains."b.example": {} -> (default)',
    ]
    assert list(changed_settings(Configuration(), Configuration())) == []


def test_two_changes_far_apart_in_a_large_text_are_found() -> None:
    old = "".join(f'[destinations.domains."d{number}.example"]\ntls = "required"\n' for number in range(10_000))
    new = old.replace('d5.example"]\ntls = "required"', 'd5.example"]\ntls = "no"').replace("d9990.", "d9990x.")
    diff = list(unified(old, new, "a", "b"))
    assert len([line for line in diff[2:] if line[0] in "+-"]) == 4
