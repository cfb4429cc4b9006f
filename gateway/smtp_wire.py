"""The connection under an SMTP session: lines out, replies in, TLS in between; nothing here knows what SMTP means.

The socket is read by hand and TLS runs in memory: what a peer sends is taken in bounded pieces with a turn of the event
loop between them, so that time limits and Ctrl-C hold whatever the peer does. Time limits are the caller's.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from time import monotonic
from typing import Literal, NamedTuple

from gateway.network import writable
from gateway.smtp_replies import ReplyReader
from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.smtp_replies import Reply

PIECE = 65536
"""Bytes that are taken at a time."""

MOST_SHOWN = 200
"""Lines of a transcript."""

LONGEST_SHOWN = 512
"""Characters of a line in a transcript."""

Direction = Literal["sent", "received", "note"]


class Line(NamedTuple):
    """A line of a session's transcript; `seconds` count from its beginning, the text is printable."""

    direction: Direction
    seconds: float
    text: str


class Transcript:
    """What went over the wire, bounded: lines are cut, and after `MOST_SHOWN` lines there is one note of it."""

    def __init__(self) -> None:
        self._began = monotonic()
        self.lines: list[Line] = []

    def add(self, direction: Direction, text: str) -> None:
        """Keep a line."""
        if len(self.lines) >= MOST_SHOWN:
            if len(self.lines) > MOST_SHOWN:
                return
            direction, text = "note", "(more lines are not kept)"
        text = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
        self.lines.append(Line(direction, monotonic() - self._began, printable(text)))


class Closed(Exception):
    """The peer closed the connection, or it broke: `broken` tells which."""

    def __init__(self, broken: bool) -> None:
        self.broken = broken
        super().__init__("reset" if broken else "closed")


class Injected(Exception):
    """Bytes arrived between the reply to STARTTLS and the handshake (rule S3)."""


class Wire:
    """One connection. Whoever has it closes it; `close` may be called at any time and more than once."""

    def __init__(self, connection: socket.socket, transcript: Transcript) -> None:
        self.transcript = transcript
        self.tls: ssl.SSLObject | None = None
        self._socket = connection
        self._loop = asyncio.get_running_loop()
        self._replies = ReplyReader()
        self._waiting: asyncio.Future[None] | None = None
        self._watched = False
        self._broken = False
        self._ended = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._sending = asyncio.Lock()

    def close(self) -> None:
        """Close the socket at once."""
        if self._socket.fileno() >= 0:
            self._unwatch()
            self._socket.close()

    async def send_line(self, line: str) -> None:
        """Send a line.

        A connection that is broken is found when the reply is read: the peer may have said why before it went.
        """
        self.transcript.add("sent", line)
        data = line.encode("ascii") + b"\r\n"
        if self.tls is not None:
            self.tls.write(data)
            data = self._outgoing.read()
        await self._send(data)

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are, under TLS where there is some; nothing of them is in the transcript."""
        if self.tls is not None:
            self.tls.write(data)
            data = self._outgoing.read()
        await self._send(data)

    async def receive_bytes(self) -> bytes:
        """Return what the peer sends next, out of TLS where there is some.

        Raises:
            Closed: nothing will.
            SSLError: TLS failed.
        """
        while True:
            data = await self._receive()
            if self.tls is None:
                return data
            self._incoming.write(data)
            clear = bytearray()
            with suppress(ssl.SSLWantReadError):
                try:
                    while part := self.tls.read(PIECE):
                        clear += part
                except ssl.SSLZeroReturnError:
                    self._ended = True
            await self._flush()
            if clear:
                return bytes(clear)

    async def reply(self) -> Reply:
        """Return the peer's next reply.

        Raises:
            BadReply: what it sent is none.
            Closed: the connection ended first.
            SSLError: TLS failed.
        """
        while (reply := self._replies.next()) is None:
            data = await self._receive()
            if self.tls is None:
                self._replies.feed(data)
            else:
                self._incoming.write(data)
                self._decrypt(self.tls)
                await self._flush()
        last = len(reply.lines) - 1
        for place, line in enumerate(reply.lines):
            self.transcript.add("received", f"{reply.code}{' ' if place == last else '-'}{line}".rstrip())
        return reply

    async def start_tls(self, context: ssl.SSLContext, server_name: str | None) -> ssl.SSLObject:
        """Shake hands; nothing is verified.

        Raises:
            Injected: the peer sent something before the handshake began.
            Closed: the connection ended first.
            SSLError: TLS failed.
            ValueError: the name cannot be sent as one.
        """
        if self._replies.pending:
            raise Injected
        try:
            if not self._socket.recv(1, socket.MSG_PEEK):
                raise Closed(self._broken)
        except BlockingIOError:
            pass
        except OSError:
            raise Closed(broken=True) from None
        else:
            raise Injected
        if server_name is not None and "\0" in server_name:
            raise ValueError("a NUL in a name")  # `ssl` would raise TypeError
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._receive())
            except ssl.SSLError:
                await self._flush()  # the alert that says why
                raise
        await self._flush()
        self.tls = tls
        return tls

    def say_goodbye(self) -> None:
        """Tell a TLS peer that nothing follows, where that needs no waiting (RFC 8446 s6.1)."""
        if self.tls is None:
            return
        with suppress(OSError):  # the peer's own goodbye is not waited for
            self.tls.unwrap()
        with suppress(OSError):
            self._socket.send(self._outgoing.read())

    def _decrypt(self, tls: ssl.SSLObject) -> None:
        try:
            while data := tls.read(PIECE):
                self._replies.feed(data)
        except ssl.SSLWantReadError:
            return
        except ssl.SSLZeroReturnError:
            pass
        self._ended = True  # it said so, and what came before that counts

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._send(self._outgoing.read())

    async def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        async with self._sending:  # what one turn began no other one may interrupt
            while rest and not self._broken:
                try:
                    rest = rest[self._socket.send(rest) :]
                except BlockingIOError:
                    await writable(self._socket)
                except OSError:
                    self._broken = True

    async def _receive(self) -> bytes:
        """Return what arrives next; waits in any case, so that a flood leaves the loop its turns.

        Raises:
            Closed: nothing will.
        """
        if self._ended:
            raise Closed(broken=False)
        while True:
            self._waiting = self._loop.create_future()
            if not self._watched:
                self._loop.add_reader(self._socket.fileno(), self._arrived)
                self._watched = True
            await self._waiting
            try:
                data = self._socket.recv(PIECE)
            except BlockingIOError:
                continue
            except OSError:
                raise Closed(broken=True) from None
            if not data:
                raise Closed(self._broken)
            return data

    def _arrived(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        else:  # nobody waits: it stays where it is
            self._unwatch()

    def _unwatch(self) -> None:
        if self._watched:
            self._loop.remove_reader(self._socket.fileno())
            self._watched = False
