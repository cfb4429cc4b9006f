"""The shell with one command more, which waits for the network: `wait PORT` says what it does and then reads for ever.

Run as `python -m tests.shell.waiting FRONT-END [LINE]`.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from commands.command import Command
from commands.dialog import number
from commands.online import run
from commands.registry import COMMANDS
from commands.session import Session
from commands.terminal import Terminal
from gateway.network import Network, readable
from state.folder import Memory
from state.store import Store

WAIT = Command("wait", "tests.shell.waiting:wait", "Wait.", "Network")


async def wait(session: Session, terminal: Terminal) -> None:
    port = await number(terminal, "Which port?", 1, 65535, 25)
    terminal.say("Begun.")
    terminal.say(f"Ended with {run(terminal, reach(terminal, port))!r}.")


async def reach(terminal: Terminal, port: int) -> bytes:
    """Read from a connection until it ends, telling every piece."""
    network = Network()
    whole = b""
    with await network.connect("127.0.0.1", port, timeout=30) as connection:
        terminal.say("Connected.")
        while True:
            await readable(connection)
            if not (piece := connection.recv(1000)):
                return whole
            whole += piece
            terminal.say(f"Got {piece!r}.")


def main(front_end: str, line: str = "") -> int:
    store = Store(Memory(), lambda: datetime(2026, 5, 23, tzinfo=UTC))
    session = Session(lambda: store, commands={**COMMANDS, "wait": WAIT})
    if front_end == "screen":
        from shell.interactive import converse

        return converse(session)
    if front_end == "dumb":
        from shell.dumb_terminal import converse as converse_dumb

        return converse_dumb(session)
    from shell import plain

    return plain.run_line(session, line, sys.stdout, sys.stderr) if line else plain.converse(session)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
