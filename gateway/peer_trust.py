"""Is the server of a TLS session the one that was meant? The judgments Verify and Verify Hosted Domains (V1 to V8)."""

from __future__ import annotations

from typing import NamedTuple

from gateway.chain import read_presented
from gateway.guarded import silently
from gateway.names import PresentedNames, hosted_identity, name_faults, presented_names, verify_identity
from gateway.refusals import CertificateRefused
from gateway.verdict import Verdict
from gateway.x509_check import x509_faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography import x509

    from gateway.chain import TrustStore
    from state.model import OutboundTls


class PeerTrust(NamedTuple):
    """A judgment and what it went by.

    Attributes:
        verdict: the whole of it.
        certificates: as presented, the server's own first; () where they cannot be read.
        names: those of the server's certificate.
        missing_issuer: the printable name of the issuer that is in no list; "".
    """

    verdict: Verdict
    certificates: tuple[x509.Certificate, ...]
    names: PresentedNames
    missing_issuer: str = ""


def verify(
    trust: TrustStore, outbound: OutboundTls, presented: Sequence[bytes], host: str, domain: str, now: datetime
) -> PeerTrust:
    """Return the judgment Verify (rule V2).

    Args:
        trust: the authorities of the lists in force.
        outbound: which of the optional checks are made (V6, V7).
        presented: the certificates of the handshake, DER, the server's own first.
        host: the MX host that was connected to.
        domain: the destination domain.
        now: an aware time.
    """
    with silently():
        return _judged(trust, outbound, presented, host, now, lambda names: verify_identity(names, host, domain))


def verify_hosted(
    trust: TrustStore, outbound: OutboundTls, presented: Sequence[bytes], references: Sequence[str], now: datetime
) -> PeerTrust:
    """Return the judgment Verify Hosted Domains (rule V3).

    Args:
        trust: the authorities of the lists in force.
        outbound: which of the optional checks are made (V6, V7).
        presented: the certificates of the handshake, DER, the server's own first.
        references: the MX host, the destination domain, the host of a configured SMTP route.
        now: an aware time.
    """
    with silently():
        return _judged(trust, outbound, presented, references[0], now, lambda names: hosted_identity(names, references))


def _judged(
    trust: TrustStore,
    outbound: OutboundTls,
    presented: Sequence[bytes],
    host: str,
    now: datetime,
    identity: Callable[[PresentedNames], Verdict],
) -> PeerTrust:
    try:
        certificates = tuple(read_presented(presented))
    except CertificateRefused as refused:
        verdict = Verdict(False, "unreadable", "validation-failure", str(refused))
        return PeerTrust(verdict, (), PresentedNames((), ()))
    names = presented_names(certificates[0])
    chain = trust.judge(certificates, now)
    if not chain.good:
        return PeerTrust(Verdict(*chain[:4]), certificates, names, chain.missing_issuer)
    named = identity(names)
    if named.good and (fault := _fault(outbound, certificates[0], host)) is not None:
        return PeerTrust(fault, certificates, names)
    return PeerTrust(named, certificates, names)


def _fault(outbound: OutboundTls, certificate: x509.Certificate, host: str) -> Verdict | None:
    """Return what the optional checks of sslconfig say against a certificate; None where nothing."""
    if outbound.require_fqdn and (faults := name_faults(certificate)):
        return Verdict(False, "not-fully-qualified", "validation-failure", " ".join(faults))
    if outbound.require_x509 and (faults := x509_faults(certificate, host)):
        return Verdict(False, "not-compliant", "validation-failure", " ".join(faults))
    return None
