"""The Demo certificate: made once, self-signed, its key sealed."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.demo import demo_certificate, demo_profile
from state.folder import Disk
from state.store import Store

NOON = datetime(2026, 5, 23, 11, 42, 12, tzinfo=UTC)


def test_it_is_made_once_and_its_key_is_sealed(disk: Disk) -> None:
    first = demo_profile(Store(disk, lambda: NOON))
    assert demo_profile(Store(disk, lambda: NOON + timedelta(days=5))) == first
    assert first.private_key is not None
    assert first.private_key.startswith("sealed:")
    everything = b"".join(path.read_bytes() for path in Path(disk.path).rglob("*") if path.is_file())
    assert b"PRIVATE KEY" not in everything


def test_it_is_a_self_signed_p256_certificate_that_begins_by_the_clock() -> None:
    pem, _ = demo_certificate(NOON)
    certificate = x509.load_pem_x509_certificate(pem.encode())
    certificate.verify_directly_issued_by(certificate)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_before_utc == NOON
    assert certificate.not_valid_after_utc == NOON + timedelta(days=3650)


def test_openssl_takes_certificate_and_key_for_a_server(disk: Disk, tmp_path: Path) -> None:
    store = Store(disk, lambda: NOON)
    profile = demo_profile(store)
    pem = tmp_path / "demo.pem"
    pem.write_text(profile.certificate + store.vault.open(profile.private_key or ""))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pem)
