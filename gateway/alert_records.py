"""Alerts in the appliance directory: those that were to be sent, what became of each mail, and what is held back.

`alerts/NUMBER.json` is an alert with its mails, `alerts/series.json` says which duplicates wait, `alerts/due` holds the
second at which something is to be done and is not there where nothing is. None of it is configuration. A file that is
damaged counts as none: it costs a duplicate, never an error.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import msgspec

from gateway.alerts import Alert, Series

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from state.folder import Folder

    T = TypeVar("T")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
DUE = "alerts/due"


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an alert for one address.

    Attributes:
        address: who is to get it.
        sent: whether a server took it.
        attempts: how often it was tried.
        next_try: when it is tried again, or for the first time; None where it is not.
        told: how the last attempt ended, a sentence.
    """

    address: str
    sent: bool = False
    attempts: int = 0
    next_try: Moment | None = None
    told: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that was to be sent.

    Attributes:
        number: counts up.
        alert: what happened.
        time: when.
        identity: what makes the Message-ID of its mails, so that one that came twice can be told.
        held_back: for how many duplicates it stands beside itself.
        since: when the mail before it was made; None where it is a first one.
        mails: one for each address.
    """

    number: int
    alert: Alert
    time: Moment
    identity: str
    held_back: int = 0
    since: Moment | None = None
    mails: list[Mail] = []

    @property
    def next_try(self) -> datetime | None:
        """When the first of its mails is to be tried; None where none is any more."""
        return min((one.next_try for one in self.mails if one.next_try is not None), default=None)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A series of duplicates with the newest alert of it, and when that came."""

    series: Series
    newest: Alert
    time: Moment


def read_record(folder: Folder, number: int) -> Record | None:
    """Return a record; None where there is none that can be read.

    Raises:
        OSError: the disk refuses.
    """
    return _decoded(folder.read(_place(number)), Record)


def write_record(folder: Folder, record: Record) -> None:
    """Keep a record, durably.

    Raises:
        OSError: the disk refuses.
    """
    folder.write(_place(record.number), msgspec.json.encode(record))


def remove_record(folder: Folder, number: int) -> None:
    """Remove a record.

    Raises:
        OSError: the disk refuses.
    """
    folder.remove(_place(number))


def numbers(folder: Folder) -> list[int]:
    """Return the numbers of all records, the oldest first.

    Raises:
        OSError: the disk refuses.
    """
    found = (re.fullmatch(r"([0-9]{1,18})\.json", name) for name in folder.names("alerts"))
    return sorted(int(one[1]) for one in found if one)


def records(folder: Folder) -> list[Record]:
    """Return all records that can be read, the oldest first.

    Raises:
        OSError: the disk refuses.
    """
    found = (read_record(folder, number) for number in numbers(folder))
    return [one for one in found if one is not None]


def read_series(folder: Folder) -> dict[str, Held]:
    """Return what is held back, by the key of its alert.

    Raises:
        OSError: the disk refuses.
    """
    return _decoded(folder.read("alerts/series.json"), dict[str, Held]) or {}


def write_series(folder: Folder, series: dict[str, Held]) -> None:
    """Keep what is held back, durably.

    Raises:
        OSError: the disk refuses.
    """
    folder.write("alerts/series.json", msgspec.json.encode(series))


def read_due(folder: Folder) -> int | None:
    """Return the second (of the epoch) at which something is to be done; None where nothing is.

    Raises:
        OSError: the disk refuses.
    """
    content = folder.read(DUE)
    if content is None:
        return None
    return int(content) if re.fullmatch(rb"[0-9]{1,18}", content) else 0


def write_due(folder: Folder, times: Iterable[datetime | None]) -> None:
    """Keep the earliest of some times as what is due next; without any, nothing is.

    Raises:
        OSError: the disk refuses.
    """
    earliest = min((int(time.timestamp()) for time in times if time is not None), default=None)
    if earliest == read_due(folder):
        return
    if earliest is None:
        folder.remove(DUE)
    else:
        folder.write(DUE, b"%d" % max(earliest, 0))


def _decoded(content: bytes | None, kind: type[T]) -> T | None:
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _place(number: int) -> str:
    return f"alerts/{number}.json"
