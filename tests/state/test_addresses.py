"""Addresses as they are stored, and why others are refused."""

import socket
import sys

import pytest

from state.addresses import ipv4_with_prefix, ipv6_with_prefix, mail_address, prefix, same_mailbox
from state.names import InvalidName


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("192.168.2.1/24", "192.168.2.1/24"),
        ("192.168.2.1/255.255.255.0", "192.168.2.1/24"),
        ("192.168.2.1/0xffffff00", "192.168.2.1/24"),
        (" 10.0.0.1 / 8 ", "10.0.0.1/8"),
        ("10.0.0.0/31", "10.0.0.0/31"),
        ("10.0.0.7/32", "10.0.0.7/32"),
        ("127.0.0.1/8", "127.0.0.1/8"),
    ],
)
def test_an_ipv4_address_is_stored_with_its_prefix(typed: str, stored: str) -> None:
    assert ipv4_with_prefix(typed) == stored
    assert ipv4_with_prefix(stored) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "there is no address in it"),
        ("10.0.0.1", "it has no prefix or netmask"),
        ("300.1.1.1/24", "octet 300 (> 255) not permitted"),
        ("1.2.3/24", "expected 4 octets"),
        ("mx.example.com", "expected 4 octets"),
        ("01.2.3.4/8", "leading zeros are not permitted"),
        ("1.2.3.é/8", "only decimal digits permitted"),
        ("2001:db8::1/64", "an IPv6 address has a place of its own"),
        ("10.0.0.1/", "a netmask looks like 24, 255.255.255.0 or 0xffffff00"),
        ("10.0.0.1/0", "a prefix is a whole number from 1 to 32"),
        ("10.0.0.1/33", "a prefix is a whole number from 1 to 32"),
        ("10.0.0.1/0.0.0.255", "the bits of a netmask are all at its beginning"),
        ("10.0.0.1/255.0.255.0", "the bits of a netmask are all at its beginning"),
        ("0.0.0.0/8", "it stands for every address"),
        ("10.0.0.0/8", "it is the address of the network 10.0.0.0/8"),
        ("10.255.255.255/8", "it is the broadcast address of 10.0.0.0/8"),
        ("224.0.0.1/8", "it is a multicast address"),
        ("255.255.255.255/32", "it is the broadcast address of every network"),
        ("1" * 5000, "it is too long"),
    ],
)
def test_what_no_interface_can_have_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        ipv4_with_prefix(typed)
    assert reason in str(refused.value)


@pytest.mark.parametrize(("typed", "length"), [("24", 24), ("/24", 24), ("255.255.255.252", 30), ("0xFF000000", 8)])
def test_a_netmask_is_written_in_three_ways(typed: str, length: int) -> None:
    assert prefix(typed) == length


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2001:DB8:0:0::1/64", "2001:db8::1/64"),
        ("2001:db8::/127", "2001:db8::/127"),
        ("fe80::1/10", "fe80::1/10"),
    ],
)
def test_an_ipv6_address_is_stored_in_its_short_form(typed: str, stored: str) -> None:
    assert ipv6_with_prefix(typed) == stored
    assert ipv6_with_prefix(stored) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2001:db8::1", "it has no prefix; it looks like 2001:db8::1/64"),
        ("2001:db8::1/129", "its prefix is not a whole number from 1 to 128"),
        ("2001:db8::1/٣", "its prefix is not a whole number from 1 to 128"),
        ("fe80::1%eth0/64", "a zone (%) is not accepted"),
        ("2001:db8::g/64", "only hex digits permitted"),
        ("1::2::3/64", "at most one '::' permitted"),
        ("10.0.0.1/24", "at least 3 parts expected"),
        ("::/64", "it stands for every address"),
        ("2001:db8::/64", "it is the address of the network 2001:db8::/64"),
        ("ff02::1/64", "it is a multicast address"),
    ],
)
def test_what_is_no_ipv6_address_of_a_host_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        ipv6_with_prefix(typed)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ops@example.com", "ops@example.com"),
        (" Ops.Team+tls@Example.COM ", "Ops.Team+tls@example.com"),
        ("o'neil@a.example", "o'neil@a.example"),
        ("ops@bücher.example", "ops@xn--bcher-kva.example"),
        ("ops@mail.test", "ops@mail.test"),
        ("x" * 64 + "@a.example", "x" * 64 + "@a.example"),
    ],
)
def test_a_mail_address_is_stored_with_its_domain_as_a_labels(typed: str, stored: str) -> None:
    assert mail_address(typed) == stored
    assert mail_address(stored) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "there is no address in it"),
        ("ops", "it has no @; it looks like ops@example.com"),
        ("@a.example", "there must be something before the @-sign"),
        ("ops@", "behind the @, there is no name in it"),
        ("root@localhost", "behind the @, it has only one label"),
        ("ops@-a.example", 'behind the @, its label "-a" begins or ends with -'),
        ("ops@[10.0.0.1]", 'behind the @, "[" is not allowed'),
        ("a@b@c.example", "it has more than one @"),
        ("a@b.example, c@d.example", "it has more than one @"),
        ("o..ps@a.example", "cannot have two periods in a row"),
        (".ops@a.example", "cannot start with a period"),
        ("ops.@a.example", "cannot have a period immediately before the @-sign"),
        ("o ps@a.example", "invalid characters before the @-sign: SPACE"),
        ('"o ps"@a.example', "quoting the part before the @-sign is not allowed"),
        ("größe@a.example", "internationalized characters before the @-sign are not supported"),
        ("Ops <ops@a.example>", "give only the address, without a name and < >"),
        ("x" * 65 + "@a.example", "is too long before the @-sign"),
        ("o\x1bps@a.example", "invalid characters before the @-sign: U+001B"),
        ("x" * 5000 + "@a.example", "it is too long"),
    ],
)
def test_what_is_no_mail_address_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        mail_address(typed)
    assert reason in str(refused.value)
    assert str(refused.value).isprintable()
    assert not str(refused.value).endswith(".")


def test_nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert mail_address("o'neil@nowhere.example") == "o'neil@nowhere.example"


def test_a_plain_address_loads_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "email_validator", None)
    assert mail_address("ops@example.com") == "ops@example.com"


def test_capitals_make_no_other_mailbox() -> None:
    assert same_mailbox("Ops@a.example", "ops@a.example")
    assert not same_mailbox("ops@a.example", "ops@b.example")
