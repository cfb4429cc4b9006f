"""A table of 10,000 rows through its dialog: shown, edited, deleted from, exported and imported, committed."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import tomlkit

from commands.listenerconfig import recipient_access
from commands.session import Session
from commands.terminal import Terminal
from state.factory import FACTORY_TEXT
from state.folder import Disk
from state.store import CONFIG, Store
from tests.benchmarks.bench_large import never_read
from tests.benchmarks.table import PROGRAM, seconds, show, side_by_side

LISTENER = "Inboundmail"
ROW = '\n[[listeners.Inboundmail.recipient_access]]\naddress = "d{0:05}.example"\n'
PROFILE = "\n[bounce_profiles.P{0:05}]\nmax_retries = 5\n"
GOAL = "goal 1000"


class Desk:
    """A session on an appliance directory, and an operator who types."""

    def __init__(self, folder: Path) -> None:
        """Open the appliance in that directory."""
        self.session = Session(lambda: Store(Disk(folder), lambda: datetime.now(UTC)))
        self.session.open()
        self.shown = 0
        self.terminal = Terminal(self._show)

    def _show(self, parts: Iterable[str]) -> None:
        self.shown += sum(part.count("\n") for part in parts)

    def type(self, *answers: str) -> float:
        """Return the seconds that the recipient table's dialog takes with these answers, and its end."""
        start = perf_counter()
        running = recipient_access.dialog(self.session, self.terminal, LISTENER).__await__()
        question = next(running)
        for answer in (*answers, ""):
            self.shown += question.text.count("\n")
            try:
                question = running.send(answer)
            except StopIteration:
                break
        return perf_counter() - start

    def commit(self) -> float:
        """Return the seconds of a commit."""
        start = perf_counter()
        self.session.staging.commit("", rollback=True)
        return perf_counter() - start


def naive(text: str) -> float:
    """Return the seconds that it takes to change one row of the text with tomlkit."""

    def edit() -> None:
        document = tomlkit.parse(text).unwrap()
        document["listeners"][LISTENER]["recipient_access"][5000]["action"] = "reject"
        tomlkit.dumps(document)

    return seconds(edit, 1)


def main(count: int = 10_000) -> None:
    """Print the tables."""
    text = FACTORY_TEXT + "".join(ROW.format(number) for number in range(count))
    with tempfile.TemporaryDirectory() as folder:
        Disk(Path(folder, "appliance")).write(CONFIG, text.encode())
        desk = Desk(Path(folder, "appliance"))
        rows = [("the whole text with tomlkit", naive(text), "")]
        for what, answers in (
            ("PRINT", ("print",)),
            ("EDIT", ("edit", "d05000.example", "", "reject")),
            ("NEW", ("new", "new.example", "")),
            ("DELETE", ("delete", "d00007.example")),
            ("EXPORT", ("export", "table.txt")),
            ("CLEAR", ("clear", "y")),
            ("IMPORT", ("import", "table.txt")),
        ):
            desk.shown = 0
            time = desk.type(*answers)
            rows.append((what, time, f"{GOAL}; {desk.shown} lines shown"))
            if what not in ("PRINT", "EXPORT"):
                rows.append((f"  commit of {what}", desk.commit(), GOAL))
        show(f"One operation on {count:,} recipients, in an open session", rows)
        state = Path(folder, "state")
        never_read(FACTORY_TEXT + "".join(PROFILE.format(number) for number in range(count)), state)
        program = [PROGRAM, "--state", str(state), "-c"]
        times = side_by_side(
            {
                "start (version)": [*program, "version"],
                "bounceconfig print": [*program, "bounceconfig print"],
                "bounceconfig edit": [*program, "bounceconfig edit P05000 --max-wait 7200"],
            },
            3,
            {},
        )
        show(f"Whole process, {count:,} bounce profiles", [(name, time, GOAL) for name, time in times.items()])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
