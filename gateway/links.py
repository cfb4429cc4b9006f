"""What the rules ask of a certificate in a path, read once: a link, or why it can be none."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from gateway.certificates import signature_algorithm
from gateway.fields import extensions_fault
from gateway.guarded import Unreadable, attempt
from gateway.openssl_path import Fault, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeVar

    E = TypeVar("E", bound=x509.ExtensionType)

MOST_BITS = 8192
"""Of an RSA or DSA key; larger ones cost a verifier more than they are worth (Go refuses them too)."""
MOST_EXPONENT_BITS = 64
"""Of an RSA key's public exponent, which is 65537 nearly everywhere. OpenSSL has this bound for large keys only, and a
signature takes 30 ms to check where the exponent of a smaller one is as long as the key."""
KEPT = 512
"""Links that are kept: the authorities of a list, and the intermediates that are seen every day."""

FOR_NOTHING = x509.KeyUsage(*[False] * 9)


class Link(NamedTuple):
    """A certificate as the rules see it.

    Attributes:
        certificate: itself.
        begin: when it begins to be valid; aware, UTC.
        end: the last moment of its validity; aware, UTC.
        named: whether its subject is not empty.
        issuer_named: whether its issuer is not empty.
        serial: its serial number.
        authority: whether basic constraints have the CA flag.
        bits: size of an RSA, DSA or elliptic curve key; None for other kinds, which have but one size.
        exponent: bits of an RSA key's public exponent; None for other kinds.
        curve: whether the key is on a curve.
        digest: the name of the digest in its signature, or of the whole algorithm; small letters.
        usage: its key usage, where there is one.
        purposes: its extended key usage, where there is one.
        constraints: its name constraints, where there are any.
    """

    certificate: x509.Certificate
    begin: datetime
    end: datetime
    named: bool
    issuer_named: bool
    serial: int
    authority: bool
    bits: int | None
    exponent: int | None
    curve: bool
    digest: str
    usage: x509.KeyUsage | None
    purposes: x509.ExtendedKeyUsage | None
    constraints: x509.NameConstraints | None


@lru_cache(maxsize=KEPT)
def read_link(certificate: x509.Certificate) -> Link | Fault:
    """Return what the rules ask of a certificate, or why it is of no use at all: damage, or a key none should check."""
    if damage := extensions_fault(certificate):
        return Fault("unreadable", f"The extensions of {named(certificate)} cannot be read: {damage}.")
    try:
        link = attempt(lambda: _read(certificate))
    except Unreadable:
        sentence = f"{named(certificate)} cannot be read: its names, dates or key are damaged or of no supported kind."
        return Fault("unreadable", sentence)
    if link.bits is not None and link.bits > MOST_BITS:
        sentence = f"The key of {named(certificate)} has {link.bits} bits; at most {MOST_BITS} are taken."
        return Fault("key-too-large", sentence)
    if link.exponent is not None and link.exponent > MOST_EXPONENT_BITS:
        bits = f"{link.exponent} bits; at most {MOST_EXPONENT_BITS} are taken"
        sentence = f"The public exponent of the key of {named(certificate)} has {bits}."
        return Fault("key-too-large", sentence)
    if link.usage == FOR_NOTHING:  # OpenSSL finds no issuer for it, and would say that there is none
        return Fault("malformed", f"The key usage of {named(certificate)} allows nothing (RFC 5280 s4.2.1.3).")
    return link


def _read(certificate: x509.Certificate) -> Link:
    key, digest = certificate.public_key(), None
    with suppress(UnsupportedAlgorithm):  # one that is not known is told by its number
        digest = certificate.signature_hash_algorithm
    constraints = _extension(certificate, x509.BasicConstraints)
    return Link(
        certificate,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        bool(certificate.subject.rdns),
        bool(certificate.issuer.rdns),
        certificate.serial_number,
        constraints is not None and constraints.ca,
        key.key_size if isinstance(key, (rsa.RSAPublicKey, dsa.DSAPublicKey, ec.EllipticCurvePublicKey)) else None,
        key.public_numbers().e.bit_length() if isinstance(key, rsa.RSAPublicKey) else None,
        isinstance(key, ec.EllipticCurvePublicKey),
        digest.name if digest is not None else signature_algorithm(certificate).lower(),
        _extension(certificate, x509.KeyUsage),
        _extension(certificate, x509.ExtendedKeyUsage),
        _extension(certificate, x509.NameConstraints),
    )


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
