"""The store: does a long history slow a commit, does a large state slow the opening, what does a merge cost."""

from __future__ import annotations

import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from state.folder import Disk
from state.history import TIME, Revision, headed
from state.model import Destination
from state.staging import Staging
from state.store import CONFIG, Store
from tests.benchmarks.bench_large import large_text, never_read
from tests.benchmarks.table import seconds, show


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def with_history(folder: Path, revisions: int) -> Staging:
    """Return staged work on an appliance with so many revisions."""
    disk = Disk(folder)
    staging = Staging(Store(disk, now), "admin")
    newest, text = staging.store.history.read(1)
    for number in range(2, revisions + 1):
        revision = Revision(number, newest.sha256, "admin", now().strftime(TIME), f"number {number}", True)
        disk.write(f"history/{number}", headed(revision, text.encode()), durable=False)
    staging.refresh()
    return staging


def one_commit(staging: Staging, number: int) -> float:
    """Return the seconds of one change and its commit."""
    domains = {**staging.configuration.destinations.domains, "a.example": Destination(concurrency=number % 900 + 1)}
    start = perf_counter()
    staging.configuration = staging.configuration.with_destinations(domains=domains)
    staging.save()
    staging.commit("", rollback=True)
    return perf_counter() - start


def two_users(folder: Path, text: str) -> float:
    """Return the seconds of a commit that merges with what another user committed."""
    disk = Disk(folder)
    disk.write(CONFIG, text.encode())
    ours, theirs = Staging(Store(disk, now), "ours"), Staging(Store(disk, now), "theirs")
    for staging, name in ((ours, "d00001.example"), (theirs, "d09000.example")):
        domains = {**staging.configuration.destinations.domains, name: Destination(tls="preferred")}
        staging.configuration = staging.configuration.with_destinations(domains=domains)
        staging.save()
    theirs.commit("", rollback=True)
    start = perf_counter()
    ours.commit("", rollback=True)
    return perf_counter() - start


def main(count: int = 10_000) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        short, long = with_history(Path(folder, "short"), 10), with_history(Path(folder, "long"), 1000)
        times: dict[str, list[float]] = {"10": [], "1,000": []}
        for number in range(40):
            times["10"].append(one_commit(short, number))
            times["1,000"].append(one_commit(long, number))
        rows = [(f"{name} revisions in the history", median(values), "") for name, values in times.items()]
        show("A change and its commit", [rows[0], (*rows[1][:2], "goal 1")])

        text = large_text(count)
        state = Path(folder, "state")
        base = seconds(lambda: tomllib.loads(text), 3)

        def opened() -> None:
            Store(Disk(state), now)

        first = min(seconds(lambda: Store(Disk(never_read(text, state)), now), 1) for _ in range(3))
        Disk(state).remove("cache/committed")
        unkept = []
        for _ in range(3):
            Disk(state).remove("cache/committed")
            unkept.append(seconds(opened, 1))
        kept = seconds(opened, 5)
        merge = min(two_users(Path(folder, f"merge{number}"), text) for number in range(2))
        show(
            f"A state with {count:,} destinations",
            [
                ("tomllib parse", base, ""),
                ("opened, values not kept", min(unkept), "goal 1.2"),
                ("opened, a file that was never seen", first, "taken in as a revision"),
                ("opened, values kept", kept, ""),
                ("commit that merges two users' changes", merge, "goal 1,000 ms"),
            ],
        )


if __name__ == "__main__":
    main()
