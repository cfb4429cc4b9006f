"""At start-up: which resolvers DANE is configured to rely on and cannot."""

from __future__ import annotations

import asyncio

import pytest

from gateway.resolver_check import resolver_faults
from shell.world.running import world
from state.validation import read_configuration

WORLD = """
[zones.".".behaviour]
[zones."a.example"]
records = ["@ MX 0 ."]
[resolvers.good]
[resolvers.plain]
address = "192.0.2.54"
behaviour = "does not validate"
[resolvers.liar]
address = "192.0.2.55"
behaviour = "always AD"
[resolvers.broken]
address = "192.0.2.56"
behaviour = "servfail"
"""
PLAIN = "DANE is unavailable: the resolver 192.0.2.54 does not validate DNSSEC."
LIAR = "DANE is unavailable: the resolver 192.0.2.55 says of names that are never signed that it validated them."
ALL = '[destinations.default]\ntls = "preferred"\ndane = "opportunistic"\n'
ONE = '[destinations.domains."a.example"]\ntls = "required"\ndane = "mandatory"\n'


def server(number: int, trusted: bool = True) -> str:
    return f'[[dns.resolvers]]\naddress = "192.0.2.{number}"\ntrusted = {str(trusted).lower()}\n'


def domain(name: str, number: int) -> str:
    return f'[dns.domains."{name}"]\nservers = [{{ address = "192.0.2.{number}", trusted = true }}]\n'


# D4: what is configured, and what is told
TOLD: dict[str, tuple[str, list[str]]] = {
    "no DANE": (server(54), []),
    "DANE for all, and a resolver that validates": (ALL + server(53), []),
    "DANE for all, and one that does not": (ALL + server(54), [PLAIN]),
    "DANE for one domain, and one that vouches for anything": (ONE + server(55), [LIAR]),
    "one that is not trusted": (
        ALL + server(53, trusted=False),
        [
            "DANE is unavailable: the resolver 192.0.2.53 is not trusted; one that validates and is reached safely may "
            "be marked trusted in dnsconfig."
        ],
    ),
    "one that answers nothing shows in the look-ups": (ALL + server(56), []),
    "the server of a domain that has DANE by default": (ALL + server(53) + domain("b.example", 54), [PLAIN]),
    "the server of a domain that has DANE itself": (ONE + server(54) + domain("a.example", 55), [LIAR]),
    "one resolver for many": (ALL + ONE + server(54) + domain("b.example", 54), [PLAIN]),
    "none at all": (ALL, ["DANE is unavailable: no resolver is configured."]),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_is_told_at_start_up(case: str) -> None:
    text, expected = TOLD[case]
    with world(WORLD) as w:
        assert asyncio.run(resolver_faults(w.network, read_configuration(text), ())) == expected
