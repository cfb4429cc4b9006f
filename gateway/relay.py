"""A notification sent through the relay (smtpconfig): connect, TLS, judge, AUTH, hand the message over (rule S6).

What happens is told as it happens, so that a dialog or a log can show it; how it ended is returned. No value, no
sentence and no error here ever holds the password.
"""

from __future__ import annotations

import re
from copy import copy
from email.policy import SMTP as LINES
from typing import NamedTuple

from gateway.host_probe import Connected, Connecting, Established, NoConnection, addresses_of, sni
from gateway.network import NotConnected
from gateway.relay_session import RelaySession, Step, StepFailed
from gateway.server_trust import judge_server
from gateway.smtp import Limits
from state.problems import StateRefusal
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from email.message import EmailMessage
    from typing import TypeAlias

    from gateway.engine import Engine
    from gateway.smtp_replies import Reply
    from gateway.verdict import Reason, Verdict
    from state.model_relay import SmtpRelay

NOT_CONFIGURED = "No SMTP relay is configured; smtpconfig -> SETUP sets one."


class Answered(NamedTuple):
    """The server answered a step; `about` is the sender, the recipient or the mechanism of AUTH, "" where none is."""

    step: Step
    reply: Reply
    about: str = ""


class Judged(NamedTuple):
    """The certificate that was presented has been judged."""

    verdict: Verdict


Event: TypeAlias = "Connecting | Connected | NoConnection | Established | Judged | Answered"


class RelayResult(NamedTuple):
    """What became of a message.

    Attributes:
        sent: whether the relay took it, for one recipient at least.
        step: where it ended; `message` for one that was sent.
        outcome: `accepted`, or what happened: `rejected`, `timeout`, `not-offered`, `issuer-missing`, `no-address`.
        reason: why TLS failed (rule V9); None where that is not the matter.
        sentence: the same for people, printable.
        reply: the server's words, where it said some.
        refused: recipients that it did not take, each with its words.
    """

    sent: bool
    step: Step
    outcome: str
    reason: Reason | None
    sentence: str
    reply: Reply | None = None
    refused: tuple[tuple[str, Reply], ...] = ()

    @property
    def uncertain(self) -> bool:
        """Whether the relay may have it all the same: the message was begun, and no reply to it came."""
        return not self.sent and self.step == "message" and self.reply is None

    @property
    def permanent(self) -> bool:
        """Whether the server said that the same will fail again."""
        return self.reply is not None and not self.sent and self.reply.permanent


async def send(
    engine: Engine,
    message: EmailMessage,
    recipients: Sequence[str],
    tell: Callable[[Event], object] = lambda event: None,
    *,
    relay: SmtpRelay | None = None,
    limits: Limits = Limits(),  # noqa: B008 - a value, never changed
) -> RelayResult:
    """Send a message through the relay, from its From address.

    Args:
        engine: the appliance at work.
        message: with its headers; Bcc is not sent.
        recipients: at least one address as it is stored (`state.addresses.mail_address`).
        tell: is told what happens.
        relay: that of the committed configuration where it is None.
        limits: seconds for each step.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    chosen = relay or engine.configuration.smtp_relay
    if chosen is None:
        return RelayResult(False, "configuration", "not-configured", None, NOT_CONFIGURED)
    try:
        return await _Delivery(engine, chosen, limits, tell).run(message, recipients)
    except StepFailed as failed:
        return RelayResult(False, failed.step, failed.outcome, failed.reason, str(failed), failed.reply)


class _Delivery:
    """One message on its way through one relay."""

    def __init__(self, engine: Engine, relay: SmtpRelay, limits: Limits, tell: Callable[[Event], object]) -> None:
        self._engine = engine
        self._relay = relay
        self._limits = limits
        self._tell = tell

    async def run(self, message: EmailMessage, recipients: Sequence[str]) -> RelayResult:
        """Raise StepFailed where it is not sent."""
        engine, relay = self._engine, self._relay
        content = _content(message)
        for address in (relay.from_address, *recipients):
            if not re.fullmatch(r"[!-;=?-~]+@[!-;=?-~]+", address):
                raise StepFailed("configuration", "invalid", f"{quoted(address)} is no address that SMTP can carry.")
        try:
            password = engine.store.vault.open(relay.password) if relay.user and relay.password else ""
            context = engine.context() if relay.encryption != "none" else None
        except StateRefusal as error:
            raise StepFailed("configuration", "unusable", str(error)) from None
        if relay.user and (context is None or not password):
            sentence = "AUTH without encryption is refused." if context is None else "The user name has no password."
            raise StepFailed("configuration", "unusable", f"{sentence} Set the relay with smtpconfig -> SETUP.")
        session = RelaySession(await self._connect(), self._limits, engine.configuration.hostname)
        polite = True
        try:
            if context is None:
                self._told("greeting", await session.greet())
                self._told("ehlo", await session.ehlo("ehlo", or_helo=True))
                session.trust()
            else:
                name = sni(relay.server)
                if relay.encryption == "smtps":
                    handshake, greeting = await session.greet_under_tls(context, name)
                    self._told("greeting", greeting)
                else:
                    self._told("greeting", await session.greet())
                    self._told("ehlo", await session.ehlo("ehlo", or_helo=False))
                    handshake = await session.starttls(context, name)
                self._tell(Established(self._address, handshake))
                self._judge(handshake.chain)
                session.trust()
                self._told("second-ehlo", await session.ehlo("second-ehlo", or_helo=False))
            if relay.user:
                mechanism, reply = await session.authenticate(relay.user, password)
                self._told("auth", reply, mechanism)
            return await self._hand_over(session, content, recipients)
        except StepFailed as failed:
            polite = failed.outcome not in ("injected", "closed", "tls", "garbage")
            raise
        except BaseException:
            polite = False
            raise
        finally:
            await session.end(polite)

    async def _connect(self) -> socket.socket:
        """Return a connection to the first address that takes one."""
        relay = self._relay
        found = await addresses_of(self._engine, relay.server)
        if not found.addresses:
            raise StepFailed("connect", "no-address", found.sentence)
        for address in found.addresses:
            self._tell(Connecting(address, relay.port))
            try:
                connection = await self._engine.network.connect(address, relay.port, timeout=self._limits.connect)
            except NotConnected as error:
                trouble = error
                if address != found.addresses[-1]:
                    self._tell(NoConnection(address, str(error)))
                continue
            self._address = address
            self._tell(Connected(address, self._engine.network.source(connection)))
            return connection
        raise StepFailed("connect", trouble.trouble, str(trouble))

    def _judge(self, chain: Sequence[bytes]) -> None:
        """Hold what was presented against the name that was typed, SAN only (rule S6)."""
        engine = self._engine
        verdict = judge_server(engine.trust(), chain, self._relay.server, engine.now())
        self._tell(Judged(verdict))
        if not verdict.good:
            raise StepFailed("certificate", verdict.outcome, verdict.sentence, None, verdict.reason)

    async def _hand_over(self, session: RelaySession, content: bytes, recipients: Sequence[str]) -> RelayResult:
        sender = self._relay.from_address
        self._told("mail", await session.mail(sender), sender)
        refused: list[tuple[str, Reply]] = []
        for recipient in recipients:
            try:
                self._told("rcpt", await session.rcpt(recipient), recipient)
            except StepFailed as failed:
                if failed.reply is None or len(refused) + 1 == len(recipients):
                    raise
                self._told("rcpt", failed.reply, recipient)
                refused.append((recipient, failed.reply))
        reply = await session.data(content)
        self._told("message", reply)
        return RelayResult(True, "message", "accepted", None, "The relay took the message.", reply, tuple(refused))

    def _told(self, step: Step, reply: Reply, about: str = "") -> None:
        self._tell(Answered(step, reply, about))


def _content(message: EmailMessage) -> bytes:
    """Return a message as it goes over the wire: lines end with CR LF, nothing beyond ASCII, no Bcc."""
    sent = copy(message)
    del sent["Bcc"]
    return sent.as_bytes(policy=LINES.clone(cte_type="7bit"))
