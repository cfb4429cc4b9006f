"""Does a resolver validate? What its answers show, and what they cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.dns_validation import validates
from gateway.system_resolvers import system_resolvers
from gateway.verdict import Verdict
from tests.gateway.dns_server import Resolver, Says, Server, Zone, serving

SOA = " 900 IN SOA ns.example. root.example. 1 2 3 4 600"
SECURE, INSECURE, FAILED = Says(flags="AD", answer=(f".{SOA}",)), Says(answer=(f".{SOA}",)), Says("SERVFAIL")
ROOT, PRIVATE, LINK_LOCAL = (".", "SOA"), ("10.in-addr.arpa", "SOA"), ("254.169.in-addr.arpa", "SOA")
NAME = ("example.test", "MX")
WHO = "the resolver 192.0.2.53"

# D4: what the resolver says of each name, the outcome and the sentence
VERDICTS: dict[str, tuple[Zone, str, str]] = {
    "the root is secure, private addresses are not": (
        {ROOT: SECURE, PRIVATE: INSECURE},
        "validates",
        "The resolver 192.0.2.53 validates DNSSEC.",
    ),
    "no such zone, which nobody signed": (
        {ROOT: SECURE, PRIVATE: Says("NXDOMAIN")},
        "validates",
        "The resolver 192.0.2.53 validates DNSSEC.",
    ),
    "no word of private addresses": (
        {ROOT: SECURE, PRIVATE: FAILED},
        "validates",
        "The resolver 192.0.2.53 validates DNSSEC. Whether it says so of anything could not be tested.",
    ),
    "a private network that is signed": (
        {ROOT: SECURE, PRIVATE: SECURE, LINK_LOCAL: Says("NXDOMAIN")},
        "validates",
        "The resolver 192.0.2.53 validates DNSSEC.",
    ),
    "everything is secure": (
        {ROOT: SECURE, PRIVATE: Says("NXDOMAIN", "AD"), LINK_LOCAL: Says("NXDOMAIN", "AD")},
        "vouches-for-anything",
        f"DANE is unavailable: {WHO} says of names that are never signed that it validated them.",
    ),
    "nothing is secure": (
        {ROOT: INSECURE, PRIVATE: INSECURE, NAME: INSECURE},
        "does-not-validate",
        f"DANE is unavailable: {WHO} does not validate DNSSEC.",
    ),
    "a laboratory without a signed root": (
        {ROOT: INSECURE, PRIVATE: INSECURE, NAME: Says(flags="AD")},
        "validates-some-names",
        "The resolver 192.0.2.53 validates DNSSEC for some names, but not from the root.",
    ),
    "a laboratory without a root": (
        {ROOT: FAILED, PRIVATE: INSECURE, NAME: Says("NXDOMAIN", "AD")},
        "validates-some-names",
        "The resolver 192.0.2.53 validates DNSSEC for some names, but not from the root.",
    ),
    "no root, and a name that proves nothing": (
        {ROOT: FAILED, PRIVATE: INSECURE, NAME: INSECURE},
        "unknown",
        f"It cannot be told whether {WHO} validates DNSSEC: it answered SERVFAIL.",
    ),
}


def found(server: Server, *names: str, seconds: float = 1.0) -> Verdict:
    async def run() -> Verdict:
        async with serving(server) as network:
            verdict = await validates(network, server.at, names, seconds=seconds)
            assert network.all_closed
            return verdict

    return asyncio.run(run())


@pytest.mark.parametrize(("zone", "outcome", "sentence"), VERDICTS.values(), ids=VERDICTS)
def test_what_answers_show_of_a_resolver(zone: Zone, outcome: str, sentence: str) -> None:
    # D4
    verdict = found(Server(zone), "example.test", "no..name")
    assert verdict[1:] == (outcome, None if verdict.good else "dnssec-invalid", sentence)
    assert verdict.good == outcome.startswith("validates")


def test_a_resolver_that_does_not_validate_is_named() -> None:
    # D4, to the letter
    server = Server({ROOT: INSECURE, PRIVATE: INSECURE}, Resolver("127.0.0.53"))
    assert found(server).sentence == "DANE is unavailable: the resolver 127.0.0.53 does not validate DNSSEC."


def test_a_resolver_that_is_not_trusted_is_not_even_asked() -> None:
    # D4
    server = Server({ROOT: SECURE, PRIVATE: INSECURE}, Resolver(trusted=False))
    assert found(server).sentence == (
        f"DANE is unavailable: {WHO} is not trusted; one that validates and is reached safely may be marked trusted "
        "in dnsconfig."
    )
    assert not server.asked


def test_of_a_resolver_that_says_nothing_nothing_is_known() -> None:
    sentence = f"It cannot be told whether {WHO} validates DNSSEC: it gave no answer within 0.05 s."
    assert found(Server(lambda query, over: []), "example.test", seconds=0.05).sentence == sentence


RESOLV_CONF = {
    "servers in order, three at most": (
        b"# a comment\nsearch example.com\nnameserver 127.0.0.53\noptions edns0 trust-ad\n"
        b"nameserver 2001:db8::1\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n",
        ("127.0.0.53", "2001:db8::1", "192.0.2.1"),
    ),
    "no server": (b"search example.com\n", ("127.0.0.1",)),
    "nothing": (b"", ("127.0.0.1",)),
    "a server that is no address": (b"nameserver localhost\n", ()),
    "noise": (b"\xff\x00\n", ()),
}


@pytest.mark.parametrize(("text", "expected"), RESOLV_CONF.values(), ids=RESOLV_CONF)
def test_the_resolvers_of_the_system(text: bytes, expected: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_bytes(text)
    assert system_resolvers(str(path)) == expected


def test_a_system_without_the_file_has_its_own_resolver(tmp_path: Path) -> None:
    assert system_resolvers(str(tmp_path / "resolv.conf")) == ("127.0.0.1",)
