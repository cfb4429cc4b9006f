"""A line of the mail log as a value: how much it matters, and its text."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["Debug", "Info", "Warning"]


class LogLine(NamedTuple):
    """A line of the mail log without its time: `Info: New SMTP DCID 30 ...`."""

    level: Level
    text: str

    def __str__(self) -> str:
        """Return the line as it stands behind the time."""
        return f"{self.level}: {self.text}"


Lines = tuple[LogLine, ...]
