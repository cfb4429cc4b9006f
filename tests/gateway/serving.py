"""A web server on loopback that answers, to the byte, what a test says: well, badly, slowly, or not at all."""

from __future__ import annotations

import socket
import ssl
import threading
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
async def serving(
    context: ssl.SSLContext | None, pieces: Iterable[bytes | float], greeting: bytes = b""
) -> AsyncIterator[Served]:
    """Run a server that reads a request and answers with pieces, each bytes to send or seconds to wait.

    It runs in threads of its own, with blocking sockets: what it holds is closed when its threads have ended.
    """
    served = Served()
    pieces = list(pieces)
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client may go at any time
            connection.sendall(greeting)
            if context is None:
                talk(connection)
            else:
                with context.wrap_socket(connection, server_side=True) as stream:
                    talk(stream)

    def talk(stream: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (data := stream.recv(4096)):
                return
            head += data
        served.requests.append(head)
        for piece in pieces:
            if isinstance(piece, bytes):
                stream.sendall(piece)
            else:
                over.wait(piece)

    def accept() -> None:
        with suppress(OSError):  # the end, by `shutdown`
            while True:
                connection, _ = listening.accept()
                connection.settimeout(10)
                served.sessions += 1
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = listening.getsockname()
        served.network.map = {(ADDRESS, 80): there, (ADDRESS, 443): there}
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield served
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()
