"""A session that has been judged, handed over to a mail client: bytes go to and fro, and the judgment cannot be undone.

The client (aiosmtplib) wants a socket and a greeting. It gets one end of a pair of sockets; the other is joined with
the connection here, under the TLS that was decided on. So the client neither begins TLS nor knows of it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager, suppress

from gateway.smtp_wire import PIECE, Closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.smtp_wire import Wire

GREETING = b"220 judged\r\n"
"""The server's own greeting was read long ago; a client waits for one."""


@asynccontextmanager
async def bridge(wire: Wire) -> AsyncIterator[socket.socket]:
    """Give the client's end; when it is left both ends are closed, the connection stays the caller's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    ours.send(GREETING)
    tasks = [asyncio.create_task(_from_client(ours, wire)), asyncio.create_task(_from_server(wire, ours))]
    try:
        yield theirs
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ours.close()
        theirs.close()


async def _from_client(ours: socket.socket, wire: Wire) -> None:
    loop = asyncio.get_running_loop()
    while data := await loop.sock_recv(ours, PIECE):
        await wire.send_bytes(data)


async def _from_server(wire: Wire, ours: socket.socket) -> None:
    """Hand on what the server says; its end is the client's end of file."""
    loop = asyncio.get_running_loop()
    with suppress(Closed, ssl.SSLError, OSError):
        while True:
            await loop.sock_sendall(ours, await wire.receive_bytes())
    with suppress(OSError):
        ours.shutdown(socket.SHUT_WR)
