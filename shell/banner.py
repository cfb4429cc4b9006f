"""What a terminal shows at the beginning and at the end of a session."""

from __future__ import annotations

from commands import __build__, __version__
from state.wording import counted


def banner(idle_minutes: int) -> str:
    """Return the lines shown once, before the first prompt of an interactive session."""
    return f"""\
asyncsh, version {__version__} build {__build__}

Welcome to the asyncsh mail security shell

NOTE: This session will expire if left idle for {counted(idle_minutes, "minute")}. Uncommitted
configuration changes are kept for your next session, but are not in force
until you commit them.
"""


def idle_end(idle_minutes: int) -> str:
    """Return the line shown when nobody pressed a key for the whole idle time."""
    return f"This session was idle for {counted(idle_minutes, 'minute')} and ends here. Staged changes are kept."
