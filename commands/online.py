"""How a command waits for the network: an event loop for as long as that takes, and Ctrl-C that ends it.

A command's coroutine is driven by a front end without a loop. What reaches the network is another coroutine, which
`run` drives to its end; it may say things, which are shown as they are said, and must not ask.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager

from commands.terminal import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType
    from typing import Any, TypeVar

    from commands.terminal import Terminal

    T = TypeVar("T")


def run(terminal: Terminal, work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns, having waited for it.

    Ctrl-C cancels it; what it has opened it closes as it ends, and only then is the command cancelled.

    Raises:
        Cancelled: Ctrl-C came before the end.
        Exception: whatever the coroutine raises.
    """
    stray: list[BaseException] = []
    try:
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            # What goes wrong beside the coroutine would be printed by asyncio; it is raised like any other mistake.
            loop.set_exception_handler(lambda _, context: stray.append(context.get("exception") or RuntimeError()))
            task = loop.create_task(work)
            # An empty sentence takes the `^C` from the screen that a terminal shows.
            with terminal.working(""), terminal.at_once(), _cancelled_by_interrupts(task, terminal):
                try:
                    found = loop.run_until_complete(task)
                except KeyboardInterrupt:
                    _end(task, loop)
                    raise
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Cancelled from None
    finally:
        work.close()
    if stray:
        raise stray[0]
    return found


def _end(task: asyncio.Task[T], loop: asyncio.AbstractEventLoop) -> None:
    """Have a task close what it has open; its own end is of no interest any more."""
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    if not task.cancelled():
        task.exception()  # or asyncio reports that nobody looked


@contextmanager
def _cancelled_by_interrupts(task: asyncio.Task[T], terminal: Terminal) -> Iterator[None]:
    """Have Ctrl-C cancel a task between two of its steps instead of breaking the loop at any place.

    The handler that was there still decides what counts as one (`shell.interrupts`). While a front end shows something
    it may wait for a key, so there it is interrupted as ever.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield  # nobody interrupts here
        return
    loop = task.get_loop()

    def interrupt(number: int, frame: FrameType | None) -> None:
        try:
            before(number, frame)
        except KeyboardInterrupt:
            if terminal.showing or loop.is_closed():
                raise
            task.cancel()
            loop.call_soon_threadsafe(lambda: None)  # the loop may be waiting for the network

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
