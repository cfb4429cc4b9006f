"""Names and addresses of DNS servers, their domains, and SMTP routes.

Each reader returns the one form in which a value is stored; as in `state.names`, the reason of a refusal is the end of
a sentence.
"""

from __future__ import annotations

import re

from state.model_network import DEFAULT_ROUTE
from state.names import LONGEST_TYPED, InvalidName, destination_domain, dns_domain, host_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


def server_address(text: str) -> str:
    """Return the IP address of a DNS server, IPv6 in the form of RFC 5952.

    Raises:
        InvalidName: it is none, or none that a server can have.
    """
    typed = text.strip()
    if not typed:
        raise InvalidName("there is no address in it")
    if "%" in typed:
        raise InvalidName("a zone (%) is not accepted")
    if re.match(r"\[.*\]", typed):
        raise InvalidName("an address stands here without brackets, like 192.0.2.53 or 2001:db8::53")
    if "/" in typed:
        raise InvalidName("a server has one address; give it without a prefix")
    address = _ip_address(typed)
    if address is None:
        raise InvalidName("it is no IP address; one looks like 192.0.2.53 or 2001:db8::53")
    return _of_a_host(address)


def served_domain(text: str) -> str:
    """Return a domain that has servers of its own: `com`, `partner.example`, `2.0.192.in-addr.arpa`.

    Raises:
        InvalidName: it is none.
    """
    typed = text.strip()
    if typed.startswith((".", "*")):
        raise InvalidName("a server is asked for a domain and all names below it; write it without a dot before it")
    return dns_domain(typed)


def routed_domain(text: str) -> str:
    """Return whose mail a route is for: a domain, all below one (`.example.com`), an address literal, or `ALL`.

    Raises:
        InvalidName: it is none of these.
    """
    return DEFAULT_ROUTE if text.strip().upper() == DEFAULT_ROUTE else destination_domain(text)


def route_host(text: str) -> str:
    """Return a host of a route.

    Args:
        text: a name, whose MX records are asked for first; a name in brackets, `[relay.example.net]`, for its
            addresses alone; an address, which is stored in brackets as a literal of RFC 5321 s4.1.3.

    Raises:
        InvalidName: it is none of these.
    """
    typed = text.strip()
    bracketed = re.fullmatch(r"\[(.*)\]", typed)
    inner = (bracketed[1] if bracketed else typed).strip()
    address = _ip_address(inner[5:] if inner.lower().startswith("ipv6:") else inner)
    if address is not None:
        written = _of_a_host(address)
        return f"[{written}]" if address.version == 4 else f"[IPv6:{written}]"
    if typed.startswith("[") and not bracketed:
        raise InvalidName("its bracket is not closed")
    if bracketed and re.fullmatch("[0-9.]+|.*:.*", inner):
        raise InvalidName("an address in brackets looks like [10.0.0.1] or [IPv6:2001:db8::1]")
    if typed.startswith("."):
        raise InvalidName("it begins with a dot; mail goes to hosts, not to all below a domain")
    name = host_name(inner)
    return f"[{name}]" if bracketed else name


def relay_server(text: str) -> str:
    """Return the server that notifications are handed to: a host name, or an IP address without brackets.

    Raises:
        InvalidName: it is neither.
    """
    typed = text.strip()
    bare = typed[1:-1].removeprefix("IPv6:") if re.fullmatch(r"\[.*\]", typed) else typed
    address = _ip_address(bare)
    return host_name(typed) if address is None else _of_a_host(address)


def literal_address(host: str) -> str | None:
    """Return the address of a host of a route that is written as an address literal; None for a name."""
    inner = host[1:-1].removeprefix("IPv6:") if host.startswith("[") else ""
    return inner if _ip_address(inner) is not None else None


def _ip_address(text: str) -> IPv4Address | IPv6Address | None:
    import ipaddress

    if not text or len(text) > LONGEST_TYPED or "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _of_a_host(address: IPv4Address | IPv6Address) -> str:
    if address.is_unspecified:
        raise InvalidName("it stands for every address; a server has one of its own")
    if address.is_multicast:
        raise InvalidName("it is a multicast address")
    if address.version == 4 and int(address) == 0xFFFFFFFF:
        raise InvalidName("it is the broadcast address of every network")
    if address.version == 6 and address.ipv4_mapped is not None:
        raise InvalidName(f"it stands for an IPv4 address; write {address.ipv4_mapped}")
    return str(address)
