"""The files of the mail log: which there are, how they are rotated, how their lines are read.

`logs/mail_logs` is the one in use; `mail_logs.1` is the newest before it, a higher number is older. Only whole lines
count: what follows the last line end is still being written, or was left by a killed writer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from state.folder import Folder

FOLDER = "logs"
NAME = "mail_logs"
CURRENT = f"{FOLDER}/{NAME}"
PIECE = 1 << 20
"""Bytes that are read at once."""


def log_files(folder: Folder) -> list[str]:
    """Return the files that there are, the oldest first, the one in use last."""
    numbers = sorted(_numbers(folder), reverse=True)
    return [*map(_place, numbers), CURRENT]


def rotate(folder: Folder, most: int) -> None:
    """Make room for a new file in use, and keep `most` with it; the caller holds the lock of the log.

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


def pieces(folder: Folder, name: str, start: int = 0) -> Iterator[bytes]:
    """Yield the whole lines of a file from an offset on, many at a time; nothing where there is no such file."""
    rest = b""
    while piece := folder.read_part(name, start, PIECE):
        start += len(piece)
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + piece[:end]
            rest = b""
        rest += piece[end:]


def _numbers(folder: Folder) -> set[int]:
    beginning = f"{NAME}."
    ends = (name.removeprefix(beginning) for name in folder.names(FOLDER) if name.startswith(beginning))
    return {int(end) for end in ends if end.isascii() and end.isdigit() and len(end) < 6 and end[0] != "0"}


def _place(number: int) -> str:
    return f"{CURRENT}.{number}"
