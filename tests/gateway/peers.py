"""Mail servers that misbehave as they are told, on loopback, each recording every byte it was sent."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import stat
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Literal, NamedTuple, TypeVar

T = TypeVar("T")
Act = bytes | ssl.SSLContext | Literal["read", "swallow", "close", "reset", "hang"] | tuple[Literal["drip"], bytes]
"""Bytes are sent; a context begins TLS; `swallow` takes a piece of a handshake; `drip` sends a byte every 10 ms."""

HELLO = b"220 mx.example.com ESMTP\r\n"
EHLO = b"250-mx.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
READY = b"220 2.0.0 go ahead\r\n"
BYE = b"221 bye\r\n"


class Peer(NamedTuple):
    """A server that is listening: its port, what arrived in the clear and under TLS, the SNI and certificates it saw.

    `hanging` is set when a script has come to `hang`, `ended` when the other side has gone.
    """

    port: int
    clear: bytearray
    secret: bytearray
    names: list[str | None]
    certificates: list[bytes | None]
    hanging: asyncio.Event
    ended: asyncio.Event

    def commands(self) -> list[str]:
        return [line.split()[0].decode() for line in bytes(self.clear + self.secret).split(b"\r\n") if line]


class Speech:
    """One connection; TLS in memory, so that the alert of a failed handshake goes out (asyncio's own drops it)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._read = bytearray()

    async def shake_hands(self, context: ssl.SSLContext) -> bytes | None:
        """Shake hands and return the other side's certificate."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        await self._until(tls.do_handshake)
        self.tls = tls
        return tls.getpeercert(binary_form=True)

    async def send(self, data: bytes) -> None:
        if self.tls is not None:
            self.tls.write(data)
            data = self._outgoing.read()
        self.writer.write(data)
        await self.writer.drain()

    async def piece(self) -> bytes:
        """Return what comes next, b"" at the end."""
        tls = self.tls
        if tls is None:
            return await self.reader.read(65536)
        with suppress(ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return await self._until(lambda: tls.read(65536))
        return b""

    async def line(self) -> bytes:
        while b"\n" not in self._read:
            if not (piece := await self.piece()):
                return b""
            self._read += piece
        line, _, rest = self._read.partition(b"\n")
        self._read = rest
        return bytes(line) + b"\n"

    async def _until(self, done: Callable[[], T]) -> T:
        while True:
            try:
                return done()
            except ssl.SSLWantReadError:
                self.writer.write(self._outgoing.read())
                if arrived := await self.reader.read(65536):
                    self._incoming.write(arrived)
                else:
                    self._incoming.write_eof()
            finally:
                self.writer.write(self._outgoing.read())


async def play(speech: Speech, script: tuple[Act, ...], listening: Peer) -> None:
    """Do what a script says, then take what comes until the other side goes."""
    kept = listening.clear
    for act in script:
        if isinstance(act, bytes):
            await speech.send(act)
        elif isinstance(act, ssl.SSLContext):
            act.sni_callback = lambda _, name, __: listening.names.append(name)
            kept = listening.secret
            listening.certificates.append(await speech.shake_hands(act))
        elif isinstance(act, tuple):
            for byte in act[1]:
                await speech.send(bytes([byte]))
                await asyncio.sleep(0.01)
        elif act == "read":
            kept += await speech.line()
        elif act == "swallow":
            await speech.reader.read(65536)
        elif act == "reset":
            own = speech.writer.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            speech.writer.transport.abort()
            return
        elif act == "close":
            return
        else:
            listening.hanging.set()
    while data := await speech.piece():
        kept += data


@asynccontextmanager
async def peer(*script: Act) -> AsyncIterator[Peer]:
    """Serve a script to every connection; at its end read until the other side goes."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await play(Speech(reader, writer), script, listening)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            listening.ended.set()
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 22)
    port = server.sockets[0].getsockname()[1]
    listening = Peer(port, bytearray(), bytearray(), [], [], asyncio.Event(), asyncio.Event())
    try:
        yield listening
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def sockets() -> int:
    """Return how many sockets this process has open."""
    found = 0
    for descriptor in range(256):
        with suppress(OSError):
            found += stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    return found
