"""sethostname: the name of this system, which is the main prompt after the next commit."""

from __future__ import annotations

from commands.dialog import full_host_name
from commands.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def sethostname(session: Session, terminal: Terminal) -> None:
    """Ask for the host name."""
    from msgspec.structs import replace

    name = await full_host_name(terminal, "", default=session.staged.hostname)
    session.staged = replace(session.staged, hostname=name)
