"""Whatever the bytes are, a reader gives a value or our own error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.authorities import check_import, load_list
from gateway.chain_order import read_bundle, read_chain
from gateway.crl import read_crl
from gateway.loading import read_private_key
from gateway.pem import pem_text
from gateway.pkcs12 import read_pkcs12
from gateway.refusals import CertificateRefused
from gateway.requests import request_for
from tests.gateway.making import DER, NOW, OWN, look_at, make, make_crl

P8 = serialization.PrivateFormat.PKCS8
RICH = make(
    "mail.example.com",
    names=("mail.example.com", "*.example.com"),
    extensions=(
        x509.SubjectKeyIdentifier(b"12345678"),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.CRLDistributionPoints(
            [x509.DistributionPoint([x509.UniformResourceIdentifier("http://a.example")], None, None, None)]
        ),
        x509.NameConstraints([x509.DNSName("example.com")], None),
    ),
)
KEY = OWN.key.private_bytes(DER, P8, serialization.NoEncryption())
ENCRYPTION = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).hmac_hash(hashes.SHA256())
BUNDLE = pkcs12.serialize_key_and_certificates(
    b"x",
    RICH.key,
    RICH.certificate,
    None,
    ENCRYPTION.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).build(b"secret"),
)
CRL = x509.load_pem_x509_crl(make_crl(RICH, revoked=2)).public_bytes(DER)

READERS: list[Callable[[bytes], object]] = [
    read_chain,
    load_list,
    lambda data: check_import(data, [], [], NOW),
    lambda data: read_bundle(data, "secret"),
    lambda data: read_private_key(data, "secret"),
    lambda data: read_pkcs12(data, "secret"),
    read_crl,
]


@st.composite
def mutated(draw: st.DrawFn, original: bytes) -> bytes:
    """Return `original` with some octets exchanged, and sometimes cut or lengthened."""
    octets = bytearray(original)
    for _ in range(draw(st.integers(1, 4))):
        octets[draw(st.integers(0, len(octets) - 1))] = draw(st.integers(0, 255))
    end = draw(st.one_of(st.just(len(octets)), st.integers(0, len(octets))))
    return bytes(octets[:end]) + draw(st.binary(max_size=3))


def all_readers(data: bytes) -> None:
    for read in READERS:
        try:
            read(data)
        except CertificateRefused as refused:
            assert str(refused).endswith(".")
            assert "\n" not in str(refused)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes(data: bytes) -> None:
    all_readers(data)
    all_readers(pem_text("CERTIFICATE", data))
    all_readers(pem_text("PRIVATE KEY", data, b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n"))


@given(
    st.lists(
        st.sampled_from(["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "MIIB", "a: b", ":", "\n", " "])
    )
)
def test_any_arrangement_of_lines(parts: list[str]) -> None:
    all_readers("\n".join(parts).encode())


@settings(max_examples=500)
@given(mutated(RICH.der))
def test_mutated_certificates(data: bytes) -> None:
    try:
        found = read_chain(pem_text("CERTIFICATE", data))
    except CertificateRefused:
        return
    look_at(found.certificate)
    try:
        request_for(found.certificate, OWN.key)
    except CertificateRefused as refused:
        assert str(refused)


@settings(max_examples=60)
@pytest.mark.parametrize("original", [RICH.der, KEY, BUNDLE, CRL], ids=["certificate", "key", "PKCS#12", "list"])
@given(data=st.data())
def test_mutated_files_in_every_reader(original: bytes, data: st.DataObject) -> None:
    all_readers(data.draw(mutated(original)))
