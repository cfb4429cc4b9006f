"""Which hosts a message goes to: MX hosts in their order, routes, literals, and why there are none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.engine import Engine
from gateway.next_hops import Hops, next_hops
from shell.world.running import world
from state.folder import Memory
from state.store import CONFIG, Store
from tests.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell.world.running import World

ROUTES = """
smtp_routes."routed.example".hosts = [
    { host = "relay.example", priority = 5, port = 2525 },
    { host = "plain.example", priority = 1 },
]
smtp_routes."host.example".hosts = [{ host = "[mx1.two.example]" }]
smtp_routes."number.example".hosts = [{ host = "[192.0.2.7]", port = 587 }]
smtp_routes."six.example".hosts = [{ host = "[IPv6:2001:db8::1]" }]
smtp_routes."lost.example".hosts = [{ host = "bogus.example" }, { host = "null.example" }]
smtp_routes.".void.example".to = "discard"
"""
WORLD = """
[zones."two.example"]
records = ["@ MX 20 mx2", "@ MX 10 mx1", "mx1 A 192.0.2.1", "mx2 A 192.0.2.2"]
[zones."plain.example"]
records = ["@ A 192.0.2.3"]
[zones."relay.example"]
records = ["@ MX 10 mx1.two.example."]
[zones."null.example"]
records = ["@ MX 0 ."]
[zones."bogus.example"]
dnssec = "bogus"
records = ["@ MX 10 mx"]
[zones."open.example"]
dnssec = "unsigned"
records = ["@ MX 10 mx", "mx A 192.0.2.4"]
"""

# domain; host, port, origin, DNS security, route and policy domain of each hop; the reply where there is none
HOPS = [
    # D14, M1
    ("two.example", "mx1.two.example 25 mx secure - two.example, mx2.two.example 25 mx secure - two.example", ""),
    ("plain.example", "plain.example 25 implicit-mx secure - plain.example", ""),  # D13
    ("open.example", "mx.open.example 25 mx insecure - open.example", ""),  # D15
    ("null.example", "", "556 5.1.10"),  # D12
    ("nowhere.two.example", "", "550 5.1.2"),  # D13
    ("bogus.example", "", "451 4.4.3"),  # D7
    ("[192.0.2.9]", "[192.0.2.9] 25 address-literal insecure - -", ""),  # D16, M17
    ("[IPv6:2001:db8::9]", "[IPv6:2001:db8::9] 25 address-literal insecure - -", ""),
    # D17, M17: by priority, MX hosts where the route's host has some, else the host itself
    (
        "routed.example",
        "plain.example 25 route secure plain.example plain.example, "
        "mx1.two.example 2525 mx secure relay.example relay.example",
        "",
    ),
    ("host.example", "mx1.two.example 25 route secure mx1.two.example mx1.two.example", ""),
    ("number.example", "[192.0.2.7] 587 address-literal insecure 192.0.2.7 -", ""),
    ("six.example", "[IPv6:2001:db8::1] 25 address-literal insecure 2001:db8::1 -", ""),
    ("lost.example", "", "451 4.4.3"),
]


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world(WORLD, NOON) as one:
        yield one


def hops(running: World, domain: str) -> Hops:
    folder = Memory()
    folder.write(CONFIG, ROUTES.encode())
    engine = Engine(Store(folder, lambda: NOON), running.network, running.resolvers)
    return asyncio.run(next_hops(engine, engine.configuration, domain))


@pytest.mark.parametrize(("domain", "expected", "reply"), HOPS, ids=[one[0] for one in HOPS])
def test_hosts_of_a_domain(running: World, domain: str, expected: str, reply: str) -> None:
    found = hops(running, domain)
    shown = [
        " ".join([host.host, str(port), host.origin, host.security, route or "-", policy_domain or "-"])
        for host, port, route, policy_domain in found.hops
    ]
    assert (", ".join(shown), found.reply[: len(reply) or None], found.discard) == (expected, reply, "")
    assert found.sentence.endswith(".")
    assert found.permanent == reply.startswith("5")


def test_a_route_that_discards(running: World) -> None:
    found = hops(running, "mail.void.example")
    assert (found.hops, found.discard, found.reply) == ((), ".void.example", "")
    assert found.sentence == "The SMTP route .void.example discards mail for mail.void.example."
