"""What a person waits for at the prompt, beside a bare PromptSession on the same kind of terminal in the same run."""

from __future__ import annotations

import os
import pty
import select
import signal
import statistics
import sys
import tempfile
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from tests.benchmarks.table import PROGRAM, show

BARE = "from prompt_toolkit import PromptSession\ns = PromptSession()\nwhile True: s.prompt('mail.example.com> ')\n"
PROMPT = b"mail.example.com>"
NEW_PROMPT = b"\x1b[?2004h"
"""What a prompt begins with: pastes are to come in brackets."""


class Pty:
    """A program on a terminal, fed with keys."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process, self.handle = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], list(command), environment)  # noqa: S606  # the program of the test itself
        termios.tcsetwinsize(self.handle, (40, 120))

    def until(self, text: bytes) -> None:
        """Read until a text came."""
        seen = b""
        while text not in seen:
            seen += os.read(self.handle, 65536)

    def quiet(self, seconds: float = 0.15) -> None:
        """Read what still comes until nothing does for so long."""
        while select.select([self.handle], [], [], seconds)[0]:
            os.read(self.handle, 65536)

    def key(self, keys: bytes, expected: bytes) -> float:
        """Press keys; return the seconds until a text comes."""
        start = perf_counter()
        os.write(self.handle, keys)
        self.until(expected)
        return perf_counter() - start

    def end(self) -> None:
        """Stop it."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.handle)


@contextmanager
def on_terminal(command: Sequence[str]) -> Iterator[Pty]:
    """Run a program on a terminal until its first prompt has come."""
    program = Pty(command)
    try:
        program.until(PROMPT)
        yield program
    finally:
        program.end()


def first_prompt(commands: dict[str, Sequence[str]], rounds: int) -> list[tuple[str, float, str]]:
    """Measure start to first prompt; the programs take turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 2):
        for name, command in commands.items():
            start = perf_counter()
            with on_terminal(command):
                if turn >= 2:
                    times[name].append(perf_counter() - start)
    return [(name, statistics.median(values), "") for name, values in times.items()]


def echo(command: Sequence[str], rounds: int) -> float:
    """Measure how long a key takes to appear."""
    with on_terminal(command) as program:
        program.quiet()
        times = []
        for _ in range(rounds):
            times.append(program.key(b"x", b"x"))
            program.quiet(0.01)
        return statistics.median(times)


def completion(command: Sequence[str], line: bytes, rounds: int) -> tuple[float, float]:
    """Measure Tab with every name to choose from, and the next key while the menu is open."""
    tabs, keys = [], []
    with on_terminal(command) as program:
        for _ in range(rounds):
            program.quiet()
            os.write(program.handle, line)
            program.quiet()
            tabs.append(program.key(b"\t", b"d0000"))
            program.quiet()
            keys.append(program.key(b"q", b"q"))
            program.quiet()
            os.write(program.handle, b"\x15")
    return statistics.median(tabs), statistics.median(keys)


def answers(rounds: int, state: str) -> tuple[float, float]:
    """Measure Enter to the next prompt: of a bare PromptSession, and of the questions of a dialog."""
    bare, ours = [], []
    with on_terminal([sys.executable, "-c", BARE]) as plain, on_terminal([PROGRAM, "--state", state]) as dialog:
        plain.quiet()
        dialog.quiet()
        for number in range(rounds):
            for keys in (b"destconfig -> new\r", b"fresh%d.example\r" % number):
                dialog.key(keys, NEW_PROMPT)
                dialog.quiet()
            for keys in (b"n\r", b"\r", b"\r", b"\r"):
                ours.append(dialog.key(keys, NEW_PROMPT))
                dialog.quiet(0.03)
                bare.append(plain.key(keys, NEW_PROMPT))
                plain.quiet(0.03)
            dialog.key(b"\x03", NEW_PROMPT)
            dialog.quiet()
    return statistics.median(bare), statistics.median(ours)


def main(rounds: int = 20) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        entries = "".join(
            f'[destinations.domains."d{number:04}.example"]\ntls = "required"\n' for number in range(10_000)
        )
        Path(large, "config.toml").write_text(f'hostname = "mail.example.com"\n\n{entries}')
        bare, ours = [sys.executable, "-c", BARE], [PROGRAM, "--state", small]
        many = [PROGRAM, "--state", large]
        with on_terminal(many), on_terminal(ours):
            pass  # makes both appliances
        rows = first_prompt({"bare PromptSession": bare, "asyncsh": ours, "asyncsh, 10,000 destinations": many}, rounds)
        rows[1] = (*rows[1][:2], "goal 1.15")
        show("First prompt", rows)
        shown = echo(bare, rounds)
        show(
            "A key until it is echoed",
            [("bare PromptSession", shown, ""), ("asyncsh, 10,000 destinations", echo(many, rounds), "goal 30 ms")],
        )
        tab, key = completion(many, b"destconfig edit ", 5)
        print(f"  Tab with 10,000 names to choose from {tab * 1000:7.1f} ms, a key in its menu {key * 1000:7.1f} ms")
        plain, dialog = answers(5, small)
        show("Enter to the next prompt", [("bare PromptSession", plain, ""), ("asyncsh, in a dialog", dialog, "")])
        print(f"  added by asyncsh {(dialog - plain) * 1000:5.2f} ms, goal 2")


if __name__ == "__main__":
    main()
