"""Ctrl-C on a terminal: it abandons what runs, and never the session."""

from __future__ import annotations

import signal
import sys
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs

BURST = 0.2
"""Seconds in which Ctrl-C counts once: what the first one stopped is taken back without being stopped itself."""

AGAIN = 0.01
"""Seconds after which an interrupt comes again that arrived where Python cannot raise it."""


def interrupt_once() -> None:
    """Have several Ctrl-C of an impatient finger interrupt once, and none of them end in a traceback.

    One that arrives while the collector runs a callback is printed and lost by Python; it comes again instead.
    """
    last = -BURST

    def interrupt(*_: object) -> None:
        nonlocal last
        before, last = last, monotonic()
        if last - before >= BURST:
            raise KeyboardInterrupt

    def once_more(*_: object) -> None:
        raise KeyboardInterrupt

    def unraisable(lost: UnraisableHookArgs) -> None:
        if lost.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, AGAIN)

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGALRM, once_more)
    sys.unraisablehook = unraisable
