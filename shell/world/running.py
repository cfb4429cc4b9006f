"""A world that runs: its servers on loopback, one thread, one network that leads to them and nowhere else.

with world(description) as w:
    ...  # w.network connects 192.0.2.10:25, and refuses what is not described
    assert w.mtas["mx1"].conversations()[0].commands[-1] == "QUIT"
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple, Self

from gateway.network import MappedNetwork
from shell.world.build import plan
from shell.world.certificates import Presented
from shell.world.description import Description, read_description
from shell.world.listener import Listener, both_sockets, silent_sockets, tcp_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Mapping

    from shell.world.certificates import Issued
    from shell.world.mta import Mail, MailServer
    from shell.world.names import NameServer, Query
    from shell.world.peer import Peer
    from shell.world.recording import Conversation

PATIENCE = 1.0
"""Seconds that `conversations` waits for connections to end."""


class ResolverPlace(NamedTuple):
    """Where a resolver is for the appliance of a world, and whether it is marked trusted (rule D4)."""

    address: str
    port: int
    trusted: bool


class Watched:
    """A TCP server of a world, as a test sees it.

    Attributes:
        place: address and port on loopback, for clients that know nothing of the world's network.
        presented: its certificate, key and chain; None for a resolver or a web server without TLS.
    """

    def __init__(self, world: World, listener: Listener, presented: Presented | None) -> None:
        self.place: tuple[str, int] = listener.socket.getsockname()
        self.presented = presented
        self._world = world
        self._listener = listener

    def conversations(self, wait: float = PATIENCE) -> list[Conversation]:
        """Return what came in all connections so far.

        Args:
            wait: seconds to wait for connections that are open to end; one that stays open is returned as it is.
        """
        self._world.settle(self._listener, wait)
        return self._listener.conversations()


class WatchedMailServer(Watched):
    """A mail server, and the mail that it has accepted."""

    def __init__(self, world: World, listener: Listener, presented: Presented, server: MailServer) -> None:
        super().__init__(world, listener, presented)
        self._server = server

    @property
    def mails(self) -> list[Mail]:
        """The messages, in order."""
        return list(self._server.mails)


class WatchedResolver(Watched):
    """A resolver, and what it was asked."""

    def __init__(self, world: World, listener: Listener, server: NameServer) -> None:
        super().__init__(world, listener, None)
        self._server = server

    @property
    def queries(self) -> list[Query]:
        """The questions, in order."""
        return list(self._server.queries)


class World:
    """Servers that run until `close`; a context manager.

    Attributes:
        network: leads the addresses of the description to the servers.
        resolvers: those to ask, in the order of the description.
        authorities: by name, with their keys; `public` is always there.
        system: the names of those that this world's appliances have in their system list.
        mtas, policies, webs, name_servers: the servers by name; those that are `silent` are not among them.
    """

    def __init__(self, description: Description, now: datetime) -> None:
        """Start it.

        Raises:
            WorldRefused: the description makes no world; nothing was started.
        """
        planned = plan(description, now)
        self.authorities: Mapping[str, Issued] = {name: planned.office.authority(name) for name in planned.office.names}
        self.system = ["public", *(name for name, one in description.authorities.items() if one.system)]
        self._sockets: list[socket.socket] = []
        self._listeners: list[Listener] = []
        self._datagrams: list[tuple[socket.socket, NameServer]] = []
        self._map: dict[tuple[str, int], tuple[str, int]] = {}
        self.mtas: dict[str, WatchedMailServer] = {}
        self.policies: dict[str, Watched] = {}
        self.webs: dict[str, Watched] = {}
        self.name_servers: dict[str, WatchedResolver] = {}
        try:
            for who in planned.silent:
                sockets = silent_sockets()
                self._sockets += sockets
                self._lead(planned.addresses[who], sockets[0])
            for name, server in planned.mail_servers.items():
                if ("mtas", name) not in planned.silent:
                    listener = self._listener(tcp_socket(), server.serve, planned.addresses["mtas", name])
                    self.mtas[name] = WatchedMailServer(self, listener, planned.presented["mtas", name], server)
            for table, webs, watched in (
                ("policies", planned.policy_hosts, self.policies),
                ("webs", planned.webs, self.webs),
            ):
                for name, web in webs.items():
                    if (table, name) not in planned.silent:
                        listener = self._listener(tcp_socket(), web.serve, planned.addresses[table, name])
                        watched[name] = Watched(self, listener, planned.presented.get((table, name)))
            for name, resolver in planned.resolvers.items():
                stream, datagrams = both_sockets()
                self._sockets.append(datagrams)
                self._datagrams.append((datagrams, resolver))
                listener = self._listener(stream, resolver.serve, planned.addresses["resolvers", name])
                self.name_servers[name] = WatchedResolver(self, listener, resolver)
            self.resolvers = [
                ResolverPlace(*planned.addresses["resolvers", name][0], description.resolvers[name].trusted)
                for name in planned.resolvers
            ]
            self.network = MappedNetwork(self._map, description.source)
            self._loop = asyncio.new_event_loop()
            self._stop = asyncio.Event()
        except BaseException:
            self._close_sockets()
            raise
        self._thread = threading.Thread(target=self._run, name="world", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all sessions and close all sockets; recordings stay. A second time does nothing."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def settle(self, listener: Listener, seconds: float) -> None:
        """Wait until all that has come was taken note of, and sessions have ended or the time is over."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it ends just now
                asyncio.run_coroutine_threadsafe(_settled(listener, seconds), self._loop).result()

    def _listener(
        self, listening: socket.socket, serve: Callable[[Peer], Awaitable[None]], addresses: list[tuple[str, int]]
    ) -> Listener:
        self._sockets.append(listening)
        listener = Listener(listening, serve)
        self._listeners.append(listener)
        self._lead(addresses, listening)
        return listener

    def _lead(self, addresses: list[tuple[str, int]], to: socket.socket) -> None:
        for place in addresses:
            self._map[place] = to.getsockname()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._close_sockets()

    async def _serve(self) -> None:
        """Accept what comes until the end, then end every session."""
        for listener in self._listeners:
            listener.start()
        for datagrams, server in self._datagrams:
            self._loop.add_reader(datagrams, server.receive, datagrams)
        await self._stop.wait()
        tasks = [task for listener in self._listeners for task in listener.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _close_sockets(self) -> None:
        for one in self._sockets:
            one.close()


def world(description: str | Mapping[str, object] | Description, now: datetime | None = None) -> World:
    """Start a world, which also is a context manager that ends it.

    Args:
        description: a TOML text, its values, or a `Description`.
        now: what dates of certificates count from, an aware time; the clock if None.

    Raises:
        WorldRefused: with all that is wrong with the description.
    """
    described = description if isinstance(description, Description) else read_description(description)
    return World(described, now or datetime.now(UTC))


async def _settled(listener: Listener, seconds: float) -> None:
    for _ in range(3):
        await asyncio.sleep(0)  # a round of the loop each: what is in the queue of the socket is accepted
    if listener.tasks:
        await asyncio.wait(listener.tasks, timeout=seconds)
