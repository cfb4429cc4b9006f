"""The front end on a terminal: editing, completion, history within the session, hidden secrets.

prompt_toolkit is imported here and nowhere else, since it takes as long as everything else together.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from time import monotonic

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import DummyHistory, InMemoryHistory

from commands import __version__
from commands.terminal import Cancelled, Disconnected, EndOfInput, Question, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from commands.session import Session
    from commands.terminal import Conversation

BANNER = f"""\
asyncsh, version {__version__}

Welcome to the asyncsh mail security shell

NOTE: This session will expire if left idle for 30 minutes. Uncommitted
configuration changes are kept for your next session, but are not in force
until you commit them.
"""


IDLE_MINUTES = 30


class IdleTooLong(Exception):
    """No key was pressed for the whole idle time."""


class ChoiceCompleter(Completer):
    """Completes what the question at hand offers."""

    def __init__(self) -> None:
        self.question: Question | None = None

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield the choices that begin with what stands before the cursor."""
        if self.question is None or self.question.choices is None:
            return
        typed = document.text_before_cursor.lstrip()
        if " " in typed and self.question.kind == "command":
            return
        for choice in self.question.choices():
            if choice.word.lower().startswith(typed.lower()):
                yield Completion(choice.word, start_position=-len(typed), display_meta=choice.sentence)


def converse(session: Session) -> int:
    """Hold a conversation with the person at the terminal; return 0."""

    def show(parts: Sequence[str]) -> None:
        sys.stdout.write("".join(parts))

    print(BANNER)
    terminal = Terminal(show, width=lambda: shutil.get_terminal_size().columns)
    drive(session.converse(terminal), Reader())
    return 0


class Reader:
    """Asks one question of the person at the terminal."""

    def __init__(self, idle_seconds: float = IDLE_MINUTES * 60) -> None:
        """Give up waiting after `idle_seconds` without a key."""
        self._idle_seconds = idle_seconds
        self._last_key = monotonic()
        self._completer = ChoiceCompleter()
        self._commands: PromptSession[str] = PromptSession(
            history=InMemoryHistory(), completer=self._completer, complete_while_typing=False
        )
        self._answers: PromptSession[str] = PromptSession(
            history=DummyHistory(), completer=self._completer, complete_while_typing=False
        )

    def answer(self, question: Question) -> str:
        """Show a question and return what was typed.

        Raises:
            KeyboardInterrupt: Ctrl-C.
            EOFError: Ctrl-D on an empty line.
            IdleTooLong: nobody pressed a key for the idle time.
        """
        sys.stdout.write(question.text)
        sys.stdout.flush()
        self._completer.question = question
        prompt = self._commands if question.kind == "command" else self._answers
        return prompt.prompt(question.prompt, is_password=question.kind == "hidden", pre_run=self._watch_idleness)

    def _watch_idleness(self) -> None:
        """Have the prompt that begins now end by itself when nobody is there."""
        app = get_app()
        self._note_key(None)
        app.key_processor.after_key_press += self._note_key

        async def wait() -> None:
            while (left := self._last_key + self._idle_seconds - monotonic()) > 0:
                await asyncio.sleep(left)
            app.exit(exception=IdleTooLong())

        app.create_background_task(wait())

    def _note_key(self, _: object) -> None:
        self._last_key = monotonic()


def drive(conversation: Conversation, reader: Reader) -> None:
    """Answer a conversation's questions from the terminal until it ends."""
    try:
        question = conversation.send(None)
        while True:
            try:
                answer = reader.answer(question)
            except KeyboardInterrupt:
                question = conversation.throw(Cancelled())
            except EOFError:
                question = conversation.throw(EndOfInput())
            except IdleTooLong:
                print(f"This session was idle for {IDLE_MINUTES} minutes and ends here. Staged changes are kept.")
                question = conversation.throw(Disconnected())
            else:
                question = conversation.send(answer)
    except StopIteration:
        sys.stdout.flush()
