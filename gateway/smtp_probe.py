"""One probe of a mail server: how it does TLS, and what the judgment on it says."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from gateway.smtp import Limits, Trusted, session
from gateway.smtp_failures import SessionFailed
from gateway.smtp_wire import Transcript
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from gateway.network import Network
    from gateway.smtp import Handshake
    from gateway.smtp_failures import Failure
    from gateway.smtp_wire import Line


class Probe(NamedTuple):
    """What a probe found.

    Attributes:
        address: of the server.
        port: its port.
        source: this system's own address; None without a connection.
        handshake: None where TLS failed or was never begun.
        verdict: the judgment on the peer; None without a handshake.
        failure: why the session failed; None where it went to its end, whatever the verdict was.
        transcript: what went over the wire.
        seconds: how long it took.
        ending: what came in place of the reply to QUIT, when all was known already; None where the peer answered.
    """

    address: str
    port: int
    source: str | None
    handshake: Handshake | None
    verdict: Verdict | None
    failure: Failure | None
    transcript: tuple[Line, ...]
    seconds: float
    ending: Failure | None = None

    @property
    def ended(self) -> Verdict:
        """How it ended: TLS that failed, at whatever step, is no success, whatever the certificate was."""
        if self.failure is not None:
            return Verdict(False, self.failure.trouble, self.failure.reason, self.failure.sentence)
        return self.verdict or Verdict(False, "not-judged", "validation-failure", "The host was not judged.")

    @property
    def good(self) -> bool:
        """Whether TLS was established with a peer that passed."""
        return self.failure is None and self.verdict is not None and self.verdict.good


async def probe(
    network: Network,
    address: str,
    port: int,
    *,
    hello: str,
    tls: ssl.SSLContext,
    server_name: str | None,
    judge: Callable[[Handshake], Verdict],
    limits: Limits = Limits(),  # noqa: B008 - a value, never changed
    connected: Callable[[str], None] | None = None,
    second_ehlo: bool = False,
) -> Probe:
    """Find out how a server does TLS, and say goodbye; no mail is sent.

    Args:
        network: opens the connection.
        address: an IPv4 or IPv6 address.
        port: its port.
        hello: this system's name for EHLO.
        tls: from `client_tls`.
        server_name: the SNI, from `server_name_of`.
        judge: gives the verdict on what was presented.
        limits: seconds for each step.
        connected: told the source address as soon as there is a connection.
        second_ehlo: whether EHLO is tried under TLS, after a good verdict.
    """
    began = monotonic()
    transcript = Transcript()
    source = handshake = verdict = failure = ending = None
    try:
        async with session(network, address, port, hello=hello, limits=limits, transcript=transcript) as opened:
            source = opened.source
            if connected is not None:
                connected(source)
            unjudged = await (await opened.greet()).starttls(tls, server_name)
            handshake = unjudged.handshake
            verdict = judge(handshake)
            judged = unjudged.judge(verdict)
            if second_ehlo and isinstance(judged, Trusted):
                await judged.ehlo()
            ending = await judged.quit()
            if ending is not None and ending.trouble == "tls":
                failure, ending = ending, None
    except SessionFailed as error:
        failure = error.failure
    seconds = monotonic() - began
    return Probe(address, port, source, handshake, verdict, failure, tuple(transcript.lines), seconds, ending)
