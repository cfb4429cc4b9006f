"""Rules about the relay of notifications; `state.rules` has them in its table. No sentence holds the password."""

from __future__ import annotations

import re

from state.addresses import mail_address
from state.network_names import relay_server
from state.secrets import is_clear
from state.stored_form import in_stored_form
from state.wording import CONTROL, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from state.model import Configuration
    from state.model_relay import RelayEncryption
    from state.stored_form import Broken

LONGEST_USER = 255
LONGEST_PASSWORD = 255
"""Characters; RFC 4616 s2 has servers take no more than 255 octets of each."""

IN_THE_CLEAR = "AUTH without encryption is refused"
NO_NAME_TO_VERIFY = "a certificate is verified against a host name, and the server is an address"


def relay_is_valid(configuration: Configuration) -> Iterator[Broken]:
    """A relay has a server, a sender, and a user name only together with a password."""
    relay = configuration.smtp_relay
    if relay is None:
        return
    here = ("smtp_relay",)
    yield from in_stored_form((*here, "server"), relay.server, relay_server, "server")
    yield from in_stored_form((*here, "from_address"), relay.from_address, mail_address, "e-mail address")
    if relay.user is not None and (fault := user_fault(relay.user)):
        yield (*here, "user"), f"{quoted(relay.user)} is not a valid user name: {fault}"
    if relay.password is not None and is_clear(relay.password) and (fault := password_fault(relay.password)):
        yield (*here, "password"), f"is not a valid password: {fault}"
    if relay.user is not None and relay.password is None:
        yield (*here, "user"), "has no password beside it; set password, or remove the user name"
    if relay.password is not None and relay.user is None:
        yield (*here, "password"), "has no user name beside it; set user, or remove the password"


def relay_authenticates_under_tls(configuration: Configuration) -> Iterator[Broken]:
    """S6: AUTH is never in the clear, and the certificate is verified against the host name that was typed."""
    relay = configuration.smtp_relay
    if relay is not None and (fault := encryption_fault(relay.encryption, relay.server, relay.user)):
        yield ("smtp_relay", "encryption"), f'is "{relay.encryption}", but {fault}'


def encryption_fault(encryption: RelayEncryption, server: str, user: str | None) -> str | None:
    """Return why an encryption does not go with a server and a user name, or None."""
    if encryption == "none" and user is not None:
        return f'there is a user name, and {IN_THE_CLEAR}: use "starttls" or "smtps", or remove user and password'
    if encryption != "none" and is_address(server):
        return f'{NO_NAME_TO_VERIFY}: give it by its name, or use "none"'
    return None


def is_address(server: str) -> bool:
    """Tell whether a server in its stored form is an address: no host name ends with a number or has a colon."""
    return ":" in server or server.rpartition(".")[2].isdigit()


def user_fault(user: str) -> str | None:
    """Return why a user name cannot be sent, or None."""
    if not user.strip() or user != user.strip():
        return "it is empty, or begins or ends with a blank"
    return _fault(user, LONGEST_USER)


def password_fault(password: str) -> str | None:
    """Return why a password cannot be sent, or None; no part of it is in the sentence."""
    return _fault(password, LONGEST_PASSWORD) if password else "it is empty"


def _fault(text: str, longest: int) -> str | None:
    if re.search(CONTROL, text):
        return "control characters are not accepted"
    if len(text.encode()) > longest:
        return f"it has more than {longest} octets"
    return None


RELAY_RULES: tuple[Callable[[Configuration], Iterable[Broken]], ...] = (relay_is_valid, relay_authenticates_under_tls)
