"""showchanges, commitdetail, rollbackconfig: what is staged, what was committed, and the way back."""

from __future__ import annotations

from commands.answers import NotAccepted, read_number
from commands.commit import say_warnings
from commands.configuration_files import UNCOMMITTED
from commands.configuration_text import changed_settings, masked_pair, unified
from commands.dialog import say, text, yes_no
from commands.terminal import Refused, Terminal, Volatile
from commands.wording import time_text
from state.model import Configuration
from state.wording import printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.history import Revision
    from state.snapshot import Snapshot

OFFERED = 10
"""Commits that rollbackconfig lists."""

RULE = "-" * 79


async def show_changes(session: Session, terminal: Terminal) -> None:
    """Show what is staged as a unified diff of the two texts, secrets masked."""
    if not session.staging.dirty:
        say(terminal, "There are no uncommitted changes.")
        return
    base = session.staging.base
    _show_diff(terminal, base.text, session.staging.text, "committed", "staged")


async def show_changes_between(session: Session, terminal: Terminal, old: str, new: str) -> None:
    """`showchanges 3 5`: what revision 5 changed against revision 3."""
    before, after = _revision(session, old), _revision(session, new)
    if before[1].text == after[1].text:
        say(terminal, "The two revisions are the same.")
        return
    names = (f"revision {before[0].number}", f"revision {after[0].number}")
    _show_diff(terminal, before[1].text, after[1].text, *names)


async def commit_detail(session: Session, terminal: Terminal) -> None:
    """Tell about the newest commit."""
    await commit_detail_of(session, terminal, str(session.store.revision.number))


async def commit_detail_of(session: Session, terminal: Terminal, number: str) -> None:
    """`commitdetail 3`: tell about one revision: when, by whom, why, and what it changed."""
    revision, snapshot = _revision(session, number)
    previous = session.store.history.before(revision.number)
    former = Configuration() if previous is None else session.store.snapshot(previous).configuration
    comment = printable(revision.comment)
    say(terminal, "Commit at ", time_text(revision.moment), f' with comments: "{comment}".')
    terminal.say("Revision ", Volatile("int", str(revision.number)), f" by {revision.user}.")
    for line in changed_settings(former, snapshot.configuration):
        terminal.say(line)


async def rollback_config(session: Session, terminal: Terminal) -> None:
    """List the commits saved for rollback, and stage or commit the one that is chosen."""
    if session.staging.dirty:
        say(terminal, UNCOMMITTED)
        return
    offered = _saved_for_rollback(session)
    if not offered:
        say(terminal, "No commit was saved for rollback.")
        return
    say(terminal, "Previous Commits :")
    terminal.say("  Committed On              User            Description")
    terminal.say(f"  {RULE}")
    for index, revision in enumerate(offered, 1):
        description = printable(revision.comment)
        terminal.say(f"{index}. ", _committed_on(revision), f"  {revision.user:<16}{description}".rstrip())

    def read(answer: str) -> Revision:
        return offered[read_number(answer, 1, len(offered)) - 1]

    chosen = await text(terminal, "Enter the number of the config to revert to.", read, hint="A number of the list.")
    if not await yes_no(terminal, "Are you sure you want to roll back the configuration?", default=False):
        return
    _revert(session, terminal, chosen, session.store.snapshot(chosen.number))
    if not session.staging.dirty:
        terminal.say("It is the configuration in force; there is nothing to commit.")
        return
    if await yes_no(terminal, "Do you want to commit this configuration now?", default=False, gap=False):
        terminal.no_more_words()
        time = chosen.moment.strftime("%Y-%m-%d %H:%M:%S")
        before = session.store.committed.configuration
        session.staging.commit(f"Rolled back to revision {chosen.number} of {time} GMT", rollback=True)
        terminal.say("Committed the changes successfully")
        say_warnings(session, terminal, before)


async def rollback_config_batch(session: Session, terminal: Terminal, to: str) -> None:
    """`rollbackconfig --to NUMBER`: stage a revision; commit makes it last."""
    if session.staging.dirty:
        raise Refused(UNCOMMITTED)
    _revert(session, terminal, *_revision(session, to))


def _revert(session: Session, terminal: Terminal, revision: Revision, snapshot: Snapshot) -> None:
    """Stage a former commit, and say so once it is kept."""
    session.staging.adopt(snapshot)
    session.finish_operation()
    description = printable(revision.comment)
    say(terminal, "Reverted to ", _committed_on(revision), f" {revision.user} {description}".rstrip())


def _saved_for_rollback(session: Session) -> list[Revision]:
    """Return the newest commits that were saved for rollback, the newest first."""
    history = session.store.history
    found: list[Revision] = []
    for number in reversed(history.numbers()):
        try:
            revision = history.header(number)
        except KeyError:
            continue
        if revision.rollback:
            found.append(revision)
        if len(found) == OFFERED:
            break
    return found


def _revision(session: Session, typed: str) -> tuple[Revision, Snapshot]:
    history = session.store.history
    newest = history.highest()
    there = f"enter a number from 1 to {newest}" if newest > 1 else "there is only revision 1"
    try:
        number = read_number(typed, 1, newest)
        return history.header(number), session.store.snapshot(number)
    except NotAccepted:
        raise Refused(f"There is no revision {quoted(typed)}; {there}.") from None
    except KeyError:
        raise Refused(f"Revision {typed} is not in the history, or its file is damaged; {there}.") from None


def _show_diff(terminal: Terminal, old: str, new: str, old_name: str, new_name: str) -> None:
    terminal.say("")
    lines = list(unified(*masked_pair(old, new), old_name, new_name))
    for line in lines:
        terminal.say(printable(line))
    if len(lines) == 2:
        terminal.say("Only line ends differ.")


def _committed_on(revision: Revision) -> Volatile:
    return Volatile("time", time_text(revision.moment).removesuffix(" GMT"))
