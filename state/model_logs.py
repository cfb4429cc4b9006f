"""What is written to the logs, and how much of them is kept (logconfig)."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from msgspec import Meta

from state.section import Section

LogLevel = Literal["information", "debug"]
_SIZE = r"^(?:[1-9][0-9]{2}k|(?:[1-9][0-9]?|100)M)\Z"
SIZE_WANTED = "a size from 100k to 999k or from 1M to 100M"
LogSize = Annotated[str, Meta(pattern=_SIZE, description=SIZE_WANTED)]
MOST_LOG_FILES = 100

LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)


def read_log_size(typed: str) -> str | None:
    """Return a size as it is stored, whatever the case of its letter; None where it is none that a file may have."""
    size = typed.lower().replace("m", "M")
    return size if re.match(_SIZE, size) else None


class MailLogSettings(Section, frozen=True, kw_only=True):
    """The mail log: what is written, how large a file of it gets, and how many there are, the one in use included."""

    level: LogLevel = "information"
    max_size: LogSize = "10M"
    max_files: Annotated[int, Meta(ge=2, le=MOST_LOG_FILES)] = 10

    @property
    def max_bytes(self) -> int:
        """The size in bytes: 10M are 10 * 1024 * 1024."""
        return int(self.max_size[:-1]) * {"k": 1024, "M": 1024 * 1024}[self.max_size[-1]]


class Logs(Section, frozen=True, kw_only=True):
    """The logs that there are."""

    mail_logs: MailLogSettings = MailLogSettings()
