"""Whether a server is the one that was meant, by the web's rules: its chain, its dates and its names in one judgment.

It is the judgment of policy hosts (rule M7), of MX hosts under MTA-STS (rule M11), and of relays with a user name (S6).
"""

from __future__ import annotations

from gateway.chain import read_presented
from gateway.names import presented_names, server_identity
from gateway.refusals import CertificateRefused
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gateway.chain import TrustStore
    from gateway.https import Judge


def judge_server(trust: TrustStore, presented: Sequence[bytes], host: str, now: datetime) -> Verdict:
    """Return whether a server is `host`: trusted, in its time, and a SAN dNSName of it is that name; a CN never counts.

    Args:
        trust: the authorities of the lists in force.
        presented: the certificates of the handshake, DER, the server's own first.
        host: the name that was connected to.
        now: an aware time.
    """
    try:
        chain = read_presented(presented)
    except CertificateRefused as refused:
        return Verdict(False, "unreadable", "validation-failure", str(refused))
    found = trust.judge(chain, now)
    return server_identity(presented_names(chain[0]), host) if found.good else Verdict(*found[:4])


def web_judge(trust: Callable[[], TrustStore], now: Callable[[], datetime]) -> Judge:
    """Return the judge of web servers for `gateway.https.Web`: `trust` gives what is in force, `now` is the clock."""

    def judge(chain: tuple[bytes, ...], host: str) -> Verdict:
        return judge_server(trust(), chain, host, now())

    return judge
