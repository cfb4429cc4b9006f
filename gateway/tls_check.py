"""One host verified for a domain as a delivery would: addresses, TLS, chain, name (rule V2, or V3 if asked for)."""

from __future__ import annotations

from typing import NamedTuple

from gateway.host_probe import addresses_of, as_address, probe_host, sni
from gateway.names import PresentedNames, verified_name
from gateway.peer_trust import PeerTrust, verify, verify_hosted
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography import x509

    from gateway.engine import Engine
    from gateway.host_probe import Event
    from gateway.smtp import Handshake
    from gateway.smtp_probe import Probe


class Judged(NamedTuple):
    """What was presented has been judged; `matched` is the presented name by which Verify passed, "" elsewhere."""

    trust: PeerTrust
    matched: str


class TlsResult(NamedTuple):
    """What was found of a host.

    Attributes:
        domain: the destination domain.
        host: the host that was connected to.
        port: its port.
        probes: the connections, the last one the answer; () where there was no address to try.
        certificates: as presented, the server's own first.
        names: those of the server's certificate.
        missing_issuer: the printable name of the issuer that is in no list; "".
        verdict: how it ended; of a session that failed the outcome is what happened there (`not-offered`, `timeout`).
    """

    domain: str
    host: str
    port: int
    probes: tuple[Probe, ...]
    certificates: tuple[x509.Certificate, ...]
    names: PresentedNames
    missing_issuer: str
    verdict: Verdict

    @property
    def good(self) -> bool:
        """Whether the host was verified."""
        return self.verdict.good


async def check_tls(
    engine: Engine,
    domain: str,
    host: str,
    port: int,
    tell: Callable[[Judged | Event], object] = lambda event: None,
    *,
    literal: bool = True,
    references: Sequence[str] = (),
) -> TlsResult:
    """Connect to a host, and verify its certificate for a domain.

    Args:
        engine: the appliance at work.
        domain: an A-label.
        host: an A-label, or an address.
        port: its port.
        tell: is told what happens.
        literal: whether the host may be an address; one that an MX record names may not.
        references: the names of which one has to match, for Verify Hosted Domains (V3); () for Verify (V2).

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read.
    """
    addresses = await addresses_of(engine, host, literal=literal)
    nobody = PresentedNames((), ())
    if not addresses.addresses:
        verdict = Verdict(False, addresses.outcome, None, addresses.sentence)
        return TlsResult(domain, host, port, (), (), nobody, "", verdict)
    judged: list[PeerTrust] = []
    trust = engine.trust()
    outbound = engine.configuration.tls.outbound

    def judge(handshake: Handshake) -> Verdict:
        if references:
            found = verify_hosted(trust, outbound, handshake.chain, references, engine.now())
            matched = ""
        else:
            found = verify(trust, outbound, handshake.chain, host, domain, engine.now())
            matched = verified_name(found.names, host, domain) or ""
        judged.append(found)
        tell(Judged(found, matched))
        return found.verdict

    probes = await probe_host(engine, addresses.addresses, port, sni(host), judge, tell)
    verdict = probes[-1].ended
    found = judged[-1] if judged else PeerTrust(verdict, (), nobody)
    return TlsResult(domain, host, port, tuple(probes), found.certificates, found.names, found.missing_issuer, verdict)


def shown_host(host: str, port: int) -> str:
    """Return a host as it is typed: with its port where it is not 25, an IPv6 address in brackets then."""
    if port == 25:
        return host
    return f"[{host}]:{port}" if ":" in (as_address(host) or "") else f"{host}:{port}"
