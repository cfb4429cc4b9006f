"""PKCS#12 bundles (RFC 7292): key, certificate and intermediates in one encrypted file.

Read: PBES2 with AES, and what `openssl pkcs12 -export -legacy` and old Windows write (3DES, RC2). Written: PBES2 with
AES-256 and SHA-256, or 3DES and SHA-1 for systems that know nothing newer.
"""

from __future__ import annotations

from typing import Literal

from cryptography import exceptions, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from gateway.chain_order import Bundle, chain, distinct, owner
from gateway.guarded import Unreadable, attempt, guarded
from gateway.keys import refuse_foreign_key
from gateway.loading import PrivateKey, refuse_undated, refuse_unusable_key
from gateway.pem import BEGIN, LARGEST, NOUNS, der_length, refuse_endless_rounds, refuse_too_large
from gateway.refusals import CertificateRefused, PassPhraseNeeded, WrongPassPhrase
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

Encryption = Literal["AES-256", "3DES"]

SHORTEST_PASS_PHRASE = 8
ROUNDS = 100_000
"""Rounds of the derivation of an AES-256 key; some hundredths of a second."""
EXPECTED = "a PKCS#12 bundle"


def read_pkcs12(data: bytes, pass_phrase: str = "") -> Bundle:
    """Return the key, its certificate and the intermediates nearest first, whatever their order in the bundle.

    Certificates that are not of the chain of the key's certificate are in `left_out`.

    Args:
        data: the bundle, DER.
        pass_phrase: what decrypts it; "" for a bundle with an empty one or none.

    Raises:
        PassPhraseNeeded: it has a pass phrase, and none was given.
        WrongPassPhrase: the pass phrase does not open it.
        CertificateRefused: it is none, it is cut off, or lacks a key or the key's certificate.
    """
    _refuse_other_than_pkcs12(data)
    refuse_endless_rounds(data, "The PKCS#12 bundle")
    try:
        found = attempt(lambda: pkcs12.load_pkcs12(data, pass_phrase.encode("utf-8", "replace") or None))
    except Unreadable as error:
        _refuse_certificate(data)
        raise _refused(error.cause, pass_phrase) from None
    held = [found.cert.certificate] if found.cert else []
    held = distinct([*held, *(extra.certificate for extra in found.additional_certs)])
    for certificate in held:
        refuse_undated(certificate, "A certificate of the bundle")
    if found.key is None:
        without = "neither a private key nor a certificate" if not held else "no private key"
        raise CertificateRefused(f"There is {without} in the PKCS#12 bundle; key and certificate are expected.")
    key = refuse_unusable_key(found.key)
    if not held:
        raise CertificateRefused("There is no certificate in the PKCS#12 bundle; key and certificate are expected.")
    leaf = owner(key, held)
    others = [certificate for certificate in held if certificate != leaf]
    links = chain(leaf, others)
    return Bundle(key, leaf, links, [certificate for certificate in others if certificate not in links])


def write_pkcs12(
    key: PrivateKey,
    certificate: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    pass_phrase: str,
    name: str = "",
    encryption: Encryption = "AES-256",
) -> bytes:
    """Return a PKCS#12 bundle.

    Args:
        key: the private key.
        certificate: its certificate.
        intermediates: nearest first; they are written in this order.
        pass_phrase: at least `SHORTEST_PASS_PHRASE` characters.
        name: the friendly name of key and certificate, the profile's; "" for none.
        encryption: `3DES` only for systems that cannot read the other.

    Raises:
        CertificateRefused: the pass phrase is too short, or the key does not belong to the certificate.
    """
    if len(pass_phrase) < SHORTEST_PASS_PHRASE:
        raise CertificateRefused(f"The pass phrase must have at least {SHORTEST_PASS_PHRASE} characters.")
    refuse_foreign_key(key, certificate)
    builder = PrivateFormat.PKCS12.encryption_builder()
    if encryption == "3DES":
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())  # noqa: S303 - the old form has no other
    else:
        builder = builder.kdf_rounds(ROUNDS).key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        builder = builder.hmac_hash(hashes.SHA256())
    try:
        return attempt(
            lambda: pkcs12.serialize_key_and_certificates(
                name.encode() or None, key, certificate, list(intermediates), builder.build(pass_phrase.encode())
            )
        )
    except Unreadable:
        raise CertificateRefused(
            f"The PKCS#12 bundle cannot be written with this pass phrase and the name {quoted(name)}."
        ) from None


def _refuse_other_than_pkcs12(data: bytes) -> None:
    refuse_too_large(data, EXPECTED, LARGEST)
    if not data.strip():
        raise CertificateRefused(f"It is empty; {EXPECTED} is expected.")
    begin = BEGIN.search(data) if data[:1] != b"\x30" else None
    if begin is not None:
        label = begin[1].decode()
        found = NOUNS.get(label, quoted(label))
        raise CertificateRefused(f"This is {found} in PEM form; {EXPECTED} (.p12, .pfx) is expected.")
    length = der_length(data)
    if data[:1] == b"\x30" and length and length > len(data):
        raise CertificateRefused(f"The PKCS#12 bundle is cut off: {len(data)} of {length} bytes are there.")


def _refused(cause: BaseException, pass_phrase: str) -> CertificateRefused:
    if isinstance(cause, exceptions.UnsupportedAlgorithm):
        return CertificateRefused("The PKCS#12 bundle is encrypted in a way, or holds a key, that is not supported.")
    if "password" in str(cause):
        if not pass_phrase:
            return PassPhraseNeeded("The PKCS#12 bundle has a pass phrase; it is needed.")
        return WrongPassPhrase("The pass phrase does not open the PKCS#12 bundle.")
    return CertificateRefused("It is not a PKCS#12 bundle (.p12, .pfx), or it is damaged.")


def _refuse_certificate(data: bytes) -> None:
    """Refuse a certificate in place of a bundle by its name; both are DER.

    Raises:
        CertificateRefused: it is one.
    """
    if guarded(lambda: x509.load_der_x509_certificate(data), None) is not None:
        raise CertificateRefused(f"This is a certificate; {EXPECTED} (.p12, .pfx) with its key is expected.")
