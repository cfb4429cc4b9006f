"""The dialog of smtpconfig."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, named, read_number
from commands.dialog import Operation, choose, menu, say, secret, text, yes_no
from commands.terminal import Choice, Terminal
from state.addresses import mail_address
from state.model_relay import (
    RELAY_ENCRYPTIONS,
    RELAY_WORDS,
    SMTPS_PORTS,
    STARTTLS_PORTS,
    SUBMISSION_PORT,
    SmtpRelay,
    other_encryption,
)
from state.network_names import relay_server
from state.rules_relay import IN_THE_CLEAR, NO_NAME_TO_VERIFY, is_address, password_fault, user_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from commands.session import Session
    from state.model_relay import RelayEncryption

NOBODY = "SMTP relay: not configured (alerts go to the recipient's MX)."
ENCRYPTIONS = ("None", "STARTTLS", "SMTPS")
"""In the order of `RELAY_ENCRYPTIONS`."""
NO_USER = "NONE"
TEST_ADDRESS = "Enter the email address to send the test email to:"


async def smtpconfig(session: Session, terminal: Terminal) -> None:
    """Show the relay and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=state_lines)


def state_lines(session: Session) -> Iterator[str]:
    """Yield the state line."""
    relay = session.staged.smtp_relay
    yield NOBODY if relay is None else f"SMTP relay: {relay_text(relay)}, from {relay.from_address}"


def relay_text(relay: SmtpRelay) -> str:
    """Return `relay.example.net:587 (STARTTLS)`; an IPv6 address stands in brackets."""
    host = f"[{relay.server}]" if ":" in relay.server else relay.server
    return f"{host}:{relay.port} ({ENCRYPTIONS[RELAY_ENCRYPTIONS.index(relay.encryption)]})"


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask everything about the relay, each question with its present value."""
    present = session.staged.smtp_relay
    server = await text(
        terminal,
        "Enter the SMTP server:",
        read=read_server,
        default=present.server if present else None,
        hint="A host name like relay.example.net, or an address where nothing is encrypted.",
    )
    port = await _ask_port(terminal, present.port if present else SUBMISSION_PORT)
    from_address = await text(
        terminal,
        "Enter the From Email address:",
        read=read_address,
        default=present.from_address if present else None,
        hint="An e-mail address like alerts@example.com.",
    )
    user = await _ask_user(terminal, server, present.user if present else None)
    password = None
    if user is not None:
        password = present.password if present else None
        typed = await ask_password(terminal, required=password is None)
        password = session.store.vault.seal(typed) if typed else password
    encryption = await _ask_encryption(terminal, server, user, present.encryption if present else "starttls")
    if (other := other_encryption(encryption, port)) is not None:
        question = (
            f"Port {port} is known for {RELAY_WORDS[other]}, not for {RELAY_WORDS[encryption]}. "
            "Do you want to use it all the same?"
        )
        if not await yes_no(terminal, question, default=False):
            port = await _ask_port(terminal, port)
            encryption = await _ask_encryption(terminal, server, user, encryption)
    put(
        session,
        SmtpRelay(
            server=server, port=port, from_address=from_address, user=user, password=password, encryption=encryption
        ),
    )


async def send_test(session: Session, terminal: Terminal) -> None:
    """Ask for an address, and send one mail to it through the relay as it is staged."""
    from commands.smtpconfig.trial import send_test_mail

    if session.staged.smtp_relay is None:
        say(terminal, NOBODY)
        return
    address = await text(
        terminal, TEST_ADDRESS, read=read_address, hint="An e-mail address like ops@example.com; one mail goes there."
    )
    terminal.no_more_words()
    send_test_mail(session, terminal, session.staged.smtp_relay, address)


async def clear(session: Session, terminal: Terminal) -> None:
    """Remove the relay."""
    if session.staged.smtp_relay is None:
        say(terminal, NOBODY)
    else:
        put(session, None)


def put(session: Session, relay: SmtpRelay | None) -> None:
    """Stage a relay, or none."""
    session.staged = replace(session.staged, smtp_relay=relay)


def read_server(typed: str) -> str:
    """Return a server as it is stored.

    Raises:
        NotAccepted: it is none.
    """
    return named(typed, relay_server, "server")


def read_address(typed: str) -> str:
    """Return an e-mail address as it is stored.

    Raises:
        NotAccepted: it is none.
    """
    return named(typed, mail_address, "e-mail address")


def read_user(server: str) -> Callable[[str], str | None]:
    """Return what reads a user name; None for none."""

    def read(typed: str) -> str | None:
        if not typed or typed.upper() == NO_USER:
            return None
        if fault := user_fault(typed):
            raise NotAccepted(f"This is not a valid user name: {fault}.")
        if is_address(server):
            raise NotAccepted(f"AUTH needs encryption: {NO_NAME_TO_VERIFY}. Leave the user name empty.")
        return typed

    return read


async def ask_password(terminal: Terminal, required: bool) -> str:
    """Ask for the password without echo, twice; "" where it is not required and Enter keeps the present one."""

    def read(typed: str) -> str:
        if typed and (fault := password_fault(typed)):
            raise NotAccepted(f"This password cannot be used: {fault}.")
        return typed

    return await secret(terminal, "Enter the Password:", read, twice=True, required=required)


async def _ask_port(terminal: Terminal, default: int) -> int:
    return await text(
        terminal,
        "Enter the port:",
        read=lambda answer: read_number(answer, 1, 65535),
        default=str(default),
        choices=lambda: [
            *(Choice(str(port), "STARTTLS") for port in STARTTLS_PORTS),
            *(Choice(str(port), "SMTPS") for port in SMTPS_PORTS),
        ],
        hint="A whole number from 1 to 65535.",
    )


async def _ask_user(terminal: Terminal, server: str, present: str | None) -> str | None:
    return await text(
        terminal,
        "Enter the User Name:",
        read=read_user(server),
        default=present,
        required=False,
        hint=f"The user name for AUTH; {NO_USER} is none, and Enter takes what is in the brackets.",
    )


async def _ask_encryption(
    terminal: Terminal, server: str, user: str | None, default: RelayEncryption
) -> RelayEncryption:
    """Ask for the encryption; what does not go with server and user name is refused (rule S6)."""

    def check(index: int) -> None:
        if index == 0 and user is not None:
            raise NotAccepted(f"{IN_THE_CLEAR}; choose STARTTLS or SMTPS.")
        if index > 0 and is_address(server):
            raise NotAccepted(f"{NO_NAME_TO_VERIFY[:1].upper()}{NO_NAME_TO_VERIFY[1:]}; choose None.")

    if is_address(server):
        default = "none"
    elif user is not None and default == "none":
        default = "starttls"
    chosen = await choose(
        terminal, ENCRYPTIONS, RELAY_ENCRYPTIONS.index(default), above="Choose the Encryption Type:", check=check
    )
    return RELAY_ENCRYPTIONS[chosen]


OPERATIONS = (
    Operation("SETUP", "Configure the relay.", setup),
    Operation("TEST", "Send a test email through the relay.", send_test),
    Operation("CLEAR", "Remove the relay.", clear),
)
