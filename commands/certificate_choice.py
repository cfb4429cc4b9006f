"""The question which certificate profile a service uses: the same for mail that goes out, listeners and interfaces."""

from __future__ import annotations

from commands.dialog import choose
from state.model import certificate_choices
from state.section import DEMO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from commands.terminal import Terminal

DEMO_IN_FORCE = 'The "Demo" certificate is currently configured. You may use "Demo", but this will not be secure.\n'


async def ask_certificate(session: Session, terminal: Terminal, present: str, demo: str = DEMO_IN_FORCE) -> str:
    """Ask for a profile with a key, those of one's own first; Enter keeps the present one, but never Demo.

    Args:
        session: whose profiles.
        terminal: where to ask.
        present: the profile in use.
        demo: what stands above the list while that is Demo.
    """
    names = certificate_choices(session.staged)
    in_use = present if present in names and present != DEMO else names[0]
    chosen = await choose(
        terminal,
        names,
        default=names.index(in_use),
        above=demo if present == DEMO else "",
        below="Please choose the certificate to apply:",
    )
    return names[chosen]
