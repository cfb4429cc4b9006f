"""Where a certificate breaks the rules of X.509 (RFC 5280): sentences that warn, never a refusal (rule V7)."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.certificates import public_key_kind, signature_algorithm, status, validity
from gateway.chain_order import is_authority, is_self_signed
from gateway.fields import common_names, dns_names, extension, extensions_fault, issuer, subject, values
from gateway.guarded import guarded
from gateway.loading import CURVES
from gateway.requests import FIELDS, control_character
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

MOST_SERIAL_OCTETS = 20
WEAK = {"1.2.840.113549.1.1.2": "MD2", "1.2.840.113549.1.1.3": "MD4", "1.2.840.113549.2.5": "MD5"}
"""Algorithms that `cryptography` does not even name."""


def deviations(certificate: x509.Certificate) -> list[str]:
    """Return a sentence for each rule that the certificate breaks; [] for one that keeps to them all."""
    return [sentence for rule in RULES for sentence in rule(certificate)]


def link_deviations(link: x509.Certificate, now: datetime) -> list[str]:
    """Return a sentence for each rule that a certificate breaks as an intermediate, which others then refuse (rule V1).

    Args:
        link: an intermediate, or the authority's own certificate at the end of a chain.
        now: an aware time.
    """
    found = []
    held = status(link, now)
    begin, end = validity(link)
    if held == "Expired":
        found.append(f"It expired on {end:%Y-%m-%d}.")
    elif held == "Not yet valid":
        found.append(f"It is not valid before {begin:%Y-%m-%d}.")
    usage = extension(link, x509.KeyUsage)
    if not is_authority(link) and not is_self_signed(link):
        found.append("It has no CA flag; what it signed is not accepted (RFC 5280 s4.2.1.9).")
    if usage is not None and not usage.key_cert_sign:
        found.append("Its key usage does not allow it to sign certificates (RFC 5280 s4.2.1.3).")
    return found


def _version(certificate: x509.Certificate) -> Iterator[str]:
    version = guarded(lambda: certificate.version.value + 1, None)
    if version is None:
        yield "The version cannot be read; certificates have version 3 (RFC 5280 s4.1.2.1)."
    elif version != 3:
        yield f"The version is {version}, not 3 (RFC 5280 s4.1.2.1)."


def _serial_number(certificate: x509.Certificate) -> Iterator[str]:
    serial = guarded(lambda: certificate.serial_number, None)
    if serial is None:
        yield "The serial number cannot be read (RFC 5280 s4.1.2.2)."
    elif serial <= 0:
        yield f"The serial number is {'0' if serial == 0 else 'negative'}; it must be positive (RFC 5280 s4.1.2.2)."
    elif (octets := serial.bit_length() // 8 + 1) > MOST_SERIAL_OCTETS:
        yield f"The serial number has {octets} octets; at most {MOST_SERIAL_OCTETS} are allowed (RFC 5280 s4.1.2.2)."


def _signature(certificate: x509.Certificate) -> Iterator[str]:
    name = signature_algorithm(certificate)
    weak = WEAK.get(name) or next((digest.upper() for digest in ("md5", "sha1") if digest in name.lower()), None)
    if weak:
        yield f"The signature algorithm uses {weak.replace('SHA1', 'SHA-1')}, which can be forged."
    elif name[:1].isdigit():
        yield f"The signature algorithm {name} is not known."


def _public_key(certificate: x509.Certificate) -> Iterator[str]:
    key = guarded(certificate.public_key, None)
    if key is None:
        yield f"The public key is {public_key_kind(certificate)}."
    elif isinstance(key, rsa.RSAPublicKey):
        if key.key_size < 2048:
            yield f"The RSA key has {key.key_size} bits; fewer than 2048 are too weak for today's peers."
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVES:
            yield f"The key is on the curve {key.curve.name}, which few peers accept."
    elif public_key_kind(certificate) not in ("Ed25519", "Ed448"):
        yield f"The public key is of the kind {public_key_kind(certificate)}, which TLS does not use."


def _validity(certificate: x509.Certificate) -> Iterator[str]:
    begin, end = validity(certificate)
    if end < begin:
        yield f"The dates are reversed: it ends on {end:%Y-%m-%d}, before it begins on {begin:%Y-%m-%d}."


def _extensions(certificate: x509.Certificate) -> Iterator[str]:
    if fault := extensions_fault(certificate):
        yield f"The extensions cannot be read: {fault} (RFC 5280 s4.2)."


def _names(certificate: x509.Certificate) -> Iterator[str]:
    for title, name in (("subject", subject(certificate)), ("issuer", issuer(certificate))):
        if name is None:
            yield f"The {title} cannot be read (RFC 5280 s4.1.2.4)."
            continue
        for field in FIELDS.values():
            for value in values(name, field.oid):
                yield from _value(f"{field.title} of the {title}", value, field.most)
    if issuer(certificate) is not None and not guarded(lambda: certificate.issuer.rdns, []):
        yield "The issuer is empty (RFC 5280 s4.1.2.4)."
    if not common_names(certificate) and not dns_names(certificate):
        yield "There is neither a Common Name nor a SAN dNSName."
    for value in dns_names(certificate):
        yield from _value("SAN dNSName", value, 253)


def _value(title: str, value: str, most: int) -> Iterator[str]:
    if not value:
        yield f"The {title} is empty."
    elif len(value) > most:
        yield f"The {title} has {len(value)} characters; at most {most} are allowed (RFC 5280 A.1)."
    if "\0" in value:
        yield f"The {title} has a NUL in it, which other programs may take for its end."
    elif found := control_character(value):
        yield f"The {title} has the control character {quoted(found)} in it."


RULES: tuple[Callable[[x509.Certificate], Iterator[str]], ...] = (
    _version,
    _serial_number,
    _signature,
    _public_key,
    _validity,
    _names,
    _extensions,
)
