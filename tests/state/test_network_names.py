"""DNS servers, their domains and the hosts of routes as they are stored, and why others are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from state.addresses import on_loopback
from state.names import InvalidName
from state.network_names import literal_address, route_host, routed_domain, served_domain, server_address

STORED = [
    (server_address, "192.0.2.53", "192.0.2.53"),
    (server_address, " 127.0.0.1 ", "127.0.0.1"),
    (server_address, "2001:DB8:0::53", "2001:db8::53"),
    (served_domain, "com", "com"),
    (served_domain, "Partner.Example.", "partner.example"),
    (served_domain, "2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa"),
    (served_domain, "bücher.example", "xn--bcher-kva.example"),
    (routed_domain, "all", "ALL"),
    (routed_domain, ".Partner.example", ".partner.example"),
    (routed_domain, "[10.0.0.1]", "[10.0.0.1]"),
    (route_host, "Relay.Example.NET.", "relay.example.net"),
    (route_host, "[relay.example.net]", "[relay.example.net]"),
    (route_host, "[ Bücher.example ]", "[xn--bcher-kva.example]"),
    (route_host, "10.0.0.1", "[10.0.0.1]"),
    (route_host, "[10.0.0.1]", "[10.0.0.1]"),
    (route_host, "2001:DB8::1", "[IPv6:2001:db8::1]"),
    (route_host, "[2001:db8::1]", "[IPv6:2001:db8::1]"),
    (route_host, "[ipv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
]
REFUSED = [
    (server_address, "", "there is no address in it"),
    (server_address, "dns.example.com", "it is no IP address"),
    (server_address, "192.0.2.53:53", "it is no IP address"),
    (server_address, "192.0.2.053", "it is no IP address"),
    (server_address, "[192.0.2.53]", "an address stands here without brackets"),
    (server_address, "192.0.2.0/24", "a server has one address"),
    (server_address, "fe80::1%eth0", "a zone (%) is not accepted"),
    (server_address, "::", "it stands for every address"),
    (server_address, "224.0.0.1", "it is a multicast address"),
    (server_address, "255.255.255.255", "it is the broadcast address of every network"),
    (server_address, "::ffff:192.0.2.53", "it stands for an IPv4 address; write 192.0.2.53"),
    (server_address, "1" * 65_536, "it is no IP address"),
    (served_domain, "", "there is no name in it"),
    (served_domain, ".partner.example", "write it without a dot before it"),
    (served_domain, "*.example", "write it without a dot before it"),
    (served_domain, "192.0.2", "its last label is a number"),
    (served_domain, "a\x00.example", '"\\x00" is not allowed'),
    (routed_domain, "example", "it has only one label"),
    (routed_domain, "*.example", "all names below a domain are written with a dot and no *"),
    (route_host, "", "there is no name in it"),
    (route_host, "[]", "there is no name in it"),
    (route_host, "relay", "it has only one label"),
    (route_host, ".example.net", "mail goes to hosts, not to all below a domain"),
    (route_host, "[relay.example.net", "its bracket is not closed"),
    (route_host, "[10.0.0.999]", "an address in brackets looks like"),
    (route_host, "[0.0.0.0]", "it stands for every address"),
    (route_host, "10.0.0", "its last label is a number"),
    (route_host, "relay.example.net:25", "it has a :"),
    (route_host, "x" * 65_536, "it is longer than 253 characters"),
]


@pytest.mark.parametrize(("read", "typed", "stored"), STORED)
def test_a_name_is_stored_in_one_form(read: Callable[[str], str], typed: str, stored: str) -> None:
    assert read(typed) == stored
    assert read(stored) == stored


@pytest.mark.parametrize(("read", "typed", "reason"), REFUSED, ids=[f"{one.__name__}-{at}" for at, (one, *_) in
                                                                    enumerate(REFUSED)])  # fmt: skip
def test_what_is_refused_is_told_why(read: Callable[[str], str], typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        read(typed)
    assert reason in str(refused.value)


def test_loopback_is_all_of_it_and_nothing_else() -> None:
    # D4
    yes, no = ("127.0.0.1", "127.0.0.53", "127.255.255.254", "::1"), ("128.0.0.1", "192.0.2.1", "::2", "", "localhost")
    assert [address for address in (*yes, *no) if on_loopback(address)] == list(yes)


def test_a_literal_has_an_address_and_a_name_has_none() -> None:
    hosts = ("[10.0.0.1]", "[IPv6:2001:db8::1]", "[relay.example.net]", "relay.example.net")
    assert [literal_address(host) for host in hosts] == ["10.0.0.1", "2001:db8::1", None, None]
