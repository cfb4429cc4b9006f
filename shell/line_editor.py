"""One question at a time on a terminal: editing, completion, history, hidden secrets, pasted lines, a toolbar.

prompt_toolkit is imported for this and nowhere else, since it takes as long as everything else together. One
PromptSession serves all questions, each with the history that belongs to it: making one takes 9 ms.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from time import monotonic

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.clipboard import InMemoryClipboard
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import DummyHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from commands.completion import completions
from commands.standing import Standing
from commands.terminal import Choice, Question
from shell.echo import without_echo
from shell.kept_history import history_of
from shell.pager import screen_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from commands.session import Session
    from shell.pager import Pager

LAST_MINUTE = 60
"""Seconds before the end for which the toolbar says that an idle session is about to end."""

MOST_CHOICES = 300
"""Entries of a menu of completions; prompt_toolkit takes 20 microseconds for each at every key."""

REFRESH = 20
"""Seconds after which the toolbar tells the time that is left anew."""


class IdleTooLong(Exception):
    """No key was pressed for the whole idle time."""


class _Output(Vt100_Output):
    """The screen, without asking it where its cursor is.

    A terminal answers such a question over the same line on which a person types, late or never, and a robot
    never does. prompt_toolkit wants to know the rows below the cursor before it draws a toolbar: one there is.
    """

    @property
    def responds_to_cpr(self) -> bool:
        """Never: nobody is asked."""
        return False

    def get_rows_below_cursor_position(self) -> int:
        """Return a number of rows that is always there."""
        return 1


class ChoiceCompleter(Completer):
    """Completes a command line from the registry, and an answer from what its question offers."""

    def __init__(self, session: Session) -> None:
        self.question: Question | None = None
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what the word before the cursor may become."""
        if self.question is None:
            return
        line = document.text_before_cursor
        if self.question.kind == "command":
            typing, choices = completions(self._session, line)
        else:
            typing = line.lstrip()
            offered = self.question.choices() if self.question.choices else ()
            choices = [choice for choice in offered if choice.word.lower().startswith(typing.lower())]
        for choice in fewer(choices):
            yield Completion(choice.word, start_position=-len(typing), display_meta=choice.sentence)


def fewer(choices: Sequence[Choice]) -> Sequence[Choice]:
    """Return as many choices as a menu can show at once without a wait.

    The first and the last by the alphabet are among them, so that what all have in common is still what Tab inserts.
    """
    if len(choices) <= MOST_CHOICES:
        return choices
    words = [choice.word for choice in choices]
    first, last = words.index(min(words)), words.index(max(words))
    more = f"and {len(choices) - MOST_CHOICES:,} more: type another letter"
    kept = [choice for number, choice in enumerate(choices[:MOST_CHOICES]) if number not in (first, last)]
    return [choices[first], *kept[: MOST_CHOICES - 2], Choice(choices[last].word, more)]


def _swallowed(hides: Callable[[], bool]) -> KeyBindings:
    """Return bindings that swallow what reads as a mouse event: coloured text that is pasted does, and is none.

    And a search where a secret is typed: what is searched for would be shown.
    """
    bindings = KeyBindings()
    hidden = Condition(hides)

    @bindings.add(Keys.Vt100MouseEvent, eager=True)
    @bindings.add(Keys.WindowsMouseEvent, eager=True)
    @bindings.add(Keys.ScrollUp, eager=True)
    @bindings.add(Keys.ScrollDown, eager=True)
    @bindings.add(Keys.ControlR, filter=hidden, eager=True)
    @bindings.add(Keys.ControlS, filter=hidden, eager=True)
    def swallow(_: KeyPressEvent) -> None:
        pass

    return bindings


class _Unseen(Processor):
    """Shows nothing of what is typed, not even how many letters, while a condition holds."""

    def __init__(self, hidden: Callable[[], bool]) -> None:
        self._hidden = hidden

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Return an empty line, with the cursor at its beginning."""
        if not self._hidden():
            return Transformation(transformation_input.fragments)
        return Transformation([], source_to_display=lambda _: 0, display_to_source=lambda _: 0)


class LineEditor:
    """Asks one question of the person at the terminal."""

    def __init__(self, session: Session, pager: Pager, idle_seconds: Callable[[], float]) -> None:
        """Show questions by the pager; give up waiting after so many seconds without a key."""
        self._pager = pager
        self._idle_seconds = idle_seconds
        self._last_key = monotonic()
        self._pasted: deque[str] = deque()
        self._held = False
        self._standing = Standing(session)
        self._completer = ChoiceCompleter(session)
        self._histories = {"command": history_of(session, "commands"), "line": history_of(session, "answers")}
        self._unkept = DummyHistory()
        self._prompt: PromptSession[str] = PromptSession(
            output=_Output.from_pty(sys.stdout, term=os.environ.get("TERM"), default_color_depth=ColorDepth.from_env()),
            completer=self._completer,
            complete_while_typing=False,
            key_bindings=_swallowed(self._hides),
            input_processors=[_Unseen(self._hides)],
            bottom_toolbar=self._toolbar,
        )
        self._prompt.app.key_processor.after_key_press += self._note_key

    def answer(self, question: Question) -> str:
        """Show a question and return what was typed.

        Raises:
            KeyboardInterrupt: Ctrl-C.
            EOFError: Ctrl-D on an empty line.
            IdleTooLong: nobody pressed a key for the idle time.
        """
        if question.kind == "hidden":
            with without_echo():
                return self._ask(question)
        return self._ask(question)

    def _ask(self, question: Question) -> str:
        self._pager.ask(question.text)
        self._pager.begin()
        if self._pasted and not self._held:
            line = self._pasted.popleft()
            sys.stdout.write(f"{question.prompt}{'' if question.kind == 'hidden' else line}\n")
            return line
        sys.stdout.flush()
        if self._hides():  # the question before this one
            self._prompt.clipboard = InMemoryClipboard()  # Ctrl-Y would show what Ctrl-U took away
        self._completer.question = question
        waiting = self._pasted.popleft() if self._pasted else None
        # Secrets and pasted lines, which may be a private key, are in no history.
        history = self._histories.get(question.kind) if waiting is None else None
        self._prompt.default_buffer.history = history or self._unkept
        typed = self._prompt.prompt(
            question.prompt,
            default=waiting or "",
            is_password=question.kind == "hidden",
            pre_run=self._prepare,
            handle_sigint=False,  # else a Ctrl-C that comes while the prompt is being left is lost with it
        )
        # A paste of several lines answers the questions that follow. The end of its last line is no further answer:
        # the Enter that sends it off would otherwise take the default of a question that nobody saw.
        line, *more = typed.removesuffix("\n").split("\n")
        if not self._pasted:
            self._held = False
        self._pasted.extendleft(reversed(more))
        return line

    def _hides(self) -> bool:
        question = self._completer.question
        return question is not None and question.kind == "hidden"

    def hold_paste(self) -> None:
        """Have pasted lines wait for Enter, one by one: the answer before them was not taken.

        They were meant for the questions after it and would answer the same one again, and the wrong ones then.
        """
        self._held = bool(self._pasted)

    def forget_paste(self) -> None:
        """Drop pasted lines that no question has taken."""
        self._pasted.clear()
        self._held = False

    def _toolbar(self) -> str:
        left = self._idle_left()
        if left <= min(LAST_MINUTE, self._idle_seconds() / 3):
            return f"Nobody is typing: this session ends within {max(1, round(left))} s; any key keeps it."
        waiting = f"{len(self._pasted)} pasted left, Ctrl-C drops them | " if self._pasted else ""
        return waiting + self._standing.line(screen_size().columns - len(waiting))

    def _prepare(self) -> None:
        """Have the prompt that begins now survive any key, and end by itself when nobody is there.

        A key that prompt_toolkit's own handlers fail on (Enter twice in one piece, while it is leaving) is a key
        that did nothing; its own handler would print a traceback.
        """
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        app = get_app()
        self._note_key(None)

        async def wait() -> None:
            while (left := self._idle_left()) > 0:
                await asyncio.sleep(min(left, REFRESH if left > LAST_MINUTE + REFRESH else 1))
                app.invalidate()
            app.exit(exception=IdleTooLong())

        app.create_background_task(wait())

    def _idle_left(self) -> float:
        return self._last_key + self._idle_seconds() - monotonic()

    def _note_key(self, _: object) -> None:
        self._last_key = monotonic()
