"""What a commit is warned of, and that it is told once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from state.factory import FACTORY_TEXT
from state.model import Configuration
from state.validation import read_configuration
from state.warnings import new_warnings
from tests.conftest import Person

FACTORY = read_configuration(FACTORY_TEXT)
REQUIRED = (
    "Listener Inboundmail requires TLS of everybody. RFC 3207 says that a public server on port 25 must not: "
    "mail of servers without TLS is refused."
)
DEMO = (
    'Listener Inboundmail uses the "Demo" certificate, which is not secure; choose another with '
    "listenerconfig -> edit -> certificate."
)
TABLE = "[listeners.Inboundmail.host_access"
GROUPS = TABLE.replace("[", "[[") + ".groups]]\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", []),
        (f'{TABLE}.default]\ntls = "preferred"', [DEMO]),
        (f'{TABLE}.default]\ntls = "required"', [REQUIRED, DEMO]),
        # the policy of everybody else decides
        (f'{TABLE}.policies.ACCEPTED]\ntls = "required"', [REQUIRED, DEMO]),
        (f'{TABLE}.default]\ntls = "required"\n{TABLE}.policies.ACCEPTED]\ntls = "preferred"', [DEMO]),
        (f'{TABLE}.policies.THROTTLED]\ntls = "required"', [DEMO]),
        # a policy that nobody has, and one that takes no mail
        (f'{TABLE}.policies.PARTNER]\ntls = "required"', []),
        (f'{TABLE}.policies.BLOCKED]\nbehavior = "reject"\ntls = "required"', []),
        (f'{TABLE}.default]\ntls = "required"\n{GROUPS}name = "ALL"\npolicy = "BLOCKED"\nsenders = ["ALL"]', []),
        # without ALL the default policy is that of everybody else
        (f'{TABLE}.default]\ntls = "required"\n{GROUPS}name = "P"\npolicy = "BLOCKED"', [REQUIRED, DEMO]),
    ],
)
def test_what_is_warned_of(more: str, expected: list[str]) -> None:
    assert new_warnings(FACTORY, read_configuration(f"{FACTORY_TEXT}\n{more}\n")) == expected


def test_demo_for_browsers_is_warned_of() -> None:
    text = FACTORY_TEXT.replace("[interfaces.Management]\n", "[interfaces.Management]\nhttps = { port = 443 }\n")
    assert new_warnings(FACTORY, read_configuration(text)) == [
        'Interface Management uses the "Demo" certificate for HTTPS, which is not secure; choose another with '
        "interfaceconfig -> edit."
    ]


def test_a_private_listener_and_another_port_may_require_tls() -> None:
    for old, new in (('type = "public"', 'type = "private"'), ("port = 25", "port = 587")):
        text = FACTORY_TEXT.replace(old, new, 1) + f'\n{TABLE}.default]\ntls = "required"\n'
        assert new_warnings(FACTORY, read_configuration(text)) == [DEMO]


def test_what_was_so_before_is_not_told_again() -> None:
    before = read_configuration(f'{FACTORY_TEXT}\n{TABLE}.default]\ntls = "required"\n')
    after = read_configuration(f'{FACTORY_TEXT}\n{TABLE}.default]\ntls = "required"\nspam_check = false\n')
    assert new_warnings(before, after) == []
    assert new_warnings(before, before) == []
    assert new_warnings(before, Configuration()) == []


def test_commit_tells_it_once_behind_its_own_line(person: Callable[..., Person]) -> None:
    someone = person(f'{FACTORY_TEXT}\n{TABLE}.default]\ntls = "no"\n')
    someone.type("listenerconfig -> edit -> 1 -> certificate", "1", "", "")
    someone.type("sethostname", "a.example.com")
    assert someone.type('commit "no TLS"') == "\nChanges committed: Fri May 23 11:42:12 2014 GMT\n"
    yes = ["", "", "", "", "n", "n", "n", "n", "", "", "", "", "", "2", "n", "n", "", "", "", "", "", ""]
    someone.type("listenerconfig -> edit -> 1 -> hostaccess -> default", *yes, "", "", "")
    assert someone.type('commit "TLS"').endswith(f"GMT\n\n{DEMO}\n")
    someone.type("sethostname", "b.example.com")
    assert DEMO not in someone.type('commit "again"')
