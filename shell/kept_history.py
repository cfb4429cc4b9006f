"""What a user typed in former sessions, for the arrow keys and Ctrl-R: a file each for commands and answers."""

from __future__ import annotations

import os
import re
from contextlib import suppress

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from state.folder import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from commands.session import Session

LARGEST = 512 * 1024
"""Bytes of a file; a larger one loses its older half at the next start, so that no start reads for long."""


PEM = re.compile(r"\s*(-----.*|[A-Za-z0-9+/]{20,}={0,2}|[A-Za-z0-9+/]+={1,2})\s*")
"""A line of a PEM block: a terminal without bracketed paste types a key line by line, at whatever prompt is there."""


class _WithoutPastes(History):
    """A history of typed lines: several lines at once were pasted, and may be a key; so may one that looks like PEM."""

    def append_string(self, string: str) -> None:
        """Keep one line; a single one that was pasted with its end is the same as typed."""
        line = string.removesuffix("\n")
        if line and "\n" not in line and not PEM.fullmatch(line):
            super().append_string(line)


class SessionHistory(_WithoutPastes, InMemoryHistory):
    """A history for as long as the session lasts."""


class KeptHistory(_WithoutPastes, FileHistory):
    """A history in a file; a full or read-only disk costs the memory of a line, never the session."""

    def load_history_strings(self) -> list[str]:
        """Return what was typed, newest first; nothing where the file cannot be read."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Keep one line."""
        with suppress(OSError):
            super().store_string(string)


def history_of(session: Session, kind: Literal["commands", "answers"]) -> History:
    """Return what this user typed in former sessions; only in memory where the appliance is no directory."""
    folder = session.store.folder
    if not isinstance(folder, Disk):
        return SessionHistory()
    name = f"prompt/{session.user}.{kind}"
    path = f"{folder.path}/{name}"
    with suppress(OSError):
        if folder.stamp(name) is None:
            folder.write(name, b"", durable=False)  # readable by its owner only, before anything is in it
        elif os.stat(path).st_size > LARGEST:
            newer = (folder.read(name) or b"")[-LARGEST // 2 :]
            folder.write(name, newer[newer.find(b"\n\n# ") + 1 :], durable=False)  # entries begin with a blank line
    return KeptHistory(path)
