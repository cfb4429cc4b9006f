"""500 deliveries that a partner's certificate fails: resident memory after 50 and after all, and what each costs.

The mail servers run in a process of their own, so that what they keep of each connection is not counted; the appliance
is on a disk, as ever, so that its log is not either.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
from time import perf_counter

from gateway.engine import Engine
from gateway.system_list import FILE
from state.folder import Disk
from state.store import CONFIG, Store
from tests.benchmarks.world_apart import resident, serve
from tests.conftest import NOON
from tests.gateway.test_many_deliveries import CONFIGURATION, UNTRUSTED, WORLD, Clock, Partner, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

FIRST = 50
MOST = 1.1
"""What the memory may have grown to from the first deliveries to the last."""


def main(deliveries: int = 500) -> None:
    """Print the memory and the time, and fail where the memory grows."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    peers = spawning.Process(target=serve, args=(there, WORLD.format(manner=UNTRUSTED), NOON), daemon=True)
    peers.start()
    there.close()
    places, resolvers, authorities = here.recv()
    clock, partner = Clock(), Partner(places)
    with tempfile.TemporaryDirectory() as path, asyncio.Runner() as runner:
        folder = Disk(path)
        folder.write(CONFIG, CONFIGURATION.encode())
        folder.write(FILE, authorities)
        engine = Engine(Store(folder, clock), partner.network, resolvers)
        told = runner.run(fail(engine, partner, clock, range(FIRST)))
        before, start = resident(), perf_counter()
        told += runner.run(fail(engine, partner, clock, range(FIRST, deliveries)))
        seconds, after = perf_counter() - start, resident()
    here.close()
    peers.join()
    each = seconds / (deliveries - FIRST) * 1000
    print(f"\n{deliveries:,} deliveries that fail, {each:.1f} ms each; {len(told)} alerts were sent")
    grown = after / before
    print(f"resident memory  {before:7.1f} MB after {FIRST}  {after:7.1f} MB after {deliveries}  {grown:.3f} times")
    if grown > MOST:
        raise SystemExit(f"The memory has grown to more than {MOST} times.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
