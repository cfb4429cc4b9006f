"""A program for tests of the terminal: a shell with one more command, which asks every kind of question.

`python -m tests.shell.every_question DIRECTORY [SECONDS]`, where a minute of idle time lasts SECONDS.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from commands.answers import free_text
from commands.command import Command
from commands.dialog import (
    Operation,
    choose,
    choose_many,
    domain,
    full_host_name,
    menu,
    new_name,
    number,
    paste,
    secret,
    text,
    yes_no,
)
from commands.registry import COMMANDS
from commands.session import Session
from commands.terminal import Terminal
from state.folder import Disk
from state.store import Store

KINDS = ("menu", "yes_no", "choose", "choose_many", "number", "text", "domain", "host", "name", "secret", "paste")
"""What `every KIND` asks; `every` asks all of them in this order."""


async def every(session: Session, terminal: Terminal) -> None:
    """Stage something, then ask; the answer is told, a secret only by its length."""
    from msgspec.structs import replace

    session.staged = replace(session.staged, hostname="staged.example.com")
    kinds = [terminal.ahead.popleft()] if terminal.ahead else KINDS
    for kind in kinds:
        terminal.say(f"{kind}: {await ask(session, terminal, kind)}")
    terminal.say("All is asked.")


async def ask(session: Session, terminal: Terminal, kind: str) -> object:
    """Ask one kind of question."""
    match kind:
        case "menu":
            await menu(session, terminal, [Operation("NEW", "Create.", nothing)])
            return "left"
        case "yes_no":
            return await yes_no(terminal, "Do you want it?", default=True)
        case "choose":
            return await choose(terminal, ["one", "two"], default=0, above="Which?")
        case "choose_many":
            return await choose_many(terminal, ["one", "two", "three"], default=[0], above="Which of them?")
        case "number":
            return await number(terminal, "How many?", 1, 10, 5)
        case "text":
            return await text(terminal, "Say something:", free_text)
        case "domain":
            return await domain(terminal, "Which domain?")
        case "host":
            return await full_host_name(terminal, "Which host?", default="mail.example.com")
        case "name":
            return await new_name(terminal, "Which name?", ["taken"])
        case "secret":
            return len(await secret(terminal, "Enter pass phrase:", str, twice=True))
        case _:
            return len((await paste(terminal, "Paste something (end with '.'):", str)).splitlines())


async def nothing(session: Session, terminal: Terminal) -> None:
    """Do nothing."""


def main(arguments: Sequence[str]) -> int:
    """Hold the conversation."""
    if os.environ["TERM"] == "dumb":
        from shell.dumb_terminal import converse
    else:
        from shell.interactive import converse
    table = {**COMMANDS, "every": Command("every", "tests.shell.every_question:every", "Ask everything.", "Tests")}
    store = Store(Disk(arguments[0]), lambda: datetime.now(UTC))
    seconds = float(arguments[1]) if len(arguments) > 1 else 60.0
    return converse(Session(lambda: store, commands=table), seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
