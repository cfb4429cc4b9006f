"""Addresses that stand in a configuration: of interfaces with their prefix, and of people who get mail.

Each reader returns the one form in which an address is stored; as with names, the reason of a refusal is the end of
a sentence. What an address is, `ipaddress` and `email-validator` decide.
"""

from __future__ import annotations

import re
from functools import lru_cache

from state.names import LABEL, LONGEST_REASON, LONGEST_TYPED, InvalidName, host_name
from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Interface, IPv6Interface

_ATOM = r"[A-Za-z0-9_+-]+"
PLAIN_MAIL_ADDRESS = (
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?=.{{1,253}}\Z)(?:(?!xn--){LABEL}\.)+(?!xn--)(?![0-9]+\Z){LABEL}"
)
"""An address that is stored as it is typed; nearly all are, and no start loads a library for them."""


def ipv4_with_prefix(text: str) -> str:
    """Return the IPv4 address of an interface as it is stored, `192.168.2.1/24`.

    Args:
        text: the address with its prefix or its netmask behind a `/`.

    Raises:
        InvalidName: it is no such address, or none that one host can have.
    """
    import ipaddress

    typed, slash, mask = _bounded(text).partition("/")
    if ":" in typed:
        raise InvalidName("an IPv6 address has a place of its own")
    try:
        address = ipaddress.IPv4Address(typed.strip())
    except ValueError as error:
        raise InvalidName(_reason(error)) from None
    if not slash:
        raise InvalidName("it has no prefix or netmask; it looks like 192.168.2.1/24 or 192.168.2.1/255.255.255.0")
    interface = ipaddress.IPv4Interface((address, prefix(mask)))
    _refuse_no_host(interface, 31)
    if interface.network.prefixlen < 31 and interface.ip == interface.network.broadcast_address:
        raise InvalidName(f"it is the broadcast address of {interface.network}")
    return str(interface)


def ipv4_address(text: str) -> str:
    """Return an IPv4 address without a prefix, where that is asked for by itself.

    Raises:
        InvalidName: it is no such address, or none that one host can have.
    """
    return ipv4_with_prefix(f"{text}/32").partition("/")[0]


def ipv6_with_prefix(text: str) -> str:
    """Return the IPv6 address of an interface as it is stored, `2001:db8::1/64`, in the form of RFC 5952.

    Raises:
        InvalidName: it is no such address, or none that one host can have.
    """
    import ipaddress

    typed, slash, length = _bounded(text).partition("/")
    if "%" in typed:
        raise InvalidName("a zone (%) is not accepted")
    try:
        address = ipaddress.IPv6Address(typed.strip())
    except ValueError as error:
        raise InvalidName(_reason(error)) from None
    if not slash:
        raise InvalidName("it has no prefix; it looks like 2001:db8::1/64")
    if not re.fullmatch("[0-9]{1,3}", length.strip()) or not 1 <= int(length) <= 128:
        raise InvalidName("its prefix is not a whole number from 1 to 128")
    interface = ipaddress.IPv6Interface((address, int(length)))
    _refuse_no_host(interface, 127)
    return str(interface)


def prefix(text: str) -> int:
    """Return the length of an IPv4 prefix that is written as `24`, `255.255.255.0` or `0xffffff00`.

    Raises:
        InvalidName: it is none, or its bits are not all at its beginning.
    """
    import ipaddress

    typed = text.strip().removeprefix("/")
    if re.fullmatch("[0-9]{1,2}", typed):
        length = int(typed)
    else:
        hexadecimal = re.fullmatch("0[xX]([0-9a-fA-F]{8})", typed)
        try:
            mask = int(ipaddress.IPv4Address(int(hexadecimal[1], 16) if hexadecimal else typed))
        except ValueError:
            raise InvalidName("a netmask looks like 24, 255.255.255.0 or 0xffffff00") from None
        length = mask.bit_count()
        if mask != (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF:
            raise InvalidName("the bits of a netmask are all at its beginning, as in 255.255.255.0")
    if not 1 <= length <= 32:
        raise InvalidName("a prefix is a whole number from 1 to 32")
    return length


def mail_address(text: str) -> str:
    """Return an e-mail address as it is stored: what stands before the @ as typed, the domain as A-labels.

    No name is looked up: whether mail arrives there is told by trying.

    Raises:
        InvalidName: it is no address (RFC 5321 s4.1.2, without quoted strings and address literals).
    """
    if re.fullmatch(PLAIN_MAIL_ADDRESS, text):
        return text
    typed = _bounded(text)
    if re.search("[<>]", typed):
        raise InvalidName("give only the address, without a name and < >")
    local, sign, domain = typed.rpartition("@")
    if "@" in local:
        raise InvalidName("it has more than one @; give one address")
    if not sign:
        raise InvalidName("it has no @; it looks like ops@example.com")
    try:
        stored = host_name(domain)
    except InvalidName as error:
        raise InvalidName(f"behind the @, {error}") from None
    from email_validator import EmailNotValidError, validate_email  # 50 ms, and only for what is out of the usual

    try:  # the domain has been judged: names of a lab, as mail.test, are names here
        validate_email(f"{local}@example.com", check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidName(_reason(error)) from None
    return f"{local}@{stored}"


@lru_cache(maxsize=64)
def on_loopback(address: str) -> bool:
    """Tell whether an IP address is one of this machine's loopback (rule D4); what is no address is not."""
    import ipaddress

    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def same_mailbox(one: str, other: str) -> bool:
    """Tell whether two stored addresses are one mailbox; no known server tells capitals apart (RFC 5321 s2.4)."""
    return one.lower() == other.lower()


def _refuse_no_host(interface: IPv4Interface | IPv6Interface, pairs: int) -> None:
    """Refuse an address that no single host has; networks of a prefix from `pairs` on consist of hosts only."""
    if interface.ip.is_unspecified:
        raise InvalidName("it stands for every address; an interface has one of its own")
    if interface.ip.is_multicast:
        raise InvalidName("it is a multicast address")
    if interface.version == 4 and int(interface.ip) == 0xFFFFFFFF:
        raise InvalidName("it is the broadcast address of every network")
    if interface.version == 6 and interface.ip.ipv4_mapped is not None:
        raise InvalidName("it stands for an IPv4 address, which has a place of its own")
    if interface.network.prefixlen < pairs and interface.ip == interface.network.network_address:
        raise InvalidName(f"it is the address of the network {interface.network}, not of a host in it")


def _bounded(text: str) -> str:
    typed = text.strip()
    if not typed:
        raise InvalidName("there is no address in it")
    if len(typed) > LONGEST_TYPED:
        raise InvalidName("it is too long")
    return typed


def _reason(error: ValueError) -> str:
    """Return what a library says as the end of a sentence; the address itself, which it repeats, stands before."""
    said = printable(re.sub(r" in '.*", "", str(error), flags=re.DOTALL)).strip(". ")
    return said[:1].lower() + said[1:LONGEST_REASON] if said else "it does not look like one"
