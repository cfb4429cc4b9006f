"""The TLS side of a server of a world: any certificate, any version, groups that are too small."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dh, rsa

from gateway.guarded import Unreadable, attempt
from shell.world.behaviour import NotUnderstood
from shell.world.peer import note_server_name
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from shell.world.certificates import Presented

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
EVERYTHING = "ALL:@SECLEVEL=0"
"""What a server of a world allows: the client is the one to refuse."""

_OAKLEY = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A6"
)
GROUPS = {
    768: _OAKLEY + "3A3620FFFFFFFFFFFFFFFF",
    1024: _OAKLEY + "37ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
}
"""The first and the second Oakley group (RFC 2409 s6), with the generator 2."""


def server_context(
    presented: Presented, versions: Sequence[str], ciphers: str | None = None, dh_bits: int | None = None
) -> ssl.SSLContext:
    """Return the context of a server.

    Args:
        presented: its certificate, key and chain.
        versions: at least one; all between the oldest and the newest are spoken.
        ciphers: an OpenSSL cipher string for TLS 1.2 and older; all there are, if None.
        dh_bits: a key of `GROUPS`: only key exchange over that group is done.

    Raises:
        NotUnderstood: OpenSSL does not take the ciphers, or the group has no use with that key.
    """
    if not versions:
        raise NotUnderstood("has no version of TLS")
    if dh_bits and not isinstance(presented.issued.key, rsa.RSAPrivateKey):
        raise NotUnderstood('has dh_bits, which only goes with an RSA key: certificate = { key = "RSA-2048" }')
    newest = max(versions)
    if dh_bits:
        newest, ciphers = min(newest, "1.2"), ciphers or "kDHE:@SECLEVEL=0"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The old versions are there on purpose; Python warns of them.
    attempt(lambda: setattr(context, "minimum_version", VERSIONS[min(versions)]))
    attempt(lambda: setattr(context, "maximum_version", VERSIONS[newest]))
    try:
        attempt(lambda: context.set_ciphers(ciphers or EVERYTHING))
    except Unreadable:
        raise NotUnderstood(f"has the ciphers {quoted(ciphers)}, which OpenSSL does not take") from None
    context.sni_callback = note_server_name
    with TemporaryDirectory(prefix="asyncsh-world-") as folder:
        # OpenSSL reads both from files only, as Python offers it.
        file = Path(folder) / "presented.pem"
        file.write_text(presented.file())
        context.load_cert_chain(file)
        if dh_bits:
            file.write_bytes(_parameters(dh_bits))
            context.load_dh_params(str(file))
    return context


@cache
def _parameters(bits: int) -> bytes:
    parameters = dh.DHParameterNumbers(int(GROUPS[bits], 16), 2).parameters()
    return parameters.parameter_bytes(serialization.Encoding.PEM, serialization.ParameterFormat.PKCS3)
