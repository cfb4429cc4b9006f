"""How long the program takes to start, beside bare Python."""

from __future__ import annotations

import sys
import tempfile

from tests.benchmarks.table import PROGRAM, show, side_by_side


def main(rounds: int = 20) -> None:
    """Print the table."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "asyncsh -c version": [PROGRAM, "-c", "version"],
        "asyncsh -c help": [PROGRAM, "-c", "help"],
        'asyncsh -c "destconfig list"': [PROGRAM, "-c", "destconfig list"],
    }
    goals = {"asyncsh -c version": "goal 3", 'asyncsh -c "destconfig list"': "goal 8"}
    with tempfile.TemporaryDirectory() as state:
        times = side_by_side(commands, rounds, {"ASYNCSH_STATE": state})
    show("Start", [(name, time, goals.get(name, "")) for name, time in times.items()])


if __name__ == "__main__":
    main()
