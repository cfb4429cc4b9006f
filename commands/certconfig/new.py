"""NEW: a key, a self-signed certificate and a signing request from the subject that is typed."""

from __future__ import annotations

from commands.answers import NotAccepted, read_new_name
from commands.certconfig import profiles
from commands.certconfig.fqdn import ask_fqdn_check
from commands.dialog import choose, number, text, yes_no
from commands.terminal import Terminal, Volatile
from gateway.keys import RSA_SIZES, generate_ec, generate_rsa
from gateway.loading import read_certificates
from gateway.names import fqdn_fault
from gateway.refusals import CertificateRefused
from gateway.requests import MOST_DAYS, Subject, alternative_names, self_signed, signing_request, subject_value
from state.section import DEMO
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from gateway.loading import PrivateKey

NAME = "Enter a name for this certificate profile:"
QUESTIONS = (
    ("common_name", "Enter Common Name:", "The host name that others connect to, like mail.example.com."),
    ("organization", "Enter Organization:", "A name like Example Mail."),
    ("organizational_unit", "Enter Organizational Unit:", "A part of the organization like Gateways; Enter for none."),
    ("locality", "Enter Locality or City:", "A city like Osaka."),
    ("state", "Enter State or Province:", "A name like Osaka."),
    ("country", "Enter Country (2 letter code):", "Two letters, like JP."),
)
ALGORITHMS = ("sha256WithRSAEncryption", "ecdsa-with-sha256")
CURVES = ("P-256", "P-384")
WEAK = "Warning: a key of 1024 bits is too weak for today's peers; many refuse it."


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for everything, make the key and the certificate, and offer to show the request."""
    current = session.staged.dialogs == "current"
    name = await _name(session, terminal, required=False)
    values: dict[str, str] = {}
    for field, question, hint in QUESTIONS:
        values[field] = await text(
            terminal,
            question,
            lambda answer, field=field: profiles.accepted(lambda: subject_value(field, answer)),  # type: ignore[misc]
            required=field != "organizational_unit",
            hint=hint,
            brackets=False,
        )
        if field == "common_name" and not name:
            name = await _name_from(session, terminal, values[field])
    who = Subject(**values)
    names = await _alternative_names(terminal, who.common_name) if current else _usual_names(who.common_name)
    algorithm = 0
    if current:
        algorithm = await choose(terminal, ALGORITHMS, default=0, above="Choose the signature algorithm:")
    days = await number(terminal, "Duration before expiration (in days):", 1, MOST_DAYS, 3650)
    if ALGORITHMS[algorithm] == "ecdsa-with-sha256":
        curve = await choose(terminal, CURVES, default=0, above="Choose the curve:")
        await _check_names(session, terminal, (who.common_name, *names))
        key: PrivateKey = generate_ec(CURVES[curve])  # type: ignore[arg-type]  # one of the two
    else:
        sizes = RSA_SIZES if current else RSA_SIZES[:2]
        texts = [str(size) for size in sizes]
        bits = sizes[await choose(terminal, texts, default=1, below="Enter size of private key:")]
        if bits < 2048:
            terminal.say("")
            terminal.say(WEAK)
        await _check_names(session, terminal, (who.common_name, *names))
        with terminal.working(f"Making an RSA key of {bits} bits; Ctrl-C cancels it."):
            key = generate_rsa(bits)
    made = self_signed(who, names, key, session.store.now(), days)
    profiles.stage(session, name, read_certificates(made).certificates[0], key)
    if await yes_no(terminal, "Do you want to view the CSR?", default=True):
        terminal.say(Volatile("pem", signing_request(who, names, key).rstrip("\n")))


async def _check_names(session: Session, terminal: Terminal, names: tuple[str, ...]) -> None:
    """Ask for the check, and ask again while it is wanted and a name does not pass (rule V6)."""
    while await ask_fqdn_check(session, terminal):
        faults = [(name, fault) for name in dict.fromkeys(names) if (fault := fqdn_fault(name))]
        if not faults:
            return
        for name, fault in faults:
            terminal.say_error(f"{quoted(name)} is no full domain name: {fault}.")


async def _name(session: Session, terminal: Terminal, required: bool) -> str:
    return await text(
        terminal,
        NAME,
        lambda answer: answer and read_new_name(answer, _taken(session)),
        required=required,
        hint="A name that is not taken yet" + ("." if required else "; Enter takes the common name."),
        brackets=False,
    )


async def _name_from(session: Session, terminal: Terminal, common_name: str) -> str:
    """Return the common name as the profile's; where it can be none, ask for another."""
    try:
        return read_new_name(common_name, _taken(session))
    except NotAccepted as error:
        terminal.say_error(str(error))
        return await _name(session, terminal, required=True)


def _taken(session: Session) -> list[str]:
    return [*session.staged.certificates, DEMO]


async def _alternative_names(terminal: Terminal, common_name: str) -> tuple[str, ...]:
    return await text(
        terminal,
        "Enter Subject Alternative Names (DNS names, separated by commas):",
        lambda answer: profiles.accepted(lambda: alternative_names(answer)) if answer else _usual_names(common_name),
        required=False,
        hint="Host names like mail.example.com, separated by commas; Enter takes the common name.",
        brackets=False,
    )


def _usual_names(common_name: str) -> tuple[str, ...]:
    """Return the common name as the only alternative name, none where it is no host name."""
    try:
        return alternative_names(common_name) if "," not in common_name else ()
    except CertificateRefused:
        return ()
