"""The Demo certificate that every system has: self-signed, made when it is first needed, never for real use."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from state.model import CertificateProfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from state.store import Store

FILE = "demo.json"
COMMON_NAME = "Demo certificate"
DAYS = 3650


def demo_profile(store: Store) -> CertificateProfile:
    """Return this appliance's Demo certificate, its key sealed; made and kept at the first call.

    Raises:
        OSError: the appliance directory cannot be read or written.
    """
    kept = store.folder.read(FILE)
    if kept is None:
        with store.folder.lock("demo"):
            kept = store.folder.read(FILE)
            if kept is None:
                certificate, key = self_signed(COMMON_NAME, store.now(), DAYS)
                profile = CertificateProfile(certificate=certificate, private_key=store.vault.seal(key))
                kept = msgspec.json.encode(profile)
                store.folder.write(FILE, kept)
    return msgspec.json.decode(kept, type=CertificateProfile)


def self_signed(common_name: str, now: datetime, days: int) -> tuple[str, str]:
    """Return a self-signed P-256 certificate and its private key (PKCS#8), both PEM.

    Args:
        common_name: CN of subject and issuer, at most 64 characters (RFC 5280 A.1).
        now: the beginning of its validity; an aware UTC time.
        days: its length.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()
