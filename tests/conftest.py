"""What many tests need: an appliance in memory with a person typing, and the program as it is installed."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from commands.command import Command
from commands.registry import COMMANDS
from commands.session import Session
from commands.terminal import Cancelled, Disconnected, EndOfInput, Question, StillAsks, Terminal
from state.folder import Disk, Memory
from state.store import CONFIG, Store

if TYPE_CHECKING:
    from gateway.engine import Engine
    from state.folder import Folder

# Byte code is kept as on any machine: else every program that a test starts would compile all modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A busy machine makes no example wrong.
settings.register_profile("asyncsh", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("asyncsh")

NOON = datetime(2014, 5, 23, 11, 42, 12, tzinfo=UTC)
KEYS: dict[str, type[Exception]] = {"^C": Cancelled, "^D": EndOfInput, "^EOF": Disconnected, "^ASKS": StillAsks}


class Person:
    """Types into a session and sees what it says; `^C`, `^D` and `^EOF` are the keys."""

    def __init__(self, session: Session, width: int | None = None) -> None:
        self.session = session
        self.terminal = Terminal(self._show, width=(lambda: width) if width else None)
        self.asked: list[Question] = []
        self._shown: list[str] = []

    def _show(self, parts: Iterable[str]) -> None:
        self._shown.extend(parts)

    def type(self, line: str, *answers: str) -> str:
        """Run one line with the answers to what it asks; return all that was shown.

        A question that no answer is left for is an error of the test, unless the last answer was a key.
        """
        self._shown.clear()
        self.asked.clear()
        running = self.session.run(line, self.terminal)
        remaining = list(answers)
        try:
            question = running.send(None)
            while True:
                self.asked.append(question)
                self._shown.append(question.text + question.prompt)
                assert remaining, f"nobody answers: {''.join(self._shown)}"
                answer = remaining.pop(0)
                self._shown.append(answer + "\n")
                question = running.throw(KEYS[answer]()) if answer in KEYS else running.send(answer)
        except StopIteration as end:
            self.status = end.value
        except Disconnected:
            self.status = None
        assert not remaining, f"nobody asked for {remaining}"
        return "".join(self._shown)


def offline(store: Store) -> Engine:
    """Return an engine that reaches nothing: no test leaves loopback."""
    from gateway.engine import Engine

    return Engine.offline(store)


@pytest.fixture
def person() -> Callable[..., Person]:
    """Return a maker of people at an appliance; in memory unless a folder is given."""

    def make(
        config: str | None = None,
        folder: Folder | None = None,
        user: str = "admin",
        commands: Mapping[str, Command] = COMMANDS,
        width: int | None = None,
        now: datetime = NOON,
        engine: Callable[[Store], Engine] | None = None,
    ) -> Person:
        folder = folder or Memory()
        if config is not None:
            folder.write(CONFIG, config.encode())
        session = Session(lambda: Store(folder, lambda: now), user, commands)
        session.make_engine = engine or offline
        return Person(session, width)

    return make


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """Return an appliance directory on the disk."""
    return Disk(tmp_path / "appliance")


@pytest.fixture(scope="session")
def asyncsh() -> str:
    """Return the path of the installed program."""
    path = Path(sysconfig.get_path("scripts")) / "asyncsh"
    if not path.exists():
        message = f"asyncsh is not installed beside this Python ({path}); pip install -e '.[test]'"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return str(path)
