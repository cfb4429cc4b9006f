"""TLSA records: which SMTP can use (rule T5), as texts and octets, made of certificates."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256, sha512
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gateway.refusals import TlsaRefused
from gateway.tlsa import TLSA, fault, public_key_info
from state.wording import CONTROL
from tests.gateway.conftest import OpenSsl
from tests.gateway.making import DER, NOW, make, name

AB = "ab" * 32
LEAF = make("mx.example.net", names=("mx.example.net",))
LEAF_DER = LEAF.der
KEY_DER = public_key_info(LEAF.certificate)
FAULTS = (  # T5
    (TLSA(3, 1, 1, bytes(32)), None),
    (TLSA(2, 0, 1, bytes(32)), None),
    (TLSA(3, 0, 2, bytes(64)), None),
    (TLSA(2, 0, 0, LEAF_DER), None),
    (TLSA(3, 0, 0, LEAF_DER), None),
    (TLSA(2, 1, 0, KEY_DER), None),
    (TLSA(3, 1, 0, KEY_DER), None),
    (TLSA(0, 1, 1, bytes(32)), "its usage 0 (PKIX-TA) is not for SMTP, which knows 2 and 3"),
    (TLSA(1, 1, 1, bytes(32)), "its usage 1 (PKIX-EE) is not for SMTP, which knows 2 and 3"),
    (TLSA(4, 1, 1, bytes(32)), "its usage 4 is not defined"),
    (TLSA(255, 1, 1, bytes(32)), "its usage 255 is not defined"),
    (TLSA(3, 2, 1, bytes(32)), "its selector 2 is not defined"),
    (TLSA(3, 255, 1, bytes(32)), "its selector 255 is not defined"),
    (TLSA(3, 1, 3, bytes(32)), "its matching type 3 is not defined"),
    (TLSA(3, 1, 255, bytes(32)), "its matching type 255 is not defined"),
    (TLSA(3, 1, 1, bytes(31)), "its digest has 31 bytes and not 32"),
    (TLSA(3, 1, 1, bytes(64)), "its digest has 64 bytes and not 32"),
    (TLSA(3, 1, 2, bytes(32)), "its digest has 32 bytes and not 64"),
    (TLSA(3, 1, 1, bytes(65532)), "its digest has 65532 bytes and not 32"),
    (TLSA(3, 1, 1, b""), "it has no data"),
    (TLSA(2, 0, 0, b""), "it has no data"),
    (TLSA(2, 0, 0, bytes(65532)), "its data are no certificate (X.509, DER)"),
    (TLSA(3, 0, 0, KEY_DER), "its data are no certificate (X.509, DER)"),
    (TLSA(2, 0, 0, LEAF_DER[:-1]), "its data are no certificate (X.509, DER)"),
    (TLSA(2, 0, 0, LEAF_DER + b"\0"), "its data are no certificate (X.509, DER)"),
    (TLSA(3, 1, 0, LEAF_DER), "its data are no public key (DER)"),
    (TLSA(2, 1, 0, KEY_DER[:-1]), "its data are no public key (DER)"),
    (TLSA(2, 1, 0, b"\x30\x84\xff\xff\xff\xff"), "its data are no public key (DER)"),
    (TLSA(-1, -1, -1, b""), "it is cut off"),
    (TLSA(3, 1, -1, b""), "it is cut off"),
)


@pytest.mark.parametrize(("record", "expected"), FAULTS, ids=map(str, range(len(FAULTS))))
def test_which_records_smtp_can_use(record: TLSA, expected: str | None) -> None:  # T5
    assert fault(record) == expected


TEXTS = (
    (f"3 1 1 {AB}", TLSA(3, 1, 1, bytes.fromhex(AB))),
    (f"  3\t1 1   {AB.upper()}\n", TLSA(3, 1, 1, bytes.fromhex(AB))),
    ("3 1 1 ab cd\n  ef 0 1", TLSA(3, 1, 1, b"\xab\xcd\xef\x01")),
    ("0 0 1 91", TLSA(0, 0, 1, b"\x91")),
    ("255 255 255 00", TLSA(255, 255, 255, b"\0")),
    ("2 0 0 " + "ab" * 65532, TLSA(2, 0, 0, b"\xab" * 65532)),
)
BAD_TEXTS = (
    ("", "is no TLSA record"),
    ("3 1 1", "is no TLSA record"),
    ("3 1 1 abc", "no pairs of hexadecimal digits"),
    ("3 1 1 xy", "no pairs of hexadecimal digits"),
    ("3 1 1 ab\0cd", "no pairs of hexadecimal digits"),
    ("3 1 1 \uff11\uff12", "no pairs of hexadecimal digits"),
    ("256 1 1 ab", "The usage"),
    ("-1 1 1 ab", "The usage"),
    ("\u0663 1 1 ab", "The usage"),
    ("3 x 1 ab", "The selector"),
    ("3 1 1e1 ab", "The matching type"),
    ("3 1 1 " + "ab" * 65533, "too long"),
    ("3" * 1_000_000, "too long"),
)


@pytest.mark.parametrize(("text", "record"), TEXTS, ids=map(str, range(len(TEXTS))))
def test_a_record_is_read_from_a_zone_files_text(text: str, record: TLSA) -> None:
    assert TLSA.from_text(text) == record
    assert TLSA.from_text(record.text()) == record


@pytest.mark.parametrize(("text", "why"), BAD_TEXTS, ids=lambda value: repr(value[:20]))
def test_what_is_no_record_is_refused(text: str, why: str) -> None:
    with pytest.raises(TlsaRefused, match=why) as refused:
        TLSA.from_text(text)
    assert len(str(refused.value)) < 250
    assert not re.search(CONTROL, str(refused.value))


def test_a_record_is_read_from_its_wire_form() -> None:
    assert TLSA.from_wire(b"\x03\x01\x01\xab") == TLSA(3, 1, 1, b"\xab")
    assert TLSA.from_wire(b"\x03\x01\x01") == TLSA(3, 1, 1, b"")
    assert TLSA.from_wire(bytes(65535)) == TLSA(0, 0, 0, bytes(65532))
    for wire in (b"", b"\x03\x01", bytes(65536)):
        with pytest.raises(TlsaRefused, match="has 3 to 65535 bytes"):
            TLSA.from_wire(wire)


def test_a_sentence_names_a_record_by_its_usage() -> None:
    assert [TLSA(usage, 1, 1, b"\xab" * 9).shown for usage in (0, 1, 2, 3, 4, 255, -1)] == [
        "PKIX-TA record 0 1 1 abababababababab...",
        "PKIX-EE record 1 1 1 abababababababab...",
        "DANE-TA record 2 1 1 abababababababab...",
        "DANE-EE record 3 1 1 abababababababab...",
        "TLSA record 4 1 1 abababababababab...",
        "TLSA record 255 1 1 abababababababab...",
        "TLSA record -1 1 1 abababababababab...",
    ]
    assert TLSA(3, 1, 1, b"\xab" * 8).shown == "DANE-EE record 3 1 1 abababababababab"


def test_a_record_is_made_of_the_part_and_the_digest_that_are_asked_for() -> None:
    certificate = LEAF.certificate
    key = certificate.public_key().public_bytes(DER, PublicFormat.SubjectPublicKeyInfo)
    for selector, content in enumerate((LEAF_DER, key)):
        expected = (content, sha256(content).digest(), sha512(content).digest())
        for matching_type, data in enumerate(expected):
            assert TLSA.of(certificate, 3, selector, matching_type) == (3, selector, matching_type, data)
    for selector, matching_type in ((2, 1), (-1, 1), (1, 3), (0, -1)):
        with pytest.raises(TlsaRefused, match="is not defined"):
            TLSA.of(certificate, 3, selector, matching_type)


def test_openssl_makes_the_same_digest_of_a_key(openssl: OpenSsl, tmp_path: Path) -> None:
    pem, key = tmp_path / "leaf.pem", tmp_path / "key.pem"
    pem.write_text(LEAF.pem)
    key.write_text(openssl("x509", "-in", pem, "-noout", "-pubkey"))
    der = tmp_path / "key.der"
    openssl("pkey", "-pubin", "-in", key, "-outform", "DER", "-out", der)
    assert openssl("dgst", "-sha256", "-r", der).split()[0] == TLSA.of(LEAF.certificate, 3, 1, 1).data.hex()


def test_the_key_of_every_kind_and_version_is_found_as_it_is_encoded() -> None:
    own = name("mx.example.net")
    for key in (rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()):
        builder = x509.CertificateBuilder(own, own, key.public_key(), 1, NOW, NOW + timedelta(days=1))
        certificate = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
        expected = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert public_key_info(certificate) == expected


@given(st.text(max_size=40) | st.from_regex(r"[0-3] [01] [0-2] [0-9a-f ]+"))
def test_no_text_harms(text: str) -> None:
    try:
        record = TLSA.from_text(text)
    except TlsaRefused as refused:
        assert not re.search(CONTROL, str(refused))
    else:
        assert TLSA.from_text(record.text()) == record
        assert TLSA.from_wire(bytes(record[:3]) + record.data) == record
