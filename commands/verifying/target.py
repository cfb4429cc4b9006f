"""What a verifying command is told to look at: a domain, and a host with a port."""

from __future__ import annotations

from typing import NamedTuple

from commands.answers import NotAccepted, named
from commands.dialog import text
from commands.terminal import Refused
from gateway.host_probe import as_address
from state.model_network import SMTP_PORT
from state.names import dns_domain
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from commands.terminal import Terminal

    T = TypeVar("T")

HOST_QUESTION = (
    "Enter the destination host to connect to.  Append the port (example.com:26) if you are not connecting on port 25:"
)


class Target(NamedTuple):
    """A host, by name or by address without brackets, and its port."""

    host: str
    port: int = SMTP_PORT


def read_domain(typed: str) -> str:
    """Return a domain as it is looked up.

    Raises:
        NotAccepted: it is none.
    """
    return named(typed, dns_domain, "domain name")


def read_target(typed: str) -> Target:
    """Return a host with its port: `mx1.partner.example`, `mx1.partner.example:26`, `192.0.2.10`, `[2001:db8::1]:26`.

    Raises:
        NotAccepted: it is none.
    """
    host, port = _split(typed)
    if (address := as_address(host)) is not None:
        return Target(address, port)
    return Target(named(host, dns_domain, "host name"), port)


def typed_in_line(read: Callable[[str], T], typed: str) -> T:
    """Return what a reader makes of a word of a batch line.

    Raises:
        Refused: it is not accepted.
    """
    try:
        return read(typed)
    except NotAccepted as error:
        raise Refused(str(error)) from None


async def ask_domain(terminal: Terminal, question: str) -> str:
    """Ask for a domain."""
    return await text(terminal, question, read=read_domain, hint="A domain like partner.example.")


async def ask_target(terminal: Terminal, domain: str) -> Target:
    """Ask for the host of a domain."""
    hint = "A host name or address, with a port behind a colon if it is not 25."
    return await text(terminal, HOST_QUESTION, read=read_target, default=domain, hint=hint)


def _split(typed: str) -> tuple[str, int]:
    text = typed.strip()
    if as_address(text) is not None:
        return text, SMTP_PORT
    host, colon, number = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text, SMTP_PORT
    if not (number.isascii() and number.isdigit() and len(number) <= 5 and 1 <= int(number) <= 65535):
        raise NotAccepted(f"{quoted(typed)}: its port is not a whole number from 1 to 65535.")
    return host, int(number)
