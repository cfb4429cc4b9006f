"""Names as they are stored, and why others are refused."""

import pytest

from state.names import InvalidName, destination_domain, host_name, profile_name, user_name, web_address_fault


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("example.com", "example.com"),
        ("Example.COM.", "example.com"),
        (" example.com ", "example.com"),
        (".example.com", ".example.com"),
        (".jp", ".jp"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("日本語.jp", "xn--wgv71a119e.jp"),
        (".Bücher.example", ".xn--bcher-kva.example"),
        ("[10.0.0.1]", "[10.0.0.1]"),
        ("[ipv6:2001:DB8::1]", "[IPv6:2001:db8::1]"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        ("1.example", "1.example"),
    ],
)
def test_a_destination_domain_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert destination_domain(typed) == stored
    assert destination_domain(stored) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "there is no name in it"),
        (".", "there is no name in it"),
        ("example", "it has only one label"),
        ("a..b", "it has an empty label"),
        ("..b.example", "it has an empty label"),
        ("a.b..", "it has an empty label"),
        ("-a.example", "begins or ends with -"),
        ("a-.example", "begins or ends with -"),
        ("a_b.example", '"_" is not allowed'),
        ("a b.example", '" " is not allowed; give one name'),
        ("a/b.example", "it has a /; give only the name, without https://"),
        ("https://a.example", "it has a :; give only the name"),
        ("a.example, b.example", '"," is not allowed; give one name'),
        ("2001:db8::1", "an IPv6 address is written in brackets"),
        ("*.example.com", "with a dot and no *, like .example.com"),
        ("ops@example.com", "it has an @"),
        ("10.0.0.1", "its last label is a number"),
        ("example.1", "its last label is a number"),
        ("a" * 64 + ".example", "is longer than 63 characters"),
        (".".join(["abcdefg"] * 32), "it is longer than 253 characters"),
        ("é" * 1_000_000 + ".example", "it is longer than 253 characters"),
        ("xn--zzzzzzzz.example", "it is no internationalized name ("),
        ("a\u2028b.example", "the character U+2028 is not allowed"),
        ("☃.example", "the character U+2603 is not allowed"),
        ("ü_b.example", '"_" is not allowed'),
        ("ü..example", "it has an empty label"),
        ("[10.0.0.256]", "an address literal looks like"),
        ("[10.0.0.1", "an address literal looks like"),
        ("[IPv6:::g]", "an address literal looks like"),
        ("[]", "an address literal looks like"),
        ("a\x00b.example", '"\\x00" is not allowed'),
    ],
)
def test_what_is_no_destination_domain_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refused:
        destination_domain(typed)
    assert reason in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_a_host_name_has_two_labels_and_is_no_partial_domain() -> None:
    assert host_name("Mail.Example.COM.") == "mail.example.com"
    for wrong in ("mail", ".example.com", "[10.0.0.1]"):
        with pytest.raises(InvalidName):
            host_name(wrong)


@pytest.mark.parametrize("name", ["admin", "a", "night_ops-2", "a" * 32])
def test_a_user_name(name: str) -> None:
    assert user_name(name) == name


@pytest.mark.parametrize("name", ["", "Admin", "1a", "a" * 33, "../x", "a b", "a\n", "é"])
def test_what_is_no_user_name(name: str) -> None:
    with pytest.raises(InvalidName):
        user_name(name)


def test_a_profile_name_can_be_typed() -> None:
    assert profile_name(" mail.example.com 2026 ") == "mail.example.com 2026"
    for wrong in ("", " ", "-x", "a" * 64, "a\tb", "é", '"'):
        with pytest.raises(InvalidName):
            profile_name(wrong)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://ca.example/ca.crl", None),
        ("https://192.0.2.1:8080/", None),
        ("http://[2001:db8::1]/x?y=1", None),
        ("ca.example/ca.crl", "it does not begin with http:// or https://"),
        ("file:///etc/passwd", "it does not begin with http:// or https://"),
        ("http://", "there is no host in it"),
        ("http://ca/ca.crl", "it has only one label; a full name has two or more, like mail.example.com"),
        ("http://300.1.1.1/", "its host is no address"),
        ("http://ca.example:99999/", "its host or port cannot be read"),
        ("http://user:word@ca.example/", "it holds a user name; an address without one is expected"),
        ("http://ca.example/a b", "it has blanks or characters that an address must not have"),
        ("http://ca.example/\x1b[31m", "it has blanks or characters that an address must not have"),
        ("http://[::1", "its host or port cannot be read"),
    ],
)
def test_an_address_of_the_web(address: str, fault: str | None) -> None:
    assert web_address_fault(address) == fault
