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
RESOLVER = '[[dns.resolvers]]\naddress = "192.0.2.53"\n'
DANE = '[destinations.domains."a.example"]\ndane = "opportunistic"\n'
UNVALIDATED = (
    "DANE is on, but no DNS server of dnsconfig is trusted to validate DNSSEC: Opportunistic protects nothing, and "
    "Mandatory delays all mail."
)
AFAR = (
    "The DNS server 192.0.2.53 port 53 is trusted to validate DNSSEC and is not on this machine: whoever can change "
    "packets on the way to it can forge what DANE relies on."
)
LOST = "The default SMTP route discards mail: nothing is ever delivered to a domain that has no route of its own."
RELAY = '[smtp_relay]\nserver = "relay.example.net"\nfrom_address = "alerts@example.com"\n'
OTHER_PORT = "The SMTP relay uses port {}, which is known for {}, with {}: smtpconfig -> TEST shows whether it works."
CIRCLE = "The SMTP route for a.example leads back to this system (mail.example.com): its mail goes round in a circle."


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
        # D4: a resolver that is not on loopback counts only where it is marked; then the way to it has to be safe
        (RESOLVER, []),
        (f"{RESOLVER}{DANE}", [UNVALIDATED]),
        (f'{RESOLVER}[destinations.domains."a.example"]\ndane = "none"', []),
        (f"{RESOLVER}trusted = true\n{DANE}", [AFAR]),
        (RESOLVER.replace("192.0.2.53", "127.0.0.53") + DANE, []),
        (RESOLVER.replace("192.0.2.53", "::1") + "trusted = true\n" + DANE, []),
        (DANE, []),
        ('[dns.domains.test]\nservers = [{ address = "192.0.2.53", trusted = true }]', [AFAR]),
        # routes that lose mail
        ('[smtp_routes.ALL]\nto = "discard"', [LOST]),
        ('[smtp_routes.ALL]\nto = "dns"\n[smtp_routes."a.example"]\nto = "discard"', []),
        ('[smtp_routes."a.example"]\nhosts = [{ host = "[mail.example.com]" }, { host = "b.example" }]', [CIRCLE]),
        (f'{RELAY}port = 465\nencryption = "smtps"', []),
        (f"{RELAY}port = 10025", []),
        (f"{RELAY}port = 465", [OTHER_PORT.format(465, "SMTPS", "STARTTLS")]),
        (f'{RELAY}encryption = "smtps"', [OTHER_PORT.format(587, "STARTTLS", "SMTPS")]),
        (f'{RELAY}port = 2465\nencryption = "none"', [OTHER_PORT.format(2465, "SMTPS", "no encryption")]),
        ('[smtp_routes."a.example"]\nhosts = [{ host = "mail.example.com", port = 2525 }]', []),
        (
            '[smtp_routes."a.example"]\nhosts = [{ host = "[192.168.2.1]" }]',
            [CIRCLE.replace("mail.example.com", "192.168.2.1")],
        ),
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
