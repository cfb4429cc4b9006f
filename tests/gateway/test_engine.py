"""The committed configuration at work on the network."""

from __future__ import annotations

import asyncio

import pytest

from gateway.engine import Engine
from shell.world.running import world
from state.folder import Memory
from state.store import CONFIG, Store
from tests.gateway.making import NOW

WORLD = """
[zones."a.example"]
ttl = 1
records = ["mx A 192.0.2.1", "_25._tcp.mx TLSA 3 1 0 00"]
[resolvers.main]
[resolvers.own]
address = "192.0.2.54"
"""
SERVERS = """
[dns]
minimum_ttl = {}
[[dns.resolvers]]
address = "192.0.2.53"
trusted = true
[dns.domains."{}"]
servers = [{{ address = "192.0.2.54", trusted = true }}]
"""


def engine(text: str, network: object) -> Engine:
    folder = Memory()
    folder.write(CONFIG, text.encode())
    return Engine(Store(folder, lambda: NOW), network)  # type: ignore[arg-type]  # a world's


@pytest.mark.parametrize(("minimum_ttl", "address", "tlsa"), [(0, 1, 1), (1800, 1800, 1)])
def test_answers_are_kept_for_the_configured_time_at_least_but_tlsa_records(
    minimum_ttl: int, address: int, tlsa: int
) -> None:
    with world(WORLD) as w:
        dns = engine(SERVERS.format(minimum_ttl, "b.example"), w.network).dns
        assert asyncio.run(dns.addresses("mx.a.example", "A")).ttl == address
        assert asyncio.run(dns.tlsa("_25._tcp.mx.a.example")).ttl == tlsa


@pytest.mark.parametrize(("domain", "asked"), [("a.example", "own"), ("b.example", "main")])
def test_a_domain_with_servers_of_its_own_is_looked_up_there_and_nowhere_else(domain: str, asked: str) -> None:
    with world(WORLD) as w:
        found = asyncio.run(engine(SERVERS.format(0, domain), w.network).dns.addresses("mx.a.example", "A"))
        assert (found.security, found.records) == ("secure", ("192.0.2.1",))
        assert {name: bool(one.queries) for name, one in w.name_servers.items()} == {
            "main": asked == "main",
            "own": asked == "own",
        }
