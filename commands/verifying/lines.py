"""The lines that all verifying commands print: connections, TLS, failures with their reasons and remedies."""

from __future__ import annotations

from gateway.host_probe import Checking, Connected, Connecting, Established, NoConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography import x509

    from commands.terminal import Terminal
    from gateway.host_probe import Event
    from gateway.smtp_failures import Failure
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


_BY_OUTCOME = {
    "issuer-missing": "Import the authority with certconfig -> CERTAUTHORITY if you trust it, or ask the other side to "
    "send its intermediate certificates.",
    "self-signed": "If you trust exactly this certificate, import it with certconfig -> CERTAUTHORITY.",
    "expired": "The other side has to renew its certificate.",
    "not-yet-valid": "Check the clocks of both sides; the certificate begins later.",
    "revoked": "The authority took the certificate back; the other side needs another one.",
    "revocation-list-too-old": "Import a newer list with certconfig -> CRL.",
    "name-mismatch": "Verify the host by a name that its certificate has, or ask for a certificate with its name.",
    "host-only-in-dns-names": "Required - Verify Hosted Domains accepts the name of the MX host among the alternative "
    "names; Required - Verify wants the domain there.",
    "no-name-presented": "The other side needs a certificate with its host name.",
    "not-fully-qualified": "sslconfig -> PEER_CERT_FQDN switches this check off.",
    "not-compliant": "sslconfig -> PEER_CERT_X509 switches this check off.",
    "no-match": "The other side has to publish a TLSA record of the certificate that it uses now.",
    "anchor-is-leaf": "The other side publishes its server certificate as an authority: the usage should be 3.",
    "not-offered": "The other side has to switch STARTTLS on; something between may also have taken it away.",
    "no-esmtp": "Something that does not speak ESMTP answers there; is it the mail server?",
    "injected": "Do not send mail on this path before you know who does that.",
    "tls": "sslconfig -> OUTBOUND says which methods and ciphers this system speaks.",
    "not-listed": "The domain's MTA-STS policy has to list the host, or its MX records must not.",
    "certificate-refused": "The policy host needs a certificate with its own name, of an authority in the list.",
    "refused": "Nothing listens there, or a firewall answers for it.",
    "timeout": "Is there a firewall between, or is the host down?",
    "unreachable": "This system has no route to the address.",
}


def remedy(word: str) -> str:
    """Return what can be done about an outcome, a sentence; "" where nothing general can be said."""
    return _BY_OUTCOME.get(word, "")
