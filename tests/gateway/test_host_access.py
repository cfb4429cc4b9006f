"""The Host Access Table: for an address and a host name, which sender group, policy and TLS setting."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.host_access import Decision, HostAccessTable
from state.model_listeners import DefaultPolicy, HostAccess, Policy, SenderGroup
from state.senders import span


def group(name: str, policy: str, *senders: str) -> SenderGroup:
    return SenderGroup(name=name, policy=policy, senders=list(senders))


TABLE = HostAccessTable(
    HostAccess(
        default=DefaultPolicy(tls="preferred", max_message_size="20M"),
        policies={
            "PARTNER": Policy(tls="required", max_recipients_per_message=7),
            "RELAYED": Policy(behavior="relay", tls="no"),
            "PLAIN": Policy(),
        },
        groups=[
            group("ONE", "PARTNER", "192.0.2.7", "mx.partner.example", "2001:db8::25"),
            group("NET", "RELAYED", "192.0.2.0/24", "10.1.", "2001:db8:1::/48"),
            group("RANGE", "TRUSTED", "10.2.1.10-20", "10.3.0.250-10.3.1.5", "2001:db8:2::9-2001:db8:2::100"),
            group("BELOW", "PLAIN", ".partner.example", ".example.net", "xn--mil-qla.example.org"),
            group("SPAM", "BLOCKED", ".spam.partner.example", "198.51.100.0/25"),
            group("EMPTY", "THROTTLED"),
        ],
    )
)


@pytest.mark.parametrize(
    ("address", "host", "expected"),
    [
        # an address itself comes before the network that a later group has
        ("192.0.2.7", None, ("ONE", "PARTNER", "accept", "required")),
        ("192.0.2.8", None, ("NET", "RELAYED", "relay", "no")),
        ("192.0.2.0", None, ("NET", "RELAYED", "relay", "no")),
        ("192.0.2.255", None, ("NET", "RELAYED", "relay", "no")),
        ("192.0.3.0", None, (None, None, "accept", "preferred")),
        # the beginning of an address
        ("10.1.0.0", None, ("NET", "RELAYED", "relay", "no")),
        ("10.1.255.255", None, ("NET", "RELAYED", "relay", "no")),
        ("10.10.0.1", None, (None, None, "accept", "preferred")),
        # ranges, both ends included
        ("10.2.1.9", None, (None, None, "accept", "preferred")),
        ("10.2.1.10", None, ("RANGE", "TRUSTED", "accept", "no")),
        ("10.2.1.20", None, ("RANGE", "TRUSTED", "accept", "no")),
        ("10.2.1.21", None, (None, None, "accept", "preferred")),
        ("10.3.0.249", None, (None, None, "accept", "preferred")),
        ("10.3.1.5", None, ("RANGE", "TRUSTED", "accept", "no")),
        ("10.3.1.6", None, (None, None, "accept", "preferred")),
        # IPv6, in any spelling
        ("2001:DB8:0::25", None, ("ONE", "PARTNER", "accept", "required")),
        ("2001:db8:1:ffff::1", None, ("NET", "RELAYED", "relay", "no")),
        ("2001:db8:2::100", None, ("RANGE", "TRUSTED", "accept", "no")),
        ("2001:db8:2::101", None, (None, None, "accept", "preferred")),
        ("::ffff:192.0.2.7", None, ("ONE", "PARTNER", "accept", "required")),
        # a number of another IP version is another address
        ("::c000:207", None, (None, None, "accept", "preferred")),
        # names in any case, with a dot at the end, internationalized
        ("203.0.113.1", "MX.Partner.example.", ("ONE", "PARTNER", "accept", "required")),
        ("203.0.113.1", "a.b.partner.example", ("BELOW", "PLAIN", "accept", "preferred")),
        ("203.0.113.1", "partner.example", (None, None, "accept", "preferred")),
        ("203.0.113.1", "notpartner.example", (None, None, "accept", "preferred")),
        ("203.0.113.1", "mäil.example.org", ("BELOW", "PLAIN", "accept", "preferred")),
        # the first group from the top, not the longest name
        ("203.0.113.1", "x.spam.partner.example", ("BELOW", "PLAIN", "accept", "preferred")),
        # the first group from the top, whether the name or the address is in it
        ("198.51.100.1", "x.example.net", ("BELOW", "PLAIN", "accept", "preferred")),
        ("192.0.2.8", "mx.partner.example", ("ONE", "PARTNER", "accept", "required")),
        ("198.51.100.1", None, ("SPAM", "BLOCKED", "reject", "preferred")),
        ("198.51.100.1", "no name!", ("SPAM", "BLOCKED", "reject", "preferred")),
        ("198.51.100.128", "localhost", (None, None, "accept", "preferred")),
    ],
)
def test_who_connects(address: str, host: str | None, expected: tuple[str | None, ...]) -> None:
    found = TABLE.decide(address, host)
    assert (found.group, found.policy, found.behavior, found.tls) == expected


def test_what_the_policy_does_not_set_is_the_default_policy_s() -> None:
    found = TABLE.decide("192.0.2.7")
    assert found.parameters == DefaultPolicy(tls="required", max_recipients_per_message=7, max_message_size="20M")
    assert TABLE.decide("203.0.113.1").parameters == DefaultPolicy(tls="preferred", max_message_size="20M")


def test_the_built_in_table_accepts_everybody_by_its_last_group() -> None:
    assert HostAccessTable(HostAccess()).decide("192.0.2.1") == Decision("ALL", "ACCEPTED", "accept", DefaultPolicy())


def test_what_stands_below_all_is_never_reached() -> None:
    table = HostAccessTable(
        HostAccess(groups=[group("ALL", "ACCEPTED", "ALL"), group("LATE", "BLOCKED", "192.0.2.1", "mx.example.com")])
    )
    assert table.decide("192.0.2.1", "mx.example.com").group == "ALL"


def test_no_address_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="192"):
        TABLE.decide("192.0.2")


ADDRESSES = st.integers(0, 2**32 - 1)


@given(ADDRESSES, ADDRESSES, ADDRESSES)
def test_a_range_has_exactly_what_lies_between_its_ends(one: int, other: int, asked: int) -> None:
    first, last = sorted((one, other))
    written = f"{ipaddress.IPv4Address(first)}-{ipaddress.IPv4Address(last)}"
    assert span(written) == (4, first, last)
    table = HostAccessTable(HostAccess(groups=[group("RANGE", "BLOCKED", written)]))
    for address in {asked, first, last, max(first - 1, 0), min(last + 1, 2**32 - 1)}:
        inside = first <= address <= last
        assert (table.decide(str(ipaddress.IPv4Address(address))).group == "RANGE") is inside
