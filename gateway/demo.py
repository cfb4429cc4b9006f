"""The Demo certificate that every system has: self-signed, made when it is first needed, never for real use."""

from __future__ import annotations

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
                certificate, key = demo_certificate(store.now())
                profile = CertificateProfile(certificate=certificate, private_key=store.vault.seal(key))
                kept = msgspec.json.encode(profile)
                store.folder.write(FILE, kept)
    return msgspec.json.decode(kept, type=CertificateProfile)


def demo_certificate(now: datetime) -> tuple[str, str]:
    """Return a new Demo certificate that begins at `now` and its private key (PKCS#8), both PEM."""
    from gateway.keys import generate_ec, key_pem  # cryptography, and only once in an appliance's life
    from gateway.requests import Subject, self_signed

    key = generate_ec("P-256")
    return self_signed(Subject(COMMON_NAME), (), key, now, DAYS), key_pem(key)
