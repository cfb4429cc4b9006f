"""One question to one resolver: by UDP, and by TCP where the answer is too long for a datagram (RFC 7766).

The exchange is ours and not `dns.asyncquery`, because all sockets come from `gateway.network`, a message that does not
answer the question must be passed over and not end the wait, and dnspython's own takes a further 60 ms to import (TLS,
HTTP, QUIC). A cancelled exchange closes its socket and ends at once.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from gateway.dns_messages import BadAnswer, Reply, answers, question, read, truncated
from gateway.network import NotConnected, readable
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    import dns.name

    from gateway.dns_messages import Kind, Question
    from gateway.network import Network

MOST_STRAY = 100
"""Datagrams that answer something else and are passed over; after that somebody is guessing."""


class Server(Protocol):
    """A resolver that can be asked; `trusted` is whether its AD flag counts (rule D4)."""

    @property
    def address(self) -> str: ...  # noqa: D102 - an IP address
    @property
    def port(self) -> int: ...  # noqa: D102 - of its DNS service
    @property
    def trusted(self) -> bool: ...  # noqa: D102 - see above


class Unanswered(Exception):
    """There was no answer; its text ends the sentence "The resolver ... ".

    Attributes:
        its_fault: whether the resolver is down, as far as can be told; else this system lacks something.
    """

    def __init__(self, text: str, its_fault: bool = True) -> None:
        self.its_fault = its_fault
        super().__init__(text)


async def ask(network: Network, server: Server, name: dns.name.Name, kind: Kind, seconds: float) -> Reply:
    """Return what a resolver says to a question.

    Args:
        network: opens the sockets.
        server: the resolver.
        name: what is asked about.
        kind: the type of records.
        seconds: for all of it.

    Raises:
        Unanswered: it says nothing in time, or cannot be reached.
        BadAnswer: it says that it failed, or nothing that can be believed.
    """
    query = question(name, kind)
    stray = [0]
    try:
        async with asyncio.timeout(seconds):
            wire = await _by_datagram(network, server, query, stray)
            if truncated(wire):
                wire = await _by_stream(network, server, query, seconds)
    except TimeoutError:
        others = f"; {counted(stray[0], 'message')} from it did not answer the question" if stray[0] else ""
        raise Unanswered(f"gave no answer within {seconds:g} s{others}") from None
    except NotConnected as error:
        raise Unanswered(f"could not be asked ({str(error).rstrip('.')})", error.trouble != "local") from None
    except OSError as error:
        raise Unanswered(f"could not be asked ({error.strerror or 'the connection broke'})") from None
    return read(query, wire)


async def _by_datagram(network: Network, server: Server, query: Question, stray: list[int]) -> bytes:
    with await network.datagram(server.address, server.port) as datagrams:
        datagrams.send(query.wire)
        while stray[0] < MOST_STRAY:
            wire = await _received(datagrams, 65535)
            if answers(query, wire):
                return wire
            stray[0] += 1
    raise BadAnswer(f"sent {MOST_STRAY} answers to other questions")


async def _by_stream(network: Network, server: Server, query: Question, seconds: float) -> bytes:
    with await network.connect(server.address, server.port, timeout=seconds) as connection:
        # A query is far smaller than what a new connection takes without waiting.
        await asyncio.get_running_loop().sock_sendall(connection, len(query.wire).to_bytes(2, "big") + query.wire)
        size = int.from_bytes(await _exactly(connection, 2), "big")
        wire = await _exactly(connection, size)
    if not answers(query, wire):
        raise BadAnswer("answered another question")
    return wire


async def _exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        part = await _received(connection, size - len(received))
        if not part:
            raise BadAnswer("broke off in the middle of its answer")
        received += part
    return bytes(received)


async def _received(connection: socket.socket, most: int) -> bytes:
    """Return what comes next; a datagram with a wrong checksum is announced and then not there."""
    while True:
        await readable(connection)
        try:
            return connection.recv(most)
        except (BlockingIOError, InterruptedError):
            continue
