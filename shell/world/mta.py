"""A mail server of a world: it takes mail and keeps it, or fails in one of the ways that mail servers fail."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from shell.world.behaviour import NotUnderstood
from shell.world.peer import Gone
from shell.world.recording import MOST_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from shell.world.behaviour import Behaviour
    from shell.world.description import Mta
    from shell.world.peer import Peer

INJECTED = "250 2.0.0 injected"
UNKNOWN = "500 #5.5.1 command not recognized"
ORDER = "503 #5.5.1 bad sequence of commands"
MOST_MAILS = 1000
CONNECTED = 0.02
"""Seconds after which a client knows that it is connected; a reset that comes earlier may fail its connecting."""


class Mail(NamedTuple):
    """A message that was accepted.

    Attributes:
        sender: the reverse path without its brackets.
        recipients: the forward paths.
        content: what came between DATA and the final dot; leading dots are undone.
        secure: whether it came inside TLS.
    """

    sender: str
    recipients: tuple[str, ...]
    content: str
    secure: bool


class MailServer:
    """A mail server.

    Attributes:
        mails: what it accepted, in order.
    """

    def __init__(self, table: Mta, host: str, behaviour: Behaviour, context: ssl.SSLContext) -> None:
        self.table = table
        self.host = host
        self.behaviour = behaviour
        self.context = context
        self.mails: list[Mail] = []

    async def serve(self, peer: Peer) -> None:
        """Hold one session, to its end."""
        await _Session(self, peer).run()


class _Session:
    """One session: what was said of the next message."""

    def __init__(self, server: MailServer, peer: Peer) -> None:
        self._server = server
        self._table = server.table
        self._behaviour = server.behaviour
        self._peer = peer
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Greet and answer commands.

        Raises:
            Gone: the session is over.
        """
        if self._table.implicit_tls:
            await self._handshake()
        greeting = await self._answer("greeting", f"220 {self._server.host} ESMTP")
        answers = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
        }
        while True:
            line = await self._peer.line()
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "QUIT":
                await self._answer("quit", f"221 {self._server.host} closing")
                return
            if not greeting.startswith("220"):
                await self._say(ORDER)  # RFC 5321 s3.1: after a 554 nothing but QUIT
            elif verb in answers:
                await answers[verb](rest)
            elif verb in ("NOOP", "RSET"):
                self._forget()
                await self._say("250 2.0.0 OK")
            else:
                await self._say(UNKNOWN)

    async def _ehlo(self, rest: str) -> None:
        self._forget()
        keywords = list(self._table.keywords)
        if self._table.starttls and not self._peer.secure:
            keywords.append("STARTTLS")
        lines = [self._server.host, *keywords]
        marks = ["250-"] * (len(lines) - 1) + ["250 "]
        usual = "\n".join(mark + line for mark, line in zip(marks, lines, strict=True))
        await self._answer("second ehlo" if self._peer.secure else "ehlo", usual)

    async def _helo(self, rest: str) -> None:
        self._forget()
        await self._answer("helo", f"250 {self._server.host}")

    async def _starttls(self, rest: str) -> None:
        if self._peer.secure or not self._table.starttls:
            await self._answer("starttls", UNKNOWN)
            return
        answer = await self._answer("starttls", "220 2.0.0 ready for TLS")
        if answer.startswith("220"):
            self._forget()
            await self._handshake()

    async def _handshake(self) -> None:
        behaviour, peer = self._behaviour, self._peer
        await peer.first_octets()
        if effect := behaviour.instead("handshake"):
            await peer.misbehave(effect)
        if behaviour.at("handshake", "waits", "drips"):
            await asyncio.sleep(self._table.delay / 1000)
        await peer.start_tls(self._server.context)
        if effect := behaviour.after("handshake"):
            await peer.misbehave(effect)

    async def _auth(self, rest: str) -> None:
        """Take every user name and password, by PLAIN and LOGIN with the first answer on the line of AUTH."""
        offered = {word for line in self._table.keywords if line.upper().startswith("AUTH ") for word in line.split()}
        mechanism, _, answer = rest.partition(" ")
        if mechanism.upper() not in {word.upper() for word in offered} or not answer:
            await self._answer("auth", UNKNOWN)
            return
        if mechanism.upper() == "LOGIN":
            await self._say("334 UGFzc3dvcmQ6")
            await self._peer.line()
        await self._answer("auth", "235 2.7.0 accepted")

    async def _mail(self, rest: str) -> None:
        answer = await self._answer("mail", "250 2.1.0 OK" if self._sender is None else ORDER)
        if answer.startswith("250") and self._sender is None:
            self._sender = _path(rest)

    async def _rcpt(self, rest: str) -> None:
        answer = await self._answer("rcpt", ORDER if self._sender is None else "250 2.1.5 OK")
        if answer.startswith("250"):
            self._recipients.append(_path(rest))

    async def _data(self, rest: str) -> None:
        answer = await self._answer("data", "354 go ahead" if self._recipients else ORDER)
        if not answer.startswith("354"):
            return
        lines: list[str] = []
        size = 0
        while (line := await self._peer.line()) != ".":
            size += len(line)
            if size > MOST_BYTES:
                await self._say("552 5.3.4 message too big")
                raise Gone
            lines.append(line.removeprefix("."))
        answer = await self._answer("message", "250 2.0.0 kept")
        if answer.startswith("250") and len(self._server.mails) < MOST_MAILS:
            content = "".join(f"{line}\n" for line in lines)
            self._server.mails.append(Mail(self._sender or "", tuple(self._recipients), content, self._peer.secure))
        self._forget()

    async def _answer(self, step: str, usual: str) -> str:
        """Answer a step as the description has it; return the answer.

        Raises:
            Gone: what the server does there ended the connection.
        """
        behaviour, delay = self._behaviour, self._table.delay / 1000
        if effect := behaviour.instead(step):
            if step == "greeting":
                await asyncio.sleep(CONNECTED)
            await self._peer.misbehave(effect)
        answer = self._table.replies.get(step, usual)
        octets = _wire(answer)
        if behaviour.at(step, "injects"):
            octets += _wire(INJECTED)
        if behaviour.at(step, "drips"):
            await self._peer.drip(octets, delay)
        else:
            if behaviour.at(step, "waits"):
                await asyncio.sleep(delay)
            await self._peer.send(octets)
        if step == "starttls" and answer.startswith("220"):
            self._peer.turn_to_tls()
        if effect := behaviour.after(step):
            await self._peer.misbehave(effect)
        return answer

    async def _say(self, answer: str) -> None:
        await self._peer.send(_wire(answer))

    def _forget(self) -> None:
        self._sender = None
        self._recipients.clear()


def require_steps(replies: dict[str, str], steps: tuple[str, ...]) -> None:
    """Check that replies are for steps of a session.

    Raises:
        NotUnderstood: one is not.
    """
    if wrong := [step for step in replies if step not in steps or step == "handshake"]:
        known = ", ".join(step for step in steps if step != "handshake")
        raise NotUnderstood(f'has a reply to "{wrong[0]}", which is no step; there are {known}')


def _wire(text: str) -> bytes:
    return "".join(f"{line}\r\n" for line in text.split("\n")).encode("utf-8", "surrogateescape")


def _path(text: str) -> str:
    """Return the path of `FROM:<a@b> SIZE=1`."""
    path = text.partition(":")[2].strip()
    return path.partition("<")[2].partition(">")[0] if "<" in path else path.partition(" ")[0]
