"""tlsarecord: the zone line that publishes a certificate of ours for DANE (RFC 6698 s2, s3)."""

from __future__ import annotations

from functools import partial

from commands.answers import NotAccepted, named, read_number
from commands.certconfig.menu import existing
from commands.certconfig.profiles import certificate_of, intermediates_of, profile_of
from commands.dialog import choose, full_host_name, number, say, text
from commands.terminal import Refused, Terminal
from gateway.certificates import common_name
from gateway.names import dane_identity, presented_names
from gateway.tlsa import DANE_EE, FULL, PUBLIC_KEY, SHA2_256, TLSA
from gateway.tlsa_search import tlsa_owner
from state.model_network import SMTP_PORT
from state.names import host_name
from state.section import DEMO
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography import x509

    from commands.session import Session

OF_AN_ISSUER = (0, 2)
"""Usages whose record names an authority and not the server itself."""
NOT_FOR_SMTP = (0, 1)

USAGE = """\
Enter the certificate usage:
0 - an authority, which has to be a public one too (PKIX-TA)
1 - the server's certificate, which has to be of a public authority too (PKIX-EE)
2 - an authority (DANE-TA)
3 - the server's certificate (DANE-EE)"""
SELECTOR = """\
Enter the selector:
0 - the whole certificate
1 - its public key, which a renewed certificate may keep"""
MATCHING_TYPE = """\
Enter the matching type:
0 - the content itself
1 - its SHA-256
2 - its SHA-512"""


async def tlsarecord(session: Session, terminal: Terminal) -> None:
    """Ask which certificate, which host and port and what kind of record; print the line."""
    names = [*session.staged.certificates, DEMO]
    name = names[await choose(terminal, names, default=0, below="Please choose the certificate:")]
    host = await full_host_name(terminal, "Enter the host name of the server:", session.staged.hostname)
    port = await number(terminal, "Enter the port:", 1, 65535, SMTP_PORT)
    usage = await text(
        terminal,
        USAGE,
        read=partial(_usage, session, name),
        default=str(DANE_EE),
        hint="A whole number from 0 to 3.",
    )
    selector = await number(terminal, SELECTOR, 0, 1, PUBLIC_KEY)
    matching_type = await number(terminal, MATCHING_TYPE, 0, 2, SHA2_256)
    _print(session, terminal, name, host, port, (usage, selector, matching_type))


async def record_batch(
    session: Session,
    terminal: Terminal,
    name: str,
    host: str,
    *,
    port: int = SMTP_PORT,
    usage: int = DANE_EE,
    selector: int = PUBLIC_KEY,
    type: int = SHA2_256,  # noqa: A002 - it is called as the option is
) -> None:
    """`tlsarecord CERTIFICATE HOST --port N --usage U --selector S --type T`."""
    try:
        _print(
            session,
            terminal,
            existing(session, name),
            named(host, host_name, "host name"),
            port,
            (usage, selector, type),
        )
    except NotAccepted as error:
        raise Refused(str(error)) from None


def _usage(session: Session, name: str, answer: str) -> int:
    """Read a usage that the profile can serve.

    Raises:
        NotAccepted: it is none, or asks for an issuer where the profile has none.
    """
    usage = read_number(answer, 0, 3)
    _named_by(session, name, usage)
    return usage


def _named_by(session: Session, name: str, usage: int) -> x509.Certificate:
    """Return the certificate that a record of a usage names: the profile's own, or the last issuer of its chain.

    Raises:
        NotAccepted: the profile has no issuer.
        CertificateRefused: what stands in the configuration cannot be read.
    """
    profile = profile_of(session, name)
    if usage not in OF_AN_ISSUER:
        return certificate_of(profile)
    issuers = intermediates_of(profile)
    if not issuers:
        raise NotAccepted(
            f"The certificate profile {quoted(name)} has no issuer in it, which usage {usage} would name; "
            "usages 1 and 3 name the certificate itself."
        )
    return issuers[-1]


def _print(
    session: Session, terminal: Terminal, name: str, host: str, port: int, numbers: tuple[int, int, int]
) -> None:
    usage, selector, matching_type = numbers
    found = _named_by(session, name, usage)
    record = TLSA.of(found, usage, selector, matching_type)
    say(terminal, f"{tlsa_owner(port, host)}. IN TLSA {record.text()}")
    notes = []
    if usage in OF_AN_ISSUER:
        sent = ", which the server has to send with its chain" if matching_type != FULL else ""
        notes.append(f"It names the issuer {quoted(common_name(found))}{sent}.")
    if usage in NOT_FOR_SMTP:
        notes.append("Warning: SMTP ignores usages 0 and 1; a record for mail has usage 2 or 3.")
    if usage != DANE_EE:
        identity = dane_identity(presented_names(certificate_of(profile_of(session, name))), [host])
        if not identity.good:
            notes.append(f"Warning: With usage {usage} the name counts. {identity.sentence}")
    if notes:
        say(terminal, "\n".join(notes))
