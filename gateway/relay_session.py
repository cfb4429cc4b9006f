"""One session with a relay, step by step: aiosmtplib speaks SMTP, what may be said and when is decided here.

Nothing is verified by the handshake. Whoever has the session judges what the server presented and calls `trust`; before
that neither a password nor a message can be sent, and what is left is to quit (rules S4, S6).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Literal, cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPException,
    SMTPReadTimeoutError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from gateway.client_tls import presented_chain
from gateway.smtp import Handshake
from gateway.smtp_replies import BadReply, Reply, ReplyReader
from gateway.tls_faults import tls_sentence
from state.wording import printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.smtp import Limits
    from gateway.verdict import Reason

Step = Literal[
    "configuration",
    "connect",
    "greeting",
    "ehlo",
    "starttls",
    "handshake",
    "certificate",
    "second-ehlo",
    "auth",
    "mail",
    "rcpt",
    "message",
]
"""`configuration` comes before there is a connection; `message` is DATA and all that it brings."""

MOST_LINES = 20
LONGEST_LINE = 512
"""Lines of a reply, and characters of a line, that are kept of what a server says."""

MOST_TURNS = 100
"""Turns of the loop within which a socket that was shut down is let go."""

_AWAITED: dict[Step, str] = {
    "greeting": "the greeting",
    "ehlo": "the reply to EHLO",
    "starttls": "the reply to STARTTLS",
    "handshake": "the end of the TLS handshake",
    "second-ehlo": "the reply to EHLO under TLS",
    "auth": "the reply to AUTH",
    "mail": "the reply to MAIL",
    "rcpt": "the reply to RCPT",
    "message": "the reply to the message",
}


class StepFailed(Exception):
    """A step of a session came to nothing.

    Attributes:
        step: where.
        outcome: what happened, a word or several joined by `-`: `timeout`, `rejected`, `not-offered`.
        reason: rule V9; None where TLS is not the matter.
        reply: what the server answered, where it did.
    """

    def __init__(
        self, step: Step, outcome: str, sentence: str, reply: Reply | None = None, reason: Reason | None = None
    ) -> None:
        self.step = step
        self.outcome = outcome
        self.reason = reason
        self.reply = reply
        super().__init__(sentence)


class RelaySession:
    """A session on a connection; whoever has it calls `end`."""

    def __init__(self, connection: socket.socket, limits: Limits, hello: str) -> None:
        """Take a connection over.

        Args:
            connection: connected, non-blocking.
            limits: seconds for each step (rule S7).
            hello: this system's name for EHLO.
        """
        self._connection = connection
        self._limits = limits
        self._client = SMTP(local_hostname=hello, start_tls=False, sock=connection)
        self._trusted = False
        self._secrets: tuple[str, ...] = ()

    async def greet(self) -> Reply:
        """Wait for the greeting."""
        seconds = self._limits.greeting
        return await self._answered("greeting", seconds, self._client.connect(timeout=seconds))

    async def greet_under_tls(self, context: ssl.SSLContext, server_name: str | None) -> tuple[Handshake, Reply]:
        """Begin TLS at once, and wait for the greeting inside it (RFC 8314 s3.3)."""
        seconds = max(self._limits.handshake, self._limits.greeting)
        try:
            greeting = await self._client.connect(
                use_tls=True, tls_context=context, hostname=server_name or "", timeout=seconds
            )
        except (SMTPException, OSError, ValueError) as error:
            after = SMTPResponseException, SMTPReadTimeoutError, SMTPServerDisconnected  # of the greeting alone
            greeted = any(isinstance(one, after) for one in _causes(error))
            raise self._failed("greeting" if greeted else "handshake", seconds, error) from None
        return self._handshake(server_name), self._reply(greeting)

    async def ehlo(self, step: Literal["ehlo", "second-ehlo"], or_helo: bool) -> Reply:
        """Send EHLO; `or_helo` allows HELO to a server that does not know it."""
        seconds = self._limits.command
        try:
            return await self._answered(step, seconds, self._client.ehlo(timeout=seconds))
        except StepFailed as failed:
            if not or_helo or failed.reply is None or not failed.reply.permanent:
                raise
        return await self._answered(step, seconds, self._client.helo(timeout=seconds))

    async def starttls(self, context: ssl.SSLContext, server_name: str | None) -> Handshake:
        """Begin TLS where it is offered; nothing is verified.

        More than one reply to STARTTLS ends the session there: somebody may have put it in (rule S3).
        """
        if not self._client.supports_extension("starttls"):
            raise StepFailed(
                "starttls",
                "not-offered",
                "The server does not offer STARTTLS.",
                self._reply(self._client.last_ehlo_response) if self._client.last_ehlo_response else None,
                "starttls-not-supported",
            )
        limits = self._limits
        transport = cast("asyncio.Transport", self._client.transport)
        loop = asyncio.get_running_loop()
        seconds = limits.command
        limit = asyncio.timeout(seconds)
        gate = _Gate(
            transport,
            lambda: limit.reschedule(loop.time() + limits.handshake),
        )
        transport.set_protocol(gate)
        try:
            async with limit:
                await self._client.starttls(
                    tls_context=context, server_hostname=server_name or "", timeout=limits.command + limits.handshake
                )
        except (SMTPException, OSError, ValueError) as error:
            if gate.injected:
                sentence = (
                    "The server sent more in the clear behind its reply to STARTTLS; somebody may have put it there."
                )
                raise StepFailed("handshake", "injected", sentence, None, "validation-failure") from None
            step: Step = "handshake" if gate.ready else "starttls"
            raise self._failed(step, limits.handshake if gate.ready else seconds, error) from None
        return self._handshake(server_name)

    def trust(self) -> None:
        """Go on: the server is the one that was meant."""
        self._trusted = True

    async def authenticate(self, user: str, password: str) -> tuple[str, Reply]:
        """Log in, by PLAIN (RFC 4616) where it is offered, else by LOGIN; return which it was.

        Raises:
            StepFailed: the server offers neither, or does not accept it.
            RuntimeError: nobody judged the server; no password leaves this system then.
        """
        if not self._trusted or self._client.get_transport_info("sslcontext") is None:
            raise RuntimeError("AUTH without a judged server")
        self._secrets = _forms(user, password)
        offered = self._client.server_auth_methods
        seconds = self._limits.command
        client, mechanisms = self._client, ("plain", "login")
        if found := [one for one in mechanisms if one in offered]:
            log_in = client.auth_plain if found[0] == "plain" else client.auth_login
            reply = await self._answered("auth", seconds, log_in(user, password, timeout=seconds))
            return found[0].upper(), reply
        known = ", ".join(quoted(one.upper()) for one in offered[:5])
        sentence = (
            f"The server offers no AUTH that this system knows (PLAIN, LOGIN), only {known}."
            if offered
            else "The server does not offer AUTH, so it takes no user name."
        )
        ehlo = client.last_ehlo_response
        raise StepFailed("auth", "auth-not-offered", sentence, self._reply(ehlo) if ehlo else None)

    async def mail(self, sender: str) -> Reply:
        """Name the sender."""
        seconds = self._limits.command
        return await self._answered("mail", seconds, self._client.mail(sender, timeout=seconds))

    async def rcpt(self, recipient: str) -> Reply:
        """Name a recipient."""
        seconds = self._limits.command
        return await self._answered("rcpt", seconds, self._client.rcpt(recipient, timeout=seconds))

    async def data(self, content: bytes) -> Reply:
        """Send the message; a refusal of DATA is one of the message."""
        if not self._trusted:
            raise RuntimeError("a message without a judged server")
        seconds = self._limits.data_end
        return await self._answered("message", seconds, self._client.data(content, timeout=seconds))

    async def end(self, polite: bool = True) -> None:
        """Quit, where that is still possible and wanted, and close the connection whatever happens."""
        try:
            if polite and self._client.is_connected:
                with suppress(SMTPException, OSError, ValueError):
                    await self._client.quit(timeout=self._limits.quit)
        finally:
            self._client.close()
            await _let_go(self._connection)

    async def _answered(self, step: Step, seconds: float, asked: Awaitable[tuple[int, str]]) -> Reply:
        """Return the reply to a step; what aiosmtplib raises becomes its failure."""
        try:
            return self._reply(await asked)
        except (SMTPException, OSError, ValueError) as error:
            raise self._failed(step, seconds, error) from None

    def _failed(self, step: Step, seconds: float, error: Exception) -> StepFailed:
        """Return the failure that an error of aiosmtplib means."""
        awaited = _AWAITED[step]
        began = f"{awaited[:1].upper()}{awaited[1:]}"
        reason: Reason | None = None
        if step in ("starttls", "handshake"):
            reason = "starttls-not-supported" if step == "starttls" else "validation-failure"
        if isinstance(error, SMTPResponseException):
            if not 200 <= error.code <= 599:
                said = quoted(self._scrubbed(error.message).partition(": ")[2] or error.message)
                return StepFailed(step, "garbage", f"{began} is no reply of SMTP: {said}.", None, reason)
            reply = self._reply((error.code, error.message))
            again = " It may work later." if reply.temporary else ""
            outcome = "rejected" if reply.code >= 400 else "unexpected"
            return StepFailed(step, outcome, f"{began} was: {reply}.{again}", reply, reason)
        causes = _causes(error)
        for one in causes:
            if isinstance(one, ssl.SSLError):
                return StepFailed("handshake", "tls", tls_sentence(one), None, "validation-failure")
        if any(isinstance(one, TimeoutError | ConnectionAbortedError) for one in causes):
            how = "did not end" if step == "handshake" else "did not come"
            what = "The TLS handshake" if step == "handshake" else began
            return StepFailed(step, "timeout", f"{what} {how} within {seconds:g} s.", None, reason)
        if isinstance(error, OSError | SMTPException):
            return StepFailed(step, "closed", f"The connection ended before {awaited}.", None, reason)
        return StepFailed(step, "invalid", "What should be sent cannot stand in a command of SMTP.", None, reason)

    def _handshake(self, server_name: str | None) -> Handshake:
        tls: ssl.SSLObject = self._client.get_transport_info("ssl_object")
        cipher = tls.cipher()
        return Handshake(tls.version() or "", cipher[0] if cipher else "", presented_chain(tls), server_name)

    def _reply(self, response: tuple[int, str]) -> Reply:
        """Return a reply as it can be shown: printable, bounded, without the password that a server may repeat."""
        code, text = response
        lines = self._scrubbed(text).split("\n")[:MOST_LINES]
        return Reply(code, tuple(printable(line)[:LONGEST_LINE] for line in lines))

    def _scrubbed(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "(masked)")
        return text


class _Gate(asyncio.Protocol):
    """Stands before aiosmtplib while STARTTLS is answered, and ends the session where more than one reply comes.

    aiosmtplib alone would drop what is behind the reply and go on.
    """

    def __init__(self, transport: asyncio.Transport, begins: Callable[[], object]) -> None:
        self._transport = transport
        self._inner = cast("asyncio.Protocol", transport.get_protocol())
        self._begins = begins
        self._replies = ReplyReader()
        self.ready = False
        self.injected = False

    def data_received(self, data: bytes) -> None:
        """Hand on what belongs to one reply."""
        if not self.ready:
            self._replies.feed(data)
            with suppress(BadReply):  # aiosmtplib refuses it too
                reply = self._replies.next()
                self.ready = reply is not None and reply.code == 220
            if self.ready and not self._replies.pending:
                self._begins()
            if not self.ready or not self._replies.pending:
                self._inner.data_received(data)
                return
        self.injected = True
        self._transport.abort()

    def eof_received(self) -> bool | None:
        """Hand it on."""
        return self._inner.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """Hand it on."""
        self._inner.connection_lost(error)

    def pause_writing(self) -> None:
        """Hand it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Hand it on."""
        self._inner.resume_writing()


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what caused it, the newest first."""
    found = [error]
    while (cause := found[-1].__cause__) is not None:
        found.append(cause)
    return found


async def _let_go(connection: socket.socket) -> None:
    """Have asyncio close a socket now; TLS would wait half a minute for the peer's goodbye."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    for _ in range(MOST_TURNS):
        if connection.fileno() < 0:
            return
        await asyncio.sleep(0)
    connection.close()


def _forms(user: str, password: str) -> tuple[str, ...]:
    """Return how a password may stand in what a server repeats, the longest first."""
    import base64

    def encoded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    return encoded(f"\0{user}\0{password}"), encoded(password), password
