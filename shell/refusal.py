"""What is printed where the appliance cannot be opened: every problem, and what to do."""

from __future__ import annotations

from state.problems import InvalidConfiguration, StateRefusal, disk_trouble
from state.store import CONFIG


def opening_refused(error: Exception) -> str:
    """Return the lines for an error that came up while the appliance was opened."""
    if isinstance(error, InvalidConfiguration):
        count = len(error.problems)
        heading = f"{CONFIG} has {count} problem{'s' if count > 1 else ''}:"
        problems = "\n".join(map(str, error.problems))
        return f"{heading}\n{problems}\nCorrect the file and start again, or: asyncsh --last-good"
    if isinstance(error, OSError):
        return disk_trouble(error)
    if isinstance(error, StateRefusal):
        return str(error)
    return f"The appliance cannot be opened: {type(error).__name__}."
