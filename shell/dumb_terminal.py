"""The front end on a terminal that cannot move its cursor (`TERM=dumb`: an editor's shell window, a serial line).

The terminal itself edits and echoes lines. prompt_toolkit has a way for such terminals too, but it shows
what is typed at a hidden prompt.
"""

from __future__ import annotations

import os
import select
import sys
import termios

from commands.terminal import Cancelled, Disconnected, EndOfInput, Terminal
from shell.banner import banner, idle_end
from shell.echo import without_echo
from shell.interrupts import interrupt_once
from shell.pager import screen_size
from shell.plain import LineReader, NotTaken
from shell.resolver_watch import resolvers_watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.session import Session
    from commands.terminal import Conversation, Question


class _Idle(Exception):
    """Nobody typed a line for the whole idle time."""


def converse(session: Session, minute: float = 60) -> int:
    """Hold a conversation with the person at the terminal; return 0. An idle minute has so many seconds."""

    def idle_minutes() -> int:
        return session.store.committed.configuration.sessions.idle_minutes

    def read(size: int) -> bytes:
        if not select.select([0], [], [], idle_minutes() * minute)[0]:
            raise _Idle
        return os.read(0, size)

    def show(parts: Sequence[str]) -> None:
        sys.stdout.write("".join(parts))

    print(banner(idle_minutes()))
    reader = LineReader(read, echoed=True)

    def progress(sentence: str) -> None:
        if sentence:
            print(sentence)

    terminal = Terminal(
        show,
        width=lambda: screen_size().columns,
        progress=progress,
        flush=sys.stdout.flush,
        go_on=lambda: None,  # it rolls by itself
    )
    interrupt_once()
    with resolvers_watched(session):
        going_on = True
        while going_on:
            try:
                _drive(session.converse(terminal), reader, lambda: print(f"\n{idle_end(idle_minutes())}"))
                going_on = False
            except KeyboardInterrupt:  # between two commands, where there is nothing to abandon
                print()
    return 0


def _drive(conversation: Conversation, reader: LineReader, announce_end: Callable[[], None]) -> None:
    """Answer a conversation's questions from the terminal until it ends."""
    try:
        question = conversation.send(None)
        while True:
            try:
                answer = _answer(question, reader)
            except NotTaken as error:
                print(error)
            except KeyboardInterrupt:
                print()
                question = conversation.throw(Cancelled())
            except EOFError:
                print()
                question = conversation.throw(EndOfInput())
            except _Idle:
                announce_end()
                question = conversation.throw(Disconnected())
            except (OSError, termios.error):  # the terminal is gone
                question = conversation.throw(Disconnected())
            else:
                question = conversation.send(answer)
    except (StopIteration, Disconnected):
        sys.stdout.flush()


def _answer(question: Question, reader: LineReader) -> str:
    """Show a question and return the line that was typed; a secret is not echoed.

    Raises:
        EOFError: Ctrl-D on an empty line.
        NotTaken: the line is too long, or not UTF-8.
        OSError, termios.error: the terminal is gone.
    """
    if question.kind != "hidden":
        _show(question)
        return _line(reader)
    try:
        with without_echo():
            _show(question)
            return _line(reader)
    finally:
        print()


def _show(question: Question) -> None:
    sys.stdout.write(question.text + question.prompt)
    sys.stdout.flush()


def _line(reader: LineReader) -> str:
    try:
        return reader.line()
    except Disconnected:
        termios.tcgetattr(0)  # a terminal that is gone ends lines for ever, and fails here
        raise EOFError from None
