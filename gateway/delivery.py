"""One message delivered under the configuration: each host in turn, its policy, its judgment, and what becomes of it.

There is no queue: a message that no host takes for a temporary cause is delayed, which is said with the time at which a
mail system would try again. It is never sent where the decision says no, and never in the clear where TLS is required.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from gateway.decision import Decision, Found, decide
from gateway.host_policy import host_policies
from gateway.host_probe import sni
from gateway.judging import judged_checks
from gateway.next_hops import next_hops
from gateway.smtp import Limits, Trusted, session
from gateway.smtp_failures import SessionFailed
from gateway.smtp_sending import Sent, send_message
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gateway.decision import Session
    from gateway.destinations import DeliverySettings
    from gateway.engine import Engine
    from gateway.host_policy import HostPolicy
    from gateway.next_hops import Hop, Hops
    from gateway.smtp import Greeted, Handshake
    from gateway.smtp_failures import Failure
    from state.model import Configuration

DELIVERY_LIMITS = Limits(greeting=300)
"""Rule S7."""

Fate = Literal["delivered", "discarded", "delayed", "bounced"]


class Message(NamedTuple):
    """A message with its envelope; `content` is whole, with its header."""

    sender: str
    recipient: str
    domain: str
    content: bytes


class HopsFound(NamedTuple):
    """The hosts are known, or why there are none."""

    hops: Hops


class PolicyFound(NamedTuple):
    """What holds for a host is known."""

    policy: HostPolicy


class Connecting(NamedTuple):
    """An address is being connected to."""

    host: str
    address: str
    port: int


class Connected(NamedTuple):
    """There is a connection, from this system's address `source`."""

    host: str
    address: str
    port: int
    source: str


class NotConnected(NamedTuple):
    """An address took no connection."""

    attempt: Attempt


class TlsBegun(NamedTuple):
    """A handshake succeeded; the certificate is not judged yet. `common_name` is that of the certificate, printable."""

    handshake: Handshake
    common_name: str


class Decided(NamedTuple):
    """What becomes of the message at this host."""

    attempt: Attempt


class Sending(NamedTuple):
    """The message goes out now; from here on the host may have taken it."""

    host: str


class Answered(NamedTuple):
    """What the host said to the message."""

    host: str
    sent: Sent


class Closed(NamedTuple):
    """A connection has ended."""

    attempt: Attempt


Event: TypeAlias = (
    "HopsFound | PolicyFound | Connecting | Connected | NotConnected | TlsBegun | Decided | Sending | Answered | Closed"
)


class Attempt(NamedTuple):
    """One address of one host.

    Attributes:
        host: its policy among it.
        address: which one; "" where the host was not connected to.
        source: this system's own address; "" without a connection.
        handshake: None without TLS.
        found: how far the session came, with the verdicts that were asked for; None without a session.
        failure: what went wrong in the session; None elsewhere.
        decision: what follows; None where the session ended before TLS mattered.
        sent: what the host said to the message; None where it was not sent.
        sentence: how it ended, for people.
    """

    host: HostPolicy
    address: str
    source: str
    handshake: Handshake | None
    found: Found | None
    failure: Failure | None
    decision: Decision | None
    sent: Sent | None
    sentence: str


class Delivery(NamedTuple):
    """What became of a message.

    Attributes:
        fate: delivered; discarded by a route; delayed; bounced.
        attempts: in their order.
        reply: the SMTP reply that it ended with, the host's own where there is one.
        sentence: the same for people.
        again: when a mail system would try again; None unless delayed.
    """

    fate: Fate
    attempts: tuple[Attempt, ...]
    reply: str
    sentence: str
    again: datetime | None = None


class Plan(NamedTuple):
    """What would hold for a message: the hosts, and the policy of each in the order in which they would be tried."""

    hops: Hops
    hosts: tuple[HostPolicy, ...]


async def planned(engine: Engine, configuration: Configuration, settings: DeliverySettings, domain: str) -> Plan:
    """Return what would hold for a message to a domain; no mail server is connected to.

    Args:
        engine: the appliance at work.
        configuration: whose routes count, committed or staged.
        settings: of the domain.
        domain: of the recipient.
    """
    hops = await next_hops(engine, configuration, domain)
    return Plan(hops, tuple([policy async for policy in host_policies(engine, settings, hops.hops)]))


async def deliver(
    engine: Engine,
    configuration: Configuration,
    settings: DeliverySettings,
    message: Message,
    tell: Callable[[Event], object] = lambda event: None,
    limits: Limits = DELIVERY_LIMITS,
) -> Delivery:
    """Deliver a message to its one recipient.

    Args:
        engine: the appliance at work.
        configuration: whose routes count.
        settings: of the recipient's domain.
        message: the message.
        tell: is told what happens.
        limits: seconds for each step.

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read.
    """
    hops = await next_hops(engine, configuration, message.domain)
    tell(HopsFound(hops))
    if hops.discard:
        return Delivery("discarded", (), "", hops.sentence)
    if not hops.hops:
        return _ended(engine, settings, (), hops.reply, hops.sentence, hops.permanent)
    attempts: list[Attempt] = []
    async for policy in host_policies(engine, settings, hops.hops):
        name = policy.hop.host.host
        tell(PolicyFound(policy))
        for attempt in await _try_host(engine, policy, message, tell, limits):
            attempts.append(attempt)
            if attempt.sent is not None and not attempt.sent.certain:
                sentence = f"{attempt.sentence}; it may have the message, so no other host is tried."
                return _ended(engine, settings, attempts, attempt.sent.reply, sentence, False)
            if attempt.sent is not None and (attempt.sent.accepted or attempt.sent.permanent):
                reply = attempt.sent.reply
                if attempt.sent.accepted:
                    return Delivery("delivered", tuple(attempts), reply, f"{name} took the message: {reply}")
                return _ended(engine, settings, attempts, reply, f"{name} refused it: {reply}", True)
    last = attempts[-1]
    reply = last.sent.reply if last.sent is not None else "451 4.4.0 No host took the message"
    return _ended(engine, settings, attempts, reply, last.sentence, False)


def _ended(
    engine: Engine,
    settings: DeliverySettings,
    attempts: list[Attempt] | tuple[Attempt, ...],
    reply: str,
    sentence: str,
    permanent: bool,
) -> Delivery:
    if permanent:
        return Delivery("bounced", tuple(attempts), reply, sentence)
    again = engine.now() + timedelta(seconds=settings.retry_after)
    return Delivery("delayed", tuple(attempts), reply, sentence, again)


async def _try_host(
    engine: Engine, policy: HostPolicy, message: Message, tell: Callable[[Event], object], limits: Limits
) -> list[Attempt]:
    """Try the addresses of a host until one takes the connection."""
    nothing = Attempt(policy, "", "", None, None, None, None, None, policy.fault)
    if not policy.addresses:
        return [nothing]
    if (refusal := policy.policy.refusal) is not None:
        attempt = nothing._replace(decision=refusal, sentence=refusal.sentence)
        tell(Decided(attempt))
        return [attempt]
    attempts = []
    for address in policy.addresses:
        attempt = await _Connection(engine, policy, address, message, tell, limits).run()
        attempts.append(attempt)
        if attempt.source:
            break
    return attempts


class _Connection:
    """One connection to one address."""

    def __init__(
        self,
        engine: Engine,
        policy: HostPolicy,
        address: str,
        message: Message,
        tell: Callable[[Event], object],
        limits: Limits,
    ) -> None:
        self.engine = engine
        self.policy = policy
        self.hop: Hop = policy.hop
        self.address = address
        self.message = message
        self.tell = tell
        self.limits = limits
        self.attempt = Attempt(policy, address, "", None, None, None, None, None, "")

    async def run(self) -> Attempt:
        """Hold the session to its end and return what came of it."""
        host = self.hop.host.host
        self.tell(Connecting(host, self.address, self.hop.port))
        hello = self.engine.configuration.hostname
        try:
            async with session(
                self.engine.network, self.address, self.hop.port, hello=hello, limits=self.limits
            ) as opened:
                self.attempt = self.attempt._replace(source=opened.source)
                self.tell(Connected(host, self.address, self.hop.port, opened.source))
                await self._after_greeting(await opened.greet())
        except SessionFailed as error:
            failure = error.failure
            self.attempt = self.attempt._replace(failure=failure, sentence=failure.sentence)
            if failure.reason is not None and self.attempt.decision is None:
                self._decide(Found(_session_of(failure)), failure)
        self.tell(Closed(self.attempt) if self.attempt.source else NotConnected(self.attempt))
        return self.attempt

    async def _after_greeting(self, greeted: Greeted) -> None:
        if self.policy.policy.starttls == "never":
            self._decide(Found("not-offered"))
            await self._send(greeted)
            return
        server_name = sni(self.policy.search.base if self._by_dane() and self.policy.search else self.hop.host.host)
        try:
            unjudged = await greeted.starttls(self.engine.context(), server_name)
        except SessionFailed as error:
            if error.failure.after_go_ahead:
                raise
            # S1: the state of the session is as it was; whether it goes on in the clear is the decision's to say.
            decision = self._decide(Found(_session_of(error.failure)), error.failure)
            if not decision.delivered:
                await greeted.quit()
                return
            await self._send(greeted)
            return
        handshake = unjudged.handshake
        found, common_name = judged_checks(self.engine, self.policy, handshake, self.message.domain)
        self.attempt = self.attempt._replace(handshake=handshake)
        self.tell(TlsBegun(handshake, common_name))
        decision = self._decide(found)
        outcome = Verdict(decision.delivered, decision.outcome, decision.reason, decision.sentence)
        judged = unjudged.judge(outcome)
        if isinstance(judged, Trusted):
            await self._send(judged)
        else:
            await judged.quit()

    def _by_dane(self) -> bool:
        return self.policy.search is not None and self.policy.search.state in ("usable", "unusable")

    def _decide(self, found: Found, failure: Failure | None = None) -> Decision:
        decision = decide(self.policy.policy, found)
        told = failure is None or failure.trouble in ("not-offered", "no-esmtp")  # the decision says that itself
        sentence = decision.sentence if failure is None or told else f"{decision.sentence} {failure.sentence}"
        self.attempt = self.attempt._replace(found=found, decision=decision, failure=failure, sentence=sentence)
        self.tell(Decided(self.attempt))
        return decision

    async def _send(self, state: Greeted | Trusted) -> None:
        host = self.hop.host.host

        def begun() -> None:
            self.tell(Sending(host))

        async with state.handed_over() as connection:
            sent = await send_message(connection, self.engine.configuration.hostname, self.message, self.limits, begun)
        self.tell(Answered(host, sent))
        self.attempt = self.attempt._replace(sent=sent, sentence=f"{host} answered: {sent.reply}")


def _session_of(failure: Failure) -> Session:
    """Return how far a session came that failed over TLS."""
    if failure.trouble == "no-esmtp":
        return "no-ehlo"
    if failure.trouble == "not-offered":
        return "not-offered"
    return "handshake-failed" if failure.after_go_ahead else "refused"
