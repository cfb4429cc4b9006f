"""Whether a web server is the one that was meant: its chain, its dates and its names in one judgment (rule M7)."""

from __future__ import annotations

from gateway.chain import read_presented
from gateway.names import presented_names, server_identity
from gateway.refusals import CertificateRefused
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.chain import TrustStore
    from gateway.https import Judge


def web_judge(trust: TrustStore, now: Callable[[], datetime]) -> Judge:
    """Return a judge for `gateway.https.Web`: trusted by the lists in force, in its time, named by a SAN dNSName."""

    def judge(chain: tuple[bytes, ...], host: str) -> Verdict:
        try:
            presented = read_presented(chain)
        except CertificateRefused as refused:
            return Verdict(False, "unreadable", "validation-failure", str(refused))
        found = trust.judge(presented, now())
        if not found.good:
            return Verdict(*found[:4])
        return server_identity(presented_names(presented[0]), host)

    return judge
