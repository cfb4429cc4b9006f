"""Public keys that are trusted without a certificate: TLSA records with the key itself (rule T13)."""

from __future__ import annotations

from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

from gateway.fields import issuer, subject
from gateway.guarded import Unreadable, attempt, guarded
from gateway.links import MOST_BITS, MOST_EXPONENT_BITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

KEPT = 64
"""Keys that are kept as they were read."""
MOST_SIGNATURES = 64
"""Signatures that are checked; a domain publishes one key or two, and a server sends three certificates."""


def same_key(certificate: x509.Certificate, keys: Sequence[bytes]) -> bool:
    """Tell whether the key of a certificate is one of `keys` (SubjectPublicKeyInfo, DER), however it is encoded."""
    own = guarded(certificate.public_key, None) if keys else None
    return own is not None and any(own == _load(info) for info in keys)


def signed_by(certificates: Iterable[x509.Certificate], keys: Sequence[bytes]) -> list[x509.Certificate]:
    """Return those of the certificates that a key signed which is not their own and whose issuer is not among them.

    Its own key says nothing for a certificate: a server that is no authority would be its own trust anchor (rule T12).
    And where the issuer with the key is there, it stands for the key, with its CA flag and its constraints (T11, T13).

    Args:
        certificates: those of a chain.
        keys: SubjectPublicKeyInfo, DER; what is none, or is more than can be tried, is left out.
    """
    known = {info: key for info in keys if (key := _load(info)) is not None}
    chain = list(dict.fromkeys(certificates))
    found: list[x509.Certificate] = []
    tried = 0
    for certificate in chain:
        for info, key in known.items():
            if tried < MOST_SIGNATURES and certificate not in found and not same_key(certificate, [info]):
                tried += 1
                if _signed(certificate, key) and not _issuer_among(chain, certificate, info):
                    found.append(certificate)
    return found


def _issuer_among(chain: Sequence[x509.Certificate], certificate: x509.Certificate, key_info: bytes) -> bool:
    """Tell whether a chain has the issuer of a certificate that a key signed, by its name and that key."""
    name = issuer(certificate)
    return name is not None and any(subject(one) == name and same_key(one, [key_info]) for one in chain)


@lru_cache(maxsize=KEPT)
def _load(key_info: bytes) -> PublicKeyTypes | None:
    key = guarded(lambda: serialization.load_der_public_key(key_info), None)
    if isinstance(key, rsa.RSAPublicKey):
        slow = key.key_size > MOST_BITS or key.public_numbers().e.bit_length() > MOST_EXPONENT_BITS
        return None if slow else key
    return key


def _signed(certificate: x509.Certificate, key: PublicKeyTypes) -> bool:
    try:
        attempt(lambda: _verify(certificate, key))
    except Unreadable:
        return False
    return True


def _verify(certificate: x509.Certificate, key: PublicKeyTypes) -> None:
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
