"""Chains as tests of judgments need them, good and bad: a root, an intermediate, a leaf, and strangers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from tests.gateway.making import KEYS, NOW, Made, make, name

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
CA_ISSUERS = AuthorityInformationAccessOID.CA_ISSUERS
ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55738.666.1"), b"")


def usage(**bits: bool) -> x509.KeyUsage:
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    rest = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{bit: bits.get(bit, False) for bit in (*every, *rest)})


def dns(*names: str) -> list[x509.GeneralName]:
    return [x509.DNSName(one) for one in names]


def permitted(*names: str) -> x509.NameConstraints:
    return x509.NameConstraints(dns(*names), None)


def excluded(*names: str) -> x509.NameConstraints:
    return x509.NameConstraints(None, dns(*names))


def root(**options: object) -> Made:
    return make("Root", key=1, ca=True, days=3650, **options)  # type: ignore[arg-type] # options of make


def between(issuer: Made, common_name: str = "Intermediate", key: int = 2, **options: object) -> Made:
    return make(common_name, issuer, key=key, **{"ca": True, **options})  # type: ignore[arg-type] # options of make


def leaf(issuer: Made | None, common_name: str = "mx.example.com", **options: object) -> Made:
    options = {"names": ("mx.example.com",), **options}
    return make(common_name, issuer, key=3, **options)  # type: ignore[arg-type] # options of make


def self_issued(issuer: Made) -> Made:
    """Return an authority of its issuer's name with another key; identifiers tell that it is not self-signed."""
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return between(issuer, key=4, extensions=(by, x509.SubjectKeyIdentifier.from_public_key(KEYS[4].public_key())))


ROOT = root()
INTERMEDIATE = between(ROOT)
LEAF = leaf(INTERMEDIATE)
SELF_SIGNED = leaf(None)
STALE = leaf(None, begin=-30, days=10)
FOR_CLIENTS = leaf(None, extensions=(x509.ExtendedKeyUsage([CLIENT]),))
UNUSUAL = leaf(None, critical=(UNKNOWN,))


VECTORS = Path(next(iter(cryptography_vectors.__path__))) / "x509"
SHA_1_NAME = "Valid DSA Signatures EE Certificate Test4"


def signed_with_sha_1() -> x509.Certificate:
    """Return a certificate of NIST's suite, for no library makes such ones any more."""
    return x509.load_der_x509_certificate((VECTORS / "PKITS_data/certs/ValidDSASignaturesTest4EE.crt").read_bytes())


def under(root: Made, *made: Callable[[Made], Made]) -> list[Made]:
    """Return a chain, leaf first, each made by the one before it; the root is left out."""
    chain = [root]
    for make_next in made:
        chain.append(make_next(chain[-1]))
    return chain[:0:-1]


def constrained(constraints: x509.NameConstraints, common_name: str = "mx", **options: object) -> list[Made]:
    return under(ROOT, lambda up: between(up, critical=(constraints,)), lambda up: leaf(up, common_name, **options))


OTHER_ROOT = make("Other Root", key=4, ca=True, days=3650)
STALE_CROSS = make("Root", OTHER_ROOT, key=1, ca=True, begin=-400, days=100)
STALE_INTERMEDIATE = between(ROOT, begin=-400, days=100)
IMPOSTOR = make("Intermediate", OTHER_ROOT, key=5, ca=True)
LOOP_A = make("Loop A", make("Loop B", key=4, ca=True), key=5, ca=True)
LOOP_B = make("Loop B", make("Loop A", key=5, ca=True), key=4, ca=True)


def holder(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, issuer: Made = ROOT) -> x509.Certificate:
    """Return a server's certificate for a key whose private half nobody has."""
    builder = x509.CertificateBuilder(
        issuer.certificate.subject, name("mx.example.com"), key, 4711, NOW - timedelta(1), NOW + timedelta(1)
    )
    return builder.sign(issuer.key, hashes.SHA256())


def rsa_key(bits: int, exponent: int = 65537) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(exponent, (1 << bits - 1) + 15).public_key()
