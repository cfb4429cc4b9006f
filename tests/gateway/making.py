"""Certificates, keys and lists as tests need them, good and bad; made by `cryptography`, not by what is tested."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from gateway.certificates import common_name, details, issuer_common_name, remaining_days, status, subject_line
from gateway.chain_order import is_self_signed, issued
from gateway.deviations import deviations
from gateway.keys import belongs
from gateway.names import name_faults
from state.wording import CONTROL

NOW = datetime(2026, 5, 23, 11, 42, 12, tzinfo=UTC)
KEYS = [ec.generate_private_key(ec.SECP256R1()) for _ in range(8)]
PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER


class Made(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    @property
    def key_pem(self) -> str:
        return key_text(self.key)


def key_text(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, pass_phrase: str = "") -> str:
    how = serialization.BestAvailableEncryption(pass_phrase.encode()) if pass_phrase else serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, how).decode()


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make(
    common_name: str = "mail.example.com",
    issuer: Made | None = None,
    *,
    key: int = 0,
    ca: bool | None = False,
    names: tuple[str, ...] = (),
    begin: int = -10,
    days: int = 365,
    subject: x509.Name | None = None,
    serial: int | None = None,
    extensions: tuple[x509.ExtensionType, ...] = (),
    critical: tuple[x509.ExtensionType, ...] = (),
    path_length: int | None = None,
) -> Made:
    """Return a certificate; self-signed without an issuer. `begin` and `days` count from NOW and from its beginning."""
    own = KEYS[key]
    subject = name(common_name) if subject is None else subject
    begins = NOW + timedelta(days=begin)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    if names:
        san = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
        builder = builder.add_extension(san, critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    for extension in critical:
        builder = builder.add_extension(extension, critical=True)
    return Made(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own)


def rename(made: Made, old: bytes, new: bytes) -> x509.Certificate:
    """Return the certificate with bytes of its DER exchanged for as many others; its signature breaks."""
    assert len(old) == len(new)
    assert old in made.der
    with warnings.catch_warnings(action="ignore"):  # of what is broken here on purpose
        return x509.load_der_x509_certificate(made.der.replace(old, new))


def with_serial(octet: int, ca: bool = False) -> x509.Certificate:
    """Return a certificate whose serial number has one octet: 0x00 is zero, 0xff is -1."""
    return rename(make(serial=0x41, ca=ca), b"\x02\x01\x02\x02\x01\x41", bytes([2, 1, 2, 2, 1, octet]))


def make_crl(
    issuer: Made,
    *,
    begin: int = -1,
    days: int = 7,
    revoked: int = 1,
    key: int | None = None,
    serials: tuple[int, ...] = (),
    critical: tuple[x509.ExtensionType, ...] = (),
) -> bytes:
    """Return a revocation list, PEM; signed by another key than the issuer's where `key` says so."""
    begins = NOW + timedelta(days=begin)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(begins)
        .next_update(begins + timedelta(days=days))
    )
    for serial in serials or range(1, revoked + 1):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begins).build()
        builder = builder.add_revoked_certificate(entry)
    for extension in critical:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuer.key if key is None else KEYS[key], hashes.SHA256()).public_bytes(PEM)


OWN = make(key=7)


def look_at(certificate: x509.Certificate) -> None:
    """Ask all there is to ask of a certificate; what is shown moves no cursor."""
    shown = [text for pair in details(certificate) for text in pair]
    shown += [common_name(certificate), issuer_common_name(certificate), subject_line(certificate)]
    shown += [*deviations(certificate), *name_faults(certificate), status(certificate, NOW)]
    assert not re.search(CONTROL, "".join(shown))
    assert remaining_days(certificate, NOW) >= 0
    assert not issued(certificate, OWN.certificate)
    assert not belongs(OWN.key, certificate)
    is_self_signed(certificate)
