"""Addresses and patterns of addresses: what is accepted, in which form it is stored, why the rest is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.mail_patterns import mapped_domain, masquerade, masqueraded, recipient
from state.names import InvalidName

READERS = (recipient, masqueraded, masquerade, mapped_domain)


@pytest.mark.parametrize(
    ("read", "typed", "stored"),
    [
        (recipient, "Ops@Example.COM.", "Ops@example.com"),
        (recipient, " a.b+c@mail.example ", "a.b+c@mail.example"),
        (recipient, '"on call"@example.com', '"on call"@example.com'),
        (recipient, r'"a\"@b"@example.com', r'"a\"@b"@example.com'),
        (recipient, "ops@bücher.example", "ops@xn--bcher-kva.example"),
        (recipient, "ops@[IPv6:2001:DB8::1]", "ops@[IPv6:2001:db8::1]"),
        (recipient, "#1@example.com", '"#1"@example.com'),  # a line that begins with # is a comment
        (recipient, "a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        (recipient, "all", "ALL"),
        (recipient, "Example.com", "example.com"),
        (recipient, ".Example.com", ".example.com"),
        (recipient, "[10.0.0.1]", "[10.0.0.1]"),
        (recipient, "ops@", "ops@"),
        (recipient, "ops@example.com", "ops@example.com"),
        (masqueraded, "@Example.com", "@example.com"),
        (masqueraded, "@.Example.com", "@.example.com"),
        (masqueraded, "ops@example.com", "ops@example.com"),
        (masquerade, "@Example.com", "@example.com"),
        (mapped_domain, "Example.com", "example.com"),
        (mapped_domain, ".example.com", ".example.com"),
    ],
)
def test_what_is_accepted_is_stored_in_one_form(read: Callable[[str], str], typed: str, stored: str) -> None:
    assert read(typed) == stored
    assert read(stored) == stored


@pytest.mark.parametrize(
    ("read", "typed", "reason"),
    [
        (recipient, "ops@localhost", "it has only one label"),
        (recipient, "ops@.example.com", "the domain behind the @ begins with a dot"),
        (recipient, "ops@10.0.0.1", "its last label is a number"),
        (recipient, "ops@[10.0.0.256]", "an address literal looks like"),
        (recipient, "a b@example.com", '" " is not allowed before the @'),
        (recipient, "a@b@example.com", '"@" is not allowed before the @'),
        (recipient, "<ops@example.com>", '"<" is not allowed before the @'),
        (recipient, ".ops@example.com", "a dot at the beginning or end, or two in a row"),
        (recipient, "o..ps@example.com", "a dot at the beginning or end, or two in a row"),
        (recipient, '"ops@example.com', '""" is not allowed before the @'),
        (recipient, "a" * 65 + "@example.com", "there are more than 64 characters before the @"),
        (recipient, "ä@example.com", "need SMTPUTF8"),
        (recipient, "a" * 60 + "@" + ".".join(["b" * 60] * 4), "it is longer than 254 characters"),
        (recipient, "x" * 1_000_000 + "@example.com", "it is longer than 254 characters"),
        (recipient, "@example.com", "a whole domain is written without it, like example.com"),
        (recipient, "*.example.com", "with a dot and no *, like .example.com"),
        (masqueraded, "example.com", "it has no @"),
        (masqueraded, "@", "there is no domain behind the @"),
        (masqueraded, "ops@.example.com", "a domain with a dot before it stands alone, like @.example.com"),
        (masquerade, "@.example.com", "without a dot before it, like @example.com"),
        (mapped_domain, "[10.0.0.1]", "an address is not mapped"),
        (mapped_domain, "ops@example.com", "it has an @"),
    ],
)
def test_what_is_refused_is_told_why(read: Callable[[str], str], typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        read(typed)
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.sampled_from(READERS), st.text(st.characters(), max_size=30) | st.from_regex(r"[\"#a. ]{0,9}@[a.\-]{0,9}"))
def test_whatever_is_typed_is_refused_or_stored_in_one_form(read: Callable[[str], str], typed: str) -> None:
    try:
        stored = read(typed)
    except InvalidName as error:
        assert str(error).isprintable()
    else:
        assert read(stored) == stored
        assert stored.isprintable()
        assert not stored.startswith("#")
