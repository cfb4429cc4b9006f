"""version: which program this is."""

from __future__ import annotations

import sys

from commands import __build__, __version__
from commands.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def version(session: Session, terminal: Terminal) -> None:
    """Print the program's name and version, and the Python that runs it."""
    terminal.say("")
    terminal.say("Current Version")
    terminal.say("===============")
    terminal.say("Product: asyncsh")
    terminal.say(f"Version: {__version__} build {__build__}")
    terminal.say(f"Python: {'.'.join(str(part) for part in sys.version_info[:3])}")
