"""sslconfig: TLS versions and ciphers of each direction, and what is asked of the certificates of others."""

from __future__ import annotations

import re

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.dialog import Operation, choose_many, menu, say, text, yes_no
from commands.terminal import Refused, Terminal
from gateway.ciphers import DEFAULT, CipherStringRefused, about, read_ciphers, refuse_without_cipher, spelled
from state.model import TLS_METHODS
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from commands.session import Session
    from gateway.ciphers import Cipher
    from state.model import TlsMethod, TlsService

    Direction = Literal["gui", "inbound", "outbound"]

NAMES: dict[Direction, str] = {"gui": "GUI HTTPS", "inbound": "Inbound SMTP", "outbound": "Outbound SMTP"}
_FOR_WHOM = "for Alert Over TLS, Outbound SMTP, updater and LDAP"
_SWITCH = {True: "Enabled", False: "Disabled"}


async def sslconfig(session: Session, terminal: Terminal) -> None:
    """Show the settings and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=state_lines)


def state_lines(session: Session) -> Iterator[str]:
    """Yield the state block; a string of a hand edit that OpenSSL refuses is told, since nothing else would tell it."""
    tls = session.staged.tls
    yield "sslconfig settings:"
    for direction, name in NAMES.items():
        service: TlsService = getattr(tls, direction)
        yield f"  {name} method:  {', '.join(spelled(method) for method in TLS_METHODS if method in service.methods)}"
        yield f"  {name} ciphers:  {service.ciphers or DEFAULT}"
        try:
            _checked(service.ciphers or DEFAULT, service.methods)
        except NotAccepted as error:
            yield f"    {error}"
    yield f"  Peer certificate FQDN validation:  {_SWITCH[tls.outbound.require_fqdn]}"
    yield f"  Peer certificate X509 validation:  {_SWITCH[tls.outbound.require_x509]}"


async def gui(session: Session, terminal: Terminal) -> None:
    """Ask for the versions and ciphers of the web interface."""
    await _ask(session, terminal, "gui")


async def inbound(session: Session, terminal: Terminal) -> None:
    """Ask for the versions and ciphers of listeners."""
    await _ask(session, terminal, "inbound")


async def outbound(session: Session, terminal: Terminal) -> None:
    """Ask for the versions and ciphers of delivery."""
    await _ask(session, terminal, "outbound")


async def verify(session: Session, terminal: Terminal) -> None:
    """Show what a cipher string stands for."""

    def shown(answer: str) -> str:
        return "\n".join(_listing(answer))

    listing = await text(terminal, "Enter the ssl cipher you want to verify.", read=shown, hint=_HINT)
    say(terminal, listing)


async def peer_cert_fqdn(session: Session, terminal: Terminal) -> None:
    """Ask whether names in the certificates of others must be full domain names."""
    present = session.staged.tls.outbound.require_fqdn
    question = "Do you want to validate the FQDN compliance of peer certificates?"
    _change(session, "outbound", require_fqdn=await yes_no(terminal, question, default=present))


async def peer_cert_x509(session: Session, terminal: Terminal) -> None:
    """Ask whether the certificates of others must keep to X.509."""
    present = session.staged.tls.outbound.require_x509
    question = "Do you want to validate the X509 compliance of peer certificates?"
    _change(session, "outbound", require_x509=await yes_no(terminal, question, default=present))


async def show_list(session: Session, terminal: Terminal) -> None:
    """`sslconfig list`."""
    say(terminal, "\n".join(state_lines(session)))


async def verify_batch(session: Session, terminal: Terminal, string: str) -> None:
    """`sslconfig verify STRING`."""
    try:
        say(terminal, "\n".join(_listing(string)))
    except NotAccepted as error:
        raise Refused(str(error)) from None


async def gui_batch(session: Session, terminal: Terminal, **options: str) -> None:
    """`sslconfig gui OPTION...`."""
    _set(session, terminal, "gui", **options)


async def inbound_batch(session: Session, terminal: Terminal, **options: str) -> None:
    """`sslconfig inbound OPTION...`."""
    _set(session, terminal, "inbound", **options)


async def outbound_batch(session: Session, terminal: Terminal, **options: str) -> None:
    """`sslconfig outbound OPTION...`."""
    _set(session, terminal, "outbound", **options)


async def _ask(session: Session, terminal: Terminal, direction: Direction) -> None:
    """Ask for methods and ciphers; a string that does not go with the methods is asked for again."""
    present: TlsService = getattr(session.staged.tls, direction)
    chosen = await choose_many(
        terminal,
        [spelled(method) for method in TLS_METHODS],
        [index for index, method in enumerate(TLS_METHODS) if method in present.methods],
        f"Enter the {NAMES[direction]} ssl method you want to use.  Separate multiple choices with commas.",
    )
    methods = [TLS_METHODS[index] for index in chosen]
    string = await text(
        terminal,
        f"Enter the {NAMES[direction]} ssl cipher you want to use.",
        read=lambda answer: _checked(answer, methods),
        default=present.ciphers or DEFAULT,
        hint=_HINT,
    )
    _stage(session, terminal, direction, methods, string)


def _set(
    session: Session, terminal: Terminal, direction: Direction, methods: str | None = None, ciphers: str | None = None
) -> None:
    present: TlsService = getattr(session.staged.tls, direction)
    try:
        chosen = present.methods if methods is None else _read_methods(methods)
        string = _checked(present.ciphers or DEFAULT if ciphers is None else ciphers, chosen)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    _stage(session, terminal, direction, chosen, string)


def _stage(
    session: Session, terminal: Terminal, direction: Direction, methods: Sequence[TlsMethod], string: str
) -> None:
    """Stage what was checked, and say what should be known about it."""
    _change(session, direction, methods=list(methods), ciphers=None if string == DEFAULT else string)
    told = list(about(string, read_ciphers(string), methods))
    if told:
        say(terminal, "\n".join(told))


def _read_methods(typed: str) -> list[TlsMethod]:
    """Return the TLS versions of an option's value, `TLSv1.2,TLSv1.3`; `1.2` and `TLS v1.2` are read too.

    Raises:
        NotAccepted: another word is there.
    """
    known = {method.removeprefix("TLSv"): method for method in TLS_METHODS}
    chosen = set()
    for part in typed.split(","):
        version = re.sub(r"(?i)^\s*(tls)?\s*v?", "", part).strip()
        if version not in known:
            accepted = f"it takes {', '.join(TLS_METHODS)}, separated by commas"
            raise NotAccepted(f"--methods: {quoted(part.strip())} is not accepted; {accepted}.")
        chosen.add(known[version])
    return [method for method in TLS_METHODS if method in chosen]


def _checked(typed: str, methods: Sequence[TlsMethod]) -> str:
    """Return a cipher string that can be used with these methods, without the quotation marks of a publication.

    Raises:
        NotAccepted: it cannot.
    """
    string = _bare(typed)
    try:
        refuse_without_cipher(read_ciphers(string), methods)
    except CipherStringRefused as error:
        raise NotAccepted(str(error)) from None
    return string


def _bare(typed: str) -> str:
    quoted_string = re.fullmatch(r"""(["'])(.*)\1""", typed.strip())
    return (quoted_string[2] if quoted_string else typed).strip()


def _listing(typed: str) -> Iterator[str]:
    """Yield a line for each cipher that a string stands for, as `openssl ciphers -v` prints it, and what is to know.

    Raises:
        NotAccepted: the string is refused.
    """
    string = _bare(typed)
    try:
        found = read_ciphers(string)
    except CipherStringRefused as error:
        raise NotAccepted(str(error)) from None
    yield from _columns(found.ciphers)
    told = list(about(string, found))
    if found.ciphers and told:
        yield ""
    yield from told


def _columns(ciphers: Sequence[Cipher]) -> Iterator[str]:
    rows = [(one.name, one.version, *one.parts) for one in ciphers]
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield " ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=True)).rstrip()


def _change(session: Session, direction: Direction, **changes: object) -> None:
    tls = session.staged.tls
    service: TlsService = getattr(tls, direction)
    session.staged = replace(session.staged, tls=replace(tls, **{direction: replace(service, **changes)}))


_HINT = "An OpenSSL cipher string like ECDHE+AESGCM:DHE+AESGCM, or like DEFAULT."

OPERATIONS = (
    Operation("GUI", "Edit GUI HTTPS ssl settings.", gui),
    Operation("INBOUND", "Edit Inbound SMTP ssl settings.", inbound),
    Operation("OUTBOUND", "Edit Outbound SMTP ssl settings.", outbound),
    Operation("VERIFY", "Verify and show ssl cipher list.", verify),
    Operation("PEER_CERT_FQDN", f"Validate peer certificate FQDN compliance {_FOR_WHOM}.", peer_cert_fqdn),
    Operation("PEER_CERT_X509", f"Validate peer certificate X509 compliance {_FOR_WHOM}.", peer_cert_x509),
)
