"""Public keys that are trusted without a certificate: TLSA records with the key itself (rule T13)."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

from gateway.guarded import Unreadable, attempt, guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_KEYS = 32
"""Keys that are tried; a domain publishes one or two."""


def same_key(certificate: x509.Certificate, keys: Sequence[bytes]) -> bool:
    """Tell whether the key of a certificate is one of `keys` (SubjectPublicKeyInfo, DER)."""
    return bool(keys) and guarded(lambda: _key_info(certificate), None) in keys


def signed_by(certificate: x509.Certificate, keys: Sequence[bytes]) -> bool:
    """Tell whether one of `keys` (SubjectPublicKeyInfo, DER) signed a certificate, whatever its issuer's name."""
    return any(_signed(certificate, key) for key in dict.fromkeys(keys[:MOST_KEYS]))


def _key_info(certificate: x509.Certificate) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(serialization.Encoding.DER, form)


def _signed(certificate: x509.Certificate, key_info: bytes) -> bool:
    try:
        key = attempt(lambda: serialization.load_der_public_key(key_info))
        attempt(lambda: _verify(certificate, key))
    except Unreadable:
        return False
    return True


def _verify(certificate: x509.Certificate, key: object) -> None:
    """Check a signature; any error means that it does not hold."""
    signature, content = certificate.signature, certificate.tbs_certificate_bytes
    digest, how = certificate.signature_hash_algorithm, certificate.signature_algorithm_parameters
    if isinstance(key, rsa.RSAPublicKey) and digest is not None and isinstance(how, (padding.PKCS1v15, padding.PSS)):
        key.verify(signature, content, how, digest)
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(how, ec.ECDSA):
        key.verify(signature, content, how)
    elif isinstance(key, dsa.DSAPublicKey) and digest is not None:
        key.verify(signature, content, digest)
    elif isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        key.verify(signature, content)
    else:
        raise ValueError("a key of another kind than the signature")
