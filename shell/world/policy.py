"""A policy host of a world: one document over HTTPS, with any status, body and certificate (RFC 8461 s3.3)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from shell.world.behaviour import Behaviour
    from shell.world.description import Policy
    from shell.world.peer import Peer

PATH = "/.well-known/mta-sts.txt"
FILLER = "filler: xxxx\r\n"


class PolicyHost:
    """The host `mta-sts.DOMAIN`."""

    def __init__(self, table: Policy, behaviour: Behaviour, context: ssl.SSLContext) -> None:
        self.table = table
        self.behaviour = behaviour
        self.context = context

    async def serve(self, peer: Peer) -> None:
        """Answer one request.

        Raises:
            Gone: the connection is over.
        """
        behaviour = self.behaviour
        await peer.first_octets()
        if effect := behaviour.instead("handshake"):
            await peer.misbehave(effect)
        if behaviour.at("handshake", "waits", "drips"):
            await asyncio.sleep(self.table.delay / 1000)
        await peer.start_tls(self.context)
        if effect := behaviour.after("handshake"):
            await peer.misbehave(effect)
        request = await peer.line()
        while await peer.line():
            pass
        if effect := behaviour.instead("request"):
            await peer.misbehave(effect)
        if behaviour.at("request", "waits"):
            await asyncio.sleep(self.table.delay / 1000)
        answer = self.answer(request)
        if behaviour.at("request", "drips"):
            await peer.drip(answer, self.table.delay / 1000)
        else:
            await peer.send(answer)
        if effect := behaviour.after("request"):
            await peer.misbehave(effect)

    def answer(self, request: str) -> bytes:
        """Return the answer to a request line; whatever is not the policy's path is not there."""
        table = self.table
        there = request.split(" ")[1:2] == [PATH]
        status = table.status if there else 404
        body = (document(table) + FILLER * (table.filler // len(FILLER))).encode() if there else b""
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", f"Content-Length: {len(body)}", "Connection: close"]
        if table.media_type:
            lines.append(f"Content-Type: {table.media_type}")
        if table.location is not None:
            lines.append(f"Location: {table.location}")
        head = "".join(f"{line}\r\n" for line in [*lines, *table.headers])
        return head.encode() + b"\r\n" + body


def document(table: Policy) -> str:
    """Return the policy document."""
    if table.body is not None:
        return table.body
    lines = ["version: STSv1", f"mode: {table.mode}", *(f"mx: {name}" for name in table.mx)]
    return "".join(f"{line}\r\n" for line in [*lines, f"max_age: {table.max_age}"])


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
