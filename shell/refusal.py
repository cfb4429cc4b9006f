"""What is printed where the appliance cannot be opened: every problem, and what to do."""

from __future__ import annotations

from state.problems import InvalidConfiguration
from state.store import CONFIG


def opening_refused(error: Exception) -> str:
    """Return the lines for an error that came up while the appliance was opened.

    Raises:
        Exception: the error itself, where it is none that opening is known to raise.
    """
    if isinstance(error, InvalidConfiguration):
        count = len(error.problems)
        return f"{CONFIG} has {count} problem{'s' if count > 1 else ''}:\n{error}\nCorrect the file and start again."
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"The appliance directory cannot be used: {error.strerror or error}{where}."
    return f"The appliance cannot be opened: {type(error).__name__}."
