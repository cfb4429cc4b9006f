"""What a list and a view show of a certificate, the rules it breaks, and its names."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.certificates import (
    common_name,
    details,
    issuer_common_name,
    remaining_days,
    remaining_text,
    status,
    subject_line,
)
from gateway.deviations import deviations
from gateway.keys import generate_ec
from gateway.loading import read_certificates
from gateway.names import fqdn_fault, name_faults
from gateway.requests import Subject, self_signed
from state.wording import CONTROL
from tests.gateway.conftest import Family
from tests.gateway.making import NOW, Made, make, name, rename, with_serial


def test_the_documented_certificate_has_its_3650_days_and_its_subject_on_one_line() -> None:
    who = Subject("mail.example.com", "Example Mail", "", "Osaka", "Osaka", "JP")
    certificate = read_certificates(self_signed(who, (), generate_ec("P-256"), NOW, 3650)).certificates[0]
    later = NOW + timedelta(minutes=5)
    assert (status(certificate, later), remaining_text(certificate, later)) == ("Valid", "3650 days")
    assert subject_line(certificate) == "C=JP,ST=Osaka,L=Osaka,O=Example Mail,CN=mail.example.com"
    assert (common_name(certificate), issuer_common_name(certificate)) == ("mail.example.com", "mail.example.com")
    assert deviations(certificate) == []


@pytest.mark.parametrize(
    ("begin", "days", "shown", "left"),
    [
        (-1, 100, "Valid", 99),
        (-1, 32, "Valid", 31),
        (-1, 31, "Expiring", 30),
        (-1, 1, "Expiring", 0),
        (-10, 9, "Expired", 0),
        (1, 10, "Not yet valid", 11),
    ],
)
def test_status_and_remaining_days(begin: int, days: int, shown: str, left: int) -> None:
    certificate = make(begin=begin, days=days).certificate
    assert (status(certificate, NOW), remaining_days(certificate, NOW)) == (shown, left)


def test_one_day_is_no_plural() -> None:
    assert remaining_text(make(begin=0, days=1).certificate, NOW + timedelta(hours=1)) == "1 day"


def of(*attributes: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


@pytest.mark.parametrize(
    ("subject", "short", "line"),
    [
        (name("a.example"), "a.example", "CN=a.example"),
        (of((NameOID.ORGANIZATION_NAME, "Only O")), "Only O", "O=Only O"),
        (of((NameOID.LOCALITY_NAME, "Osaka")), "L=Osaka", "L=Osaka"),
        (x509.Name([]), "(no name)", ""),
        (name("a,b+c"), "a,b+c", r"CN=a\,b\+c"),
        (name("日本の証明書"), "日本の証明書", "CN=日本の証明書"),
        (of((NameOID.EMAIL_ADDRESS, "a@b.example")), "emailAddress=a@b.example", "emailAddress=a@b.example"),
        (name("a\x1b[2Jb"), r"a\x1b[2Jb", r"CN=a\x1b[2Jb"),
        (name("a\0b.example"), r"a\x00b.example", r"CN=a\00b.example"),
        (name("a\u202eb"), r"a\u202eb", r"CN=a\u202eb"),
        (of((NameOID.ORGANIZATION_NAME, "o" * 65_536)), "o" * 63 + "…", "O=" + "o" * 125 + "…"),
    ],
)
def test_names_are_shown_short_and_harmless(subject: x509.Name, short: str, line: str) -> None:
    certificate = make(subject=subject).certificate
    assert common_name(certificate) == issuer_common_name(certificate) == short
    assert subject_line(certificate) == line


def test_details_name_what_an_operator_looks_for(family: Family) -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = make(names=("a.example", "*.b.example"), serial=0xABC, extensions=(usage,)).certificate
    shown = dict(details(certificate))
    assert shown["Serial number"] == "0A:BC"
    assert shown["Signature algorithm"] == "ecdsa-with-sha256"
    assert shown["Public key"] == "ECDSA P-256"
    assert shown["Not before"] == "2026-05-13 11:42:12 GMT"
    assert shown["Not after"] == "2027-05-13 11:42:12 GMT"
    assert shown["Subject alternative names"] == "a.example, *.b.example"
    assert shown["Extended key usage"] == "serverAuth, clientAuth"
    assert shown["Basic constraints"] == "CA: no"
    assert shown["SHA-256 fingerprint"] == certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    assert dict(details(family.root.certificate))["Basic constraints"] == "CA: yes"


def hostile() -> list[x509.Certificate]:
    plain = make("mail.example.com", names=("a.example",))
    return [
        rename(plain, b"mail.example.com", b"\xff\xfe\x1b[2J\x07\x9b\x80abcdefg"),  # no UTF-8
        rename(plain, b"a.example", b"\x1b[2Jabcde"),
        rename(plain, b"a.example", b"\xff" * 9),
        rename(plain, b"\x55\x1d\x11", b"\x55\x1d\x13"),  # basic constraints twice
        make("a\x1b]0;b\x07", names=()).certificate,
    ]


def test_nothing_of_a_hostile_certificate_moves_a_cursor() -> None:
    for certificate in hostile():
        shown = [text for pair in details(certificate) for text in pair]
        shown += [*deviations(certificate), *name_faults(certificate), common_name(certificate)]
        assert not re.search(CONTROL, "".join(shown))


def dsa_key() -> dsa.DSAPrivateKey:
    vectors = Path(cryptography_vectors.__file__).parent
    pem = (vectors / "asymmetric" / "PKCS8" / "unenc-dsa-pkcs8.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, dsa.DSAPrivateKey)
    return key


def signed_with(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey,
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(name("a.example")).issuer_name(name("a.example"))
    builder = builder.public_key(key.public_key()).serial_number(1)
    return builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).sign(key, hashes.SHA256())


def reversed_dates() -> x509.Certificate:
    made = make(begin=0, days=365)
    first, last = (f"{time:%y%m%d%H%M%S}Z".encode() for time in (NOW, NOW + timedelta(days=365)))
    return x509.load_der_x509_certificate(
        made.der.replace(first, b"first date").replace(last, first).replace(b"first date", last)
    )


SHA256 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
SHA1 = (SHA256, SHA256[:-1] + b"\x05")
MD5 = (SHA256, SHA256[:-1] + b"\x04")


def test_each_broken_rule_has_its_sentence() -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what is warned of
    modern = signed_with(small)
    as_made = Made(modern, generate_ec("P-256"))
    table: list[tuple[x509.Certificate, str]] = [
        (rename(as_made, *SHA1), "The signature algorithm uses SHA-1, which can be forged."),
        (rename(as_made, *MD5), "The signature algorithm uses MD5, which can be forged."),
        (modern, "The RSA key has 1024 bits; fewer than 2048 are too weak for today's peers."),
        (
            signed_with(ec.generate_private_key(ec.SECP256K1())),
            "The key is on the curve secp256k1, which few peers accept.",
        ),
        (
            signed_with(dsa_key()),
            "The public key is of the kind DSA, which TLS does not use.",
        ),
        (reversed_dates(), "The dates are reversed: it ends on 2026-05-23, before it begins on 2027-05-23."),
        (
            with_serial(0),
            "The serial number is 0; it must be positive (RFC 5280 s4.1.2.2).",
        ),
        (
            with_serial(0xFF),
            "The serial number is negative; it must be positive (RFC 5280 s4.1.2.2).",
        ),
        (
            make(subject=of((NameOID.ORGANIZATION_NAME, "x" * 65))).certificate,
            "The Organization of the subject has 65 characters; at most 64 are allowed (RFC 5280 A.1).",
        ),
        (make(subject=x509.Name([])).certificate, "The issuer is empty (RFC 5280 s4.1.2.4)."),
        (make(subject=x509.Name([])).certificate, "There is neither a Common Name nor a SAN dNSName."),
        (
            make("a\0b.example").certificate,
            "The Common Name of the subject has a NUL in it, which other programs may take for its end.",
        ),
        (
            make("a\x1bb").certificate,
            r'The Common Name of the subject has the control character "\x1b" in it.',
        ),
        (
            make(names=("a\0b.example",)).certificate,
            "The SAN dNSName has a NUL in it, which other programs may take for its end.",
        ),
        (hostile()[0], "The subject cannot be read (RFC 5280 s4.1.2.4)."),
        (
            hostile()[3],
            "The extensions cannot be read: the extension 2.5.29.19 stands in it twice (RFC 5280 s4.2).",
        ),
    ]
    for certificate, sentence in table:
        assert sentence in deviations(certificate), sentence


def test_a_certificate_that_keeps_to_the_rules_has_no_deviation(family: Family) -> None:
    for made in family:
        assert deviations(made.certificate) == []


NOT_ALLOWED = "is not allowed; labels are letters, digits and -"


@pytest.mark.parametrize(
    "good", ["mail.example.com", "MAIL.example.com.", "*.example.com", "xn--bcher-kva.example", "a.b", "1.example"]
)
def test_full_domain_names(good: str) -> None:
    assert fqdn_fault(good) is None


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("", "there is no name in it"),
        ("localhost", "it has only one label; a full name has two or more, like mail.example.com"),
        ("*.com", "it has only one label; a full name has two or more, like mail.example.com"),
        ("*", "a * may only be the whole left-most label"),
        ("f*.example.com", "a * may only be the whole left-most label"),
        ("mail.*.example.com", "a * may only be the whole left-most label"),
        ("Demo certificate.x", '" " is not allowed; give one name'),
        ("a_b.example", '"_" is not allowed; labels are letters, digits and -'),
        ("a..example", "it has an empty label (a dot at its beginning, or two in a row)"),
        ("-a.example", 'its label "-a" begins or ends with -'),
        ("10.0.0.1", "its last label is a number; a host name is a name, not an address"),
        ("bücher.example", "it has letters beyond ASCII; a certificate holds their A-labels (xn--...)"),
        (" a.example", "it begins or ends with a blank"),
        ("a\0b.example", r'"\x00" is not allowed; labels are letters, digits and -'),
        ("a" * 64 + ".example", f'its label "{"a" * 59}…" is longer than 63 characters'),
        ("a." * 127 + "example", "it is longer than 253 characters"),
        ("a" * 65_536, "it is longer than 253 characters"),
    ],
)
def test_names_that_are_no_full_domain_names(bad: str, fault: str) -> None:  # V6
    assert fqdn_fault(bad) == fault


def test_every_name_of_a_certificate_is_checked() -> None:
    certificate = make("Demo certificate", names=("good.example", "bad_name.example", "*.ok.example")).certificate
    assert name_faults(certificate) == [
        'The Common Name "Demo certificate" is no full domain name: " " is not allowed; give one name.',
        f'The SAN dNSName "bad_name.example" is no full domain name: "_" {NOT_ALLOWED}.',
    ]
    assert name_faults(make(subject=x509.Name([])).certificate) == ["There is neither a Common Name nor a SAN dNSName."]
    assert name_faults(make(names=("mail.example.com",)).certificate) == []
