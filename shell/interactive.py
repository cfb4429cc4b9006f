"""The front end on a terminal: a conversation with the person who sits at it."""

from __future__ import annotations

import gc
import sys

from commands.terminal import Cancelled, Disconnected, EndOfInput, Terminal
from shell.banner import banner, idle_end
from shell.interrupts import interrupt_once
from shell.line_editor import IdleTooLong, LineEditor
from shell.pager import Pager, key_of_terminal, screen_size
from shell.resolver_watch import resolvers_watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.session import Session
    from commands.terminal import Conversation

MOST_FAILURES = 10
"""Times in a row that reading a line may fail before the session ends."""


def converse(session: Session, minute: float = 60) -> int:
    """Hold a conversation with the person at the terminal; return 0. An idle minute has so many seconds."""

    def idle_minutes() -> int:
        return session.store.committed.configuration.sessions.idle_minutes

    def key() -> str:
        try:
            return key_of_terminal(idle_minutes() * minute)
        except TimeoutError:
            print(f"\n{idle_end(idle_minutes())}")
            raise Disconnected from None
        except EOFError:
            raise Disconnected from None

    pager = Pager(sys.stdout.write, screen_size, key)
    editor = LineEditor(session, pager, lambda: idle_minutes() * minute)

    def show(parts: Sequence[str]) -> None:
        pager.show("".join(parts))

    def show_error(parts: Sequence[str]) -> None:
        editor.hold_paste()
        show(parts)

    shown_columns = 0

    def progress(sentence: str) -> None:
        nonlocal shown_columns
        sys.stdout.write(sentence or "\r" + " " * shown_columns + "\r")
        sys.stdout.flush()
        shown_columns = len(sentence) + len("^C")  # the terminal shows the keys that cancel it

    print(banner(idle_minutes()))
    terminal = Terminal(
        show,
        show_error,
        width=lambda: screen_size().columns,
        progress=progress,
        flush=sys.stdout.flush,
        go_on=pager.begin,
    )
    gc.freeze()  # everything so far stays to the end
    gc.enable()
    interrupt_once()
    with resolvers_watched(session):
        going_on = True
        while going_on:
            try:
                drive(session.converse(terminal), editor, lambda: print(idle_end(idle_minutes())))
                going_on = False
            except KeyboardInterrupt:  # between two commands, where there is nothing to abandon
                editor.forget_paste()
                print()
    return 0


def drive(conversation: Conversation, editor: LineEditor, announce_end: Callable[[], None]) -> None:
    """Answer a conversation's questions from the terminal until it ends."""
    try:
        question = conversation.send(None)
        failures = 0
        while True:
            try:
                answer = editor.answer(question)
            except KeyboardInterrupt:
                editor.forget_paste()
                question = conversation.throw(Cancelled())
            except EOFError:
                editor.forget_paste()
                question = conversation.throw(EndOfInput())
            except (OSError, Disconnected):  # the terminal is gone, or nobody presses a key at the pager
                question = conversation.throw(Disconnected())
            except IdleTooLong:
                announce_end()
                question = conversation.throw(Disconnected())
            except Exception:  # prompt_toolkit failed on what was typed: the question is asked again
                failures += 1
                if failures > MOST_FAILURES:
                    raise
            else:
                failures = 0
                question = conversation.send(answer)
    except (StopIteration, Disconnected):
        sys.stdout.flush()
