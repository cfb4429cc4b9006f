"""The batch forms of smtpconfig. A password is not taken from the line, where everybody sees it."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.dialog import say
from commands.smtpconfig.menu import NOBODY, put, read_address, read_server, read_user, state_lines
from commands.terminal import Refused, Terminal, Unsuccessful
from state.model_relay import SmtpRelay
from state.rules_relay import encryption_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from commands.session import Session

NOT_TYPED_HERE = (
    "There is no password for a user name yet, and none is taken from the line, where everybody sees it; "
    "smtpconfig -> SETUP asks for it without echo."
)


async def show(session: Session, terminal: Terminal) -> None:
    """`smtpconfig show`."""
    say(terminal, "\n".join(state_lines(session)))


async def setup_batch(session: Session, terminal: Terminal, **options: Any) -> None:
    """`smtpconfig setup OPTION...`."""
    present = session.staged.smtp_relay
    try:
        if "server" in options:
            options["server"] = read_server(options["server"])
        if "from" in options:
            options["from_address"] = read_address(options.pop("from"))
        if present is None:
            if missing := [f"--{name}" for key, name in _NEEDED.items() if key not in options]:
                raise Refused(f"The relay is not configured yet; it needs {' and '.join(missing)} too.")
            present = SmtpRelay(server=options["server"], from_address=options["from_address"])
        if "user" in options:
            options["user"] = read_user(options.get("server", present.server))(options["user"])
    except NotAccepted as error:
        raise Refused(str(error)) from None
    relay = replace(present, **options)
    if relay.user is None:
        relay = replace(relay, password=None)
    elif relay.password is None:
        raise Refused(NOT_TYPED_HERE)
    if fault := encryption_fault(relay.encryption, relay.server, relay.user):
        raise Refused(f'The encryption is "{relay.encryption}", but {fault}.')
    put(session, relay)


async def test_batch(session: Session, terminal: Terminal, address: str) -> None:
    """`smtpconfig test ADDRESS`."""
    from commands.smtpconfig.trial import send_test_mail

    relay = session.staged.smtp_relay
    if relay is None:
        raise Refused(NOBODY)
    try:
        recipient = read_address(address)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    if not send_test_mail(session, terminal, relay, recipient):
        raise Unsuccessful


async def clear_batch(session: Session, terminal: Terminal) -> None:
    """`smtpconfig clear`."""
    if session.staged.smtp_relay is None:
        raise Refused(NOBODY)
    put(session, None)


_NEEDED = {"server": "server", "from_address": "from"}
