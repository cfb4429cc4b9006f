"""Where mail for a domain goes and which DNS servers are asked for a name, as what is configured says it.

Pure questions to the configuration: nothing here looks a name up or opens a connection.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from state.addresses import on_loopback
from state.model_network import DEFAULT_ROUTE, DNS_PORT
from state.names import InvalidName, destination_domain
from state.network_names import literal_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from state.model import Configuration
    from state.model_network import DnsServer

LookUp = Literal["mx", "address", "none"]
"""What is asked about a host: its MX records and then their addresses, its addresses alone, nothing of a literal."""


LONGEST_NAME = 253
"""Characters of a name in the DNS; nothing longer is asked about."""


class NextHop(NamedTuple):
    """A host of a route.

    Attributes:
        host: its name, or its IP address without brackets where `look_up` is `none`.
        port: of its SMTP service.
        priority: 0 is the highest; hosts of one priority are alike.
        look_up: what is asked about it.
    """

    host: str
    port: int
    priority: int
    look_up: LookUp

    @property
    def policy_domain(self) -> str | None:
        """The domain whose MTA-STS policy holds (rule M17); None for an address literal, which has none."""
        return None if self.look_up == "none" else self.host


class Route(NamedTuple):
    """The route that decides where mail for a domain goes.

    Attributes:
        key: how it stands in the table: the domain, a partial one, or `ALL`.
        hosts: by priority, then in the order of the table; none where mail is discarded.
        discard: whether mail is taken and thrown away.
    """

    key: str
    hosts: tuple[NextHop, ...]
    discard: bool = False


class Resolver(NamedTuple):
    """A DNS server that is asked.

    Attributes:
        address: IPv4 or IPv6.
        port: of its DNS service.
        trusted: whether its word that it validated an answer counts (rule D4).
        priority: 0 is the highest.
    """

    address: str
    port: int
    trusted: bool
    priority: int = 0


def route_for(configuration: Configuration, domain: str) -> Route | None:
    """Return the route for mail to a domain; None where the DNS says where it goes.

    The domain's own route comes first, then that of the longest partial domain, then ALL; one of them that says so
    leads back to the DNS. The hosts of a route are not looked for in the table again, so that routes make no circle.

    Args:
        configuration: one that keeps to the rules of `state.rules`.
        domain: of a recipient, in any case; of what is no domain only the route ALL can hold.
    """
    table = configuration.smtp_routes
    for key in _route_keys(domain):
        if route := table.get(key):
            if route.to == "dns":
                return None
            hops = (_next_hop(one.host, one.port, one.priority) for one in route.hosts)
            return Route(key, tuple(sorted(hops, key=lambda hop: hop.priority)), route.to == "discard")
    return None


def resolvers_for(configuration: Configuration, name: str, system: Sequence[str] = ()) -> list[Resolver]:
    """Return the servers that are asked about a name, in the order in which they are.

    The longest domain that has servers of its own and is the name or above it decides, else the resolvers by priority,
    else those of the operating system.

    Args:
        configuration: one that keeps to the rules of `state.rules`.
        name: what is asked about, A-labels in any case; of an owner like `_25._tcp.mx.example` the domain counts too.
        system: addresses from /etc/resolv.conf, in its order.
    """
    dns = configuration.dns
    for key in _served_keys(name) if dns.domains else ():
        if domain := dns.domains.get(key):
            return [_resolver(server) for server in domain.servers]
    if not dns.resolvers:
        return [Resolver(address, DNS_PORT, on_loopback(address)) for address in system]
    return [_resolver(server, server.priority) for server in sorted(dns.resolvers, key=lambda one: one.priority)]


def _resolver(server: DnsServer, priority: int = 0) -> Resolver:
    return Resolver(server.address, server.port, server.validates, priority)


def _next_hop(host: str, port: int, priority: int) -> NextHop:
    address = literal_address(host)
    if address is not None:
        return NextHop(address, port, priority, "none")
    if host.startswith("["):
        return NextHop(host[1:-1], port, priority, "address")
    return NextHop(host, port, priority, "mx")


def _route_keys(domain: str) -> Iterator[str]:
    """Yield the keys under which a route for a domain may stand, the most specific one first."""
    try:
        name = destination_domain(domain)
    except InvalidName:
        name = ""
    if name:
        yield name
    dot = -1 if name.startswith("[") else name.find(".", 1)
    while dot >= 0:
        yield name[dot:]
        dot = name.find(".", dot + 1)
    yield DEFAULT_ROUTE


def _served_keys(name: str) -> Iterator[str]:
    """Yield a name and the domains above it, the longest one first."""
    rest = name.lower().removesuffix(".")
    while rest and len(rest) <= LONGEST_NAME:
        yield rest
        rest = rest.partition(".")[2]
