"""Reading through `cryptography` without its surprises.

It reads lazily: a certificate loads, and its subject, extensions or key fail later, as ValueError, TypeError,
UnsupportedAlgorithm, DuplicateExtension, InvalidVersion or a panic of its Rust code. It also warns on standard error
about serial numbers and lengths. Certificates come from strangers, so every access goes through here.
"""

from __future__ import annotations

import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")
    D = TypeVar("D")


SILENCE = ("ignore", None, Warning, None, 0)
"""The filter of warnings that lets none through."""


class Unreadable(Exception):
    """What was read breaks its format or uses what `cryptography` does not know; `cause` is its error."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause
        super().__init__(str(cause))


def silently() -> warnings.catch_warnings[None]:
    """Return a context in which no warning is shown; around many reads it spares each of them its own."""
    return warnings.catch_warnings(action="ignore")


def attempt(read: Callable[[], T]) -> T:
    """Return `read()`; its warnings are not shown, for `deviations` tells what they would.

    Raises:
        Unreadable: it failed, in whatever way.
    """
    try:
        if warnings.filters and warnings.filters[0] == SILENCE:  # as inside of another `silently`
            return read()
        with silently():
            return read()
    except BaseException as error:
        # A panic of Rust code is no Exception; Ctrl-C and the end of the program are none of ours.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Unreadable(error) from None
        raise


def guarded(read: Callable[[], T], otherwise: D) -> T | D:
    """Return `read()`, or `otherwise` where it cannot be read."""
    try:
        return attempt(read)
    except Unreadable:
        return otherwise
