"""commit and clear: staged work becomes the configuration in force, or goes."""

from __future__ import annotations

from commands.answers import NotAccepted, free_text
from commands.dialog import say, text, yes_no
from commands.terminal import Refused, Terminal
from commands.wording import time_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

NOTHING = "There is no data to commit."


async def commit(session: Session, terminal: Terminal) -> None:
    """Ask for a comment, then make the staged work the configuration in force."""
    if not session.staging.dirty:
        say(terminal, NOTHING)
        return
    comment = await text(
        terminal,
        "Please enter some comments describing your changes:",
        free_text,
        required=False,
        hint="What the history will say about this commit; Enter for nothing.",
    )
    rollback = await yes_no(terminal, "Do you want to save the current configuration for rollback?", default=True)
    _commit(session, terminal, comment, rollback)


async def commit_batch(session: Session, terminal: Terminal, comment: str) -> None:
    """Commit with a comment, saved for rollback, without a question."""
    try:
        free_text(comment)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    if not session.staging.dirty:
        say(terminal, NOTHING)
        return
    _commit(session, terminal, comment, rollback=True)


def _commit(session: Session, terminal: Terminal, comment: str, rollback: bool) -> None:
    session.staging.commit(comment, rollback)
    say(terminal, "Changes committed: ", time_text(session.store.now()))


async def clear(session: Session, terminal: Terminal) -> None:
    """Drop what is staged, after a question."""
    if not session.staging.dirty:
        say(terminal, "There are no uncommitted changes.")
        return
    if await yes_no(terminal, "Are you sure you want to clear all changes since the last commit?", default=True):
        session.staging.clear()
        say(terminal, "Changes cleared: ", time_text(session.store.now()))
