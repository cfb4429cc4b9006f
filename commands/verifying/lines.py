"""The lines that all verifying commands print: connections, TLS, failures with their reasons."""

from __future__ import annotations

from gateway.host_probe import Checking, Connected, Connecting, Established, NoConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography import x509

    from commands.terminal import Terminal
    from gateway.host_probe import Event
    from gateway.smtp_failures import Failure
    from gateway.smtp_probe import Probe
    from gateway.verdict import Verdict


def connection_line(event: Event) -> str:
    """Return the line for what happened on the way to a TLS session."""
    if isinstance(event, Connecting):
        return f"Connecting to {event.address} on port {event.port}."
    if isinstance(event, Connected):
        return f"Connected to {event.address} from interface {event.source}."
    if isinstance(event, Checking):
        return "Checking TLS connection."
    if isinstance(event, NoConnection):
        return f"Not connected to {event.address}: {event.sentence}"
    done = event.handshake
    return f"TLS connection established: protocol {done.protocol}, cipher {done.cipher}."


def connection_lines(terminal: Terminal) -> Callable[[object], None]:
    """Return what prints the lines of a connection, and passes over everything else that is told."""

    def tell(event: object) -> None:
        if isinstance(event, (Connecting, Connected, Checking, Established, NoConnection)):
            terminal.say(connection_line(event))

    return tell


def say_ending(terminal: Terminal, probes: Sequence[Probe]) -> None:
    """Say where the peer did not take part in the end of a session; what was found before holds."""
    if probes and probes[-1].ending is not None:
        terminal.say(f"The session did not end in order: {probes[-1].ending.sentence}")


def reason_text(verdict: Verdict | Failure) -> str:
    """Return why something failed: the word of RFC 8460 where there is one (rule V9), and the sentence."""
    return f"{verdict.reason}: {verdict.sentence}" if verdict.reason else verdict.sentence


def chain_lines(certificates: Sequence[x509.Certificate]) -> list[str]:
    """Return a presented chain as an operator reads it: subject, issuer, end, key and names of each certificate."""
    from gateway.certificates import public_key_kind, validity
    from gateway.fields import dns_names, issuer, one_line, shown, subject

    lines = []
    for number, certificate in enumerate(certificates, 1):
        begin, end = validity(certificate)
        lines.append(f"{number}. {one_line(subject(certificate))}")
        lines.append(f"   issued by {one_line(issuer(certificate))}")
        lines.append(f"   valid from {begin:%Y-%m-%d} to {end:%Y-%m-%d}, key {public_key_kind(certificate)}")
        if names := dns_names(certificate):
            lines.append(f"   names {shown(', '.join(names), 200)}")
    return lines
