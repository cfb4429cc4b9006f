"""Lets pytest collect `*.transcript` files: `pytest transcripts/` plays each of them as one test.

Every run of pytest in an environment with this package loads this module: it imports nothing but pytest
until a transcript is played.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from _pytest._code.code import ExceptionInfo, TerminalRepr


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the files whose names end in `.transcript`."""
    if file_path.suffix != ".transcript":
        return None
    collector: pytest.Collector = TranscriptFile.from_parent(parent, path=file_path)
    return collector


class TranscriptFailed(Exception):
    """Raised when a transcript does not play; its text is the report."""


class TranscriptFile(pytest.File):
    """A transcript's file: one test."""

    def collect(self) -> Iterator[TranscriptItem]:
        """Yield the test."""
        yield TranscriptItem.from_parent(self, name=self.path.stem)


class TranscriptItem(pytest.Item):
    """One transcript, played against an appliance of its own in memory."""

    def runtest(self) -> None:
        """Play it.

        Raises:
            TranscriptFailed: it cannot be read, or something differs.
        """
        from shell.transcript.verify import check

        outcome = check(_shown(self.path))
        if outcome.report is not None:
            raise TranscriptFailed(outcome.report)

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: str | None = None) -> str | TerminalRepr:
        """Print the report; a traceback would show the player, not what differs."""
        if isinstance(excinfo.value, TranscriptFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Name the file; there is no line that a test begins at."""
        return self.path, None, self.name


def _shown(path: Path) -> str:
    """Name a file from where pytest runs, so that an editor or a click can follow it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
