"""exit and quit: leave the shell; what is staged is kept."""

from __future__ import annotations

from commands.dialog import yes_no
from commands.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

UNCOMMITTED = """\
Configuration changes entered but not committed. They are kept for your next session.
Type 'commit' at the command prompt to commit changes.
"""


async def leave(session: Session, terminal: Terminal) -> None:
    """End the session; with uncommitted changes only after a yes."""
    if not session.staging.dirty or await yes_no(
        terminal, "Are you sure you wish to exit?", default=False, above=UNCOMMITTED
    ):
        terminal.no_more_words()
        session.ended = True
