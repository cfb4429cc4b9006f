"""daneverify's look at a whole domain, where servers of single domains are configured."""

from __future__ import annotations

import asyncio

import pytest

from gateway.dane_check import check_dane
from gateway.engine import Engine
from shell.world.running import world
from state.folder import Memory
from state.store import CONFIG, Store
from tests.conftest import NOON

WORLD = """
[zones."partner.example"]
records = ["@ MX 10 mx.hosting.example."]
[zones."hosting.example"]
records = ["mx A 192.0.2.10", "_25._tcp.mx TLSA 3 1 1 from mx"]
[mtas.mx]
address = "192.0.2.10"
[resolvers.good]
address = "192.0.2.53"
[resolvers.other]
address = "192.0.2.54"
behaviour = "{}"
"""
CONFIGURATION = """
[[dns.resolvers]]
address = "192.0.2.53"
trusted = true
[dns.domains."hosting.example"]
servers = [{ address = "192.0.2.54", trusted = true }]
"""


# D4
@pytest.mark.parametrize(("behaviour", "outcome"), [("validates", "success"), ("always AD", "failed")])
def test_the_resolver_of_an_mx_host_is_tried_out_too(behaviour: str, outcome: str) -> None:
    folder = Memory()
    folder.write(CONFIG, CONFIGURATION.encode())
    with world(WORLD.format(behaviour), NOON) as running:
        engine = Engine(Store(folder, lambda: NOON), running.network)
        found = asyncio.run(check_dane(engine, "partner.example"))
    assert found.outcome == outcome
    assert (found.resolver is None) == (outcome == "success")
