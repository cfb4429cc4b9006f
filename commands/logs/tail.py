"""tail: the newest lines of a log, and on a terminal those that are written from then on."""

from __future__ import annotations

from commands.logs.which import ask_log, log_of_line, say_line
from commands.terminal import Cancelled, Terminal
from gateway.mail_log_files import last_lines, lines_since

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from gateway.mail_log_files import Place
    from state.folder import Folder

USUAL = 10
PAUSE = 0.5
"""Seconds between two looks at the log."""


async def tail(session: Session, terminal: Terminal) -> None:
    """Ask which log, and show its end."""
    await ask_log(terminal, "tail")
    terminal.no_more_words()
    terminal.say("")
    show(session, terminal, USUAL)


async def tail_batch(session: Session, terminal: Terminal, log: str, lines: int = USUAL) -> None:
    """`tail LOG`."""
    log_of_line(log)
    show(session, terminal, lines)


def show(session: Session, terminal: Terminal, count: int) -> None:
    """Print the last lines; where a person watches, go on with new ones until Ctrl-C."""
    folder = session.store.folder
    found, place = last_lines(folder, count)
    if terminal.watched:
        terminal.say("Press Ctrl-C to stop.")
    for line in found:
        say_line(terminal, line)
    if terminal.watched:
        from commands.online import run

        try:
            run(terminal, _follow(folder, terminal, place))
        except Cancelled:
            return  # that is how it ends
    elif not found:
        terminal.say("The log has no lines yet.")


async def _follow(folder: Folder, terminal: Terminal, place: Place) -> None:
    """Print lines as they are written, for ever."""
    import asyncio

    while True:
        await asyncio.sleep(PAUSE)
        lines, place = lines_since(folder, place)
        for line in lines:
            terminal.go_on()
            say_line(terminal, line)
