"""The appliance directory as a handful of operations, on a disk or in memory.

Everything that makes a commit last is here: a file is written beside its place, flushed, renamed over it,
and the folder is flushed. The store above only orders such steps; the same order runs in memory for playback.

Names are joined by os.path: importing pathlib takes longer than all that is done here before a prompt.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress

from state.problems import NoAppliance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from contextlib import AbstractContextManager
    from typing import Protocol

    class Folder(Protocol):
        """Named byte strings, replaced whole; names may have one folder before them (`staged/admin.toml`)."""

        def read(self, name: str, most: int | None = None) -> bytes | None:
            """Return the content, None where there is no such file; over `most` bytes is an OSError."""

        def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
            """Replace the content and return its stamp; after a crash it is the old or the new one.

            `durable` waits for the disk.
            """

        def append(self, name: str, lines: bytes, most: int) -> bool:
            """Add whole lines to a file; half a line at its end, left by a killed writer, goes first.

            Return False, and add nothing, where the file has lines and would grow beyond `most` bytes. Whoever
            appends holds a lock; the disk is not waited for.
            """

        def read_part(self, name: str, start: int, most: int) -> bytes:
            """Return up to `most` bytes from an offset on, all with -1; none where there is no such file."""

        def size(self, name: str) -> int:
            """Return how many bytes a file has, 0 where there is none."""

        def rename(self, name: str, new: str) -> None:
            """Give a file its new name, durably."""

        def remove(self, name: str) -> None:
            """Remove a file; no error where there is none."""

        def names(self, within: str) -> list[str]:
            """Return the names of the files of an inner folder, in no order."""

        def stamp(self, name: str) -> Hashable:
            """Return a value that differs when the file was replaced or changed; None where there is none."""

        def tidy(self) -> None:
            """Remove what killed processes left half written."""

        def lock(self, name: str) -> AbstractContextManager[None]:
            """Keep others who ask for the same lock waiting; let go at the end, or by the process's death.

            Who holds it may take it again.
            """


PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
FOLDERS = (
    "staged",
    "history",
    "configuration",
    "logs",
    "cache",
    "locks",
    "prompt",
    "crl",
    "sts",
    "alerts",
    "sending",
    "hosts",
)


class Disk:
    """An appliance directory on a disk: mode 0700, files 0600."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the directory, making it and its inner folders where they are missing.

        Raises:
            OSError: it cannot be made, or is no directory.
            NoAppliance: it has other files; nothing was changed in it.
        """
        self.path = os.fspath(path)
        self._held: set[str] = set()
        os.makedirs(self.path, mode=PRIVATE_FOLDER, exist_ok=True)
        found = set(os.listdir(self.path))
        if found and not found & {"config.toml", "history"}:
            raise NoAppliance(f"{self.path} has other files and is no appliance directory; name an empty or a new one.")
        for name in FOLDERS:
            with suppress(FileExistsError):
                os.mkdir(self._place(name), PRIVATE_FOLDER)
        if os.stat(self.path).st_mode & 0o077:
            os.chmod(self.path, PRIVATE_FOLDER)

    def read(self, name: str, most: int | None = None) -> bytes | None:
        """Return the content, None where there is no such file.

        Inside the inner folders no link is followed, and what is no plain file is refused: they hold what
        others put there.
        """
        try:
            handle = self._open_plain(name, os.O_RDONLY)
        except FileNotFoundError:
            return None
        with open(handle, "rb") as file:
            if most is not None and os.fstat(handle).st_size > most:
                raise OSError(errno.EFBIG, f"It is larger than {most >> 20} MiB", name)
            return file.read()

    def read_part(self, name: str, start: int, most: int) -> bytes:
        """Return up to `most` bytes from an offset on, all with -1; none where there is no such file."""
        try:
            handle = self._open_plain(name, os.O_RDONLY)
        except FileNotFoundError:
            return b""
        with open(handle, "rb") as file:
            file.seek(start)
            return file.read(most)

    def size(self, name: str) -> int:
        """Return how many bytes a file has, 0 where there is none."""
        try:
            return os.stat(self._place(name)).st_size
        except FileNotFoundError:
            return 0

    def append(self, name: str, lines: bytes, most: int) -> bool:
        """Add whole lines to a file under a lock that the caller holds; the disk is not waited for.

        Half a line at the end was left by a writer that was killed, or by a full disk: it goes first.
        """
        handle = self._open_plain(name, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                size = _end_of_lines(handle, size)
                os.ftruncate(handle, size)
            if size and size + len(lines) > most:
                return False
            view = memoryview(lines)
            while view:
                view = view[os.write(handle, view) :]
            return True
        finally:
            os.close(handle)

    def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
        """Replace the content by way of a new file, so that nobody ever sees half of it; return its stamp."""
        place = self._place(name)
        if "/" not in name and os.path.islink(place):
            place = os.path.realpath(place)  # an operator keeps the file elsewhere; the link stays
        folder, base = os.path.split(place)
        beside = os.path.join(folder, f".{base}.{os.getpid()}")
        _unlink(beside)  # left by an earlier process of this number that was killed
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
            try:
                view = memoryview(content)
                while view:
                    view = view[os.write(handle, view) :]
                if durable:
                    os.fsync(handle)
                stamp = _stamp(os.fstat(handle))
            finally:
                os.close(handle)
            os.rename(beside, place)
        except OSError:
            with suppress(OSError):  # the first error is the one to tell
                _unlink(beside)
            raise
        if durable:
            _flush(folder)
        return stamp

    def rename(self, name: str, new: str) -> None:
        """Give a file its new name, durably."""
        os.rename(self._place(name), self._place(new))
        _flush(os.path.dirname(self._place(new)))

    def remove(self, name: str) -> None:
        """Remove a file, durably; no error where there is none."""
        if _unlink(self._place(name)):
            _flush(os.path.dirname(self._place(name)))

    def names(self, within: str) -> list[str]:
        """Return the names of the files of an inner folder, in no order."""
        return [name for name in os.listdir(self._place(within)) if not name.startswith(".")]

    def stamp(self, name: str) -> Hashable:
        """Return inode, size and time of the file; None where there is none."""
        try:
            return _stamp(os.stat(self._place(name)))
        except FileNotFoundError:
            return None

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold an advisory lock (flock); the system lets go of a dead process's locks.

        Who holds it may take it again: waiting for oneself would never end.
        """
        import fcntl

        if name in self._held:
            yield
            return
        handle = os.open(
            self._place(f"locks/{name}"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._held.add(name)
            yield
        finally:
            self._held.discard(name)
            os.close(handle)

    def tidy(self) -> None:
        """Remove what killed processes left half written."""
        for folder in ("", *FOLDERS):
            for name in os.listdir(self._place(folder)):
                writer = name.rpartition(".")[2] if name.startswith(".") else ""
                if writer.isdigit() and not _alive(int(writer)):
                    with suppress(OSError):
                        os.unlink(os.path.join(self._place(folder), name))

    def _open_plain(self, name: str, flags: int) -> int:
        """Open a plain file; inside the inner folders no link is followed.

        Raises:
            FileNotFoundError: there is none.
            OSError: it is something else.
        """
        flags |= os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if "/" in name else 0)
        handle = os.open(self._place(name), flags, PRIVATE_FILE)
        mode = os.fstat(handle).st_mode
        if stat.S_ISREG(mode):
            return handle
        os.close(handle)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        raise OSError(errno.EINVAL, "It is no plain file", name)

    def _place(self, name: str) -> str:
        return os.path.join(self.path, name)


def _stamp(status: os.stat_result) -> Hashable:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _end_of_lines(handle: int, size: int) -> int:
    """Return the offset behind the last whole line of a file."""
    while size:
        start = max(size - 65536, 0)
        found = os.pread(handle, size - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        size = start
    return 0


def _flush(folder: str) -> None:
    """Wait until the disk has what happened to a folder's names."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's process
    return True


def _unlink(place: str) -> bool:
    try:
        os.unlink(place)
    except FileNotFoundError:
        return False
    return True


class Memory:
    """An appliance directory that lives only as long as this object: for playback and tests."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, int]] = {}
        self._writes = 0

    def read(self, name: str, most: int | None = None) -> bytes | None:
        """Return the content, None where there is no such file."""
        found = self._files.get(name)
        if found and most is not None and len(found[0]) > most:
            raise OSError(errno.EFBIG, f"It is larger than {most >> 20} MiB", name)
        return found[0] if found else None

    def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
        """Replace the content and return its stamp."""
        self._writes += 1
        self._files[name] = (content, self._writes)
        return self._writes

    def append(self, name: str, lines: bytes, most: int) -> bool:
        """Add whole lines to a file."""
        before = self.read(name) or b""
        before = before[: before.rfind(b"\n") + 1]
        if before and len(before) + len(lines) > most:
            return False
        self.write(name, before + lines)
        return True

    def read_part(self, name: str, start: int, most: int) -> bytes:
        """Return up to `most` bytes from an offset on, all with -1; none where there is no such file."""
        return (self.read(name) or b"")[start:][: None if most < 0 else most]

    def size(self, name: str) -> int:
        """Return how many bytes a file has, 0 where there is none."""
        return len(self.read(name) or b"")

    def rename(self, name: str, new: str) -> None:
        """Give a file its new name."""
        self._files[new] = self._files.pop(name)

    def remove(self, name: str) -> None:
        """Remove a file; no error where there is none."""
        self._files.pop(name, None)

    def names(self, within: str) -> list[str]:
        """Return the names of the files of an inner folder."""
        start = within + "/"
        return [name[len(start) :] for name in self._files if name.startswith(start)]

    def stamp(self, name: str) -> Hashable:
        """Return the number of the write that made the content; None where there is none."""
        found = self._files.get(name)
        return found[1] if found else None

    def tidy(self) -> None:
        """Do nothing: nobody else writes here."""

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold nothing: nobody else sees this folder."""
        yield
