"""The files of the mail log: which there are, how they are rotated, how their lines are read.

`logs/mail_logs` is the one in use; `mail_logs.1` is the newest before it, a higher number is older. Only whole lines
count: what follows the last line end is still being written, or was left by a killed writer.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from state.folder import Folder

FOLDER = "logs"
NAME = "mail_logs"
CURRENT = f"{FOLDER}/{NAME}"
LOCK = "mail-log"
"""Whoever appends, rotates or reads holds this lock; it is taken last of all, and never for long."""

HEAD = 200
"""Bytes by which a file is known again that has got another name."""
BLOCK = 1 << 16


class Place(NamedTuple):
    """A place between two lines: how its file begins, and the offset in it."""

    head: bytes = b""
    offset: int = 0


def log_files(folder: Folder) -> list[str]:
    """Return the files that there are, the oldest first, the one in use last."""
    numbers = sorted(_numbers(folder), reverse=True)
    return [*map(_place, numbers), CURRENT]


def rotate(folder: Folder, most: int) -> None:
    """Make room for a new file in use, and keep `most` with it; the caller holds the lock.

    Killed anywhere it leaves a number that is missing: the next rotation closes the gap, and only the oldest
    lines are ever lost.
    """
    numbers = _numbers(folder)
    free = next(number for number in range(1, len(numbers) + 2) if number not in numbers)
    for number in range(min(free, most - 1), 1, -1):
        folder.rename(_place(number - 1), _place(number))
    folder.rename(CURRENT, _place(1))
    for number in numbers:
        if number >= most:
            folder.remove(_place(number))


def whole_lines(folder: Folder, name: str, start: int = 0) -> list[bytes]:
    """Return the lines of a file from an offset on, without their ends; none where there is no such file."""
    content = folder.read_part(name, start, -1)
    return content[: content.rfind(b"\n")].split(b"\n") if b"\n" in content else []


def every_line(folder: Folder) -> Iterator[bytes]:
    """Yield all lines, the oldest first, with those of a file that gets another name meanwhile.

    Raises:
        OSError: the disk cannot be read.
    """
    with folder.lock(LOCK):
        heads = [_head(folder, name) for name in log_files(folder)]
    for head in heads:
        if head:
            with folder.lock(LOCK):
                found = _known_by(folder, head)
                lines = whole_lines(folder, found[0]) if found else []
            yield from lines


def last_lines(folder: Folder, count: int) -> tuple[list[bytes], Place]:
    """Return the newest lines, the oldest of them first, and the place behind them.

    Raises:
        OSError: the disk cannot be read.
    """
    with folder.lock(LOCK):
        lines: list[bytes] = []
        place = Place()
        for name in reversed(log_files(folder)):
            found, end = _end(folder, name, count - len(lines))
            lines = found + lines
            if end and not place.offset:
                place = Place(_head(folder, name)[:end], end)
            if len(lines) == count:
                break
        return lines, place


def lines_since(folder: Folder, place: Place) -> tuple[list[bytes], Place]:
    """Return the lines behind a place, and the place behind them; where its file is gone, all lines that there are.

    Raises:
        OSError: the disk cannot be read.
    """
    with folder.lock(LOCK):
        names = _known_by(folder, place.head) if place.offset else []
        start = place.offset if names else 0
        lines: list[bytes] = []
        for name in names or log_files(folder):
            found = whole_lines(folder, name, start)
            if found:
                end = start + sum(map(len, found)) + len(found)
                place = Place(_head(folder, name)[:end], end)
                lines += found
            start = 0
        return lines, place


def _end(folder: Folder, name: str, count: int) -> tuple[list[bytes], int]:
    """Return up to `count` lines from the end of a file, and the offset behind the last one."""
    size = folder.size(name)
    most = BLOCK
    while True:
        tail = folder.read_part(name, max(size - most, 0), most)
        if tail.count(b"\n") > count or most >= size:
            break
        most *= 8
    end = tail.rfind(b"\n")
    if end < 0:
        return [], 0
    return tail[:end].split(b"\n")[-count:], size - len(tail) + end + 1


def _known_by(folder: Folder, head: bytes) -> list[str]:
    """Return the newest file that begins so and those after it; none where there is no such file."""
    names = log_files(folder)
    for index in range(len(names) - 1, -1, -1):
        if _head(folder, names[index]).startswith(head):
            return names[index:]
    return []


def _head(folder: Folder, name: str) -> bytes:
    return folder.read_part(name, 0, HEAD)


def _numbers(folder: Folder) -> set[int]:
    beginning = f"{NAME}."
    ends = (name.removeprefix(beginning) for name in folder.names(FOLDER) if name.startswith(beginning))
    return {int(end) for end in ends if end.isascii() and end.isdigit() and len(end) < 6 and end[0] != "0"}


def _place(number: int) -> str:
    return f"{CURRENT}.{number}"
