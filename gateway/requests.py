"""Self-signed certificates and signing requests: the subject that was typed, its names, and the signature."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from gateway.fields import extension, subject
from gateway.guarded import Unreadable, attempt
from gateway.refusals import CertificateRefused
from state.names import InvalidName, host_name
from state.wording import CONTROL, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from gateway.loading import PrivateKey

MOST_DAYS = 36_500
MOST_NAMES = 100


class Field(NamedTuple):
    """An attribute of a subject: how it is called, its type, and its upper bound (RFC 5280 appendix A.1)."""

    title: str
    oid: x509.ObjectIdentifier
    most: int
    required: bool = True


FIELDS = {
    "country": Field("Country", NameOID.COUNTRY_NAME, 2),
    "state": Field("State or Province", NameOID.STATE_OR_PROVINCE_NAME, 128),
    "locality": Field("Locality or City", NameOID.LOCALITY_NAME, 128),
    "organization": Field("Organization", NameOID.ORGANIZATION_NAME, 64),
    "organizational_unit": Field("Organizational Unit", NameOID.ORGANIZATIONAL_UNIT_NAME, 64, required=False),
    "common_name": Field("Common Name", NameOID.COMMON_NAME, 64),
}
"""The fields of `Subject` in the order in which they are encoded and shown."""


class Subject(NamedTuple):
    """Who a certificate is for; each value is one that `subject_value` gave, "" where there is none."""

    common_name: str
    organization: str = ""
    organizational_unit: str = ""
    locality: str = ""
    state: str = ""
    country: str = ""


def subject_value(field: str, typed: str) -> str:
    """Return one typed value of a subject in the form in which it is used.

    Args:
        field: the name of a field of `Subject`.
        typed: what was typed; letters beyond ASCII are kept (UTF8String).

    Raises:
        CertificateRefused: it is missing, too long, or has characters that no name may have.
    """
    title, _, most, required = FIELDS[field]
    value = typed.strip()
    if not value:
        if required:
            raise CertificateRefused(f"{title} must not be empty.")
        return ""
    if field == "country":
        if len(value) != 2 or not (value.isascii() and value.isalpha()):
            raise CertificateRefused(f"Country must be exactly two letters, like JP; not {quoted(value)}.")
        return value.upper()
    if found := control_character(value):
        raise CertificateRefused(f"{title} must not have the control character {quoted(found)}.")
    octets = len(value.encode())
    if octets > most:
        # X.520 counts characters; many programs, OpenSSL among them, have refused more octets than that.
        raise CertificateRefused(f"{title} is {octets} octets long in UTF-8; the bound is {most} (RFC 5280).")
    return value


def control_character(text: str) -> str | None:
    """Return the first character that must not reach a screen, None if there is none."""
    found = re.search(CONTROL, text)
    return found[0] if found else None


def alternative_names(typed: str) -> tuple[str, ...]:
    """Return the subject alternative names of a line, separated by commas, as A-labels without repetitions.

    `*` is accepted as the whole left-most label (rule V4).

    Raises:
        CertificateRefused: one is no full domain name, or there are too many.
    """
    names: list[str] = []
    for part in filter(None, (part.strip() for part in typed.split(","))):
        star = "*." if part.startswith("*.") else ""
        try:
            names.append(star + host_name(part.removeprefix("*.")))
        except InvalidName as error:
            fault = "a * may only be the whole left-most label" if "*" in part.removeprefix("*.") else str(error)
            raise CertificateRefused(f"{quoted(part)} is no full domain name: {fault}.") from None
    if len(names) > MOST_NAMES:
        raise CertificateRefused(f"There are {len(names)} names; at most {MOST_NAMES} are taken.")
    return tuple(dict.fromkeys(names))


def self_signed(who: Subject, names: tuple[str, ...], key: PrivateKey, now: datetime, days: int) -> str:
    """Return a self-signed certificate of version 3, PEM.

    It is signed with SHA-256 (sha256WithRSAEncryption, ecdsa-with-SHA256) whatever the curve: that is the choice the
    operator made by name, RFC 5758 allows it for P-384, and nobody checks the signature of a certificate that is
    trusted for itself. Ed25519 and Ed448 have their own digest. There is no key usage, for a partner that puts it
    into a list of authorities needs it to count as its own issuer.

    Args:
        who: subject and issuer.
        names: SAN dNSNames, as `alternative_names` gave them; the extension is left out if there are none.
        key: the private key.
        now: the beginning of its validity; an aware UTC time.
        days: its length, 1 to `MOST_DAYS`.

    Raises:
        CertificateRefused: the days are out of bounds, or a value is.
    """
    if not 1 <= days <= MOST_DAYS:
        raise CertificateRefused(f"The duration must be from 1 to {MOST_DAYS} days, not {days}.")
    name = _encoded(who)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(_alternative(names), critical=False)
    return builder.sign(key, digest(key)).public_bytes(serialization.Encoding.PEM).decode()


def signing_request(who: Subject, names: tuple[str, ...], key: PrivateKey) -> str:
    """Return a certificate signing request (RFC 2986) with the same subject and names, PEM.

    Raises:
        CertificateRefused: a value is out of bounds.
    """
    builder = x509.CertificateSigningRequestBuilder().subject_name(_encoded(who))
    if names:
        builder = builder.add_extension(_alternative(names), critical=False)
    return builder.sign(key, digest(key)).public_bytes(serialization.Encoding.PEM).decode()


def request_for(certificate: x509.Certificate, key: PrivateKey) -> str:
    """Return a signing request that asks for a certificate like this one: its subject and its alternative names, PEM.

    Raises:
        CertificateRefused: the certificate's subject cannot be read or written.
    """
    name = subject(certificate)
    names = extension(certificate, x509.SubjectAlternativeName)
    if name is None:
        raise CertificateRefused("The subject of the certificate cannot be read; no request can be made for it.")
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    try:
        signed = attempt(lambda: builder.sign(key, digest(key)))
    except Unreadable:
        raise CertificateRefused("No request can be made with the names of this certificate.") from None
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def digest(key: PrivateKey) -> hashes.SHA256 | None:
    """Return the digest with which `key` signs; None for the kinds that have their own."""
    return hashes.SHA256() if isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)) else None


def _encoded(who: Subject) -> x509.Name:
    filled = {name: subject_value(name, value) for name, value in who._asdict().items() if value}
    return x509.Name([x509.NameAttribute(FIELDS[name].oid, filled[name]) for name in FIELDS if name in filled])


def _alternative(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
