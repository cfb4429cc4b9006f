"""Senders of a sender group: what is read, in which form it is stored, and why anything else is refused."""

from __future__ import annotations

import pytest

from state.names import InvalidName
from state.senders import sender, span


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("10.0.0.1", "10.0.0.1"),
        (" 10.0.0.0/8 ", "10.0.0.0/8"),
        ("10.0.0.", "10.0.0."),
        ("10.", "10."),
        ("010.00.", "10.0."),
        ("10.1.1.10-20", "10.1.1.10-20"),
        ("10.1.1.10 - 10.1.1.20", "10.1.1.10-20"),
        ("10.1.1.10-10.1.2.20", "10.1.1.10-10.1.2.20"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:db8::1-2001:db8::FF", "2001:db8::1-2001:db8::ff"),
        ("Mail.Example.com.", "mail.example.com"),
        (".Example.com", ".example.com"),
        (".COM", ".com"),
        ("grün.example", "xn--grn-ioa.example"),
        ("1-2.example.com", "1-2.example.com"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("all", "ALL"),
    ],
)
def test_a_sender_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert sender(typed) == stored
    assert sender(stored) == stored
    span(stored)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "there is nothing in it"),
        ("10.0.0.1/8", "it has bits behind its prefix; the network is 10.0.0.0/8"),
        ("10.0.0.0/33", "a network looks like 10.0.0.0/8 or 2001:db8::/32"),
        ("a/b", "a network looks like 10.0.0.0/8 or 2001:db8::/32"),
        ("10.0.0", 'the beginning of an address ends with a dot: "10.0.0."'),
        ("256.", "a part of an address is from 0 to 255"),
        ("10.0.0.1.5", '"10.0.0.1.5" is no IP address'),
        ("10.1.1.20-10", "the first address of a range is not greater than the last"),
        ("10.1.1.20-2001:db8::1", "both ends of a range are IPv4 or both are IPv6"),
        ("1.2.3.4-", 'its label "4-" begins or ends with -'),
        ("fe80::1%eth0", "an address has no zone here"),
        ("*.example.com", "all names below a domain are written with a dot and no *, like .example.com"),
        ("localhost", "it has only one label; a full name has two or more, like mail.example.com"),
    ],
)
def test_what_is_no_sender_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        sender(typed)
    assert str(refused.value) == reason
