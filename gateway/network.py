"""All sockets of the program are opened here, so that a lab can put another network in place of the real one.

Only addresses are connected to, never names: what a name stands for is the DNS's to say, and a look-up would block.
Sockets are non-blocking and belong to the caller, who closes them.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import Literal

from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

Trouble = Literal["refused", "unreachable", "timeout", "local", "invalid"]
"""`local` is this system's own lack: sockets, ports, the right to connect; `invalid` is no address or no port."""

UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EAFNOSUPPORT}


class NotConnected(Exception):
    """There is no connection; its text is the sentence for people. Trying again later may help."""

    def __init__(self, trouble: Trouble, sentence: str) -> None:
        self.trouble = trouble
        super().__init__(sentence)


class Network:
    """The network of this system."""

    async def connect(self, address: str, port: int, *, timeout: float) -> socket.socket:
        """Return a TCP connection, non-blocking, without Nagle's delay.

        Cancelling closes the socket at once.

        Args:
            address: an IPv4 or IPv6 address.
            port: from 1 to 65535.
            timeout: seconds for all of it.

        Raises:
            NotConnected: there is none, for whatever reason.
        """
        connection = _open(address, port, socket.SOCK_STREAM)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            failure = connection.connect_ex((address, port))
            if failure == errno.EINPROGRESS:
                async with asyncio.timeout(timeout):
                    await writable(connection)
                failure = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                raise OSError(failure, os.strerror(failure))
        except TimeoutError as error:
            connection.close()
            # The system gives up by itself too, with an error number of its own.
            after = "" if error.errno else f" within {timeout:g} s"
            raise NotConnected("timeout", f"{address} port {port} did not answer{after}.") from None
        except OSError as error:
            connection.close()
            raise _not_connected(address, port, error) from None
        except BaseException:
            connection.close()
            raise
        return connection

    async def datagram(self, address: str, port: int) -> socket.socket:
        """Return a UDP socket that sends to, and receives from, this address and port alone; non-blocking.

        Raises:
            NotConnected: there is no way to the address.
        """
        datagrams = _open(address, port, socket.SOCK_DGRAM)
        try:
            datagrams.connect((address, port))
        except OSError as error:
            datagrams.close()
            raise _not_connected(address, port, error) from None
        return datagrams

    def source(self, connection: socket.socket) -> str:
        """Return this system's own address in a connection."""
        return str(connection.getsockname()[0])


class MappedNetwork(Network):
    """A network whose addresses lead elsewhere, to loopback as a rule; nothing ever reaches the real one.

    Attributes:
        map: where an address and port really lead; IPv6 addresses may be written in any form. It may change.
        shown: what `source` says.
    """

    def __init__(self, map: Mapping[tuple[str, int], tuple[str, int]], shown: str = "192.168.42.42") -> None:  # noqa: A002 - what it is
        self.map = map
        self.shown = shown

    async def connect(self, address: str, port: int, *, timeout: float) -> socket.socket:
        """Connect to where an address leads; one that is not in the map refuses."""
        there = self._there(address, port)
        try:
            return await super().connect(*there, timeout=timeout)
        except NotConnected as error:
            raise _elsewhere(error, there, address, port) from None

    async def datagram(self, address: str, port: int) -> socket.socket:
        """Return a UDP socket to where an address leads; one that is not in the map refuses."""
        there = self._there(address, port)
        try:
            return await super().datagram(*there)
        except NotConnected as error:
            raise _elsewhere(error, there, address, port) from None

    def source(self, connection: socket.socket) -> str:
        """Return the source address of this network."""
        return self.shown

    def _there(self, address: str, port: int) -> tuple[str, int]:
        _family(address)
        there = self.map.get((address, port))
        if there is None:
            plain = _canonical(address)
            there = next(
                (to for (known, at), to in self.map.items() if at == port and _canonical(known) == plain), None
            )
        if there is None:
            raise NotConnected("refused", f"{address} port {port} refused the connection.")
        return there


async def readable(connection: socket.socket) -> None:
    """Wait until a socket can be read, or its connection has ended."""
    loop = asyncio.get_running_loop()
    waiting = loop.create_future()
    handle = connection.fileno()
    loop.add_reader(handle, _resolve, waiting)
    try:
        await waiting
    finally:
        loop.remove_reader(handle)


async def writable(connection: socket.socket) -> None:
    """Wait until a socket can be written, or its connection has ended."""
    loop = asyncio.get_running_loop()
    waiting = loop.create_future()
    handle = connection.fileno()
    loop.add_writer(handle, _resolve, waiting)
    try:
        await waiting
    finally:
        loop.remove_writer(handle)


def _resolve(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _open(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """Return a new non-blocking socket for an address.

    Raises:
        NotConnected: it is no address, the port is none, or there are no more sockets.
    """
    family = _family(address)
    if not 1 <= port <= 65535:
        raise NotConnected("invalid", f"{port} is no port; ports are from 1 to 65535.")
    try:
        opened = socket.socket(family, kind)
    except OSError as error:
        raise _not_connected(address, port, error) from None
    opened.setblocking(False)
    return opened


def _family(address: str) -> socket.AddressFamily:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.inet_pton(family, address)
    except (OSError, ValueError):
        raise NotConnected("invalid", f"{quoted(address)} is no IP address.") from None
    return family


def _canonical(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _not_connected(address: str, port: int, error: OSError) -> NotConnected:
    where = f"{address} port {port}"
    if error.errno == errno.ECONNREFUSED:
        return NotConnected("refused", f"{where} refused the connection.")
    words = (error.strerror or str(error)).rstrip(".")
    if error.errno in UNREACHABLE:
        return NotConnected("unreachable", f"{where} cannot be reached: {words[:1].lower()}{words[1:]}.")
    if error.errno in (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE):
        return NotConnected("refused", f"{where} broke the connection off: {words[:1].lower()}{words[1:]}.")
    return NotConnected("local", f"No connection to {where}: {words[:1].lower()}{words[1:]}.")


def _elsewhere(error: NotConnected, there: tuple[str, int], address: str, port: int) -> NotConnected:
    """Return the error with the address that was asked for in place of the one it leads to."""
    sentence = str(error).replace(f"{there[0]} port {there[1]}", f"{address} port {port}")
    return NotConnected(error.trouble, sentence)
