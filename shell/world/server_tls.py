"""The TLS side of a server of a world: any certificate, any version, groups that are too small."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.guarded import Unreadable, attempt
from gateway.pem import pem_text
from shell.world.behaviour import NotUnderstood
from shell.world.peer import note_server_name
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shell.world.certificates import Presented

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
EVERYTHING = "@SECLEVEL=0"
"""What a server of a world allows: the client is the one to refuse."""

WEAK_GROUP = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)
"""The prime of the second Oakley group, 1024 bits (RFC 2409 s6.2), its generator is 2; OpenSSL serves none smaller."""


def server_context(
    presented: Presented, versions: Sequence[str], ciphers: str | None = None, weak_dh: bool = False
) -> ssl.SSLContext:
    """Return the context of a server.

    Args:
        presented: its certificate, key and chain.
        versions: at least one; all between the oldest and the newest are spoken.
        ciphers: an OpenSSL cipher string for TLS 1.2 and older; all there are, if None.
        weak_dh: only key exchange over `WEAK_GROUP` is done, up to TLS 1.2.

    Raises:
        NotUnderstood: OpenSSL does not take the ciphers, or the group has no use with that key.
    """
    if not versions:
        raise NotUnderstood("has no version of TLS")
    if weak_dh and not isinstance(presented.issued.key, rsa.RSAPrivateKey):
        raise NotUnderstood('has weak_dh, which only goes with an RSA key: certificate = { key = "RSA-2048" }')
    newest = max(versions)
    if weak_dh:
        newest, ciphers = min(newest, "1.2"), ciphers or "kDHE"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The old versions are there on purpose; Python warns of them.
    attempt(lambda: setattr(context, "minimum_version", VERSIONS[min(versions)]))
    attempt(lambda: setattr(context, "maximum_version", VERSIONS[newest]))
    try:
        attempt(lambda: context.set_ciphers(f"{ciphers or 'ALL'}:{EVERYTHING}"))
    except Unreadable:
        raise NotUnderstood(f"has the ciphers {quoted(ciphers)}, which OpenSSL does not take") from None
    context.sni_callback = note_server_name
    with _file(presented.file().encode()) as name:
        context.load_cert_chain(name)
    if weak_dh:
        with _file(_parameters()) as name:
            context.load_dh_params(name)
    return context


@contextmanager
def _file(content: bytes) -> Iterator[str]:
    """Give the name of a file with that content: OpenSSL reads keys and groups from files only, as Python offers it."""
    with NamedTemporaryFile(prefix="asyncsh-world-") as file:
        file.write(content)
        file.flush()
        yield file.name


def _parameters() -> bytes:
    """Return the group as PKCS #3 has it: SEQUENCE { prime, generator }; `cryptography` gives such groups up."""
    prime = _encoded(0x02, b"\0" + bytes.fromhex(WEAK_GROUP))
    return pem_text("DH PARAMETERS", _encoded(0x30, prime + _encoded(0x02, b"\x02")))


def _encoded(tag: int, content: bytes) -> bytes:
    """Return DER; the content is shorter than 256 octets."""
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content
