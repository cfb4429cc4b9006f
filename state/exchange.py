"""Import and export files: the `configuration` folder of the appliance, and nothing outside it."""

from __future__ import annotations

from state.problems import StateRefusal
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.folder import Folder

LONGEST_NAME = 128
MOST_LISTED = 5
"""Files that an error names; of more it tells how many others there are."""

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
    if not name:
        raise FileRefused("A file name is required.")
    if name.startswith("."):
        raise FileRefused(f"{quoted(name)} begins with a dot; hidden files are not read or written here.")
    if not name.isprintable():
        shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)  # some have no width
        raise FileRefused(f"{quoted(shown)} has characters that are not printable; enter another file name.")
    if len(name.encode()) > LONGEST_NAME:
        raise FileRefused(f"{quoted(name)} is longer than {LONGEST_NAME} bytes; enter a shorter file name.")
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
        raise FileRefused(f"There is no file {quoted(name)} in the configuration directory; {_instead(folder, name)}")
    return content


def _instead(folder: Folder, name: str) -> str:
    """Return the end of a sentence about a file that is not there: which are, or the one that may be meant."""
    names = listed_files(folder)
    if not names:
        return "it is empty."
    if len(names) > MOST_LISTED and (near := nearest(name, names)):
        return f"did you mean {quoted(near)}?"
    shown = [quoted(name) for name in names[:MOST_LISTED]]
    if len(names) > MOST_LISTED:
        shown.append(f"{len(names) - MOST_LISTED} more")
    return f"there {'is' if len(names) == 1 else 'are'} {listed(shown, 'and')}."


def write_file(folder: Folder, name: str, content: bytes) -> None:
    """Write a file whole, or not at all.

    Raises:
        FileRefused: it cannot be written.
    """
    try:
        folder.write(f"configuration/{name}", content)
    except OSError as error:
        raise FileRefused(f"The file {quoted(name)} cannot be written: {error.strerror}.") from None
