"""Named transcripts typed into a real terminal: the same dialog and the same configuration as in process."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commands.terminal import Cancelled, Question
from shell.transcript.appliance import open_appliance
from shell.transcript.parse import parse
from shell.transcript.play import play
from shell.transcript.report import Mismatch
from state.changes import lookup
from state.document import ABSENT
from state.factory import FACTORY_TEXT
from state.validation import read_configuration
from tests.shell.screen import Screen

if TYPE_CHECKING:
    from commands.terminal import Conversation
    from shell.transcript.parse import Transcript
    from shell.transcript.program import Program
    from tests.shell.loaded_program import LoadedProgram

FOLDER = Path(__file__).parents[2] / "transcripts"
NAMED = (
    "commit/commit",
    "commit/clear",
    "commit/loadconfig",
    "conventions/type-ahead",
    "conventions/wrong-answers",
    "destconfig/new-every-question",
    "destconfig/edit",
    "destconfig/default",
    "destconfig/delete-clear",
    "destconfig/import-export",
    "destconfig/setup-certificate",
    "destconfig/list-detail",
    "system/adminaccessconfig",
)
COLUMNS, ROWS = 200, 1000
SILENT_RESOLVER = '\n[[dns.resolvers]]\naddress = "127.0.0.1"\nport = 1\n'
"""Nothing listens there: a terminal where DANE is on asks its resolvers, which here are not the machine's."""
TIME = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}( GMT)?")


class _Overheard:
    """A conversation, with everything that is said, asked and answered noted on the way."""

    def __init__(self, conversation: Conversation, notes: list[str], turns: list[tuple[Question, str]]) -> None:
        self._conversation = conversation
        self._notes = notes
        self._turns = turns
        self._question: Question | None = None

    def send(self, answer: str | None) -> Question:
        """Hand over an answer."""
        return self._noted(answer, lambda: self._conversation.send(answer))

    def throw(self, key: Exception) -> Question:
        """Hand over a key."""
        typed = "\x03" if isinstance(key, Cancelled) else "\x04"
        return self._noted(typed, lambda: self._conversation.throw(key))

    def close(self) -> None:
        """End it."""
        self._conversation.close()

    def _noted(self, answer: str | None, go_on: Callable[[], Question]) -> Question:
        if self._question is not None and answer is not None:
            self._turns.append((self._question, answer))
            hidden = self._question.kind == "hidden" or answer in ("\x03", "\x04")
            self._notes.append(("" if hidden else answer) + "\n")
        self._question = go_on()
        self._notes.append(self._question.text + self._question.prompt)
        return self._question


class _Recorded:
    """A program that is overheard."""

    def __init__(self, program: Program, notes: list[str], turns: list[tuple[Question, str]]) -> None:
        self._program = program
        self._notes = notes
        self._turns = turns

    def conversation(self) -> Conversation:
        """Return the conversation, overheard."""
        overheard: Conversation = _Overheard(self._program.conversation(), self._notes, self._turns)  # type: ignore[assignment]  # it has what the player uses
        return overheard

    def lookup(self, which: str, path: tuple[str | int, ...]) -> object:
        """Return the value of a key at the end."""
        return self._program.lookup(which, path)


def in_process(transcript: Transcript) -> tuple[str, list[tuple[Question, str]]]:
    """Return the whole dialog, and each question with what was typed."""
    notes: list[str] = []
    turns: list[tuple[Question, str]] = []

    def opened(played: Transcript, sink: Callable[[Sequence[str]], None]) -> Program:
        def both(parts: Sequence[str]) -> None:
            notes.extend(parts)
            sink(parts)

        return _Recorded(open_appliance(played, both), notes, turns)

    outcome = play(transcript, opened)
    assert not isinstance(outcome, Mismatch), str(outcome)
    return "".join(notes), turns


def same(dialog: str) -> list[str]:
    """Return the lines of a dialog without what differs from run to run."""
    lines = [TIME.sub("<time>", line.rstrip()) for line in dialog.splitlines()]
    return [line for line, before in zip(lines, [None, *lines], strict=False) if line or before]


@pytest.mark.parametrize("name", NAMED)
def test_a_transcript_on_a_terminal(loaded: LoadedProgram, tmp_path: Path, name: str) -> None:
    path = FOLDER / f"{name}.transcript"
    transcript = parse(path.read_text(), str(path))
    dialog, turns = in_process(transcript)
    head = transcript.head
    state = tmp_path / "state"
    (state / "configuration").mkdir(parents=True)
    start = (path.parent / head.config).read_text() if head.config else FACTORY_TEXT
    start += SILENT_RESOLVER
    (state / "config.toml").write_text(f'dialogs = "{head.dialogs}"\n{start}' if head.dialogs else start)
    for file, content in head.files.items():
        text = (path.parent / file).read_text() if content is None else content
        (state / "configuration" / file).write_text(text)
    screen = Screen(loaded, ["--state", str(state), "--user", head.user], COLUMNS, ROWS)
    row = -1
    for question, answer in turns:
        row = screen.below_row(row, question.prompt.rstrip())
        if not question.prompt:  # nothing tells that the next line is waited for, but the toolbar that comes with it
            screen.see_below(f"{head.user} | ")
        screen.child.send(answer if answer in ("\x03", "\x04") else answer + "\r")
    if dialog.endswith("\n"):  # it asks nothing more
        assert screen.ended() == 0
    else:
        screen.below_row(row, dialog.splitlines()[-1].rstrip())
    shown = "\n".join(screen.lines())
    screen.child.close(force=True)
    banner_end = "until you commit them.\n"
    assert same(shown.partition(banner_end)[2].lstrip("\n")) == same(dialog.lstrip("\n"))
    committed = read_configuration((state / "config.toml").read_text())
    for check in transcript.checks:
        if check.kind != "staged":
            assert lookup(committed, check.path) == (ABSENT if check.kind == "absent" else check.value)
