"""SETUP: the certificate offered on outgoing TLS connections, and the alert for failed ones."""

from __future__ import annotations

from commands.dialog import choose, yes_no
from commands.terminal import Terminal
from state.model import certificate_choices
from state.section import DEMO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

DEMO_IN_FORCE = 'The "Demo" certificate is currently configured. You may use "Demo", but this will not be secure.\n'


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask for the certificate and the alert."""
    destinations = session.staged.destinations
    names = certificate_choices(session.staged)
    demo = destinations.certificate == DEMO
    default = 0 if demo or destinations.certificate not in names else names.index(destinations.certificate)
    chosen = await choose(
        terminal,
        names,
        default=default,
        above=DEMO_IN_FORCE if demo else "",
        below="Please choose the certificate to apply:",
    )
    alert = await yes_no(
        terminal,
        "Do you want to send an alert when a required TLS connection fails?",
        default=destinations.send_tls_alert,
    )
    session.staged = session.staged.with_destinations(certificate=names[chosen], send_tls_alert=alert)
