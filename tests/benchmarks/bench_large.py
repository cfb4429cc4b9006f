"""A state with 10,000 destinations: opened, one destination changed, committed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import tomlkit

from state.factory import FACTORY_TEXT
from state.folder import Disk
from state.model import Destination
from state.staging import Staging
from state.store import CONFIG, Store
from tests.benchmarks.table import PROGRAM, seconds, show, side_by_side

ENTRY = """
[destinations.domains."d{0:05}.example"]
# contract {0}
tls = "required"
dane = "opportunistic"
concurrency = 100
recipients = {{ limit = 1000, minutes = 60 }}
bounce_verification = true
"""


def large_text(count: int) -> str:
    """Return the factory configuration with so many destinations."""
    return FACTORY_TEXT + "".join(ENTRY.format(number) for number in range(count))


def edit_and_commit(text: str, folder: Path) -> float:
    """Return the seconds that an edit and its commit take in an open session."""
    disk = Disk(folder)
    disk.write(CONFIG, text.encode())
    staging = Staging(Store(disk, lambda: datetime.now(UTC)), "admin")
    destinations = staging.configuration.destinations
    start = perf_counter()
    domains = {**destinations.domains, "d05000.example": Destination(tls="preferred")}
    staging.configuration = staging.configuration.with_destinations(domains=domains)
    staging.save()
    staging.commit("", rollback=True)
    return perf_counter() - start


def whole_process(state: Path, concurrency: int) -> float:
    """Return the seconds of a process that changes one destination and commits, on a pipe."""
    typed = f"destconfig edit d05000.example --concurrency {concurrency}\ncommit x\n".encode()
    start = perf_counter()
    shown = subprocess.run([PROGRAM, "--state", state], input=typed, stdout=subprocess.PIPE, check=True).stdout
    time = perf_counter() - start
    if b"Changes committed" not in shown:
        raise RuntimeError(shown.decode())
    return time


def never_read(text: str, state: Path) -> Path:
    """Return an appliance directory with a text that no process has read."""
    shutil.rmtree(state, ignore_errors=True)
    Disk(state).write(CONFIG, text.encode())
    return state


def main(count: int = 10_000) -> None:
    """Print the tables."""
    text = large_text(count)
    with tempfile.TemporaryDirectory() as folder:
        base = seconds(lambda: tomllib.loads(text), 3)
        naive = seconds(lambda: tomlkit.parse(text).as_string(), 1)
        edit = min(edit_and_commit(text, Path(folder, f"edit{number}")) for number in range(3))
        show(
            f"One destination of {count:,} changed and committed ({len(text) / 1e6:.1f} MB)",
            [
                ("tomlkit parse + dump", naive, ""),
                ("tomllib parse", base, ""),
                ("edit and commit in an open session", edit, f"goal 500 ms; {naive / edit:.0f}x faster, goal 20"),
            ],
        )
        state = Path(folder, "state")
        first = min(whole_process(never_read(text, state), number) for number in (7, 8, 9))
        again = min(whole_process(state, number) for number in (10, 11, 12))
        show_one = [PROGRAM, "--state", str(state), "-c", "destconfig detail d00001.example"]
        opened = side_by_side({"open": show_one}, 3, {})["open"]
        show(
            "Whole process",
            [
                ("tomllib parse", base, ""),
                ("edit and commit, text never read before", first, "goal 2"),
                ("edit and commit, values kept", again, "goal 2"),
                ("show one entry, values kept", opened, ""),
            ],
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
