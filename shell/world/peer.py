"""One connection of a server of a world: bytes in and out, TLS by hand, and all that may go wrong on purpose.

TLS runs over memory (`ssl.MemoryBIO`), since a server that misbehaves must decide about every byte on the wire.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from contextlib import suppress
from typing import Literal
from weakref import WeakKeyDictionary

from shell.world.recording import Recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shell.world.behaviour import Effect

AT_ONCE = 64 * 1024
LONGEST_LINE = 64 * 1024
FLOOD = b"2" * (1024 * 1024)
GARBAGE = b"\x00\xff\x80\x07\x1b[31m\r\n\x00garbage\r\n"
NO_WAIT = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 seconds: closing sends a reset."""

LINGER = 1.0
"""Seconds that a closed connection is still listened to."""

_SHAKING: WeakKeyDictionary[ssl.SSLObject, Recording] = WeakKeyDictionary()


class Gone(Exception):
    """The connection is over: the peer left, or a misbehaviour ended it."""


class Peer:
    """A connection that was accepted.

    Attributes:
        recording: what came.
        secure: whether TLS is on.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.recording = Recording()
        self.secure = False
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._kept = b""
        self._part: Literal["clear", "tls"] = "clear"
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    async def line(self) -> str:
        """Return the next line without its end; any bytes.

        Raises:
            Gone: there is none any more, or it is too long.
        """
        while b"\n" not in self._kept:
            if len(self._kept) > LONGEST_LINE:
                raise Gone
            self._kept += await self.receive()
        line, self._kept = self._kept.split(b"\n", 1)
        return line.removesuffix(b"\r").decode("latin-1")

    async def receive(self) -> bytes:
        """Return the next bytes, at least one; from inside TLS where it is on.

        Raises:
            Gone: there are no more.
        """
        if self._tls is None:
            return await self._wire()
        while True:
            try:
                octets = self._tls.read(AT_ONCE)
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._wire())
                continue
            except ssl.SSLError as error:
                self.recording.end = "closed by the peer"
                if not isinstance(error, ssl.SSLZeroReturnError):
                    self.recording.failure = error.reason
                raise Gone from None
            if not octets:
                self.recording.end = "closed by the peer"
                raise Gone
            self.recording.keep("secured", octets)
            return octets

    async def send(self, octets: bytes) -> None:
        """Send all of it.

        Raises:
            Gone: the peer is not there any more.
        """
        if self._tls is None:
            await self._put(octets)
            return
        for at in range(0, len(octets), AT_ONCE):
            try:
                self._tls.write(octets[at : at + AT_ONCE])
            except ssl.SSLError:
                raise Gone from None
            await self._flush()

    async def drip(self, octets: bytes, seconds: float) -> None:
        """Send a byte at a time."""
        for at in range(len(octets)):
            await self.send(octets[at : at + 1])
            await asyncio.sleep(seconds)

    def turn_to_tls(self) -> None:
        """Take what comes from now on for TLS; what came in the clear and was not read is dropped (rule S3)."""
        self._kept = b""
        self._part = "tls"

    async def first_octets(self) -> None:
        """Wait for the beginning of the handshake and keep it for `start_tls`."""
        self.turn_to_tls()
        self._incoming.write(await self._wire())

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands, beginning with the first octets.

        Raises:
            Gone: it failed; the peer got the alert.
        """
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        _SHAKING[tls] = self.recording
        try:
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    await self._flush()
                    self._incoming.write(await self._wire())
        except ssl.SSLError as error:
            self.recording.failure = error.reason or str(error)
            await self._flush()
            raise Gone from None
        await self._flush()
        self._tls = tls
        self.secure = True
        self.recording.protocol = tls.version()

    async def misbehave(self, effect: Effect) -> None:
        """Do what ends a connection in place of an answer.

        Raises:
            Gone: always.
        """
        if effect == "resets":
            self.reset()
        elif effect == "hangs":
            while True:
                await self.receive()
        elif effect in ("garbles", "floods"):
            await self.send(GARBAGE if effect == "garbles" else FLOOD)
        raise Gone

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        self.recording.end = "reset"
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_WAIT)
        self._connection.close()

    async def close(self) -> None:
        """Close it in good order; a peer that still sends is listened to, lest a reset destroys what it was sent."""
        if self._connection.fileno() < 0:
            return
        try:
            if self.recording.end == "open":
                if self._tls is not None:
                    with suppress(ssl.SSLError):  # close_notify is out; the peer's own is not waited for
                        self._tls.unwrap()
                    await self._flush()
                self.recording.end = "closed"
                self._connection.shutdown(socket.SHUT_WR)
                async with asyncio.timeout(LINGER):
                    while True:
                        await self._wire()
        except (Gone, OSError, TimeoutError):
            pass
        finally:
            self._connection.close()

    def abandon(self) -> None:
        """Close the socket at once, when the world ends."""
        self._connection.close()

    async def _wire(self) -> bytes:
        """Return the next bytes as they come over the wire, and keep them."""
        try:
            octets = await self._loop.sock_recv(self._connection, AT_ONCE)
        except OSError:
            octets = b""
        if not octets:
            if self.recording.end == "open":
                self.recording.end = "closed by the peer"
            raise Gone
        self.recording.keep(self._part, octets)
        return octets

    async def _flush(self) -> None:
        if octets := self._outgoing.read():
            await self._put(octets)

    async def _put(self, octets: bytes) -> None:
        try:
            await self._loop.sock_sendall(self._connection, octets)
        except OSError:
            raise Gone from None


def note_server_name(tls: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
    """Keep the SNI of a handshake; to be the `sni_callback` of every context."""
    if (recording := _SHAKING.get(tls)) is not None:
        recording.server_name = name
