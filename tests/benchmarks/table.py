"""How the benchmarks measure and print: side by side in one run, with ratios."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

PROGRAM = str(Path(sysconfig.get_path("scripts")) / "asyncsh")


def seconds(work: Callable[[], object], repeat: int) -> float:
    """Return the best time of several runs of a function, in seconds."""
    best = float("inf")
    for _ in range(repeat):
        start = perf_counter()
        work()
        best = min(best, perf_counter() - start)
    return best


def side_by_side(
    commands: Mapping[str, Sequence[str]], rounds: int, environment: Mapping[str, str]
) -> dict[str, float]:
    """Return the median time of each command in seconds; they take turns, so that a busy machine is fair to all.

    Byte code is written as on any machine that has the program installed.
    """
    surroundings = {**os.environ, **environment}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 2):
        for name, command in commands.items():
            start = perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=surroundings)
            if turn >= 2:  # the first two fill caches
                times[name].append(perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, rows: Sequence[tuple[str, float, str]], unit: float = 1000.0, name: str = "ms") -> None:
    """Print a table of (what, seconds, remark); the ratio is to the first row."""
    print(f"\n{title}")
    width = max(len(row[0]) for row in rows)
    print(f"{'':{width}}  {name:>9}  {'ratio':>7}")
    for what, time, remark in rows:
        print(f"{what:{width}}  {time * unit:9.1f}  {time / rows[0][1]:7.2f}  {remark}".rstrip())
    sys.stdout.flush()
