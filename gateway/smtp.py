"""An SMTP session as a probe holds it: greeting, EHLO, STARTTLS, handshake, judgment, QUIT (RFC 5321, RFC 3207).

Every state of the session is a type that offers what may come next and no more: `Unjudged` cannot send, `Distrusted`
can only quit. So nothing but QUIT ever follows a failed judgment (rule S4), whoever uses them.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from typing import NamedTuple

from gateway.client_tls import presented_chain
from gateway.network import NotConnected
from gateway.smtp_bridge import bridge
from gateway.smtp_failures import Failure, SessionFailed, ended, failed, garbage, not_expected, silent
from gateway.smtp_replies import BadReply, extensions
from gateway.smtp_wire import Closed, Injected, Transcript, Wire
from gateway.tls_faults import tls_sentence
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.network import Network
    from gateway.smtp_failures import Step
    from gateway.smtp_replies import Reply
    from gateway.verdict import Verdict


class Limits(NamedTuple):
    """Seconds that each step may take, however little or much arrives meanwhile (rule S7)."""

    connect: float = 30
    greeting: float = 30
    command: float = 300
    handshake: float = 30
    data_end: float = 600
    quit: float = 10


class Handshake(NamedTuple):
    """A TLS handshake that succeeded, unverified.

    Attributes:
        protocol: `TLSv1.3`.
        cipher: `TLS_AES_256_GCM_SHA384`.
        chain: the certificates as presented, DER, the peer's own first.
        server_name: what was sent as SNI; None where nothing was.
    """

    protocol: str
    cipher: str
    chain: tuple[bytes, ...]
    server_name: str | None


class _Talk:
    """What the states of a session share; the one that it has reached holds it."""

    def __init__(self, wire: Wire, limits: Limits, hello: str) -> None:
        self.wire = wire
        self.limits = limits
        self.hello = hello

    async def ask(self, step: Step, line: str | None, seconds: float) -> Reply:
        """Send a line, if there is one, and return the reply.

        Raises:
            SessionFailed: there is none in time.
        """
        try:
            async with asyncio.timeout(seconds):
                if line is not None:
                    await self.wire.send_line(line)
                return await self.wire.reply()
        except TimeoutError:
            raise silent(step, seconds) from None
        except Closed as error:
            raise ended(step, error.broken) from None
        except BadReply as error:
            raise garbage(step, str(error)) from None
        except ssl.SSLError as error:
            raise failed("handshake", "tls", tls_sentence(error), openssl=error.reason or "") from None

    async def shake_hands(self, context: ssl.SSLContext, server_name: str | None) -> ssl.SSLObject:
        """Raise SessionFailed where the handshake fails."""
        seconds = self.limits.handshake
        try:
            async with asyncio.timeout(seconds):
                return await self.wire.start_tls(context, server_name)
        except TimeoutError:
            raise silent("handshake", seconds) from None
        except Injected:
            sentence = "The peer sent more in the clear behind its reply to STARTTLS; somebody may have put it there."
            raise failed("handshake", "injected", sentence) from None
        except Closed as error:
            raise ended("handshake", error.broken) from None
        except ssl.SSLError as error:
            raise failed("handshake", "tls", tls_sentence(error), openssl=error.reason or "") from None
        except ValueError:
            sentence = f"{quoted(server_name)} cannot be sent as a server name (SNI)."
            raise failed("handshake", "invalid", sentence) from None

    async def quit(self) -> Failure | None:
        """Send QUIT and wait a little for the reply; return what came in its place, which seldom matters.

        Where the trouble is `tls` it does: under TLS 1.3 a server refuses a client's certificate when the client's
        handshake has ended already.
        """
        try:
            await self.ask("quit", "QUIT", self.limits.quit)
            self.wire.say_goodbye()
        except SessionFailed as error:
            return error.failure
        return None


class _State:
    def __init__(self, talk: _Talk) -> None:
        self._held: _Talk | None = talk

    @property
    def _talk(self) -> _Talk:
        if self._held is None:
            raise RuntimeError("the session has left this state")
        return self._held

    def _leave(self) -> _Talk:
        talk, self._held = self._talk, None
        return talk


class Connected(_State):
    """A connection on which nothing was said yet."""

    def __init__(self, talk: _Talk, source: str) -> None:
        super().__init__(talk)
        self.source = source

    async def greet(self) -> Greeted:
        """Wait for the greeting and send EHLO, then HELO where the peer does not know EHLO.

        Raises:
            SessionFailed: the peer greets with no 220, or answers neither with 250.
        """
        talk = self._talk
        greeting = await talk.ask("greeting", None, talk.limits.greeting)
        if greeting.code != 220:
            raise not_expected("greeting", greeting)
        reply = ehlo = await talk.ask("ehlo", f"EHLO {talk.hello}", talk.limits.command)
        if ehlo.permanent:
            reply = await talk.ask("helo", f"HELO {talk.hello}", talk.limits.command)
        if reply.code != 250:
            raise not_expected("helo" if ehlo.permanent else "ehlo", reply)
        return Greeted(self._leave(), ehlo)


class _Carrying(_State):
    """A state in which a message may be sent."""

    @asynccontextmanager
    async def handed_over(self) -> AsyncIterator[socket.socket]:
        """Give a socket on which a mail client finds the server, greeting and all; the session ends with it.

        Nothing but what the client writes is sent. Whether the connection is under TLS was decided before.
        """
        wire = self._leave().wire
        async with bridge(wire) as end:
            yield end


class Greeted(_Carrying):
    """A session in the clear.

    Attributes:
        ehlo: the reply to EHLO; no 250 where the peer knows HELO only.
        extensions: the keywords that it names, in capitals.
    """

    def __init__(self, talk: _Talk, ehlo: Reply) -> None:
        super().__init__(talk)
        self.ehlo = ehlo
        self.extensions = extensions(ehlo) if ehlo.code == 250 else frozenset()

    async def starttls(self, context: ssl.SSLContext, server_name: str | None) -> Unjudged:
        """Begin TLS where it is offered.

        Until the peer answers 220 this state stays, and the session may go on in the clear (rule S1).

        Raises:
            SessionFailed: it is not offered, not begun, or the handshake fails.
        """
        talk = self._talk
        if self.ehlo.code != 250:
            sentence = f"The peer does not speak ESMTP, so there is no STARTTLS; it answered EHLO with: {self.ehlo}."
            raise failed("ehlo", "no-esmtp", sentence, self.ehlo)
        if "STARTTLS" not in self.extensions:
            raise failed("starttls", "not-offered", "The peer does not offer STARTTLS.", self.ehlo)
        reply = await talk.ask("starttls", "STARTTLS", talk.limits.command)
        if reply.code != 220:
            raise not_expected("starttls", reply)
        self._leave()
        tls = await talk.shake_hands(context, server_name)
        cipher = tls.cipher()
        done = Handshake(tls.version() or "", cipher[0] if cipher else "", presented_chain(tls), server_name)
        talk.wire.transcript.add("note", f"{done.protocol} {done.cipher}")
        return Unjudged(talk, done)

    async def quit(self) -> None:
        """End the session."""
        await self._leave().quit()


class Unjudged(_State):
    """A session under TLS with a peer that may be anybody; it can do nothing before it is judged."""

    def __init__(self, talk: _Talk, handshake: Handshake) -> None:
        super().__init__(talk)
        self.handshake = handshake

    def judge(self, verdict: Verdict) -> Trusted | Distrusted:
        """Go on as the verdict on the peer says."""
        talk = self._leave()
        return Trusted(talk) if verdict.good else Distrusted(talk)


class Distrusted(_State):
    """A session whose peer did not pass; it can be ended and nothing else."""

    async def quit(self) -> Failure | None:
        """End the session; a failure of TLS showed only now, any other says that the peer took no part in the end."""
        return await self._leave().quit()


class Trusted(_Carrying):
    """A session under TLS whose peer passed; what was said before TLS is forgotten (rule S2)."""

    async def ehlo(self) -> frozenset[str]:
        """Send EHLO again and return the extensions.

        Raises:
            SessionFailed: the answer is not 250.
        """
        talk = self._talk
        reply = await talk.ask("second-ehlo", f"EHLO {talk.hello}", talk.limits.command)
        if reply.code != 250:
            raise not_expected("second-ehlo", reply)
        return extensions(reply)

    async def quit(self) -> Failure | None:
        """End the session; a failure of TLS showed only now, any other says that the peer took no part in the end."""
        return await self._leave().quit()


@asynccontextmanager
async def session(
    network: Network,
    address: str,
    port: int,
    *,
    hello: str,
    limits: Limits = Limits(),  # noqa: B008 - a value, never changed
    transcript: Transcript | None = None,
) -> AsyncIterator[Connected]:
    """Give a session with a server, and close it at the end whatever happens.

    A failed step ends it with QUIT where the peer is still there to read it.

    Args:
        network: opens the connection.
        address: an IPv4 or IPv6 address.
        port: its port.
        hello: this system's name for EHLO; an A-label.
        limits: seconds for each step.
        transcript: takes what goes over the wire.

    Raises:
        SessionFailed: there is no connection; and what the steps raise.
    """
    try:
        connection: socket.socket = await network.connect(address, port, timeout=limits.connect)
    except NotConnected as error:
        raise SessionFailed(Failure("connect", error.trouble, None, str(error))) from None
    wire = Wire(connection, transcript or Transcript())
    talk = _Talk(wire, limits, hello)
    try:
        yield Connected(talk, network.source(connection))
    except SessionFailed as error:
        reply = error.failure.reply
        if reply is not None and reply.code != 421:  # 421: it closes the connection itself
            await talk.quit()
        raise
    finally:
        wire.close()


def server_name_of(host: str) -> str | None:
    """Return what SNI says for a host: its name, nothing for an address or an address literal (rule S5)."""
    name = host.strip("[]").rstrip(".").lower()
    if ":" in name:
        return None
    try:
        socket.inet_pton(socket.AF_INET, name)
    except (OSError, ValueError):
        return name or None
    return None
