"""A secret is asked for with the terminal's echo off from before the question is seen: fast fingers are there first."""

from __future__ import annotations

import termios
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_echo() -> Iterator[None]:
    """Have the terminal show nothing of what is typed.

    Raises:
        termios.error: standard input is no terminal, or it is gone.
    """
    before = termios.tcgetattr(0)
    silent = termios.tcgetattr(0)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
