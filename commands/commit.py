"""commit and clear: staged work becomes the configuration in force, or goes."""

from __future__ import annotations

from commands.answers import NotAccepted, free_text, read_number
from commands.dialog import say, text, yes_no
from commands.terminal import Refused, Terminal
from commands.wording import time_text
from state.warnings import new_warnings
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.model import Configuration

LONGEST_CONFIRM = 1440
"""Minutes for which a commit may wait to be confirmed."""

NOTHING = "There is no data to commit."


async def commit(session: Session, terminal: Terminal) -> None:
    """Ask for a comment, then make the staged work the configuration in force; or confirm what was committed."""
    if not session.staging.dirty:
        _confirm(session, terminal)
        return
    comment = await text(
        terminal,
        "Please enter some comments describing your changes:",
        free_text,
        required=False,
        hint="What the history will say about this commit; Enter for nothing.",
    )
    rollback = await yes_no(terminal, "Do you want to save the current configuration for rollback?", default=True)
    terminal.no_more_words()
    _commit(session, terminal, comment, rollback)


async def commit_batch(session: Session, terminal: Terminal, comment: str) -> None:
    """`commit "COMMENT"`: commit, saved for rollback, without a question."""
    _commit_with(session, terminal, comment, None)


async def commit_confirm_batch(session: Session, terminal: Terminal, comment: str, minutes: str) -> None:
    """`commit "COMMENT" confirm 5`: the same, undone after so many minutes unless it is confirmed."""
    try:
        limit = read_number(minutes, 1, LONGEST_CONFIRM)
    except NotAccepted as error:
        raise Refused(f"confirm: {error}") from None
    _commit_with(session, terminal, comment, limit)


def _commit_with(session: Session, terminal: Terminal, comment: str, minutes: int | None) -> None:
    try:
        free_text(comment)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    if not session.staging.dirty:
        _confirm(session, terminal)
        return
    _commit(session, terminal, comment, rollback=True, minutes=minutes)


def _commit(session: Session, terminal: Terminal, comment: str, rollback: bool, minutes: int | None = None) -> None:
    before = session.store.committed.configuration
    revision = session.staging.commit(comment, rollback, minutes)
    say(terminal, "Changes committed: ", time_text(revision.moment))
    if minutes is not None:
        time = counted(minutes, "minute")
        terminal.say(f'Type "commit" within {time} to confirm them; otherwise they are undone.')
    say_warnings(session, terminal, before)


def say_warnings(session: Session, terminal: Terminal, before: Configuration) -> None:
    """Say what a commit has brought about that is allowed and seldom meant; `before` was in force."""
    if warnings := new_warnings(before, session.store.committed.configuration):
        say(terminal, "\n".join(warnings))


def _confirm(session: Session, terminal: Terminal) -> None:
    """With nothing staged, confirm the user's commit that waits for it."""
    say(terminal, "Commit confirmed." if session.store.confirm(session.user) else NOTHING)


async def clear(session: Session, terminal: Terminal) -> None:
    """Drop what is staged, after a question."""
    if not session.staging.dirty:
        say(terminal, "There are no uncommitted changes.")
        return
    if await yes_no(terminal, "Are you sure you want to clear all changes since the last commit?", default=True):
        terminal.no_more_words()
        session.staging.clear()
        say(terminal, "Changes cleared: ", time_text(session.store.now()))
