"""A web server on loopback that answers, to the byte, what a test says: well, badly, slowly, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from gateway.network import MappedNetwork
from gateway.verdict import Verdict
from tests.gateway.making import Made

ADDRESS = "192.0.2.80"
GOOD = Verdict(True, "trusted", None, "It is good.")


def server_context(folder: Path, leaf: Made, *above: Made) -> ssl.SSLContext:
    """Return the context of a server that presents a leaf and what stands above it."""
    place = folder / "server.pem"
    place.write_text(leaf.key_pem + leaf.pem + "".join(one.pem for one in above))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place)
    return context


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer of HTTP/1.1."""
    shown = {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    shown |= {key.replace("_", "-"): value for key, value in headers.items()}
    return (f"HTTP/1.1 {status}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in shown.items() if v) + "\r\n").encode() + body


class Served:
    """A running server.

    Attributes:
        network: leads ADDRESS, at the ports of http and https, to it.
        requests: the heads of the requests that came.
        sessions: how many connections came, with or without a request.
    """

    def __init__(self) -> None:
        self.network = MappedNetwork({})
        self.requests: list[bytes] = []
        self.sessions = 0

    async def addresses(self, host: str) -> Sequence[str]:
        """Return the address for every host that has one."""
        return () if host.startswith("nowhere.") else (ADDRESS,)


@asynccontextmanager
async def serving(context: ssl.SSLContext | None, pieces: Iterable[bytes | float]) -> AsyncIterator[Served]:
    """Run a server that reads a request and answers with pieces, each bytes to send or seconds to wait."""
    served = Served()
    pieces = list(pieces)
    open_now: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.sessions += 1
        open_now[writer] = asyncio.current_task()
        try:
            served.requests.append(await reader.readuntil(b"\r\n\r\n"))
            for piece in pieces:
                if isinstance(piece, bytes):
                    writer.write(piece)
                    await writer.drain()
                else:
                    await asyncio.sleep(piece)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    there = server.sockets[0].getsockname()[:2]
    served.network.map = {(ADDRESS, 80): there, (ADDRESS, 443): there}
    try:
        yield served
    finally:
        server.close()
        for writer, task in open_now.items():
            assert task is not None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            writer.transport.abort()
        await asyncio.sleep(0)
