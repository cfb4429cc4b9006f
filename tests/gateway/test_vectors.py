"""The test vectors of `cryptography`: every file is read or gets our own error; nothing else comes out.

The counts are those of the oldest release that is accepted; newer ones have more files and read more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cryptography_vectors
import pytest

from gateway.chain_order import Bundle
from gateway.crl import RevocationList, find_issuer, read_crl, verdict
from gateway.keys import key_kind
from gateway.loading import Certificates, read_certificates, read_private_key
from gateway.pkcs12 import read_pkcs12
from gateway.refusals import CertificateRefused, PassPhraseNeeded, WrongPassPhrase
from state.wording import CONTROL
from tests.gateway.making import NOW, OWN, look_at

VECTORS = Path(cryptography_vectors.__file__).parent
PHRASES = ("", "cryptography", "password", "123456", "a123456", "foobar", "baz", "PolarSSLTest", "hunter2", "hunter42")
NO_BUNDLE = "It is not a PKCS#12 bundle (.p12, .pfx), or it is damaged."


def certificates(data: bytes) -> Certificates:
    found = read_certificates(data)
    for certificate in found.certificates:
        look_at(certificate)
    return found


def private_key(data: bytes, phrase: str) -> object:
    key = read_private_key(data, phrase)
    assert re.fullmatch(r"RSA \d+|ECDSA P-\d+|Ed25519|Ed448", key_kind(key))
    return key


def pkcs12(data: bytes, phrase: str) -> Bundle:
    found = read_pkcs12(data, phrase)
    for certificate in (found.certificate, *found.intermediates, *found.left_out):
        look_at(certificate)
    return found


def crl(data: bytes) -> RevocationList:
    found = read_crl(data)
    assert verdict(found, NOW).sentence
    assert not re.search(CONTROL, found.issuer)
    with pytest.raises(CertificateRefused):
        find_issuer(found, [OWN.certificate])
    return found


def outcome(read: Callable[[bytes], object], data: bytes) -> str:
    """Return `read`, or the sentence of our own error without what differs from file to file."""
    try:
        read(data)
    except CertificateRefused as refused:
        sentence = str(refused)
        assert re.fullmatch(r'[A-Z"].*\.', sentence), sentence
        assert not re.search(CONTROL, sentence)
        return sentence
    return "read"


def with_phrases(read: Callable[[bytes, str], object]) -> Callable[[bytes], object]:
    """Return a reader that tries the pass phrases of the vectors."""

    def reading(data: bytes) -> object:
        for phrase in PHRASES:
            try:
                return read(data, phrase)
            except (PassPhraseNeeded, WrongPassPhrase) as refused:
                last = refused
        raise last

    return reading


def files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in VECTORS.glob(pattern) if path.is_file())


def tally(read: Callable[[bytes], object], paths: list[Path]) -> Counter[str]:
    return Counter(outcome(read, path.read_bytes()) for path in paths)


def test_every_certificate_of_pkits_is_read_but_those_that_inherit_their_dsa_parameters() -> None:
    found = tally(certificates, files("x509/PKITS_data/certs/*.crt"))
    damaged = "It cannot be read as a certificate: its content is damaged or is no X.509 certificate."
    assert set(found) <= {"read", damaged}
    assert found["read"] >= 400
    assert found[damaged] <= 2


def test_every_list_of_pkits_is_read() -> None:
    found = tally(crl, files("x509/PKITS_data/crls/*.crl"))
    assert found["read"] >= 160, found
    assert sum(found.values()) - found["read"] <= 8, found


def test_every_eighth_bundle_of_pkits_is_read() -> None:
    """All 405 are of one make, and each takes a twentieth of a second."""
    found = tally(lambda data: pkcs12(data, "password"), files("x509/PKITS_data/pkcs12/*.p12")[::8])
    assert found["read"] >= 48, found
    assert set(found) <= {"read", "The key is of the kind DSA; RSA, ECDSA and Ed25519 keys are accepted.", NO_BUNDLE}


def test_pkcs12_bundles() -> None:
    found = tally(with_phrases(pkcs12), files("pkcs12/*.p12", "pkcs12/ca/*.p12"))
    without_key = "There is no private key in the PKCS#12 bundle; key and certificate are expected."
    without_certificate = "There is no certificate in the PKCS#12 bundle; key and certificate are expected."
    assert found["read"] >= 18, found
    assert found[without_key] >= 11, found
    assert set(found) <= {"read", without_key, without_certificate}


def test_requests_are_named_as_what_they_are() -> None:
    found = tally(certificates, files("x509/requests/*"))
    assert found["This is a certificate signing request; a certificate is expected."] >= 20, found
    assert "read" not in found


def test_private_keys() -> None:
    found = tally(with_phrases(private_key), files("asymmetric/*Serialization/*", "asymmetric/PKCS8/*"))
    assert found["read"] >= 34, found
    assert found["The key is of the kind DSA; RSA, ECDSA and Ed25519 keys are accepted."] >= 10, found
    assert found["This is a public key; a private key is expected."] >= 13, found


def test_certificates_of_every_other_kind() -> None:
    found = tally(certificates, files("x509/*.*", "x509/custom/*", "x509/ed25519/*", "x509/ed448/*"))
    assert found["read"] >= 121, found
    assert found["This is a certificate revocation list; a certificate is expected."] >= 24, found


def test_no_reader_is_surprised_by_another_ones_files() -> None:
    paths = files("x509/*.*", "x509/custom/*", "x509/ocsp/*", "x509/requests/*", "pkcs7/*", "pkcs12/*.p12")
    paths += files("asymmetric/PKCS8/*", "asymmetric/*Serialization/*", "asymmetric/OpenSSH/*")[::3]
    assert len(paths) > 250
    for read in (certificates, crl, with_phrases(private_key), with_phrases(pkcs12)):
        assert sum(tally(read, paths).values()) == len(paths)
