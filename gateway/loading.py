"""Certificates, private keys and bundles of both, read from what a person pasted or a file holds.

Everything that is wrong ends in one `CertificateRefused` whose sentence says what was found instead.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography import exceptions, x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from gateway.guarded import Unreadable, attempt, guarded
from gateway.pem import Block, Envelope, Form, open_envelope, pem_text, refuse_endless_rounds
from gateway.refusals import CertificateRefused, PassPhraseNeeded, WrongPassPhrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

PrivateKey: TypeAlias = (
    "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey"
)
"""The kinds of keys that a TLS certificate can have."""

CERTIFICATE = "a certificate"
KEY = "a private key"
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
MOST_CERTIFICATES = 500
LARGEST_KEY = 16 * 1024
"""Bytes of DER: room for RSA keys of 16384 bits; a longer key takes too long to be looked at."""


class Certificates(NamedTuple):
    """Certificates in the order of the input.

    Attributes:
        form: how they were written; the dialog says so where it was not PEM.
        certificates: at least one.
        beside: what else was there and is not used, such as `a private key`.
    """

    form: Form
    certificates: list[x509.Certificate]
    beside: list[str]


def read_certificates(data: bytes | str) -> Certificates:
    """Return the certificates of a PEM text, of DER, or of base64 without its BEGIN line.

    Raises:
        CertificateRefused: there is none, or one that cannot be read.
    """
    envelope = open_envelope(data, CERTIFICATE)
    blocks = certificate_blocks(envelope)
    beside = [block.noun for block in envelope.blocks if block not in blocks]
    many = len(blocks) > 1
    found = [
        load_certificate(block, f"Certificate {number}" if many else "It") for number, block in enumerate(blocks, 1)
    ]
    return Certificates(envelope.form, found, beside)


def certificate_blocks(envelope: Envelope) -> list[Block]:
    """Return the blocks that are certificates by their label or, without labels, perhaps.

    Raises:
        CertificateRefused: there are only others, or too many.
    """
    if envelope.form != "PEM" or not envelope.blocks:
        return envelope.blocks
    blocks = [block for block in envelope.blocks if block.noun == CERTIFICATE]
    if not blocks:
        raise _swapped(envelope.blocks[0].noun, CERTIFICATE)
    if len(blocks) > MOST_CERTIFICATES:
        raise CertificateRefused(f"There are {len(blocks)} certificates in it; at most {MOST_CERTIFICATES} are read.")
    return blocks


def load_certificate(block: Block, what: str = "It") -> x509.Certificate:
    """Return the certificate of one block.

    Args:
        block: the block.
        what: how the sentence calls it, `Certificate 2`.

    Raises:
        CertificateRefused: it is something else, or cannot be read.
    """
    try:
        certificate = attempt(lambda: x509.load_der_x509_certificate(block.der))
    except Unreadable as error:
        noun = None if block.label else _noun_of(block.der)
        if noun not in (None, CERTIFICATE):
            raise _swapped(noun, CERTIFICATE) from None
        if isinstance(error.cause, x509.InvalidVersion):
            version = error.cause.parsed_version + 1
            reason = f"it says version {version}, which X.509 does not have"
        else:
            reason = "its content is damaged or is no X.509 certificate"
        raise CertificateRefused(f"{what} cannot be read as a certificate: {reason}.") from None
    refuse_undated(certificate, what)
    return certificate


def refuse_undated(certificate: x509.Certificate, what: str = "It") -> None:
    """Refuse a certificate whose dates no calendar has; all that is shown and judged needs them.

    Raises:
        CertificateRefused: the beginning or the end of its validity cannot be read.
    """
    if guarded(lambda: (certificate.not_valid_before_utc, certificate.not_valid_after_utc), None) is None:
        raise CertificateRefused(f"{what} cannot be read as a certificate: its dates are none.")


def read_private_key(data: bytes | str, pass_phrase: str | None = None) -> PrivateKey:
    """Return a private key: PKCS#8 or traditional, PEM, base64 or DER, encrypted or not.

    Args:
        data: the input; a pass phrase that is not needed is left aside.
        pass_phrase: what decrypts it; None or "" if nothing was typed.

    Raises:
        PassPhraseNeeded: it is encrypted and there is no pass phrase.
        WrongPassPhrase: the pass phrase does not open it.
        CertificateRefused: there is no key or more than one, it cannot be read, or TLS has no use for it.
    """
    envelope = open_envelope(data, KEY)
    if envelope.form != "PEM":
        return _load_key(envelope.blocks[0], pass_phrase)
    keys = [block for block in envelope.blocks if block.noun == KEY]
    if not keys:
        raise _swapped(envelope.blocks[0].noun, KEY)
    if len(keys) > 1:
        raise CertificateRefused(f"There are {len(keys)} private keys in it; one is expected.")
    return _load_key(keys[0], pass_phrase)


def refuse_unusable_key(key: object) -> PrivateKey:
    """Return `key` if TLS has a use for it.

    Raises:
        CertificateRefused: it is too small, on another curve, or of another kind.
    """
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < 1024:
            raise CertificateRefused(f"The RSA key has {key.key_size} bits; 1024 are the least that is taken.")
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if key.curve.name not in CURVES:
            raise CertificateRefused(f"The key is on the curve {key.curve.name}; P-256, P-384 and P-521 are accepted.")
        return key
    if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        return key
    kind = "DSA" if isinstance(key, dsa.DSAPrivateKey) else type(key).__name__.removesuffix("PrivateKey")
    raise CertificateRefused(f"The key is of the kind {kind}; RSA, ECDSA and Ed25519 keys are accepted.")


def _load_key(block: Block, pass_phrase: str | None) -> PrivateKey:
    if len(block.der) > LARGEST_KEY:
        raise CertificateRefused(f"The private key is longer than {LARGEST_KEY // 1024} kB, which no usable key is.")
    encrypted = block.label == "ENCRYPTED PRIVATE KEY" or b"ENCRYPTED" in block.headers
    if not block.label:
        noun = _noun_of(block.der)
        if noun not in (None, KEY):
            raise _swapped(noun, KEY)
        encrypted = _is_encrypted_pkcs8(block.der)
    if encrypted and not pass_phrase:
        raise PassPhraseNeeded("The private key is encrypted; its pass phrase is needed.")
    refuse_endless_rounds(block.der, "The private key")
    secret = pass_phrase.encode("utf-8", "replace") if encrypted and pass_phrase else None
    try:
        return refuse_unusable_key(attempt(_key_loader(block, secret)))
    except Unreadable as error:
        raise _key_refused(error.cause, encrypted) from None


def _key_loader(block: Block, secret: bytes | None) -> Callable[[], object]:
    if not block.label:
        return lambda: serialization.load_der_private_key(block.der, secret)
    text = pem_text(block.label, block.der, block.headers)
    return lambda: serialization.load_pem_private_key(text, secret)


def _key_refused(cause: BaseException, encrypted: bool) -> CertificateRefused:
    if isinstance(cause, exceptions.UnsupportedAlgorithm) or "Unknown key encryption" in str(cause):
        how = "encrypted in a way" if encrypted else "of a kind or on a curve"
        return CertificateRefused(f"The private key is {how} that is not supported.")
    if "DEK-Info" in str(cause):
        return CertificateRefused("The private key cannot be read: its DEK-Info header is missing or damaged.")
    if encrypted:
        # With one wrong pass phrase in 256 the padding seems right and only the key behind it does not.
        return WrongPassPhrase("The pass phrase does not open the private key.")
    return CertificateRefused("The private key cannot be read: its content is damaged.")


def _is_encrypted_pkcs8(der: bytes) -> bool:
    try:
        attempt(lambda: serialization.load_der_private_key(der, None))
    except Unreadable as error:
        return isinstance(error.cause, TypeError)
    return False


def _swapped(found: str | None, expected: str) -> CertificateRefused:
    return CertificateRefused(f"This is {found}; {expected} is expected.")


def _noun_of(der: bytes) -> str | None:
    """Return what DER without a label is, None if it is nothing known."""
    if _is_encrypted_pkcs8(der):
        return KEY
    kinds: dict[str, Callable[[], object]] = {
        CERTIFICATE: lambda: x509.load_der_x509_certificate(der),
        KEY: lambda: serialization.load_der_private_key(der, None),
        "a certificate signing request": lambda: x509.load_der_x509_csr(der),
        "a certificate revocation list": lambda: x509.load_der_x509_crl(der),
        "a public key": lambda: serialization.load_der_public_key(der),
    }
    for noun, load in kinds.items():
        if guarded(load, None) is not None:
            return noun
    # PFX: SEQUENCE { INTEGER 3, ContentInfo } (RFC 7292 s4)
    return "a PKCS#12 bundle" if b"\x02\x01\x03\x30" in der[:12] else None
