"""Patterns of e-mail addresses that tables of a listener hold; whole addresses are read by `state.addresses`.

Domains are those of `state.names`: A-labels in lower case (rule V5). What stands before the @ is kept as it was
typed (RFC 5321 s2.4: only its own host may say that case means nothing).
"""

from __future__ import annotations

import re

from state.names import InvalidName, destination_domain, host_name
from state.wording import quoted

ALL = "ALL"
"""The row of a Recipient Access Table that stands for everybody else."""

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = rf'(?:{ATOM}(?:\.{ATOM})*|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*")'
"""What may stand before the @ (RFC 5321 s4.1.2, Local-part): words with dots between them, or a quoted string."""

LONGEST_LOCAL = 64
"""Octets before the @ (RFC 5321 s4.5.3.1.1)."""

LONGEST_ADDRESS = 254
"""Octets of an address (RFC 5321 s4.5.3.1.3: a path of 256 holds its angle brackets)."""


def recipient(text: str) -> str:
    """Return the recipients of a row of the Recipient Access Table in the form in which they are stored.

    Args:
        text: `ops@example.com`, `ops@` (at any domain), `example.com`, `.example.com` (all below it), `[10.0.0.1]`
            or `ALL`.

    Raises:
        InvalidName: it is none of these.
    """
    text = text.strip()
    if text.upper() == ALL:
        return ALL
    if "@" not in text:
        return destination_domain(text)
    local, domain = _divided(text)
    if not local:
        raise InvalidName("there is nothing before the @; a whole domain is written without it, like example.com")
    return _checked(_local(local), _mail_domain(domain) if domain else "")


def masqueraded(text: str) -> str:
    """Return the senders of a row of the Domain Masquerading Table in the form in which they are stored.

    Args:
        text: `ops@example.com`, `@example.com`, or `@.example.com` (all below it).

    Raises:
        InvalidName: it is none of these.
    """
    local, domain = _divided(text)
    if not domain:
        raise InvalidName("there is no domain behind the @")
    if domain.startswith(".") and local:
        raise InvalidName("a domain with a dot before it stands alone, like @.example.com")
    name = destination_domain(domain) if domain.startswith(".") else _mail_domain(domain)
    return _checked(_local(local) if local else "", name)


def masquerade(text: str) -> str:
    """Return what a masqueraded sender becomes: `ops@example.com` or `@example.com`.

    Raises:
        InvalidName: it is neither.
    """
    stored = masqueraded(text)
    if stored.startswith("@."):
        raise InvalidName("a sender gets one domain; write it without a dot before it, like @example.com")
    return stored


def mapped_domain(text: str) -> str:
    """Return the domain of a row of the domain map: `example.com`, or `.example.com` (all below it).

    Raises:
        InvalidName: it is neither.
    """
    name = destination_domain(text)
    if name.startswith("["):
        raise InvalidName("an address is not mapped; give a domain like example.com")
    return name


def _divided(text: str) -> tuple[str, str]:
    """Return what stands before and behind the last @."""
    text = text.strip()
    if len(text) > 4 * LONGEST_ADDRESS:
        raise InvalidName(f"it is longer than {LONGEST_ADDRESS} characters")
    local, at, domain = text.rpartition("@")
    if not at:
        raise InvalidName("it has no @")
    return local, domain


def _local(text: str) -> str:
    if len(text.encode(errors="replace")) > LONGEST_LOCAL:
        raise InvalidName(f"there are more than {LONGEST_LOCAL} characters before the @")
    if re.fullmatch(LOCAL, text):
        return f'"{text}"' if text.startswith("#") else text  # else its line in a file would be a comment
    if not text.isascii():
        raise InvalidName("letters beyond ASCII before the @ need SMTPUTF8, which this system does not offer")
    if text.startswith(".") or text.endswith(".") or ".." in text:
        raise InvalidName("before the @ there is a dot at the beginning or end, or two in a row")
    wrong = next((one for one in text if not re.fullmatch(rf"{ATOM}|\.", one)), text)
    raise InvalidName(f"{quoted(wrong)} is not allowed before the @")


def _mail_domain(text: str) -> str:
    if text.startswith("."):
        raise InvalidName("the domain behind the @ begins with a dot")
    return destination_domain(text) if text.startswith("[") else host_name(text)


def _checked(local: str, domain: str) -> str:
    address = f"{local}@{domain}"
    if len(address) > LONGEST_ADDRESS:
        raise InvalidName(f"it is longer than {LONGEST_ADDRESS} characters")
    return address
