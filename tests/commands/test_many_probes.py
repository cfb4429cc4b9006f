"""Many probes of peers of all kinds leave nothing behind: no descriptor, no object.

The resident memory after 1,000 of them is printed by `python -m tests.benchmarks probes`.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway import smtp
from gateway.engine import Engine
from gateway.network import Network
from gateway.tls_check import check_tls
from shell.transcript.appliance import keep_authorities
from shell.world.running import World, world
from state.folder import Memory
from state.store import Store

NOW = datetime(2026, 5, 23, 12, tzinfo=UTC)
KINDS: Mapping[str, Mapping[str, Any]] = {
    "good": {},
    "expired": {"certificate": {"from": -100, "to": -10}},
    "unknown": {"certificate": {"issuer": "self-signed"}},
    "plain": {"starttls": False},
    "resets": {"behaviour": "resets at handshake"},
    "closes": {"behaviour": "closes at ehlo"},
    "injects": {"behaviour": "injects at starttls"},
    "floods": {"behaviour": "floods at ehlo"},
    "hangs": {"behaviour": "hangs at handshake"},
    "refuses": {"port": 26},
}
"""What a peer does."""
LIMITS = smtp.Limits(handshake=0.05)
"""Short for the one that hangs; another one that runs into it on a busy machine leaves as little behind."""
WARMING, MANY = 3, 10
WATCHED = ("gateway", "commands", "asyncio", "_asyncio", "socket", "_socket", "ssl", "_ssl", "select", "cryptography")


def description(each: int = 1) -> dict[str, object]:
    """Return a world with so many peers of each kind; a server takes 200 connections in its life."""
    mtas = {
        f"{kind}{turn}": {"address": f"192.0.{number}.{turn + 1}", **table}
        for number, (kind, table) in enumerate(KINDS.items())
        for turn in range(each)
    }
    records = [f"{name} A {mta['address']}" for name, mta in mtas.items()]
    return {"mtas": mtas, "zones": {"partner.example": {"records": records}}}


def engine_with(
    folder: Memory, network: Network, resolvers: Sequence[tuple[str, int, bool]], limits: smtp.Limits = LIMITS
) -> Engine:
    """Return an appliance at work."""
    return Engine(Store(folder, lambda: NOW), network, resolvers, session_limits=limits)


async def probe_all(engine: Engine, rounds: int, hosts: Sequence[str]) -> None:
    """Probe every host so many times, those of a round at the same time; what was found is forgotten."""
    for _ in range(rounds):
        found = [check_tls(engine, "partner.example", f"{host}.partner.example", 25) for host in hosts]
        assert sum(one.good for one in await asyncio.gather(*found)) <= len(hosts) // len(KINDS)


def left_behind(started: World) -> tuple[int, Counter[str]]:
    """Return how many descriptors are open, and how many objects of each class of ours there are."""
    for server in started.mtas.values():
        server.conversations()
    gc.collect()
    classes = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    ours = Counter({name: count for name, count in classes.items() if name.split(".")[0] in WATCHED})
    return len(list(Path("/proc/self/fd").iterdir())), ours


# S7
def test_a_hundred_probes_leave_descriptors_and_objects_where_they_were() -> None:
    with world(description(), NOW) as started, asyncio.Runner() as runner:
        folder = Memory()
        keep_authorities(started, folder, NOW)
        engine = engine_with(folder, started.network, started.resolvers)
        hosts = [f"{kind}0" for kind in KINDS]
        runner.run(probe_all(engine, WARMING, hosts))
        descriptors, objects = left_behind(started)
        runner.run(probe_all(engine, MANY, hosts))
        descriptors_after, objects_after = left_behind(started)
        assert descriptors_after == descriptors
        assert objects_after - objects == Counter()
        assert len(started.mtas["good0"].conversations()) == WARMING + MANY
