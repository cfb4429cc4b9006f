"""Ctrl-C on a terminal: it abandons what runs, and never the session."""

from __future__ import annotations

import signal
from time import monotonic

BURST = 0.2
"""Seconds in which Ctrl-C counts once: what the first one stopped is taken back without being stopped itself."""


def interrupt_once() -> None:
    """Have several Ctrl-C of an impatient finger interrupt once."""
    last = -BURST

    def interrupt(*_: object) -> None:
        nonlocal last
        before, last = last, monotonic()
        if last - before >= BURST:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
