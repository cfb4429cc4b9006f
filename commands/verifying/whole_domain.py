"""How a command that verifies a whole domain begins and ends: daneverify, mtastsverify."""

from __future__ import annotations

from commands.terminal import Terminal, Unsuccessful
from commands.verifying.target import ask_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from commands.session import Session


async def ask_and_verify(
    session: Session,
    terminal: Terminal,
    question: str,
    verify: Callable[[Session, Terminal, str, str], None],
    last: str,
) -> None:
    """Ask for a domain and verify it; `last` is the line that ends the dialog."""
    domain = await ask_domain(terminal, question)
    terminal.no_more_words()
    terminal.say("")
    verify(session, terminal, domain, last)


def end(terminal: Terminal, outcome: Literal["success", "failed", "missing"], line: str, last: str = "") -> None:
    """Say the line that tells the outcome, and the one after it where there is one.

    Raises:
        Unsuccessful: the domain failed.
    """
    terminal.say(line)
    if last:
        terminal.say(last)
    if outcome == "failed":
        raise Unsuccessful
