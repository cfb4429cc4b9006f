"""Rules about DNS servers and SMTP routes; `state.rules` has them in its table."""

from __future__ import annotations

from state.network_names import route_host, routed_domain, served_domain, server_address
from state.stored_form import in_stored_form
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from state.model import Configuration
    from state.model_network import DnsServer, SmtpRoute
    from state.stored_form import Broken, Path


def dns_servers_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """A DNS server has an IP address and is there once; a domain with servers of its own has one at least."""
    dns = configuration.dns
    yield from _servers(("dns", "resolvers"), dns.resolvers)
    for name, domain in dns.domains.items():
        here = ("dns", "domains", name)
        yield from in_stored_form(here, name, served_domain, "domain name")
        if not domain.servers:
            yield (*here, "servers"), "is empty; a domain with servers of its own needs at least one"
        yield from _servers((*here, "servers"), domain.servers)


def _servers(path: Path, servers: Sequence[DnsServer]) -> Iterator[Broken]:
    seen: set[tuple[str, int]] = set()
    for index, server in enumerate(servers):
        here = (*path, index, "address")
        yield from in_stored_form(here, server.address, server_address, "IP address")
        if (server.address, server.port) in seen:
            yield here, f"{quoted(server.address)} port {server.port} is there already"
        seen.add((server.address, server.port))


def smtp_routes_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """A route is for a domain or ALL, and leads to hosts that are there once; only one that leads to hosts has some."""
    for name, route in configuration.smtp_routes.items():
        here = ("smtp_routes", name)
        yield from in_stored_form(here, name, routed_domain, "domain name")
        if reason := hosts_conflict(route):
            yield (*here, "hosts"), reason
        seen: set[tuple[str, int]] = set()
        for index, one in enumerate(route.hosts):
            path = (*here, "hosts", index, "host")
            yield from in_stored_form(path, one.host, route_host, "host")
            if (one.host, one.port) in seen:
                yield path, f"{quoted(one.host)} port {one.port} is there already"
            seen.add((one.host, one.port))


def hosts_conflict(route: SmtpRoute) -> str | None:
    """Return why the hosts of a route do not go with where it leads, or None."""
    if route.to == "hosts" and not route.hosts:
        return 'is empty; name a host, or set to = "dns" or to = "discard"'
    if route.to != "hosts" and route.hosts:
        return f'names hosts, but to is "{route.to}"; remove one of the two'
    return None


NETWORK_RULES: tuple[Callable[[Configuration], Iterable[Broken]], ...] = (
    dns_servers_are_valid,
    smtp_routes_are_valid,
)
