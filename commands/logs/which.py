"""Which log is meant, and how its lines are shown."""

from __future__ import annotations

import re

from commands.dialog import choose
from commands.terminal import Refused, Volatile
from state.wording import listed, printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from commands.terminal import Terminal
    from state.model_logs import MailLogSettings

LOGS = ("mail_logs",)
LEVEL_TEXTS = {"information": "Information", "debug": "Debug"}
CONFIGURED = "Currently configured logs:"

_STAMP = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}(?= )")


def log_line(name: str, settings: MailLogSettings) -> str:
    """Return a log as lists show it."""
    level = LEVEL_TEXTS[settings.level]
    return f'"{name}" Type: "Text Mail Logs" Level: {level} Size: {settings.max_size} Files: {settings.max_files}'


def state_lines(session: Session) -> list[str]:
    """Return the list of the logs."""
    settings = session.staged.logs.mail_logs
    return [CONFIGURED, *(f"{number}. {log_line(name, settings)}" for number, name in enumerate(LOGS, 1))]


async def ask_log(terminal: Terminal, verb: str) -> str:
    """Ask which log something is done with."""
    return LOGS[await choose(terminal, LOGS, default=0, above=CONFIGURED, below=f"Choose the log to {verb}.")]


def log_of_line(typed: str) -> str:
    """Return the log that a word of a batch form names.

    Raises:
        Refused: there is none of this name.
    """
    if typed.lower() not in LOGS:
        raise Refused(f"{quoted(typed)} is no log; there is {listed(LOGS, 'and')}.")
    return typed.lower()


def say_line(terminal: Terminal, line: bytes) -> None:
    """Print a line of a log; its time differs from run to run. An edited file may hold anything."""
    text = printable(line.decode("utf-8", errors="replace"))
    stamp = _STAMP.match(text)
    if stamp:
        terminal.say(Volatile("time", stamp[0]), text[stamp.end() :])
    else:
        terminal.say(text)
