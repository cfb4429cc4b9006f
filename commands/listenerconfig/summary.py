"""The block about one listener above the menu of EDIT."""

from __future__ import annotations

from commands.listenerconfig.listeners import staged
from commands.listenerconfig.parameters import SWITCH_WORDS, TLS_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


def summary(session: Session, name: str) -> list[str]:
    """Return the lines of the block; the footer and LDAP are not part of this version."""
    listener = staged(session, name)
    interface = session.staged.interfaces.get(listener.interface)
    default = listener.host_access.default
    return [
        f"Name: {name}",
        f"Type: {listener.type.capitalize()}",
        f"Interface: {listener.interface} ({interface.address if interface else 'none'}) TCP Port {listener.port}",
        f"Protocol: {listener.protocol.upper()}",
        f"Default Domain: {listener.default_domain or ''}".rstrip(),
        f"Max Concurrency: {listener.concurrency} (TCP Queue: {listener.tcp_queue})",
        f"Domain map: {'enabled' if listener.domain_map else 'disabled'}",
        f"TLS: {TLS_WORDS[default.tls]}",
        f"SMTP Authentication: {'Enabled' if default.smtp_authentication else 'Disabled'}",
        f"Bounce Profile: {listener.bounce_profile}",
        f"Use SenderBase For Reputation Filters and IP Profiling: {SWITCH_WORDS[listener.senderbase]}",
        "Footer: None",
        "LDAP: Off",
    ]
