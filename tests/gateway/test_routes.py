"""Which route mail takes, and which DNS servers are asked: from the configuration's text to the answer."""

from __future__ import annotations

import pytest

from gateway.routes import NextHop, Resolver, Route, resolvers_for, route_for
from state.validation import read_configuration

ROUTES = read_configuration("""
[smtp_routes."partner.example"]
hosts = [
    { host = "backup.example.net", port = 2525, priority = 10 },
    { host = "relay.example.net" },
    { host = "[relay.example.org]", priority = 10 },
]
[smtp_routes.".partner.example"]
to = "dns"
[smtp_routes.".sales.partner.example"]
hosts = [{ host = "[192.0.2.10]", port = 2525 }, { host = "[IPv6:2001:db8::1]" }]
[smtp_routes."void.example"]
to = "discard"
[smtp_routes."[192.0.2.99]"]
hosts = [{ host = "literal.example.net" }]
[smtp_routes.ALL]
hosts = [{ host = "smart.example.net" }]
""")
DEFAULT = Route("ALL", (NextHop("smart.example.net", 25, 0, "mx"),))
SALES = Route(".sales.partner.example", (NextHop("192.0.2.10", 2525, 0, "none"), NextHop("2001:db8::1", 25, 0, "none")))

CASES: dict[str, Route | None] = {
    # its own route, hosts by priority and then in order
    "partner.example": Route(
        "partner.example",
        (
            NextHop("relay.example.net", 25, 0, "mx"),
            NextHop("backup.example.net", 2525, 10, "mx"),
            NextHop("relay.example.org", 25, 10, "address"),
        ),
    ),
    "void.example": Route("void.example", (), discard=True),
    "[192.0.2.99]": Route("[192.0.2.99]", (NextHop("literal.example.net", 25, 0, "mx"),)),
    # all below a domain, the longest one; the domain itself is not below itself
    "a.partner.example": None,
    "sales.partner.example": None,
    "b.a.partner.example": None,
    "a.sales.partner.example": SALES,
    "b.a.sales.partner.example": SALES,
    # everything else
    "notpartner.example": DEFAULT,
    "relay.example.net": DEFAULT,
    "[192.0.2.98]": DEFAULT,
    "sub.void.example": DEFAULT,
    # typed in another way, and no domain at all
    "VOID.example.": Route("void.example", (), discard=True),
    "localhost": DEFAULT,
    "ALL": DEFAULT,
    ".partner.example": None,
    "": DEFAULT,
    "..": DEFAULT,
    "a\x00.partner.example": DEFAULT,
    "x." * 30_000 + "partner.example": DEFAULT,
}


@pytest.mark.parametrize("domain", CASES, ids=lambda domain: ascii(domain)[1:40])
def test_the_most_specific_route_decides(domain: str) -> None:
    assert route_for(ROUTES, domain) == CASES[domain]


def test_without_routes_the_dns_decides() -> None:
    assert route_for(read_configuration(""), "partner.example") is None


def test_the_policy_domain_of_a_hop_is_its_name_and_a_literal_has_none() -> None:
    # M17, D16
    route = route_for(ROUTES, "partner.example")
    assert route is not None
    assert [hop.policy_domain for hop in route.hosts] == [
        "relay.example.net",
        "backup.example.net",
        "relay.example.org",
    ]
    assert [hop.policy_domain for hop in SALES.hosts] == [None, None]


DNS = read_configuration("""
[dns.domains."partner.example"]
servers = [{ address = "192.0.2.54" }, { address = "127.0.0.2", port = 5353 }]
[dns.domains."sub.partner.example"]
servers = [{ address = "2001:db8::53", trusted = true }]
[dns.domains.test]
servers = [{ address = "::1", port = 5300 }]
[[dns.resolvers]]
address = "192.0.2.53"
priority = 1
[[dns.resolvers]]
address = "127.0.0.1"
[[dns.resolvers]]
address = "198.51.100.53"
port = 5353
trusted = true
""")
OWN = [
    Resolver("127.0.0.1", 53, trusted=True),
    Resolver("198.51.100.53", 5353, trusted=True),
    Resolver("192.0.2.53", 53, trusted=False, priority=1),
]
PARTNER = [Resolver("192.0.2.54", 53, trusted=False), Resolver("127.0.0.2", 5353, trusted=True)]
SUB = [Resolver("2001:db8::53", 53, trusted=True)]
TEST = [Resolver("::1", 5300, trusted=True)]

ASKED = {
    # D4: trusted is what is on loopback or marked so
    "example.com": OWN,
    "partner.example": PARTNER,
    "Mail.Partner.Example.": PARTNER,
    "_25._tcp.mx.partner.example": PARTNER,
    "mx.sub.partner.example": SUB,
    "_mta-sts.sub.partner.example": SUB,
    "notpartner.example": OWN,
    "test": TEST,
    "a.b.test": TEST,
    "": OWN,
    ".": OWN,
    "x." * 30_000 + "test": OWN,
}


@pytest.mark.parametrize("name", ASKED, ids=lambda name: name[:40])
def test_the_longest_domain_with_servers_decides_who_is_asked(name: str) -> None:
    assert resolvers_for(DNS, name, system=["203.0.113.53"]) == ASKED[name]


def test_without_resolvers_those_of_the_operating_system_are_asked() -> None:
    # D4
    nothing = read_configuration("")
    assert resolvers_for(nothing, "a.example") == []
    assert resolvers_for(nothing, "a.example", ["192.0.2.53", "127.0.0.53", "::1", "fe80::1%eth0", "nonsense"]) == [
        Resolver("192.0.2.53", 53, trusted=False),
        Resolver("127.0.0.53", 53, trusted=True),
        Resolver("::1", 53, trusted=True),
        Resolver("fe80::1%eth0", 53, trusted=False),
        Resolver("nonsense", 53, trusted=False),
    ]
