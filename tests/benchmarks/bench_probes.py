"""1,000 probes of peers of all kinds: descriptors and resident memory before and after; Ctrl-C where a peer hangs.

The peers run in a process of their own, so that what they keep of each connection is not counted.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from pathlib import Path
from time import perf_counter

from gateway.network import MappedNetwork
from gateway.smtp import Limits
from gateway.system_list import FILE
from state.folder import Memory
from state.wording import counted
from tests.benchmarks.table import show
from tests.benchmarks.world_apart import resident, serve
from tests.commands.test_cancelling import CASES, cancelled
from tests.commands.test_many_probes import KINDS, NOW, description, engine_with, probe_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.engine import Engine

SERVERS = 10
"""Of each kind; the hosts of a round are probed at the same time."""


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _probe(engine: Engine, probes: int) -> None:
    """Probe in rounds, ten hosts of each kind at the same time, and print what is left behind."""
    hosts = [f"{kind}{turn}" for kind in KINDS for turn in range(SERVERS)]
    with asyncio.Runner() as runner:
        runner.run(probe_all(engine, 2, hosts))  # modules, the trust store, the allocator
        memory, descriptors, start = resident(), _descriptors(), perf_counter()
        runner.run(probe_all(engine, probes // len(hosts), hosts))
        seconds = perf_counter() - start
        after, descriptors_after = resident(), _descriptors()
    print(f"\n{probes:,} probes of {len(KINDS)} kinds of peers, {len(hosts)} at a time, in {seconds:.1f} s")
    print(f"resident memory  {memory:7.1f} MB before  {after:7.1f} MB after  {after / memory - 1:+.1%}")
    print(f"descriptors      {descriptors:7} before     {descriptors_after:7} after")


def main(probes: int = 1000) -> None:
    """Print both tables."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    peers = spawning.Process(target=serve, args=(there, description(SERVERS), NOW), daemon=True)
    peers.start()
    there.close()
    places, resolvers, authorities = here.recv()
    folder = Memory()
    folder.write(FILE, authorities)
    _probe(engine_with(folder, MappedNetwork(places), resolvers, Limits(handshake=0.5)), probes)
    here.close()
    peers.join()
    rows = []
    for case in CASES:
        _, seconds, before, after = cancelled(case)
        left = len(after) - len(before)
        rows.append((case.name, seconds, f"{counted(left, 'socket')} left" if left else "no socket left"))
    show("Ctrl-C where a peer hangs, until the command has ended", rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
