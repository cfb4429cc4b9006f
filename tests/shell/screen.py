"""A terminal with the program on it, seen as a person sees it: rows and columns, not a stream of bytes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

import pexpect
import pyte

from tests.shell.loaded_program import BEFORE_SEND, Forked, LoadedProgram

PROMPT = "mail.example.com>"
ROWS, COLUMNS = 60, 100
PATIENCE = 20
"""Seconds until a screen that does not come is an error; nothing here measures time."""


class Screen:
    """A program on a terminal of its own: one that is started by its path, or one that is loaded already."""

    def __init__(
        self,
        program: str | LoadedProgram,
        arguments: Sequence[str],
        columns: int = COLUMNS,
        rows: int = ROWS,
        environment: Mapping[str, str] | None = None,
        module: str = "shell.app",
    ) -> None:
        surroundings = {**os.environ, "TERM": "xterm", **(environment or {})}
        self.seen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.seen)
        self.raw = ""
        self.child: pexpect.spawn[str] | Forked
        if isinstance(program, LoadedProgram):
            self.child = program.spawn(module, arguments, surroundings, (rows, columns))
            return
        self.child = pexpect.spawn(
            program, list(arguments), env=surroundings, encoding="utf-8", dimensions=(rows, columns)
        )
        self.child.delaybeforesend = BEFORE_SEND  # prompts are waited for; more before every key is not needed
        terminal = self.child.ptyproc  # type: ignore[attr-defined]  # the stubs do not know it
        terminal.delayafterclose = terminal.delayafterterminate = 0.02

    def lines(self) -> list[str]:
        """Return the lines of the screen down to the cursor's."""
        return [self._row(number) for number in range(self.seen.cursor.y + 1)]

    def _row(self, number: int) -> str:
        cells = self.seen.buffer[number]  # a cell that nothing was written to is made when asked for
        written = min(max(cells, default=-1) + 1, self.seen.columns)
        return "".join(cells[column].data for column in range(written)).rstrip()

    def below(self) -> str:
        """Return what stands below the cursor: a menu of completions, the toolbar."""
        return "\n".join(self._row(number) for number in range(self.seen.cursor.y + 1, self.seen.lines)).strip()

    def until(self, ending: str) -> str:
        """Wait until the line with the cursor ends so; return what is on the screen."""
        return self._wait(lambda: self._row(self.seen.cursor.y).endswith(ending), ending)

    def see(self, text: str) -> str:
        """Wait until a text is on the screen above the cursor or on its line; return what is there."""
        return self._wait(lambda: text in "\n".join(self.lines()), text)

    def see_below(self, text: str) -> str:
        """Wait until a text is below the cursor; return what is there."""
        self._wait(lambda: text in self.below(), text)
        return self.below()

    def below_row(self, row: int, ending: str) -> int:
        """Wait until the cursor is below a row and its line ends so; return its row."""
        self._wait(
            lambda: self.seen.cursor.y > row and self._row(self.seen.cursor.y).endswith(ending), f"{ending} below {row}"
        )
        return int(self.seen.cursor.y)

    def _wait(self, there: Callable[[], bool], what: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not there():
            assert time.monotonic() < deadline, f"{what!r} does not come:\n" + "\n".join(
                [*self.lines(), "(below the cursor)", self.below()]
            )
            try:
                self.take(0.2)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                raise AssertionError(
                    f"{what!r} does not come, the program ended:\n" + "\n".join(self.lines())
                ) from None
        return "\n".join(self.lines())

    def take(self, seconds: float) -> None:
        """Take what the program writes within some seconds.

        Raises:
            pexpect.TIMEOUT: nothing.
            pexpect.EOF: it has ended.
        """
        written = self.child.read_nonblocking(65536, timeout=seconds)
        self.raw += written
        self._stream.feed(written)

    def type(self, line: str, ending: str) -> str:
        """Type a line on a cleared screen and wait for the line that ends so; return the screen."""
        self.clear()
        self.child.send(line + "\r")
        return self.until(ending)

    def key(self, letter: str, ending: str) -> str:
        """Press Ctrl and a letter, then as `type`."""
        self.clear()
        self.child.sendcontrol(letter)
        return self.until(ending)

    def paste(self, text: str) -> None:
        """Paste a text as a terminal does, in brackets, and press Enter."""
        self.child.send(f"\x1b[200~{text}\x1b[201~\r")

    def clear(self) -> None:
        """Forget what is on the screen above the cursor's line."""
        self._stream.feed("\x1b[2J\x1b[H")

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size."""
        self.seen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def ended(self) -> int | None:
        """Wait for the end of the program and return its exit status."""
        while True:
            try:
                self.take(PATIENCE)
            except pexpect.EOF:
                break
        self.child.close()
        status: int | None = self.child.exitstatus
        return status
