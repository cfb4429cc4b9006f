"""A listening socket on loopback and the connections that came to it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from shell.world.peer import Gone, Peer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shell.world.recording import Conversation, Recording

LOOPBACK = "127.0.0.1"
BACKLOG = 100
MOST_CONNECTIONS = 200
"""That one server takes in its life; later ones are reset."""

TRIES = 20


class Listener:
    """A TCP port of a server.

    Attributes:
        socket: bound and listening; connections queue up until the world runs.
        tasks: the sessions that go on.
    """

    def __init__(self, listening: socket.socket, serve: Callable[[Peer], Awaitable[None]]) -> None:
        self.socket = listening
        self.tasks: set[asyncio.Task[None]] = set()
        self._serve = serve
        self._recordings: list[Recording] = []

    def start(self) -> None:
        """Accept connections from now on; called inside the world's loop."""
        asyncio.get_running_loop().add_reader(self.socket, self._accept)

    def conversations(self) -> list[Conversation]:
        """Return what came, a conversation a connection, in the order in which they were accepted."""
        return [recording.conversation() for recording in self._recordings]

    def _accept(self) -> None:
        with suppress(OSError):  # nobody is there any more, or there are no more sockets
            while True:
                connection, _ = self.socket.accept()
                peer = Peer(connection)
                if len(self._recordings) >= MOST_CONNECTIONS:
                    peer.reset()
                    continue
                self._recordings.append(peer.recording)
                task = asyncio.get_running_loop().create_task(self._hold(peer))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    async def _hold(self, peer: Peer) -> None:
        try:
            with suppress(Gone):
                await self._serve(peer)
            await peer.close()
        finally:
            peer.abandon()


def tcp_socket() -> socket.socket:
    """Return a socket that listens on a free port of loopback."""
    return _bound(socket.SOCK_STREAM, 0, BACKLOG)


def both_sockets() -> tuple[socket.socket, socket.socket]:
    """Return a listening TCP socket and a UDP socket on one port, as DNS needs them."""
    for _ in range(TRIES):
        stream = tcp_socket()
        try:
            return stream, _bound(socket.SOCK_DGRAM, stream.getsockname()[1], 0)
        except OSError:
            stream.close()  # some other program has the UDP port of this number
    raise OSError("no port is free for TCP and UDP")


def silent_sockets() -> list[socket.socket]:
    """Return a listening socket whose queue is full, first, and the connections that fill it.

    Linux drops what asks for a connection then, so that connecting there runs into the caller's time limit.
    """
    sockets = [_bound(socket.SOCK_STREAM, 0, 0)]
    for _ in range(2):
        filling = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        filling.setblocking(False)
        filling.connect_ex(sockets[0].getsockname())
        sockets.append(filling)
    return sockets


def _bound(kind: socket.SocketKind, port: int, backlog: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, kind)
    try:
        bound.setblocking(False)
        bound.bind((LOOPBACK, port))
        if kind == socket.SOCK_STREAM:
            bound.listen(backlog)
    except OSError:
        bound.close()
        raise
    return bound
