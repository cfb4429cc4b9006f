"""What a handshake shows, put to the checks that a host's policy asks for (rules V1 to V8, T10 to T18, M11)."""

from __future__ import annotations

from gateway.chain import read_presented
from gateway.dane import judge
from gateway.decision import OLD_PROTOCOLS, Found
from gateway.fields import common_names, shown
from gateway.peer_trust import verify, verify_hosted
from gateway.refusals import CertificateRefused
from gateway.server_trust import judge_server
from gateway.tlsa_search import reference_names
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.decision import Check, Session
    from gateway.engine import Engine
    from gateway.host_policy import HostPolicy
    from gateway.smtp import Handshake

LONGEST_SHOWN = 64


def judged_checks(engine: Engine, host: HostPolicy, handshake: Handshake, domain: str) -> tuple[Found, str]:
    """Return what was found, with a verdict for each check that the policy asks for, and the common name for the log.

    Args:
        engine: the appliance at work.
        host: what holds for the host.
        handshake: that of the session.
        domain: of the recipient.
    """
    session: Session = "old-tls" if handshake.protocol in OLD_PROTOCOLS else "tls"
    checks = (*host.policy.must, *host.policy.wanted)
    verdicts: dict[Check, Verdict] = {check: _verdict(check, engine, host, handshake.chain, domain) for check in checks}
    found = Found(
        session, verdicts.get("dane"), verdicts.get("verify"), verdicts.get("hosted"), verdicts.get("mta-sts")
    )
    return found, _common_name(handshake.chain)


def _verdict(check: Check, engine: Engine, host: HostPolicy, chain: Sequence[bytes], domain: str) -> Verdict:
    name, outbound = host.hop.host.host, engine.configuration.tls.outbound
    if check == "verify":
        return verify(engine.trust(), outbound, chain, name, domain, engine.now()).verdict
    if check == "hosted":
        meant = [one for one in (name, domain, host.hop.route) if one]
        return verify_hosted(engine.trust(), outbound, chain, meant, engine.now()).verdict
    if check == "mta-sts":
        if host.sts in ("testing-unlisted", "enforce-unlisted"):
            return Verdict(False, "not-listed", "validation-failure", f"The MTA-STS policy does not list {name}.")
        return judge_server(engine.trust(), chain, name, engine.now())
    try:
        presented = read_presented(chain)
    except CertificateRefused as refused:
        return Verdict(False, "unreadable", "validation-failure", str(refused))
    search = host.search
    records = search.records if search is not None else ()
    references = reference_names(host.hop.host, search.base) if search is not None else ()
    return judge(records, presented, references, engine.now()).verdict


def _common_name(chain: Sequence[bytes]) -> str:
    try:
        names = common_names(read_presented(chain)[0])
    except CertificateRefused:
        return ""
    return shown(names[-1], LONGEST_SHOWN) if names else ""
