"""The front end on a terminal: editing, completion, history within the session, hidden secrets.

prompt_toolkit is imported here and nowhere else, since it takes as long as everything else together.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections import deque
from time import monotonic

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import DummyHistory, FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from commands import __build__, __version__
from commands.completion import completions
from commands.terminal import Cancelled, Disconnected, EndOfInput, Question, Terminal
from shell.pager import Pager, key_of_terminal
from state.folder import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from commands.session import Session
    from commands.terminal import Conversation

BANNER = f"""\
asyncsh, version {__version__} build {__build__}

Welcome to the asyncsh mail security shell

NOTE: This session will expire if left idle for 30 minutes. Uncommitted
configuration changes are kept for your next session, but are not in force
until you commit them.
"""


IDLE_MINUTES = 30
MOST_FAILURES = 10
"""Times in a row that reading a line may fail before the session ends."""


class IdleTooLong(Exception):
    """No key was pressed for the whole idle time."""


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
        for choice in choices:
            yield Completion(choice.word, start_position=-len(typing), display_meta=choice.sentence)


def _without_mouse() -> KeyBindings:
    """Return bindings that swallow what reads as a mouse event: coloured text that is pasted does, and is none."""
    bindings = KeyBindings()

    @bindings.add(Keys.Vt100MouseEvent, eager=True)
    @bindings.add(Keys.WindowsMouseEvent, eager=True)
    @bindings.add(Keys.ScrollUp, eager=True)
    @bindings.add(Keys.ScrollDown, eager=True)
    def swallow(_: KeyPressEvent) -> None:
        pass

    return bindings


def _history(session: Session, kind: str) -> History:
    """Return what this user typed in former sessions; only in memory where the appliance is no directory."""
    folder = session.store.folder
    if not isinstance(folder, Disk):
        return InMemoryHistory()
    name = f"prompt/{session.user}.{kind}"
    if folder.stamp(name) is None:
        folder.write(name, b"", durable=False)  # readable by its owner only, before anything is in it
    return FileHistory(os.path.join(folder.path, name))


def converse(session: Session) -> int:
    """Hold a conversation with the person at the terminal; return 0."""
    pager = Pager(sys.stdout.write, shutil.get_terminal_size, key_of_terminal)

    def show(parts: Sequence[str]) -> None:
        pager.show("".join(parts))

    print(BANNER)
    terminal = Terminal(show, width=lambda: shutil.get_terminal_size().columns)
    drive(session.converse(terminal), Reader(session, pager))
    return 0


class Reader:
    """Asks one question of the person at the terminal."""

    def __init__(self, session: Session, pager: Pager, idle_seconds: float = IDLE_MINUTES * 60) -> None:
        """Show questions by the pager; give up waiting after `idle_seconds` without a key."""
        self._pager = pager
        self._idle_seconds = idle_seconds
        self._last_key = monotonic()
        self._pasted: deque[str] = deque()
        self._completer = ChoiceCompleter(session)
        # Where the cursor is need not be asked of the terminal; one that cannot tell would be warned about.
        os.environ.setdefault("PROMPT_TOOLKIT_NO_CPR", "1")
        self._commands = self._prompt(PromptSession(history=_history(session, "commands"), **self._looks()))
        self._answers = self._prompt(PromptSession(history=_history(session, "answers"), **self._looks()))
        self._unkept = self._prompt(PromptSession(history=DummyHistory(), **self._looks()))

    def _looks(self) -> dict[str, Any]:
        return {"completer": self._completer, "complete_while_typing": False, "key_bindings": _without_mouse()}

    def _prompt(self, session: PromptSession[str]) -> PromptSession[str]:
        session.app.key_processor.after_key_press += self._note_key
        return session

    def answer(self, question: Question) -> str:
        """Show a question and return what was typed.

        Raises:
            KeyboardInterrupt: Ctrl-C.
            EOFError: Ctrl-D on an empty line.
            IdleTooLong: nobody pressed a key for the idle time.
        """
        self._pager.ask(question.text)
        self._pager.begin()
        if self._pasted:
            line = self._pasted.popleft()
            sys.stdout.write(f"{question.prompt}{'' if question.kind == 'hidden' else line}\n")
            return line
        sys.stdout.flush()
        self._completer.question = question
        # Secrets and pasted lines, which may be a private key, are in no history.
        prompt = {"command": self._commands, "line": self._answers}.get(question.kind, self._unkept)
        typed = prompt.prompt(question.prompt, is_password=question.kind == "hidden", pre_run=self._prepare)
        line, *more = typed.split("\n")  # a paste of several lines answers the questions that follow
        self._pasted.extend(more)
        return line

    def forget_paste(self) -> None:
        """Drop pasted lines that no question has taken."""
        self._pasted.clear()

    def _prepare(self) -> None:
        """Have the prompt that begins now survive any key, and end by itself when nobody is there.

        A key that prompt_toolkit's own handlers fail on (Enter twice in one piece, while it is leaving) is a key
        that did nothing; its own handler would print a traceback.
        """
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        app = get_app()
        self._note_key(None)

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
        failures = 0
        while True:
            try:
                answer = reader.answer(question)
            except KeyboardInterrupt:
                reader.forget_paste()
                question = conversation.throw(Cancelled())
            except EOFError:
                reader.forget_paste()
                question = conversation.throw(EndOfInput())
            except OSError:  # the terminal is gone
                question = conversation.throw(Disconnected())
            except Exception:  # prompt_toolkit failed on what was typed: the question is asked again
                failures += 1
                if failures > MOST_FAILURES:
                    raise
            except IdleTooLong:
                print(f"This session was idle for {IDLE_MINUTES} minutes and ends here. Staged changes are kept.")
                question = conversation.throw(Disconnected())
            else:
                failures = 0
                question = conversation.send(answer)
    except StopIteration:
        sys.stdout.flush()
