"""The history: one file a revision, the whole text under one comment line of JSON that tells what it is.

A revision is written as `N.pending` before its text is put in force and becomes `N` after it, so that the
hash of `config.toml` tells at any time which of them count.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from state.folder import Folder

    T = TypeVar("T")

HEADER = b"#asyncsh "
PENDING = ".pending"
BY_FACTORY = "(factory)"
BY_FILE = "(file)"
BY_LAPSE = "(unconfirmed)"
NO_PLAIN_FILE = (errno.EINVAL, errno.EISDIR, errno.ELOOP)
TIME = "%Y-%m-%dT%H:%M:%SZ"


class Revision(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the history.

    Attributes:
        number: counts from 1.
        sha256: hash of the text, hexadecimal.
        user: who committed; in parentheses where it was no user: factory, file (a hand edit), unconfirmed.
        time: RFC 3339, UTC.
        comment: as typed.
        rollback: whether it was saved for rollback.
        confirm_by: until when it must be confirmed, RFC 3339, UTC; None where it need not, or was.
        confirm_user: who must confirm it.
        undo_to: the revision that comes back if that does not happen.
    """

    number: int
    sha256: str
    user: str
    time: str
    comment: str = ""
    rollback: bool = False
    confirm_by: str | None = None
    confirm_user: str | None = None
    undo_to: int | None = None

    @property
    def moment(self) -> datetime:
        """When it was put in force."""
        return moment(self.time)


def moment(text: str) -> datetime:
    """Return the time that a header tells."""
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


def headed(header: object, text: bytes) -> bytes:
    """Return a text under a comment line that tells about it."""
    return HEADER + msgspec.json.encode(header) + b"\n" + text


def beheaded(content: bytes, kind: type[T]) -> tuple[T, bytes] | None:
    """Return what the comment line tells and the text under it; None where the line is not such a one."""
    line, _, text = content.partition(b"\n")
    if not line.startswith(HEADER):
        return None
    try:
        return msgspec.json.decode(line[len(HEADER) :], type=kind), text
    except msgspec.MsgspecError:
        return None


class History:
    """The revisions of one appliance."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._highest: int | None = None

    def highest(self) -> int:
        """Return the number of the newest revision, 0 where there is none.

        The folder is listed once; later the numbers after it are tried, so that a long history costs nothing.
        """
        if self._highest is None:
            self._highest = (self.numbers() or [0])[-1]
        while self._folder.stamp(f"history/{self._highest + 1}") is not None:
            self._highest += 1
        return self._highest

    def numbers(self) -> list[int]:
        """Return the numbers of the revisions, ascending."""
        return sorted(int(name) for name in self._folder.names("history") if name.isascii() and name.isdigit())

    def read(self, number: int) -> tuple[Revision, str]:
        """Return a revision and its text.

        Raises:
            KeyError: there is no such revision, or its file is damaged.
        """
        entry = self._read(str(number))
        if entry is None:
            raise KeyError(number)
        return entry

    def header(self, number: int) -> Revision:
        """Return what a revision is.

        Raises:
            KeyError: there is no such revision, or its file is damaged.
        """
        return self.read(number)[0]

    def lapses_after(self, number: int) -> list[Revision]:
        """Return the later revisions that undid one that was not confirmed."""
        later = (self._read(str(other)) for other in range(number + 1, self.highest() + 1))
        return [entry[0] for entry in later if entry and entry[0].user == BY_LAPSE]

    def newest(self) -> tuple[Revision, str] | None:
        """Return the newest revision that can be read; a damaged one never keeps the appliance from opening."""
        entry = self._read(str(self.highest()))
        if entry is None:
            entries = (self._read(str(number)) for number in reversed(self.numbers()))
            entry = next((found for found in entries if found), None)
        return entry

    def before(self, number: int) -> int | None:
        """Return the number of the newest readable revision before one, None where there is none."""
        earlier = (other for other in reversed(self.numbers()) if other < number)
        return next((other for other in earlier if self._read(str(other))), None)

    def next_number(self) -> int:
        """Return the number of the revision that comes next."""
        return self.highest() + 1

    def announce(self, revision: Revision, text: bytes) -> None:
        """Write a revision that is not in force yet."""
        self._folder.write(f"history/{revision.number}{PENDING}", headed(revision, text))

    def complete(self, revision: Revision) -> None:
        """Give an announced revision its place, now that its text is in force."""
        self._folder.rename(f"history/{revision.number}{PENDING}", f"history/{revision.number}")

    def replace(self, revision: Revision) -> None:
        """Tell something else about a revision; its text stays."""
        _, text = self.read(revision.number)
        self._folder.write(f"history/{revision.number}", headed(revision, text.encode()))

    def recover(self, in_force: bytes | None) -> None:
        """Complete or drop what a killed process announced, by what is in force."""
        if self._highest is None:
            announced = [name for name in self._folder.names("history") if name.endswith(PENDING)]
        else:
            name = f"{self.next_number()}{PENDING}"
            announced = [] if self._folder.stamp(f"history/{name}") is None else [name]
        for name in announced:
            entry = self._read(name)
            if entry and in_force is not None and entry[0].sha256 == sha256(in_force).hexdigest():
                self.complete(entry[0])
            else:
                with suppress(IsADirectoryError, PermissionError):  # not ours, and in nobody's way
                    self._folder.remove(f"history/{name}")

    def _read(self, name: str) -> tuple[Revision, str] | None:
        try:
            entry = beheaded(self._folder.read(f"history/{name}") or b"", Revision)
        except OSError as error:
            if error.errno in NO_PLAIN_FILE:
                return None
            raise
        if entry is None or sha256(entry[1]).hexdigest() != entry[0].sha256:
            return None
        return entry[0], entry[1].decode()
