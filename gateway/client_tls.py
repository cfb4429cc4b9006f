"""TLS where this system is the client of a mail server: its contexts, made once for one configuration.

A context holds no authority and verifies nothing: the handshake always succeeds where it can, and what the peer
presented is judged afterwards (rule S4). That also makes a context cheap.
"""

from __future__ import annotations

import os
import re
import ssl
import warnings
from _ssl import ENCODING_DER

from gateway.ciphers import DEFAULT, TLS_1_3_SUITES
from state.problems import StateRefusal
from state.section import DEMO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any, TypeAlias

    from state.model import CertificateProfile, Configuration, OutboundTls, TlsMethod
    from state.store import Store

    Key: TypeAlias = tuple[tuple[TlsMethod, ...], str | None, str | None, str | None, tuple[str, ...]]

KEPT = 4
"""Contexts that are kept: the committed configuration's, the staged one's, and those they replace."""

_SUPPRESSED = {
    "TLSv1.0": ssl.Options.OP_NO_TLSv1,
    "TLSv1.1": ssl.Options.OP_NO_TLSv1_1,
    "TLSv1.2": ssl.Options.OP_NO_TLSv1_2,
    "TLSv1.3": ssl.Options.OP_NO_TLSv1_3,
}


class TlsUnusable(StateRefusal):
    """The outbound TLS settings or the certificate that is shown to peers cannot be used; the text says why."""


class ClientContexts:
    """The contexts of an appliance, each made when it is first needed.

    They are found by what the configuration says, so a commit that changes methods, ciphers or the certificate gets
    another one by itself. Keys are held sealed here and clear in OpenSSL alone.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[Key, ssl.SSLContext] = {}
        self._demo: tuple[Hashable, CertificateProfile] | None = None

    def context(self, configuration: Configuration) -> ssl.SSLContext:
        """Return the context of a configuration.

        Raises:
            TlsUnusable: OpenSSL refuses the methods, the ciphers or the certificate.
            SecretUnavailable: the key is masked, or another appliance's.
            OSError: the appliance directory cannot be read.
        """
        outbound = configuration.tls.outbound
        profile = self._profile(configuration)
        key: Key = (
            tuple(outbound.methods),
            outbound.ciphers,
            profile.certificate if profile else None,
            profile.private_key if profile else None,
            tuple(profile.intermediates) if profile else (),
        )
        context = self._made.pop(key, None)
        if context is None:
            private_key = self._store.vault.open(profile.private_key) if profile and profile.private_key else None
            context = client_context(outbound, profile, private_key)
        self._made[key] = context
        while len(self._made) > KEPT:
            del self._made[next(iter(self._made))]
        return context

    def _profile(self, configuration: Configuration) -> CertificateProfile | None:
        name = configuration.destinations.certificate
        if name in configuration.certificates:
            return configuration.certificates[name]
        if name != DEMO:
            return None
        from gateway.demo import FILE, demo_profile

        mark = self._store.folder.stamp(FILE)
        if self._demo is None or mark is None or self._demo[0] != mark:
            self._demo = (mark, demo_profile(self._store))
        return self._demo[1]


def client_context(
    outbound: OutboundTls, profile: CertificateProfile | None = None, private_key: str | None = None
) -> ssl.SSLContext:
    """Return a new context.

    Args:
        outbound: methods and ciphers.
        profile: the certificate to show to peers that ask for one; without a key none is shown.
        private_key: the profile's key, PEM in clear text.

    Raises:
        TlsUnusable: OpenSSL refuses the methods, the ciphers or the certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _switch_methods(context, outbound)
    _switch_ciphers(context, outbound)
    if profile is not None and private_key is not None:
        try:
            _load_certificate(context, "\n".join((profile.certificate, *profile.intermediates)), private_key)
        except (OSError, ValueError):  # the reason is lost behind a pipe
            raise TlsUnusable(
                "OpenSSL refuses the certificate for outgoing connections: it is too weak or cannot be read, "
                "or the key is another's."
            ) from None
    return context


def _switch_methods(context: ssl.SSLContext, outbound: OutboundTls) -> None:
    with warnings.catch_warnings():
        # Old versions are the operator's choice, and there may be gaps between those that are switched on.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
        for method, option in _SUPPRESSED.items():
            if method not in outbound.methods:
                context.options |= option


def _switch_ciphers(context: ssl.SSLContext, outbound: OutboundTls) -> None:
    # TLS 1.3 suites are switched by the method; names of them would hide a word that must stand first.
    words = [word for word in re.split("[:;, ]+", outbound.ciphers or DEFAULT) if word]
    kept = [word for word in words if word.lstrip("!+-") not in TLS_1_3_SUITES]
    if not kept and "TLSv1.3" in outbound.methods:
        return
    try:
        context.set_ciphers(":".join(kept))
    except ssl.SSLError:
        raise TlsUnusable("The cipher string for outgoing connections leaves no cipher; see sslconfig.") from None


def _load_certificate(context: ssl.SSLContext, chain: str, private_key: str) -> None:
    """Hand a certificate with its key to OpenSSL, which reads files only: two pipes, so that no key is on a disk."""
    ends: list[int] = []
    try:
        for text in (chain, private_key):
            reading, writing = os.pipe()
            ends.append(reading)
            os.set_blocking(writing, False)
            try:
                with open(writing, "wb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor, no path
                    if pipe.write(text.encode()) != len(text.encode()):
                        raise ValueError("a pipe holds 64 kB")
            except BlockingIOError:
                raise ValueError("a pipe holds 64 kB") from None
        context.load_cert_chain(f"/dev/fd/{ends[0]}", f"/dev/fd/{ends[1]}")
    finally:
        for end in ends:
            os.close(end)


def presented_chain(session: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates as the peer presented them, DER, its own first; nothing of them is verified."""
    if hasattr(session, "get_unverified_chain"):  # public from Python 3.13
        return tuple(session.get_unverified_chain() or ())
    hidden: Any = session
    chain = hidden._sslobj.get_unverified_chain() or ()
    return tuple(one.public_bytes(ENCODING_DER) for one in chain)
