"""Bounce profiles: the text form, Default, and who uses which."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commands.bounceconfig.profiles import TABLE, NamedProfile
from commands.bounceconfig.profiles_text import read_sections
from commands.session import Session
from commands.table_text import BadLines
from state.folder import Memory
from state.model import BounceProfile
from state.names import profile_name
from state.store import Store
from tests.conftest import NOON

DEFAULT = BounceProfile()
seconds = st.integers(0, 31_536_000)
profiles = st.builds(
    BounceProfile,
    max_retries=st.integers(0, 10_000),
    max_queue_time=seconds,
    initial_wait=st.integers(0, 1000),
    max_wait=st.integers(1000, 31_536_000),
    send_bounces=st.booleans(),
    send_delay_warnings=st.booleans(),
)
names = st.from_regex("[A-Za-z0-9_.][A-Za-z0-9_. -]{0,30}", fullmatch=True).map(profile_name)


def session() -> Session:
    return Session(lambda: Store(Memory(), lambda: NOON))


@given(st.dictionaries(names.filter(lambda name: name != "Default"), profiles, max_size=5))
def test_what_is_exported_is_imported_as_the_same_profiles(table: dict[str, BounceProfile]) -> None:
    first, second = session(), session()
    TABLE.put(first, [NamedProfile(*item) for item in table.items()])
    text = TABLE.text(TABLE.rows(first))
    TABLE.read_file(second, text.replace("\n", "\r\n").encode())
    assert TABLE.rows(second) == TABLE.rows(first)
    assert TABLE.text(TABLE.rows(second)) == text


def test_every_bad_line_is_named() -> None:
    text = """\
max_retries = 5
[Patient]
max_retries = often
max_retry = 5
send_bounces = 1
initial_wait = 4000
[-x-]
nothing = 1
[Patient]
[Default]
max_retries = 7
[Short]
initial_wait = 60
initial_wait = 90
max_wait = 30
nonsense
"""
    with pytest.raises(BadLines) as refused:
        read_sections(text, DEFAULT)
    assert str(refused.value).splitlines() == [
        'line 1: "max_retries = 5" stands before the first [NAME].',
        "line 2: max_wait is 3600 seconds; it must be at least initial_wait, 4000.",
        'line 3: max_retries: "often" is not accepted; it takes a whole number from 0 to 10000.',
        'line 4: "max_retry" is not a key; did you mean max_retries?',
        'line 5: send_bounces: "1" is not accepted; it takes yes or no.',
        'line 7: "-x-" is not a valid name: a name is 1 to 63 letters, digits, blanks, _, . and -, '
        "and begins with no blank or -.",
        "line 9: [Patient] is there already (line 2).",
        "line 10: Default stays as it is on every system; leave it out.",
        "line 12: max_wait is 30 seconds; it must be at least initial_wait, 60.",
        'line 14: "initial_wait" is there already (line 13).',
        'line 16: "nonsense" is neither [NAME] nor KEY = VALUE.',
    ]


def test_a_file_may_repeat_default_and_not_change_it() -> None:
    assert read_sections("[Default]\n[New]\nmax_retries=1\n", DEFAULT)[0] == NamedProfile("Default", DEFAULT)
    with pytest.raises(BadLines):
        read_sections("[Default]\nmax_retries=1\n", DEFAULT)


def test_default_is_there_also_where_it_is_not_written(person: Any) -> None:
    someone = person('hostname = "mail.example.com"\n')
    assert "Current bounce profiles:\n1. Default\n" in someone.type("bounceconfig", "")
    someone.type("bounceconfig new Patient --max-retries 5")
    assert list(someone.session.staged.bounce_profiles) == ["Patient"]


def test_a_listener_keeps_its_profile(person: Any) -> None:
    someone = person()
    someone.type("bounceconfig new Patient --max-retries 5")
    staged = someone.session.staged
    listener = replace(staged.listeners["Inboundmail"], bounce_profile="Patient")
    someone.session.staged = replace(staged, listeners={**staged.listeners, "Inboundmail": listener})
    someone.session.finish_operation()
    told = '"Patient" is in use by the listener Inboundmail; choose another one there first.\n'
    assert someone.type("bounceconfig delete Patient") == told
    assert someone.type("bounceconfig clear --yes") == told
    assert someone.status == 1


def test_of_many_profiles_the_menu_tells_how_many_there_are(person: Any) -> None:
    text = "".join(f"[bounce_profiles.P{number}]\nmax_retries = 5\n" for number in range(30))
    assert person(text).type("bounceconfig", "").startswith("\nThere are currently 31 bounce profiles.\n\nChoose")
