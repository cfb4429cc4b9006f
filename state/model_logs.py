"""What is written to the logs, and how much of them is kept (logconfig)."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta

from state.section import Section

LogLevel = Literal["information", "debug"]
LogSize = Annotated[
    str,
    Meta(
        pattern=r"^(?:[1-9][0-9]{2}k|(?:[1-9][0-9]?|100)M)\Z",
        description="a size from 100k to 999k or from 1M to 100M",
    ),
]
MOST_LOG_FILES = 100

LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)


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
