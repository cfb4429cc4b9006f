"""Making private keys, and telling whether a key belongs to a certificate.

An RSA key of 4096 bits takes from a tenth of a second to some seconds, and no call of the library can be stopped. So
RSA keys are made by a child process whose result comes over a pipe; Ctrl-C kills it. The key is never on a command
line, in the environment or in a file.
"""

from __future__ import annotations

import select
import subprocess
import sys
from typing import Literal, cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from gateway.guarded import guarded
from gateway.loading import CURVES, PrivateKey, read_private_key
from gateway.refusals import CertificateRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

Curve = Literal["P-256", "P-384"]

RSA_SIZES = (1024, 2048, 3072, 4096)
TICK = 0.05
"""Seconds between two calls of `while_waiting`."""

CHILD = """
import sys
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
key = rsa.generate_private_key(65537, int(sys.argv[1]))
sys.stdout.buffer.write(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
"""


def generate_rsa(bits: int, while_waiting: Callable[[], None] = lambda: None) -> rsa.RSAPrivateKey:
    """Return a new RSA key with the exponent 65537.

    Works from any thread. KeyboardInterrupt, and whatever `while_waiting` raises, ends the work within a tenth of a
    second and leaves no process behind.

    Args:
        bits: one of `RSA_SIZES`.
        while_waiting: called some twenty times a second; may show that work goes on, or raise to cancel.

    Raises:
        CertificateRefused: the size is none of these, or no process could be started.
    """
    if bits not in RSA_SIZES:
        raise CertificateRefused(f"An RSA key of {bits} bits is not made; 1024, 2048, 3072 and 4096 are the sizes.")
    # -P: the folder one stands in offers no modules. A session of its own: Ctrl-C is for the parent to see.
    command = [sys.executable, "-P", "-c", CHILD, str(bits)]
    try:
        child = subprocess.Popen(  # noqa: S603 - this Python, a constant program and a number
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CertificateRefused(f"The key could not be made: {error.strerror or error}.") from None
    pipe = cast("IO[bytes]", child.stdout)  # PIPE was asked for
    try:
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while not poll.poll(TICK * 1000):
            while_waiting()
        der = pipe.read()
    finally:
        child.kill()
        pipe.close()
        child.wait()
    key = read_private_key(der) if der else None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateRefused("The key could not be made: the process that made it ended early.")
    return key


def generate_ec(curve: Curve) -> ec.EllipticCurvePrivateKey:
    """Return a new ECDSA key; at once."""
    return ec.generate_private_key(ec.SECP384R1() if curve == "P-384" else ec.SECP256R1())


def key_pem(key: PrivateKey) -> str:
    """Return a private key as PKCS#8 PEM in clear text, for sealing."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def key_kind(key: object) -> str:
    """Return the kind and size of a private or public key: `RSA 2048`, `ECDSA P-256`, `Ed25519`."""
    if isinstance(key, (rsa.RSAPrivateKey, rsa.RSAPublicKey)):
        return f"RSA {key.key_size}"
    if isinstance(key, (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)):
        return f"ECDSA {CURVES.get(key.curve.name, key.curve.name)}"
    if isinstance(key, (ed448.Ed448PrivateKey, ed448.Ed448PublicKey)):
        return "Ed448"
    return type(key).__name__.removesuffix("PrivateKey").removesuffix("PublicKey")


def belongs(key: PrivateKey, certificate: x509.Certificate) -> bool:
    """Tell whether the certificate holds the public key of `key`."""
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    held = guarded(lambda: certificate.public_key().public_bytes(*spki), None)
    return held is not None and held == key.public_key().public_bytes(*spki)


def refuse_foreign_key(key: PrivateKey, certificate: x509.Certificate) -> None:
    """Refuse a key that does not belong to a certificate.

    Raises:
        CertificateRefused: their public keys differ.
    """
    if not belongs(key, certificate):
        held = guarded(certificate.public_key, None)
        kind = key_kind(held) if held is not None else "unknown"
        raise CertificateRefused(
            f"The private key ({key_kind(key)}) does not belong to the certificate (its public key: {kind})."
        )
