"""grep: the lines of a log in which a pattern is found."""

from __future__ import annotations

from time import perf_counter

from commands.answers import NotAccepted
from commands.dialog import text, yes_no
from commands.logs.pattern import Pattern
from commands.logs.which import ask_log, log_of_line, say_line
from commands.terminal import Refused, Terminal, Unsuccessful
from gateway.mail_log_files import every_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.session import Session

LONGEST_SEARCH = 60.0
"""Seconds of searching after which a pattern is given up, beside what lines usually take."""
USUAL_LINE = 0.00005
"""Seconds; a line takes a tenth of it with a pattern that is not made to be slow."""


async def grep(session: Session, terminal: Terminal) -> None:
    """Ask for log and pattern, and search."""
    await ask_log(terminal, "grep")
    typed = await text(
        terminal,
        "Enter the regular expression to grep.",
        read=_checked,
        hint="Text, or a regular expression like DCID.*failed",
    )
    ignore_case = await yes_no(terminal, "Do you want this search to be case insensitive?", default=True)
    terminal.no_more_words()
    terminal.say("")
    if not _say_found(session, terminal, Pattern(typed, ignore_case)):
        terminal.say("No line matches.")


async def grep_batch(
    session: Session, terminal: Terminal, pattern: str, log: str, ignore_case: bool = False, count: bool = False
) -> None:
    """`grep [-i] [-c] [-e] PATTERN LOG`; status 1 where there is no such line."""
    log_of_line(log)
    try:
        wanted = Pattern(pattern, ignore_case)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    if count:
        found = sum(1 for _ in _matching(session, wanted))
        terminal.say(str(found))
    else:
        found = _say_found(session, terminal, wanted)
    if not found:
        raise Unsuccessful


def _checked(typed: str) -> str:
    """Return what was typed, where it is a pattern; how it is searched for is asked next."""
    Pattern(typed)
    return typed


def _say_found(session: Session, terminal: Terminal, pattern: Pattern) -> int:
    """Print the lines that match, and return how many there are."""
    found = 0
    for line in _matching(session, pattern):
        found += 1
        say_line(terminal, line)
    return found


def _matching(session: Session, pattern: Pattern) -> Iterator[bytes]:
    """Yield the lines that match, the oldest first. The time that somebody takes to read them does not count.

    Raises:
        Refused: the search took too long.
    """
    left = LONGEST_SEARCH
    for line in every_line(session.store.folder):
        began = perf_counter()
        found = pattern.found_in(line)
        left += USUAL_LINE - (perf_counter() - began)
        if found:
            yield line
        if left < 0:
            raise Refused("The search took too long with this pattern and was ended; type a simpler one.")
