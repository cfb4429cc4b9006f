"""Output taller than the screen stops until a key is pressed; q leaves the rest out."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MORE = "-Press Any Key For More-"


class Pager:
    """Writes text and counts the rows it takes since the last question."""

    def __init__(
        self,
        write: Callable[[str], object],
        size: Callable[[], os.terminal_size],
        key: Callable[[], str],
    ) -> None:
        """Page with `key`, which waits for a key and returns it."""
        self._write = write
        self._size = size
        self._key = key
        self._rows = 0
        self._stopped = False

    def begin(self) -> None:
        """Count anew: a person has just typed something."""
        self._rows = 0
        self._stopped = False

    def show(self, text: str) -> None:
        """Write a text, stopping where the screen is full; nothing where the person has seen enough.

        Raises:
            KeyboardInterrupt: Ctrl-C while it waited.
        """
        size = self._size()
        for line in text.splitlines(keepends=True):
            if self._stopped:
                return
            rows = 1 + max(0, columns(line.rstrip("\n")) - 1) // max(size.columns, 1)
            if self._rows and self._rows + rows >= size.lines:
                self._wait()
                if self._stopped:
                    return
            self._write(line)
            self._rows += rows if line.endswith("\n") else 0

    def ask(self, text: str) -> None:
        """Write the lines of a question, which nobody can leave out."""
        self._stopped = False
        self.show(text)
        if self._stopped:
            self._write(text)

    def _wait(self) -> None:
        self._write(MORE)
        try:
            self._stopped = self._key() in ("q", "Q")
        finally:
            self._write("\r" + " " * len(MORE) + "\r")
            self._rows = 0


def columns(text: str) -> int:
    """Return how many columns of a screen a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def key_of_terminal(seconds: float) -> str:
    """Wait for one key on standard input, without Enter, and return its first character.

    What was typed ahead behind that key stays there for the next question.

    Raises:
        TimeoutError: no key came within so many seconds.
        EOFError: the terminal is gone.
    """
    import select
    import termios
    import tty

    sys.stdout.flush()
    try:
        before = termios.tcgetattr(0)
        tty.setcbreak(0, termios.TCSADRAIN)
    except termios.error:
        raise EOFError from None
    try:
        if not select.select([0], [], [], seconds)[0]:
            raise TimeoutError
        pressed = os.read(0, 1)
        if pressed == b"\x1b":  # an arrow or function key sends several bytes at once
            while select.select([0], [], [], 0.02)[0] and not (os.read(0, 1) or b"~")[-1:].isalpha():
                pass
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
    if not pressed:
        raise EOFError
    return pressed.decode("latin-1")


def screen_size() -> os.terminal_size:
    """Return columns and lines of the terminal as they are now; COLUMNS of the environment may be out of date."""
    try:
        size = os.get_terminal_size(1)
    except OSError:
        size = os.terminal_size((0, 0))
    return os.terminal_size((size.columns or 80, size.lines or 24))
