"""The store's operating-system calls, counted: recorded, failed or killed at, one by one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

COUNTED = ("open", "write", "fsync", "rename", "unlink", "close", "stat", "listdir", "mkdir", "makedirs", "fstat")


class Calls:
    """Stands where `state.folder` has the module os; `before` is called with each counted call."""

    def __init__(self, before: Callable[[int, str, tuple[Any, ...]], None]) -> None:
        self.count = 0
        self.armed = False
        self._before = before

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in COUNTED:
            return real

        def counted(*values: Any, **named: Any) -> Any:
            if self.armed:
                self.count += 1
                self._before(self.count - 1, name, values)
            return real(*values, **named)

        return counted


def fail_at(number: int, code: int) -> Callable[[int, str, tuple[Any, ...]], None]:
    """Return what makes one call fail as a disk does."""

    def before(count: int, name: str, values: tuple[Any, ...]) -> None:
        if count == number and name != "close":
            raise OSError(code, os.strerror(code), values[0] if values and isinstance(values[0], str) else None)

    return before


def die_at(number: int) -> Callable[[int, str, tuple[Any, ...]], None]:
    """Return what kills this process before one call; a write is torn in half first."""

    def before(count: int, name: str, values: tuple[Any, ...]) -> None:
        if count == number:
            if name == "write":
                os.write(values[0], bytes(values[1])[: len(values[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    return before
