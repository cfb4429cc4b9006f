"""The program, loaded once and forked for each terminal: a start takes a third of a second, a fork a tenth.

Each terminal still has a process of its own, which nobody has used before: only modules are there already. That the
installed program starts, and starts light, is shown where that is what a test is about; those start it by its path.
`python -m tests.shell.loaded_program` reads one request a line and writes one answer a line, as JSON.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pexpect.fdpexpect import fdspawn

HERE = Path(__file__).parents[2]
MODULES = (
    "shell.interactive",
    "shell.dumb_terminal",
    "state.document",
    "commands.commit",
    "commands.destconfig.menu",
    "tests.shell.every_question",
)
"""What nearly every terminal needs; whatever is not here is loaded when it is needed, as ever."""
BEFORE_SEND = 0.01
"""Seconds before keys are pressed: between two questions the terminal itself echoes what is typed."""


class Forked:
    """One process of the program on a terminal of its own, with the words of `pexpect.spawn`."""

    def __init__(self, program: LoadedProgram, master: int, pid: int) -> None:
        self.exitstatus: int | None = None
        self._program = program
        self._pid = pid
        self._terminal: fdspawn[str] = fdspawn(master, encoding="utf-8")

    def send(self, text: str) -> None:
        """Type a text, not sooner than fingers can."""
        time.sleep(BEFORE_SEND)
        self._terminal.send(text)

    def sendcontrol(self, letter: str) -> None:
        """Press Ctrl and a letter."""
        self.send(chr(ord(letter.lower()) & 0x1F))

    def read_nonblocking(self, size: int, timeout: float) -> str:
        """Return what the process writes within some seconds.

        Raises:
            pexpect.TIMEOUT: nothing.
            pexpect.EOF: it has ended.
        """
        return self._terminal.read_nonblocking(size, timeout)

    def setwinsize(self, rows: int, columns: int) -> None:
        """Make the window another size; the kernel tells the process."""
        termios.tcsetwinsize(self._terminal.child_fd, (rows, columns))

    def kill(self, number: int) -> None:
        """Send the process a signal."""
        os.kill(self._pid, number)

    def close(self, force: bool = False) -> None:
        """Hang up and take the exit status; a process that goes on is killed with `force`."""
        if self._terminal.closed:
            return
        self._terminal.close()
        status = self._program.end_of(self._pid, force)
        self.exitstatus = status if status >= 0 else None


class LoadedProgram:
    """The process that is forked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.shell.loaded_program"],
            cwd=HERE,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def spawn(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]
    ) -> Forked:
        """Run `main` of a module on a new terminal of so many rows and columns."""
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, size)
        asked = {
            "terminal": os.ttyname(slave), "module": module, "arguments": [*arguments], "environment": {**environment},
        }  # fmt: skip
        pid = self._ask(asked)
        os.close(slave)
        return Forked(self, master, pid)

    def end_of(self, pid: int, force: bool) -> int:
        """Return the exit status of a process, below 0 that of the signal that ended it."""
        return self._ask({"end": pid, "force": force})

    def _ask(self, request: Mapping[str, object]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def serve() -> None:
    """Answer requests until there are no more; a process that is forked leaves by SystemExit."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C of the terminal that pytest runs on
    for module in MODULES:
        importlib.import_module(module)
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if "end" in asked:
            if asked["force"]:
                os.kill(asked["end"], signal.SIGKILL)
            told = os.waitstatus_to_exitcode(os.waitpid(asked["end"], 0)[1])
        else:
            slave = os.open(asked["terminal"], os.O_RDWR | os.O_NOCTTY)  # here: before whoever asks lets go of it
            told = os.fork()
            if told == 0:
                run(slave, asked["module"], asked["arguments"], asked["environment"])
            os.close(slave)
        print(told, flush=True)


def run(slave: int, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Be the program from here on, with a terminal and an environment of its own."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(slave, number)
    os.close(slave)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, os.fdopen(number, mode, buffering=1, closefd=False))
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(importlib.import_module(module).main(arguments))


if __name__ == "__main__":
    serve()
