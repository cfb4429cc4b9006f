"""What a list and a view show of a certificate; every text is printable, whatever stands in the certificate."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from gateway.fields import dns_names, extension, extensions_fault, issuer, one_line, short_name, shown, subject
from gateway.guarded import guarded
from gateway.keys import key_kind
from state.wording import counted, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

Status = Literal["Valid", "Expired", "Not yet valid", "Expiring"]

EXPIRING = timedelta(days=30)
SHOWN_NAME = 256
SIGNATURES = {
    getattr(SignatureAlgorithmOID, name): text
    for name, text in {
        "RSA_WITH_MD5": "md5WithRSAEncryption",
        "RSA_WITH_SHA1": "sha1WithRSAEncryption",
        "RSA_WITH_SHA224": "sha224WithRSAEncryption",
        "RSA_WITH_SHA256": "sha256WithRSAEncryption",
        "RSA_WITH_SHA384": "sha384WithRSAEncryption",
        "RSA_WITH_SHA512": "sha512WithRSAEncryption",
        "RSASSA_PSS": "rsassaPss",
        "ECDSA_WITH_SHA1": "ecdsa-with-sha1",
        "ECDSA_WITH_SHA224": "ecdsa-with-sha224",
        "ECDSA_WITH_SHA256": "ecdsa-with-sha256",
        "ECDSA_WITH_SHA384": "ecdsa-with-sha384",
        "ECDSA_WITH_SHA512": "ecdsa-with-sha512",
        "DSA_WITH_SHA1": "dsa-with-sha1",
        "DSA_WITH_SHA256": "dsa-with-sha256",
        "ED25519": "Ed25519",
        "ED448": "Ed448",
    }.items()
}
PURPOSES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "anyExtendedKeyUsage",
}


def common_name(certificate: x509.Certificate) -> str:
    """Return what a list shows of the subject: its common name, else its organization, else all of it."""
    return short_name(subject(certificate))


def issuer_common_name(certificate: x509.Certificate) -> str:
    """Return what a list shows of the issuer: its common name, else its organization, else all of it."""
    return short_name(issuer(certificate))


def subject_line(certificate: x509.Certificate) -> str:
    """Return the subject as `C=JP,ST=Osaka,L=Osaka,O=Example Mail,CN=mail.example.com`."""
    return one_line(subject(certificate))


def issuer_line(certificate: x509.Certificate) -> str:
    """Return the issuer as `C=JP,O=Example Trust,CN=Example CA`."""
    return one_line(issuer(certificate))


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """Return the first and the last moment of its validity; both aware, UTC."""
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def status(certificate: x509.Certificate, now: datetime) -> Status:
    """Return what holds at `now`, an aware time; Expiring for the last 30 days."""
    begin, end = validity(certificate)
    if now > end:
        return "Expired"
    if now < begin:
        return "Not yet valid"
    return "Expiring" if end - now <= EXPIRING else "Valid"


def remaining_days(certificate: x509.Certificate, now: datetime) -> int:
    """Return how many days it is still valid, a begun day counted whole; 0 when it has expired.

    So a certificate made for 3650 days has 3650 of them right after.
    """
    left = validity(certificate)[1] - now
    return max(0, -(-left // timedelta(days=1)))


def remaining_text(certificate: x509.Certificate, now: datetime) -> str:
    """Return `3650 days`, `1 day`, `0 days`."""
    return counted(remaining_days(certificate, now), "day")


def signature_algorithm(certificate: x509.Certificate) -> str:
    """Return the name of the signature's algorithm, its number where it has no name here."""
    oid = certificate.signature_algorithm_oid
    return SIGNATURES.get(oid, oid.dotted_string)


def public_key_kind(certificate: x509.Certificate) -> str:
    """Return `RSA 2048`, `ECDSA P-256`, `Ed25519`, or the number of a kind that is not supported."""
    key = guarded(certificate.public_key, None)
    return key_kind(key) if key is not None else f"not supported ({certificate.public_key_algorithm_oid.dotted_string})"


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the whole certificate, upper case, pairs separated by colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def details(certificate: x509.Certificate) -> list[tuple[str, str]]:
    """Return what VIEW shows: pairs of a label and a text on one line."""
    begin, end = validity(certificate)
    lines = [
        ("Subject", subject_line(certificate)),
        ("Issuer", issuer_line(certificate)),
        ("Version", str(guarded(lambda: certificate.version.value + 1, "not readable"))),
        ("Serial number", guarded(lambda: _hexadecimal(certificate.serial_number), "not readable")),
        ("Signature algorithm", signature_algorithm(certificate)),
        ("Public key", public_key_kind(certificate)),
        ("Not before", f"{begin:%Y-%m-%d %H:%M:%S} GMT"),
        ("Not after", f"{end:%Y-%m-%d %H:%M:%S} GMT"),
    ]
    fault = extensions_fault(certificate)
    lines += [("Extensions", f"not readable: {fault}")] if fault else _extension_lines(certificate)
    return [*lines, ("SHA-256 fingerprint", fingerprint(certificate))]


def _extension_lines(certificate: x509.Certificate) -> list[tuple[str, str]]:
    lines = []
    names = [shown(name, SHOWN_NAME) for name in dns_names(certificate)]
    alternative = extension(certificate, x509.SubjectAlternativeName)
    if alternative is not None:
        names += [shown(_other_name(name), SHOWN_NAME) for name in alternative if not isinstance(name, x509.DNSName)]
        lines.append(("Subject alternative names", ", ".join(names) or "none"))
    purposes = extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None:
        texts = [PURPOSES.get(purpose, purpose.dotted_string) for purpose in purposes]
        lines.append(("Extended key usage", ", ".join(texts)))
    usage = extension(certificate, x509.KeyUsage)
    if usage is not None:
        lines.append(("Key usage", ", ".join(_usages(usage)) or "none"))
    constraints = extension(certificate, x509.BasicConstraints)
    if constraints is not None:
        length = "" if constraints.path_length is None else f", path length {constraints.path_length}"
        lines.append(("Basic constraints", f"CA: {'yes' if constraints.ca else 'no'}{length}"))
    identifier = extension(certificate, x509.SubjectKeyIdentifier)
    if identifier is not None:
        lines.append(("Subject key identifier", identifier.digest.hex(":").upper()[:SHOWN_NAME]))
    return lines


def _usages(usage: x509.KeyUsage) -> list[str]:
    kinds = {
        "digital_signature": "digitalSignature",
        "content_commitment": "nonRepudiation",
        "key_encipherment": "keyEncipherment",
        "data_encipherment": "dataEncipherment",
        "key_agreement": "keyAgreement",
        "key_cert_sign": "keyCertSign",
        "crl_sign": "cRLSign",
    }
    return [text for attribute, text in kinds.items() if getattr(usage, attribute)]


def _other_name(name: x509.GeneralName) -> str:
    if isinstance(name, x509.IPAddress):
        return f"IP {name.value}"
    if isinstance(name, x509.RFC822Name):
        return f"email {name.value}"
    if isinstance(name, x509.UniformResourceIdentifier):
        return f"URI {name.value}"
    return f"directory name {one_line(name.value)}" if isinstance(name, x509.DirectoryName) else "another kind of name"


def _hexadecimal(serial: int) -> str:
    text = f"{abs(serial):x}"
    pairs = bytes.fromhex(text.zfill(len(text) + len(text) % 2)).hex(":").upper()
    return printable(("-" if serial < 0 else "") + pairs)
