"""The appliance that a transcript is played against: a store in memory, the clock, files and world of the head."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

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
    from contextlib import AbstractContextManager

    from commands.terminal import Conversation
    from gateway.engine import Engine
    from shell.transcript.parse import Transcript
    from shell.world.running import World
    from state.model import Configuration

_PARSED: dict[str, Configuration] = {}
"""Start configurations that were read: many transcripts begin with the same text."""


class Appliance:
    """One appliance in memory with one session, in a world that lasts as long as the session's conversation.

    Attributes:
        session: the one who types.
        world: the network; one that has nothing to it where the head names none.
    """

    def __init__(
        self, session: Session, sink: Callable[[Sequence[str]], None], world: AbstractContextManager[object]
    ) -> None:
        self.session = session
        self._terminal = Terminal(sink)
        self.world = world

    def conversation(self) -> Conversation:
        """Return the session's conversation, from the main prompt to its end."""
        return self._converse()

    async def _converse(self) -> None:
        with self.world:
            await self.session.converse(self._terminal)

    def lookup(self, which: str, path: tuple[str | int, ...]) -> object:
        """Return the effective value of a key of the committed or the staged configuration."""
        committed = self.session.store.committed.configuration
        found = changes.lookup(committed if which == "committed" else self.session.staged, path)
        return ABSENT if found is NOT_THERE else found


def open_appliance(transcript: Transcript, sink: Callable[[Sequence[str]], None]) -> Appliance:
    """Make the appliance that a transcript's head asks for.

    Raises:
        TranscriptError: its start configuration, a file or its world cannot be read.
    """
    head = transcript.head
    folder = Memory()
    folder.write(CONFIG, _start(transcript).encode())
    for key, within, files in (("files", "configuration", head.files), ("logs", "logs", head.logs)):
        for name, content in files.items():
            data = _beside(transcript, name, key) if content is None else content.encode()
            folder.write(f"{within}/{name}", data)
    clock = head.clock
    try:
        store = Store(folder, (lambda: clock) if clock else (lambda: datetime.now(UTC)), _PARSED)
    except InvalidConfiguration as error:
        raise _refused(transcript, "config", str(error)) from None
    session = Session(lambda: store, head.user)
    if head.world is None:
        session.make_engine = _offline
        return Appliance(session, sink, nullcontext())
    world = _start_world(transcript, store.now())
    try:
        _settle_in(world, session, folder)
    except BaseException:
        world.close()
        raise
    return Appliance(session, sink, world)


def _offline(store: Store) -> Engine:
    """Return an engine that reaches nothing: what a transcript prints must not depend on where it is played."""
    from gateway.engine import Engine

    return Engine.offline(store)


def _start_world(transcript: Transcript, now: datetime) -> World:
    from shell.world.description import WorldRefused  # with `cryptography` and dnspython, for few transcripts
    from shell.world.running import world

    described, source = transcript.head.world or {}, ""
    try:
        if isinstance(described, str):
            source = f"{described}: "
            described = read_text(_beside(transcript, described, "world"))
        return world(described, now)
    except InvalidConfiguration as error:
        raise _refused(transcript, "world", f"{source}{error}") from None
    except WorldRefused as refused:
        line = transcript.head.numbers["world"]
        problems = [Problem(line, f"world: {source}{problem}") for problem in refused.problems]
        raise TranscriptError(transcript.path, problems) from None


def _settle_in(world: World, session: Session, folder: Memory) -> None:
    """Put an appliance into a world: its network, its authorities."""
    from gateway.engine import Engine

    session.make_engine = lambda store: Engine(store, world.network, world.resolvers)
    keep_authorities(world, folder, session.store.now())


def keep_authorities(world: World, folder: Memory, now: datetime) -> None:
    """Put the authorities of a world into an appliance's directory.

    The system list is that of the world alone; every authority lies in the configuration directory as a PEM file, to be
    imported, unless a file of that name is there already.
    """
    from gateway.authorities import Authority, export_text
    from gateway.system_list import FILE, Bundle

    for name, issued in world.authorities.items():
        file = f"configuration/{name}.pem"
        if folder.read(file) is None:
            folder.write(file, issued.pem.encode())
    text = export_text(Authority(name, world.authorities[name].certificate) for name in world.system)
    bundle = Bundle(version="world", updated=now.replace(microsecond=0), text=text)
    folder.write(FILE, msgspec.json.encode(bundle))


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
