"""One look-up: out of the cache, of a server on loopback, and the same with dnspython's own resolver."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter

import dns.asyncresolver

from gateway.dns import Dns
from gateway.dns_cache import AnswerCache
from tests.benchmarks.table import show
from tests.gateway.dns_server import Resolver, Says, Server, serving

HOST = "mail.example.com"


async def _median(work: Callable[[], Awaitable[object]], count: int) -> float:
    times = []
    for _ in range(count):
        start = perf_counter()
        await work()
        times.append(perf_counter() - start)
    return sorted(times)[count // 2]


async def _measure(count: int) -> None:
    server = Server(Says(flags="AD", answer=(f"{HOST}. 300 IN A 192.0.2.1",)))
    async with serving(server) as network:
        cache = AnswerCache()
        ours = Dns(network, lambda name: [Resolver()], cache)
        plain = dns.asyncresolver.Resolver(configure=False)
        plain.nameservers = ["127.0.0.1"]
        plain.port = network.map[server.at.address, server.at.port][1]
        plain.use_edns(0, dns.flags.DO, 1232)

        async def uncached() -> None:
            cache.clear()
            assert (await ours.addresses(HOST, "A")).security == "secure"

        rows = [
            ("dns.asyncresolver", await _median(lambda: plain.resolve(HOST, "A", search=False), count), ""),
            ("not in the cache", await _median(uncached, count), "the server of the test takes its part of both"),
            ("in the cache", await _median(lambda: ours.addresses(HOST, "A"), count), ""),
        ]
    show("One look-up in the DNS, a server on loopback", rows, unit=1_000_000, name="us")


def main(count: int = 300) -> None:
    """Print the table."""
    asyncio.run(_measure(count))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
