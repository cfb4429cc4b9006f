"""10,000 decisions over connections to hosts, of every kind; beside working the policy out each time."""

from __future__ import annotations

import sys
from itertools import cycle, islice, product

from gateway.decision import SESSIONS, STS_STATES, TLSA_STATES, Found, decide, policy_in_force
from gateway.verdict import Verdict
from state.model import DANE_SETTINGS, TLS_SETTINGS
from tests.benchmarks.table import seconds, show

GOOD = Verdict(True, "matched", None, "It matches.")


def main(count: int = 10_000) -> None:
    """Print the table."""
    every = product(TLS_SETTINGS, DANE_SETTINGS, TLSA_STATES, STS_STATES, SESSIONS)
    asked = list(islice(cycle((words, Found(session, GOOD, GOOD, GOOD, GOOD)) for *words, session in every), count))

    def kept() -> None:
        for words, found in asked:
            decide(policy_in_force(*words), found)

    def each_time() -> None:
        for words, found in asked:
            decide(policy_in_force.__wrapped__(*words), found)

    show(
        f"{count:,} decisions",
        [
            ("policy worked out each time", seconds(each_time, 3), ""),
            ("policy kept", seconds(kept, 5), "goal 100 ms"),
        ],
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
