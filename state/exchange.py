"""Import and export files: the `configuration` folder of the appliance, and nothing outside it."""

from __future__ import annotations

from state.problems import StateRefusal
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder

LONGEST_NAME = 128
LARGEST = 32 * 1024 * 1024
"""Bytes of a file that is read; a larger one is refused before it is."""


class FileRefused(StateRefusal):
    """A file cannot be read or written; the text is the sentence for the operator."""


def file_name(typed: str) -> str:
    """Return a bare file name.

    Raises:
        FileRefused: it is a path, hidden, or no name.
    """
    name = typed.strip()
    if "/" in name or "\\" in name or ".." in name:
        raise FileRefused(f"{quoted(name)} is a path; enter the name of a file in the configuration directory.")
    if not name or name.startswith(".") or len(name.encode()) > LONGEST_NAME or not name.isprintable():
        raise FileRefused(
            f"{quoted(name)} is not a file name of 1 to {LONGEST_NAME} characters that begins with no dot."
        )
    return name


def listed_files(folder: Folder) -> list[str]:
    """Return the names of the files there are, sorted."""
    return sorted(folder.names("configuration"))


def exists(folder: Folder, name: str) -> bool:
    """Tell whether there is something of that name."""
    return folder.stamp(f"configuration/{name}") is not None


def read_file(folder: Folder, name: str) -> bytes:
    """Return a file's content.

    Raises:
        FileRefused: there is none, it is no plain file, too large, or cannot be read.
    """
    try:
        content = folder.read(f"configuration/{name}", most=LARGEST)
    except OSError as error:
        raise FileRefused(f"The file {quoted(name)} cannot be read: {error.strerror}.") from None
    if content is None:
        raise FileRefused(f"There is no file {quoted(name)} in the configuration directory.")
    return content


def write_file(folder: Folder, name: str, content: bytes) -> None:
    """Write a file whole, or not at all.

    Raises:
        FileRefused: it cannot be written.
    """
    try:
        folder.write(f"configuration/{name}", content)
    except OSError as error:
        raise FileRefused(f"The file {quoted(name)} cannot be written: {error.strerror}.") from None
