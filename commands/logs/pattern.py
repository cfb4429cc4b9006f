"""A regular expression that lines are searched for.

It is RE2's: whatever is typed, a line takes time in proportion to its length. Python's own takes exponentially long for
a few patterns, and nothing could end it.
"""

from __future__ import annotations

from commands.answers import NotAccepted
from state.wording import counted, printable, quoted

LONGEST = 1000
"""Characters of a pattern."""
LARGEST = 1 << 20
"""Bytes that a pattern may take when it is prepared: some thousand steps for each character of a line at most."""


class Pattern:
    """A pattern, ready to be searched for."""

    def __init__(self, typed: str, ignore_case: bool = False) -> None:
        """Prepare what was typed.

        Raises:
            NotAccepted: it is no regular expression, or too large a one.
        """
        import re2  # type: ignore[import-untyped]  # it has no types; only what is used here is reached

        if len(typed) > LONGEST:
            raise NotAccepted(f"A pattern has at most {counted(LONGEST, 'character')}; this one has {len(typed)}.")
        options = re2.Options()
        options.case_sensitive = not ignore_case
        options.max_mem = LARGEST
        options.log_errors = False  # or it writes them to standard error itself
        try:
            self._compiled = re2.compile(typed.encode(), options)
        except UnicodeEncodeError:
            raise NotAccepted(f"{quoted(typed)} is no text.") from None
        except re2.error as error:
            reason = error.args[0].decode("utf-8", errors="replace")
            raise NotAccepted(
                f"{quoted(typed)} is not a regular expression: {printable(reason)}. Type text, or a pattern like "
                "DCID 30 .*failed; look-around and back references are not known."
            ) from None

    def found_in(self, line: bytes) -> bool:
        """Tell whether a line has it anywhere."""
        return self._compiled.search(line) is not None
