"""SETUP: the certificate offered on outgoing TLS connections, and the alert for failed ones."""

from __future__ import annotations

from commands.certificate_choice import ask_certificate
from commands.dialog import yes_no
from commands.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask for the certificate and the alert."""
    destinations = session.staged.destinations
    certificate = await ask_certificate(session, terminal, destinations.certificate)
    alert = await yes_no(
        terminal,
        "Do you want to send an alert when a required TLS connection fails?",
        default=destinations.send_tls_alert,
    )
    session.staged = session.staged.with_destinations(certificate=certificate, send_tls_alert=alert)
