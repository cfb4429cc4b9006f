"""A DNS server in the test's own process: real sockets on loopback, real messages, and every lie that a test wants."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from gateway.network import MappedNetwork


class Resolver(NamedTuple):
    """A resolver as a configuration names it."""

    address: str = "192.0.2.53"
    port: int = 53
    trusted: bool = True


class Says(NamedTuple):
    """What is said to a question; records stand as in a zone file, or are made already."""

    rcode: str = "NOERROR"
    flags: str = "RA"
    answer: tuple[str | dns.rrset.RRset, ...] = ()
    authority: tuple[str, ...] = ()
    ede: dns.edns.Option | None = None

    def wire(self, query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.from_text(self.flags)
        response.set_rcode(dns.rcode.from_text(self.rcode))
        response.answer = [one if isinstance(one, dns.rrset.RRset) else record(one) for one in self.answer]
        response.authority = [record(one) for one in self.authority]
        if self.ede is not None:
            response.use_edns(0, options=[self.ede])
        return response.to_wire(max_size=65535)


class Asked(NamedTuple):
    """A question that came."""

    name: str
    kind: str
    over: str


Script = Callable[[dns.message.Message, str], Iterable[bytes]]
"""What is sent back for a query that came over udp or tcp, message by message."""
Zone = Mapping[tuple[str, str], Says]


def record(line: str) -> dns.rrset.RRset:
    """Return a record of a line like `a.example. 300 IN A 192.0.2.1`."""
    name, ttl, of_class, kind, data = line.split(None, 4)
    return dns.rrset.from_text(name, int(ttl), of_class, kind, data)


def damaged(name: str, kind: str, data: bytes, ttl: int = 300) -> dns.rrset.RRset:
    """Return a record with data that its type does not allow."""
    of_kind = dns.rdatatype.from_text(kind)
    return dns.rrset.from_rdata(dns.name.from_text(name), ttl, dns.rdata.GenericRdata(dns.rdataclass.IN, of_kind, data))


class Server:
    """A DNS server; a zone answers by table and says REFUSED to all else, a script sends what it likes."""

    def __init__(self, says: Zone | Says | Script, at: Resolver = Resolver()) -> None:  # noqa: B008 - a frozen value
        self.at = at
        self.asked: list[Asked] = []
        self.queries: list[dns.message.Message] = []
        self._says = says

    def replies(self, wire: bytes, over: str) -> list[bytes]:
        query = dns.message.from_wire(wire)
        asked = query.question[0]
        name = asked.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append(Asked(name, kind, over))
        self.queries.append(query)
        if callable(self._says):
            return list(self._says(query, over))
        if isinstance(self._says, Says):
            return [self._says.wire(query)]
        return [self._says.get((name, kind), Says("REFUSED")).wire(query)]


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, transport: Any) -> None:
        self._transport: asyncio.DatagramTransport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for wire in self._server.replies(data, "udp"):
            self._transport.sendto(wire, addr)


class RecordingNetwork(MappedNetwork):
    """The network of a test; it remembers the sockets that it opened."""

    def __init__(self, map: Mapping[tuple[str, int], tuple[str, int]]) -> None:  # noqa: A002 - as in MappedNetwork
        super().__init__(map)
        self.opened: list[socket.socket] = []

    async def connect(self, address: str, port: int, *, timeout: float) -> socket.socket:
        self.opened.append(await super().connect(address, port, timeout=timeout))
        return self.opened[-1]

    async def datagram(self, address: str, port: int) -> socket.socket:
        self.opened.append(await super().datagram(address, port))
        return self.opened[-1]

    @property
    def all_closed(self) -> bool:
        return all(one.fileno() == -1 for one in self.opened)


@asynccontextmanager
async def serving(*servers: Server) -> AsyncIterator[RecordingNetwork]:
    """Start servers and yield a network in which they stand at their addresses."""
    places: dict[tuple[str, int], tuple[str, int]] = {}
    async with AsyncExitStack() as running:
        for server in servers:
            places[server.at.address, server.at.port] = ("127.0.0.1", await _start(server, running))
        yield RecordingNetwork(places)


async def _start(server: Server, running: AsyncExitStack) -> int:
    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            size = int.from_bytes(await reader.readexactly(2), "big")
            for wire in server.replies(await reader.readexactly(size), "tcp"):
                writer.write(wire)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    tcp = await running.enter_async_context(await asyncio.start_server(stream, "127.0.0.1", 0))
    port = int(tcp.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(server), local_addr=("127.0.0.1", port))
    running.callback(udp.close)
    return port


def framed(wire: bytes) -> bytes:
    """Return a message as it goes over TCP (RFC 1035 s4.2.2)."""
    return len(wire).to_bytes(2, "big") + wire
