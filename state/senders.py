"""Senders of a sender group: addresses, networks, ranges, host names, all names below a domain, ALL.

A sender stands in the text in one form only: addresses as `ipaddress` writes them, names as A-labels.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from state.names import LABEL, InvalidName, host_name
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

ALL = "ALL"
KINDS = "an address, 10.0.0.0/8, 10.0.0., 10.1.1.10-20, mail.example.com, .example.com or ALL"

_PLAIN_NAME = re.compile(rf"\.?(?:(?!xn--){LABEL}\.)+(?!xn--)(?![0-9-]+\Z){LABEL}")
_PARTIAL = re.compile(r"(?:[0-9]{1,3}\.){1,3}")
_SHORT_RANGE = re.compile(r"((?:[0-9]{1,3}\.){3})([0-9]{1,3})\s*-\s*([0-9]{1,3})")
_DIGITS = re.compile(r"[0-9.]+")


class Span(NamedTuple):
    """Addresses from `first` to `last`, both included, of one IP version."""

    version: int
    first: int
    last: int

    @property
    def bits(self) -> int:
        """The length of an address."""
        return 32 if self.version == 4 else 128


def sender(text: str) -> str:
    """Return a sender in the form in which it is stored.

    Raises:
        InvalidName: it is none; the reason is given.
    """
    text = text.strip()
    if not text:
        raise InvalidName("there is nothing in it")
    if text.upper() == ALL:
        return ALL
    if len(text) > 1024:
        raise InvalidName("it is too long")
    if len(text) <= 253 and _PLAIN_NAME.fullmatch(text):
        return text
    if text.startswith("*."):
        raise InvalidName("all names below a domain are written with a dot and no *, like .example.com")
    if "/" in text or "-" in text or ":" in text or _DIGITS.fullmatch(text):
        found = _stored_span(text)
        if found is not None:
            return found
    if text.startswith("."):
        return _below(text)
    return host_name(text)


def span(stored: str) -> Span | None:
    """Return the addresses that a stored sender means; None for a name and ALL."""
    if stored == ALL or not (stored[0].isdigit() or ":" in stored) or _PLAIN_NAME.fullmatch(stored):
        return None
    if stored.endswith("."):
        parts = stored.count(".")
        low = int(ipaddress.IPv4Address(stored + ".".join("0" * (4 - parts))))
        return Span(4, low, low + (1 << 8 * (4 - parts)) - 1)
    if "/" in stored:
        network = ipaddress.ip_network(stored)
        first = int(network.network_address)
        return Span(network.version, first, first + network.num_addresses - 1)
    begin, dash, end = stored.partition("-")
    first_address = ipaddress.ip_address(begin)
    first = int(first_address)
    if not dash:
        return Span(first_address.version, first, first)
    if end.isdigit():
        return Span(4, first, first & ~0xFF | int(end))
    return Span(first_address.version, first, int(ipaddress.ip_address(end)))


def _below(text: str) -> str:
    """Return a partial host name."""
    name = text[1:]
    if re.fullmatch(LABEL, name.lower()) and not name.isdigit():
        return f".{name.lower()}"
    return "." + host_name(name)


def _stored_span(text: str) -> str | None:
    """Return an address, a network or a range as it is stored; None where the text is meant as a name.

    Raises:
        InvalidName: it begins as one of these and is none.
    """
    if "/" in text:
        return _network(text)
    if _PARTIAL.fullmatch(text):
        if any(int(part) > 255 for part in text.split(".")[:-1]):
            raise InvalidName("a part of an address is from 0 to 255")
        return "".join(f"{int(part)}." for part in text.split(".")[:-1])
    if short := _SHORT_RANGE.fullmatch(text):
        first = _address(short[1] + short[2])
        return _range(first, _address(short[1] + short[3]))
    begin, dash, end = text.partition("-")
    if dash and (":" in text or (_DIGITS.fullmatch(begin.strip()) and _DIGITS.fullmatch(end.strip()))):
        return _range(_address(begin.strip()), _address(end.strip()))
    if _DIGITS.fullmatch(text) and text.count(".") < 3:
        raise InvalidName(f"the beginning of an address ends with a dot: {quoted(text.rstrip('.') + '.')}")
    if ":" in text or _DIGITS.fullmatch(text):
        return str(_address(text))
    return None


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=True))
    except ValueError:
        pass
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InvalidName("a network looks like 10.0.0.0/8 or 2001:db8::/32") from None
    raise InvalidName(f"it has bits behind its prefix; the network is {network}")


def _range(first: Address, last: Address) -> str:
    if first.version != last.version:
        raise InvalidName("both ends of a range are IPv4 or both are IPv6")
    if int(first) > int(last):
        raise InvalidName("the first address of a range is not greater than the last")
    if first.version == 4 and int(first) >> 8 == int(last) >> 8:
        return f"{first}-{int(last) & 0xFF}"
    return f"{first}-{last}"


def _address(text: str) -> Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise InvalidName(f"{quoted(text)} is no IP address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        raise InvalidName("an address has no zone here")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
