"""The appliance that a transcript is played against: a store in memory, the clock and files of the head."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from commands.session import Session
from commands.terminal import Terminal
from shell.transcript.head import Problem
from shell.transcript.parse import TranscriptError
from shell.transcript.program import ABSENT
from state import changes
from state.document import ABSENT as NOT_THERE
from state.document import Document, Edit
from state.factory import FACTORY_TEXT
from state.folder import Memory
from state.problems import InvalidConfiguration
from state.reading import read_text
from state.store import CONFIG, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.terminal import Conversation
    from shell.transcript.parse import Transcript
    from state.model import Configuration

_PARSED: dict[str, Configuration] = {}
"""Start configurations that were read: many transcripts begin with the same text."""


class Appliance:
    """One appliance in memory with one session."""

    def __init__(self, session: Session, sink: Callable[[Sequence[str]], None]) -> None:
        self._session = session
        self._terminal = Terminal(sink)

    def conversation(self) -> Conversation:
        """Return the session's conversation, from the main prompt to its end."""
        return self._session.converse(self._terminal)

    def lookup(self, which: str, path: tuple[str | int, ...]) -> object:
        """Return the effective value of a key of the committed or the staged configuration."""
        committed = self._session.store.committed.configuration
        found = changes.lookup(committed if which == "committed" else self._session.staged, path)
        return ABSENT if found is NOT_THERE else found


def open_appliance(transcript: Transcript, sink: Callable[[Sequence[str]], None]) -> Appliance:
    """Make the appliance that a transcript's head asks for.

    Raises:
        TranscriptError: its start configuration or a file cannot be read.
    """
    head = transcript.head
    folder = Memory()
    folder.write(CONFIG, _start(transcript).encode())
    for name, content in head.files.items():
        data = _beside(transcript, name, "files") if content is None else content.encode()
        folder.write(f"configuration/{name}", data)
    clock = head.clock
    try:
        store = Store(folder, (lambda: clock) if clock else (lambda: datetime.now(UTC)), _PARSED)
    except InvalidConfiguration as error:
        raise _refused(transcript, "config", str(error)) from None
    return Appliance(Session(lambda: store, head.user), sink)


def _start(transcript: Transcript) -> str:
    head = transcript.head
    try:
        text = FACTORY_TEXT if head.config is None else read_text(_beside(transcript, head.config, "config"))
        return text if head.dialogs is None else _with_dialogs(text, head.dialogs)
    except InvalidConfiguration as error:
        raise _refused(transcript, "config", str(error)) from None


@cache
def _with_dialogs(text: str, dialogs: str) -> str:
    return Document(text).edit([Edit(("dialogs",), dialogs)]).text


def _beside(transcript: Transcript, name: str, key: str) -> bytes:
    try:
        return (Path(transcript.path).parent / name).read_bytes()
    except OSError as error:
        raise _refused(transcript, key, f"{name} cannot be read: {error.strerror}") from None


def _refused(transcript: Transcript, key: str, sentence: str) -> TranscriptError:
    line = transcript.head.numbers.get(key, 1)
    return TranscriptError(transcript.path, [Problem(line, sentence)])
