"""The question whether names in certificates must be fully qualified domain names (rule V6)."""

from __future__ import annotations

from commands.dialog import yes_no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from commands.terminal import Terminal

QUESTION = (
    "Do you want to check if Common Name or SAN:dNSName or both are in Fully Qualified Domain Name(FQDN) format ?"
)


async def ask_fqdn_check(session: Session, terminal: Terminal) -> bool:
    """Ask whether they must be; dialogs of older releases do not ask, and do not check."""
    return session.staged.dialogs == "current" and await yes_no(terminal, QUESTION, default=False)
