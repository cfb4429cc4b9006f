"""What an edit of a large configuration costs, beside a whole tomllib parse and a whole tomlkit round trip.

Run it as `python -m tests.benchmarks.bench_document`; with `--full` tomlkit gets the large document too (some 15 s).
"""

from __future__ import annotations

import sys
import tomllib
from time import perf_counter
from typing import TYPE_CHECKING

from state.document import ABSENT, Document, Edit, Inline

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRY = """
[destinations.domains."d{number:05d}.example"]
tls = "required-verify"
dane = "opportunistic"
concurrency = 100
recipients = {{ limit = 1000, minutes = 60 }}
bounce_profile = "Patient"
"""


def configuration(entries: int) -> str:
    """Return the text of a configuration with this many destinations."""
    return 'hostname = "mail.example.com"\n' + "".join(ENTRY.format(number=number) for number in range(entries))


def best(action: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of several runs, in milliseconds."""
    shortest = float("inf")
    for _ in range(times):
        start = perf_counter()
        action()
        shortest = min(shortest, perf_counter() - start)
    return shortest * 1000


def round_trip(text: str) -> str:
    """Read and write a text with tomlkit."""
    import tomlkit

    return tomlkit.dumps(tomlkit.parse(text))


def measure(entries: int, with_tomlkit: bool) -> None:
    """Print a table for a configuration of this many destinations."""
    text = configuration(entries)
    name = f"d{entries // 2:05d}.example"
    domains = ("destinations", "domains")
    change = [Edit((*domains, name, "tls"), "none")]
    addition = [Edit((*domains, "new.example"), {"tls": "none", "recipients": Inline(limit=5)})]
    removal = [Edit((*domains, name), ABSENT)]
    document = Document(text).edit([Edit((*domains, name, "dane"), "none")])
    rows = [
        ("tomllib.loads", best(lambda: tomllib.loads(text), 3)),
        ("Document, one edit, text", best(lambda: Document(text).edit(change).text)),
        ("  a further change, text", best(lambda: document.edit(change).text)),
        ("  a further new table, text", best(lambda: document.edit(addition).text)),
        ("  a further removal, text", best(lambda: document.edit(removal).text)),
        ("  line of a key", best(lambda: document.edit(change).line((*domains, name, "tls")))),
    ]
    if with_tomlkit:
        rows.insert(1, ("tomlkit parse, dumps", best(lambda: round_trip(text), 1)))
    print(f"{entries} destinations, {len(text):,} characters")
    for label, milliseconds in rows:
        print(f"  {label:<30}{milliseconds:>12.2f} ms{milliseconds / rows[0][1]:>10.3f} of tomllib")


def main() -> None:
    """Measure a small and a large configuration."""
    measure(1_000, with_tomlkit=True)
    measure(10_000, with_tomlkit="--full" in sys.argv)


if __name__ == "__main__":
    main()
