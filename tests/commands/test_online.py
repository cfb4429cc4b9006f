"""A command that waits for the network: what comes back, what is raised, and that nothing goes on behind it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Sequence

import pytest

from commands.online import run
from commands.terminal import Cancelled, Refused, Terminal


class Reader:
    """A front end that notes what was shown and when it was flushed."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.terminal = Terminal(self._show, flush=lambda: self.notes.append("(flush)"))

    def _show(self, parts: Sequence[str]) -> None:
        self.notes.append("".join(parts).rstrip())


def test_what_is_said_meanwhile_is_flushed_and_what_is_said_later_is_not() -> None:
    reader = Reader()

    async def work() -> int:
        reader.terminal.say("one")
        await asyncio.sleep(0)
        reader.terminal.say_error("two")
        return 7

    reader.terminal.say("before")
    assert run(reader.terminal, work()) == 7
    reader.terminal.say("behind")
    assert reader.notes == ["before", "(flush)", "one", "(flush)", "two", "(flush)", "behind"]


def test_what_the_work_raises_is_raised() -> None:
    async def refuse() -> None:
        raise Refused("No.")

    with pytest.raises(Refused, match="No"):
        run(Reader().terminal, refuse())


async def interrupted(closed: list[str]) -> None:
    try:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)
    finally:
        closed.append("closed")


# S7
def test_an_interrupt_ends_the_work_before_the_command() -> None:
    closed: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Cancelled):
        run(Reader().terminal, interrupted(closed))
    assert closed == ["closed"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_while_something_is_shown_ends_it_there() -> None:
    """A pager waits for a key there, and no task can be cancelled meanwhile."""
    closed: list[str] = []

    def show(_: Sequence[str]) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(0.01)
        closed.append("never")

    terminal = Terminal(show)

    async def work() -> None:
        try:
            terminal.say("much")
        finally:
            closed.append("closed")

    with pytest.raises(Cancelled):
        run(terminal, work())
    assert closed == ["closed"]


def test_tasks_that_the_work_left_are_ended_with_it() -> None:
    ended: list[str] = []

    async def linger() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")

    async def work() -> None:
        kept.append(asyncio.create_task(linger()))
        await asyncio.sleep(0)

    kept: list[asyncio.Task[None]] = []
    run(Reader().terminal, work())
    assert ended == ["ended"]


def test_a_mistake_beside_the_work_is_raised_and_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    async def work() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(0.001)

    with pytest.raises(ZeroDivisionError):
        run(Reader().terminal, work())
    assert capfd.readouterr() == ("", "")


def test_a_thread_that_nobody_interrupts_can_wait_too() -> None:
    found: list[int] = []

    async def work() -> int:
        return 7

    waiting = threading.Thread(target=lambda: found.append(run(Reader().terminal, work())))
    waiting.start()
    waiting.join()
    assert found == [7]
