"""Where sockets come from: addresses alone, one error, another network in place of the real one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from gateway.network import MappedNetwork, Network, NotConnected
from tests.gateway.peers import sockets

HERE = "127.0.0.1"


@pytest.fixture
def listening() -> Iterator[int]:
    """Return a port on loopback where connections are taken."""
    with socket.create_server((HERE, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def full() -> Iterator[int]:
    """Return a port on loopback whose queue is full: what else knocks is never answered."""
    with socket.create_server((HERE, 0), backlog=0) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HERE, port)):
            yield port


@pytest.fixture
def closed() -> int:
    """Return a port on loopback that refuses."""
    with socket.create_server((HERE, 0)) as server:
        return int(server.getsockname()[1])


def refusal(connecting: Coroutine[Any, Any, socket.socket]) -> tuple[str, str]:
    """Return what came of connecting; nothing is left open."""

    async def attempt() -> NotConnected:
        before = sockets()
        with pytest.raises(NotConnected) as refused:
            await connecting
        assert sockets() == before
        return refused.value

    error = asyncio.run(attempt())
    return error.trouble, str(error)


def test_a_connection_is_ready_to_use(listening: int) -> None:
    async def connect() -> None:
        network = Network()
        with await network.connect(HERE, listening, timeout=5) as connection:
            assert not connection.getblocking()
            assert connection.getpeername() == (HERE, listening)
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert network.source(connection) == HERE

    asyncio.run(connect())


def test_datagrams_go_to_one_address_and_come_from_it_alone() -> None:
    async def talk() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind((HERE, 0))
            with await Network().datagram(HERE, server.getsockname()[1]) as client:
                client.send(b"question")
                assert server.recvfrom(100) == (b"question", client.getsockname())
                assert not client.getblocking()

    asyncio.run(talk())


INVALID = {
    ("mx.example.com", 25): '"mx.example.com" is no IP address.',
    ("127.1", 25): '"127.1" is no IP address.',
    ("127.0.0.1\0", 25): r'"127.0.0.1\x00" is no IP address.',
    ("fe80::1%lo", 25): '"fe80::1%lo" is no IP address.',
    ("", 25): '"" is no IP address.',
    (HERE, 0): "0 is no port; ports are from 1 to 65535.",
    (HERE, 65536): "65536 is no port; ports are from 1 to 65535.",
}


@pytest.mark.parametrize(("address", "port"), INVALID)
def test_names_and_what_is_no_address_never_reach_a_resolver(address: str, port: int) -> None:
    for network in (Network(), MappedNetwork({(address, port): (address, port)})):
        assert refusal(network.connect(address, port, timeout=5)) == ("invalid", INVALID[address, port])
        assert refusal(network.datagram(address, port)) == ("invalid", INVALID[address, port])


def test_a_refused_connection(closed: int) -> None:
    sentence = f"127.0.0.1 port {closed} refused the connection."
    assert refusal(Network().connect(HERE, closed, timeout=5)) == ("refused", sentence)


# S7
def test_an_address_that_never_answers(full: int) -> None:
    sentence = f"127.0.0.1 port {full} did not answer within 0.05 s."
    assert refusal(Network().connect(HERE, full, timeout=0.05)) == ("timeout", sentence)


def test_an_address_that_cannot_be_reached() -> None:
    trouble, sentence = refusal(Network().connect("255.255.255.255", 25, timeout=5))
    assert trouble in ("unreachable", "local")
    assert sentence.endswith(".")
    assert "255.255.255.255 port 25" in sentence


# S7
def test_cancelling_closes_the_socket_at_once(full: int) -> None:
    async def cancel() -> None:
        before = sockets()
        connecting = asyncio.create_task(Network().connect(HERE, full, timeout=60))
        await asyncio.sleep(0.01)
        assert sockets() == before + 1
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert sockets() == before

    asyncio.run(cancel())


def test_a_mapped_network_leads_elsewhere(listening: int) -> None:
    async def connect() -> None:
        network = MappedNetwork({("192.0.2.10", 25): (HERE, listening), ("2001:DB8:0::1", 25): (HERE, listening)})
        for address in ("192.0.2.10", "2001:db8::1"):
            with await network.connect(address, 25, timeout=5) as connection:
                assert connection.getpeername() == (HERE, listening)
                assert network.source(connection) == "192.168.42.42"

    asyncio.run(connect())


def test_a_mapped_network_never_reaches_the_real_one(listening: int) -> None:
    network = MappedNetwork({("192.0.2.10", 25): (HERE, listening)})
    for address, port in ((HERE, listening), ("192.0.2.10", 26), ("192.0.2.11", 25)):
        sentence = f"{address} port {port} refused the connection."
        assert refusal(network.connect(address, port, timeout=5)) == ("refused", sentence)
        assert refusal(network.datagram(address, port)) == ("refused", sentence)


def test_errors_of_a_mapped_network_name_the_address_that_was_asked_for(closed: int, full: int) -> None:
    network = MappedNetwork({("192.0.2.10", 25): (HERE, closed), ("192.0.2.11", 25): (HERE, full)})
    refused = refusal(network.connect("192.0.2.10", 25, timeout=5))
    assert refused == ("refused", "192.0.2.10 port 25 refused the connection.")
    silent = refusal(network.connect("192.0.2.11", 25, timeout=0.05))
    assert silent == ("timeout", "192.0.2.11 port 25 did not answer within 0.05 s.")
