"""A world in a process of its own, so that its memory and time are not those of what is measured; and this memory."""

from __future__ import annotations

import gc
import resource
from datetime import datetime
from pathlib import Path

from gateway.system_list import FILE
from shell.transcript.appliance import keep_authorities
from shell.world.running import world
from state.folder import Memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def serve(pipe: Connection, description: str, now: datetime) -> None:
    """Run a world until the other end of the pipe is closed; its places, resolvers and authorities are sent first."""
    with world(description, now) as started:
        folder = Memory()
        keep_authorities(started, folder, now)
        pipe.send((dict(started.network.map), list(map(tuple, started.resolvers)), folder.read(FILE)))
        pipe.poll(None)


def resident() -> float:
    """Return the memory that this process has, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
