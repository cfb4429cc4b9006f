"""A web server of a world: one request a connection, documents and revocation lists over HTTP or HTTPS."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    from shell.world.behaviour import Behaviour
    from shell.world.description import Policy, Web
    from shell.world.peer import Peer


class WebServer:
    """Answers paths with documents; whatever else is asked for is not there."""

    def __init__(
        self,
        table: Policy | Web,
        documents: Mapping[str, bytes],
        behaviour: Behaviour,
        context: ssl.SSLContext | None,
        headers: Sequence[str] = (),
    ) -> None:
        """Join what it needs; without a context there is no TLS."""
        self.table = table
        self.documents = documents
        self.behaviour = behaviour
        self.context = context
        self.headers = headers

    async def serve(self, peer: Peer) -> None:
        """Answer one request.

        Raises:
            Gone: the connection is over.
        """
        behaviour = self.behaviour
        if self.context is not None:
            await self._shake_hands(peer, self.context)
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

    async def _shake_hands(self, peer: Peer, context: ssl.SSLContext) -> None:
        behaviour = self.behaviour
        await peer.first_octets()
        if effect := behaviour.instead("handshake"):
            await peer.misbehave(effect)
        if behaviour.at("handshake", "waits", "drips"):
            await asyncio.sleep(self.table.delay / 1000)
        await peer.start_tls(context)
        if effect := behaviour.after("handshake"):
            await peer.misbehave(effect)

    def answer(self, request: str) -> bytes:
        """Return the answer to a request line."""
        table = self.table
        body = self.documents.get("".join(request.split(" ")[1:2]))
        status = 404 if body is None else table.status
        body = body or b""
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", f"Content-Length: {len(body)}", "Connection: close"]
        if table.media_type:
            lines.append(f"Content-Type: {table.media_type}")
        if table.location is not None:
            lines.append(f"Location: {table.location}")
        head = "".join(f"{line}\r\n" for line in [*lines, *self.headers])
        return head.encode() + b"\r\n" + body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
