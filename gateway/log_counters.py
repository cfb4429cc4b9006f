"""Numbers of connections and messages in the mail log, each given once in the life of an appliance.

They stand in `logs/counters`, which is written and flushed before a number is used: a process that is killed, or a
machine that loses its power, skips numbers and never gives one again. A file that is lost or damaged is made again from
the highest numbers that the logs know.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from gateway.mail_log_files import log_files, whole_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder

FILE = "logs/counters"
Counter = Literal["ICID", "DCID", "MID"]
"""Incoming and outgoing connections, and messages. Recipients are numbered within their message, from 0."""

_Last = Annotated[int, msgspec.Meta(ge=0)]
_LARGEST_FILE = 4096
_NUMBER = re.compile(rb"\b(ICID|DCID|MID) ([1-9][0-9]{0,17})\b")


class _Counters(msgspec.Struct, frozen=True):
    """The last number that was given of each kind."""

    ICID: _Last
    DCID: _Last
    MID: _Last


def take(folder: Folder, counter: Counter, count: int) -> range:
    """Return the next numbers of a kind; the caller holds the lock of the log.

    Raises:
        OSError: the disk does not keep them; none is given.
    """
    last = _read(folder) or _found_in_logs(folder)
    first = getattr(last, counter) + 1
    folder.write(FILE, msgspec.json.encode(msgspec.structs.replace(last, **{counter: first + count - 1})))
    return range(first, first + count)


def _read(folder: Folder) -> _Counters | None:
    try:
        return msgspec.json.decode(folder.read(FILE, most=_LARGEST_FILE) or b"", type=_Counters)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _found_in_logs(folder: Folder) -> _Counters:
    """Return the highest numbers that the logs know."""
    highest = {"ICID": 0, "DCID": 0, "MID": 0}
    for name in log_files(folder):
        for line in whole_lines(folder, name):
            for kind, number in _NUMBER.findall(line):
                highest[kind.decode()] = max(highest[kind.decode()], int(number))
    return _Counters(**highest)
