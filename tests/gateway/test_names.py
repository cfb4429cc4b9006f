"""Which names a certificate presents, and which of them name the peer (rules V2 to V7, M10, M11, T18)."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from gateway.names import (
    PresentedNames,
    dane_identity,
    hosted_identity,
    matches,
    presented_names,
    presents,
    server_identity,
    verify_identity,
)
from gateway.verdict import Verdict
from state.wording import CONTROL
from tests.gateway.making import make, name, rename

ALIKE = (
    ("mail.example.com", "mail.example.com"),
    ("MAIL.example.COM", "mail.Example.com"),  # V5
    ("mail.example.com.", "mail.example.com"),  # V5
    ("mail.example.com", "mail.example.com."),  # V5
    ("*.example.com", "mail.example.com"),  # V4, M10
    ("*.Example.com.", "MAIL.example.com."),  # V4, V5
    ("*.mail.example.com", "a.mail.example.com"),  # V4
    ("xn--bcher-kva.example", "bücher.example"),  # V5: a U-label that is asked for becomes its A-label
    ("XN--BCHER-KVA.example", "BÜCHER.example"),  # V5
    ("*.bayern.example", "bücher.bayern.example"),  # V4: one label, whatever its letters
    ("*.xn--bcher-kva.example", "mail.bücher.example"),
    ("mx_1.example.com", "mx_1.example.com"),
    ("localhost", "localhost"),
    ("1.2.3.example", "1.2.3.example"),
)
UNLIKE = (
    ("mail.example.com", "mail.example.org"),
    ("example.com", "mail.example.com"),
    ("mail.example.com", "example.com"),
    ("*.example.com", "example.com"),  # M10
    ("*.example.com", "a.b.example.com"),  # V4, M10: exactly one label
    ("*.example.com", ".example.com"),
    ("m*.example.com", "mail.example.com"),  # V4: fragments (RFC 2818) are refused
    ("*l.example.com", "mail.example.com"),
    ("ma*l.example.com", "mail.example.com"),
    ("mail.*.com", "mail.example.com"),  # V4: only the left-most label
    ("*.*.com", "mail.example.com"),
    ("**.example.com", "mail.example.com"),
    ("*", "localhost"),
    ("*", "mail.example.com"),
    ("*.", "localhost"),
    ("*.com", "example.com"),  # a registry's customers
    ("*.com.", "example.com"),
    ("*example.com", "mail.example.com"),
    ("*.example.com", "*.example.com"),  # nobody is asked for by a pattern
    ("mail.example.com..", "mail.example.com"),
    ("mail..example.com", "mail..example.com"),
    ("*..com", "mail..com"),
    (".example.com", ".example.com"),
    ("", ""),
    (".", "."),
    (" mail.example.com", " mail.example.com"),
    ("mail.example.com ", "mail.example.com"),
    ("mail.example.com\n", "mail.example.com"),
    ("mail.example.com\n", "mail.example.com\n"),
    ("mail example.com", "mail example.com"),
    ("mail.example.com\0.evil.example", "mail.example.com"),
    ("mail.example.com\0", "mail.example.com\0"),
    ("192.0.2.1", "192.0.2.1"),  # addresses are no names
    ("*.0.2.1", "192.0.2.1"),
    ("[192.0.2.1]", "[192.0.2.1]"),
    ("2001:db8::1", "2001:db8::1"),
    ("bücher.example", "bücher.example"),  # V5: in a certificate only A-labels count
    ("bücher.example", "xn--bcher-kva.example"),
    ("*.bücher.example", "mail.bücher.example"),
    ("mail.\u212aexample.com", "mail.kexample.com"),  # the Kelvin sign in lower case is a k
    ("mail.example.com", "m\u0430il.example.com"),  # a Cyrillic letter
    ("-a.example.com", "-a.example.com"),
    ("a" * 64 + ".example.com", "a" * 64 + ".example.com"),
    (".".join(["a" * 63] * 4), ".".join(["a" * 63] * 4)),
    ("*." + "a" * 70_000, "b." + "a" * 70_000),
)


@pytest.mark.parametrize(("pattern", "asked"), ALIKE)
def test_a_presented_name_matches(pattern: str, asked: str) -> None:  # V4, V5, M10
    assert matches(pattern, asked)


@pytest.mark.parametrize(("pattern", "asked"), UNLIKE)
def test_a_presented_name_does_not_match(pattern: str, asked: str) -> None:  # V4, V5, M10
    assert not matches(pattern, asked)


def _labels(text: str) -> list[str] | None:
    """Return the labels of a name, letter by letter, without any regular expression; None if it is none."""
    if text[-1:] == ".":
        text = text[:-1]
    labels = text.split(".")
    inner = set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    for label in labels:
        if not label or len(label) > 63 or label[0] == "-" or label[-1] == "-" or set(label.lower()) - inner:
            return None
    return None if all(letter in "0123456789" for letter in labels[-1]) else [label.lower() for label in labels]


def _by_brute_force(pattern: str, asked: str) -> bool:
    """Compare label by label; a `*` is tried with the label that it would stand for."""
    labels = _labels(asked)
    if labels is None or not (pattern + asked).isascii():
        return False
    if pattern[:2] == "*.":
        return len(labels) > 2 and _labels(labels[0] + pattern[1:]) == labels
    return _labels(pattern) == labels


LETTERS = st.text(alphabet="aB*.-_1\0 ü\n", max_size=9)


@given(LETTERS, LETTERS)
def test_matching_agrees_with_brute_force(pattern: str, asked: str) -> None:  # V4, V5
    assert matches(pattern, asked) == _by_brute_force(pattern, asked)


@given(st.lists(st.sampled_from(["a", "B", "*", "a-b", "", "1", "a*", "_x"]), max_size=4), st.data())
def test_matching_of_like_names_agrees_with_brute_force(labels: list[str], data: st.DataObject) -> None:  # V4, V5
    other = [data.draw(st.sampled_from([label, label.swapcase(), "*", "a"])) for label in labels]
    pattern, asked = ".".join(labels), ".".join(other) + data.draw(st.sampled_from(["", "."]))
    assert matches(pattern, asked) == _by_brute_force(pattern, asked)


CN, SAN = "matched-by-common-name", "matched-by-dns-name"
MISMATCH, NONE, HOST_ONLY = "name-mismatch", "no-name-presented", "host-only-in-dns-names"


class Verified(NamedTuple):
    """Names, and what Verify says of them for mx1.partner.example as the host of example.com."""

    common: str
    dns: str
    outcome: str
    why: str


VERIFY = (
    Verified("mx1.partner.example", "", CN, "the CN is the host"),
    Verified("*.partner.example", "", CN, "the CN has a wildcard"),
    Verified("example.com", "", CN, "the CN is the domain"),
    Verified("", "example.com", SAN, "a SAN is the domain"),
    Verified("other.example", "a.example example.com", SAN, "any SAN counts"),
    Verified("mx1.partner.example", "example.com", SAN, "SANs are looked at first"),
    Verified("mx1.partner.example", "other.example", CN, "the CN counts beside SANs"),
    Verified("other.example mx1.partner.example", "", CN, "any CN counts"),
    Verified("", "mx1.partner.example", HOST_ONLY, "a SAN may not be the host alone"),
    Verified("other.example", "*.partner.example", HOST_ONLY, "nor match it"),
    Verified("other.example", "other.example", MISMATCH, "nothing matches"),
    Verified("", "*.example.com", MISMATCH, "a wildcard needs a label"),
    Verified("", "", NONE, "nothing is presented"),
)


@pytest.mark.parametrize("case", VERIFY, ids=lambda case: case.why)
def test_verify(case: Verified) -> None:  # V2
    verdict = verify_identity(_names(case), "mx1.partner.example", "example.com")
    assert _short(verdict) == (case.outcome, None if case.outcome in (CN, SAN) else "certificate-host-mismatch")


class Hosted(NamedTuple):
    """Names, and what Verify Hosted Domains and DANE say of them; the references are those of `REFERENCES`."""

    common: str
    dns: str
    outcome: str
    why: str


REFERENCES = ("example.com", "mx1.partner.example", "route.example")
HOSTED = (
    Hosted("", "example.com", SAN, "the domain"),
    Hosted("", "mx1.partner.example", SAN, "the host"),
    Hosted("", "*.partner.example", SAN, "the host, by a wildcard"),
    Hosted("", "a.example route.example", SAN, "the route"),
    Hosted("other.example", "route.example", SAN, "SANs beside another CN"),
    Hosted("example.com", "other.example", MISMATCH, "the CN does not count beside SANs"),
    Hosted("example.com", "\0", MISMATCH, "nor beside one that is no name"),
    Hosted("example.com", "", CN, "the CN where there are no SANs"),
    Hosted("*.partner.example", "", CN, "the CN, by a wildcard"),
    Hosted("other.example", "", MISMATCH, "another CN"),
    Hosted("", "", NONE, "nothing"),
)


@pytest.mark.parametrize("case", HOSTED, ids=lambda case: case.why)
def test_verify_hosted_domains(case: Hosted) -> None:  # V3
    verdict = hosted_identity(_names(case), REFERENCES)
    assert _short(verdict) == (case.outcome, None if case.outcome in (CN, SAN) else "certificate-host-mismatch")


@pytest.mark.parametrize("case", HOSTED, ids=lambda case: case.why)
def test_the_names_of_dane(case: Hosted) -> None:  # T18
    verdict = dane_identity(_names(case), REFERENCES)
    assert _short(verdict) == (case.outcome, None if case.outcome in (CN, SAN) else "certificate-host-mismatch")


SERVER = (
    Verified("", "mx1.partner.example", SAN, "the host"),
    Verified("", "*.partner.example", SAN, "by a wildcard"),
    Verified("mx1.partner.example", "", MISMATCH, "no CN, not even without SANs"),
    Verified("mx1.partner.example", "example.com", MISMATCH, "not the domain"),
    Verified("", "", NONE, "nothing"),
)


@pytest.mark.parametrize("case", SERVER, ids=lambda case: case.why)
def test_a_server_is_named_by_a_dns_name(case: Verified) -> None:  # M7, M11, S6
    verdict = server_identity(_names(case), "mx1.partner.example")
    assert _short(verdict) == (case.outcome, None if case.outcome == SAN else "certificate-host-mismatch")


SENTENCES = (
    (
        verify_identity(PresentedNames(("*.partner.example",), ()), "mx1.partner.example", "example.com"),
        'The Common Name "*.partner.example" matches "mx1.partner.example".',
    ),
    (
        verify_identity(PresentedNames((), ("mx1.partner.example",)), "mx1.partner.example", "example.com"),
        'Only the SAN dNSName "mx1.partner.example" matches, and it matches the host "mx1.partner.example"; '
        'a SAN dNSName has to match the domain "example.com". '
        'It presents the SAN dNSName "mx1.partner.example".',
    ),
    (
        verify_identity(PresentedNames(("a.example",), ("b.example",)), "mx.example.net", "example.com"),
        'The certificate does not name "example.com" or "mx.example.net". '
        'It presents the Common Name "a.example" and the SAN dNSName "b.example".',
    ),
    (
        hosted_identity(PresentedNames(("example.com",), ("a.example", "b.example")), ["example.com"]),
        'The certificate does not name "example.com". Beside SAN dNSNames the Common Name does not count. '
        'It presents the Common Name "example.com" and the SAN dNSNames "a.example" and "b.example".',
    ),
    (
        server_identity(PresentedNames(("mx.example.net",), ()), "mx.example.net"),
        'The certificate does not name "mx.example.net". The Common Name does not count. '
        'It presents the Common Name "mx.example.net".',
    ),
    (
        dane_identity(PresentedNames((), tuple(f"{letter}.example" for letter in "abcdefg")), ["mx.example.net"]),
        'The certificate does not name "mx.example.net". It presents the SAN dNSNames "a.example", "b.example", '
        '"c.example", "d.example", "e.example" and 2 more.',
    ),
    (
        dane_identity(PresentedNames((), ()), ["mx.example.net"]),
        'The certificate does not name "mx.example.net". It presents neither a Common Name nor a SAN dNSName.',
    ),
)


@pytest.mark.parametrize(("verdict", "sentence"), SENTENCES)
def test_a_verdict_says_what_was_presented(verdict: Verdict, sentence: str) -> None:
    assert verdict.sentence == sentence


NAMES = st.lists(st.text(max_size=80) | st.sampled_from(["a.example", "*.a.example"]), max_size=9).map(tuple)


@given(NAMES, NAMES, st.text(max_size=20), st.text(max_size=20))
def test_no_name_harms(common: tuple[str, ...], dns: tuple[str, ...], host: str, domain: str) -> None:
    names = PresentedNames(common, dns)
    verdicts = [
        verify_identity(names, host, domain),
        hosted_identity(names, [host, domain]),
        dane_identity(names, [host]),
        server_identity(names, host),
    ]
    for verdict in verdicts:
        assert verdict.good == (verdict.reason is None)
        assert not re.search(CONTROL, verdict.sentence)
        assert len(verdict.sentence) < 2500


def test_the_names_of_a_certificate_stand_as_they_are_in_it() -> None:
    certificate = make("Mail\0.example.com", names=("A.example", "*.b.example", "\0")).certificate
    assert presented_names(certificate) == (("Mail\0.example.com",), ("A.example", "*.b.example", "\0"))
    assert presented_names(make("mail.example.com").certificate) == (("mail.example.com",), ())
    assert presented_names(make(subject=x509.Name([])).certificate) == ((), ())


@pytest.mark.parametrize("octets", [b"mail\xff.example", b"mail\xc3.example"])
def test_a_damaged_certificate_presents_no_name(octets: bytes) -> None:  # V3: its SANs would have outdone the CN
    made = make("mail.example.com", names=("mailx.example",))
    assert presented_names(rename(made, b"mailx.example", octets)) == ((), ())


def test_an_unreadable_subject_presents_no_name() -> None:
    made = make(subject=name("mail.example.com"))
    broken = rename(made, b"\x0c\x10mail.example.com", b"\x0c\x10\xffail.example.com")
    assert presented_names(broken).common_names == ()


def test_the_servers_name_stands_in_a_common_name_or_a_dns_name() -> None:  # V7
    names = PresentedNames(("a.example",), ("*.b.example",))
    assert presents(names, "A.example.")
    assert presents(names, "mail.b.example")
    assert not presents(names, "b.example")


def _names(case: Verified | Hosted) -> PresentedNames:
    return PresentedNames(tuple(case.common.split()), tuple(case.dns.split()))


def _short(verdict: Verdict) -> tuple[str, str | None]:
    assert verdict.good == (verdict.reason is None)
    return verdict.outcome, verdict.reason
