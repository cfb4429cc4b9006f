"""Names and addresses that must stand in the text as they would be stored: how a rule says that one does not."""

from __future__ import annotations

from state.names import InvalidName
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    Path: TypeAlias = tuple[str | int, ...]
    Broken: TypeAlias = tuple[Path, str]


def in_stored_form(path: Path, value: str, read: Callable[[str], str], kind: str) -> Iterator[Broken]:
    """Yield what is wrong with a name that must stand as a reader of `state.names` would store it."""
    try:
        stored = read(value)
    except InvalidName as error:
        yield path, f"{quoted(value)} is not a valid {kind}: {error}"
    else:
        if stored != value:
            yield path, f"{quoted(value)} must be written as {quoted(stored)}"
