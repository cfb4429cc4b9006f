"""The DNS servers that are staged: how one is named and shown, found again, added and removed.

A server is named by its address, with its port behind it where that is not 53: `127.0.0.1:5353`,
`[2001:db8::53]:5353`. A local one is asked about everything, one of a domain about that domain and what is below it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec.structs import replace

from commands.answers import NotAccepted, name_or_number, named, read_number
from state.model_network import DNS_PORT, DnsServer, Resolver, ServedDomain
from state.network_names import server_address
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from commands.session import Session
    from state.model import Configuration

KIND = "IP address"
OF_THE_SYSTEM = "Currently using the DNS servers of the operating system (/etc/resolv.conf)."
LOCAL = "Currently using the local DNS cache servers:"
NO_ALTERNATES = "No alternate authoritative servers configured."
ALTERNATES = "Alternate authoritative DNS servers:"
TRUSTED = " (trusted to validate DNSSEC)"


class Alternate(NamedTuple):
    """A server of one domain."""

    domain: str
    server: DnsServer


def resolvers(configuration: Configuration) -> list[Resolver]:
    """Return the local servers in the order in which they are asked."""
    return sorted(configuration.dns.resolvers, key=lambda one: one.priority)


def alternates(configuration: Configuration) -> list[Alternate]:
    """Return the servers of domains, in the order of the text."""
    domains = configuration.dns.domains.items()
    return [Alternate(name, server) for name, domain in domains for server in domain.servers]


def key(server: DnsServer) -> str:
    """Return what a server is named by."""
    if server.port == DNS_PORT:
        return server.address
    return f"[{server.address}]:{server.port}" if ":" in server.address else f"{server.address}:{server.port}"


def state_lines(configuration: Configuration) -> Iterator[str]:
    """Yield both lists, each with its numbers."""
    yield from resolver_lines(configuration) if configuration.dns.resolvers else (OF_THE_SYSTEM,)
    yield ""
    yield from alternate_lines(configuration) if configuration.dns.domains else (NO_ALTERNATES,)


def resolver_lines(configuration: Configuration) -> Iterator[str]:
    """Yield the local servers under their head."""
    yield LOCAL
    for number, one in enumerate(resolvers(configuration), 1):
        yield f"{number}. Priority: {one.priority}  {key(one)}{TRUSTED if one.validates else ''}"


def alternate_lines(configuration: Configuration) -> Iterator[str]:
    """Yield the servers of domains under their head."""
    yield ALTERNATES
    for number, (domain, server) in enumerate(alternates(configuration), 1):
        yield f"{number}. {domain}: {key(server)}{TRUSTED if server.validates else ''}"


def read_server(typed: str) -> tuple[str, int]:
    """Return address and port of a server that was typed as `192.0.2.53`, `127.0.0.1:5353` or `[2001:db8::53]:5353`.

    Raises:
        NotAccepted: it is none.
    """
    found = re.fullmatch(r"\[([^\]]*)\](?::(.*))?|([^:\[\]]*)(?::([^:]*))?", typed.strip())
    if found is None:
        return named(typed, server_address, KIND), DNS_PORT
    port = found[2] if found[1] is not None else found[4]
    if port is None and found[1] is None:
        return named(typed, server_address, KIND), DNS_PORT
    address = named(found[1] if found[1] is not None else found[3], server_address, KIND)
    try:
        return address, DNS_PORT if port is None else read_number(port, 1, 65535)
    except NotAccepted:
        raise NotAccepted(f"{quoted(typed)}: its port is not a whole number from 1 to 65535.") from None


def refuse_taken(servers: Iterable[DnsServer], address: str, port: int, present: DnsServer | None = None) -> None:
    """Refuse a server that is there.

    Raises:
        NotAccepted: another one than `present` has the address and the port.
    """
    for one in servers:
        if one is not present and (one.address, one.port) == (address, port):
            raise NotAccepted(f"The DNS server {key(one)} is there already; EDIT changes it.")


def find(servers: Sequence[DnsServer], typed: str) -> int:
    """Return the index of a server, typed as its number in the list or by what it is named.

    Raises:
        NotAccepted: there is no such server.
    """
    names = [key(one) for one in servers]
    index = name_or_number(typed, names)
    if index is None:
        try:
            address, port = read_server(typed)
        except NotAccepted:
            address, port = "", 0
        same = [place for place, one in enumerate(servers) if (one.address, one.port) == (address, port)]
        index = same[0] if same else None
    if index is None:
        there = "is" if len(names) == 1 else "are"
        shown = names[:5] if len(names) <= 5 else [*names[:5], f"{len(names) - 5} more"]
        raise NotAccepted(f"There is no DNS server {quoted(typed)}; there {there} {listed(shown, 'and') or 'none'}.")
    return index


def put_resolver(session: Session, present: Resolver | None, server: Resolver | None) -> None:
    """Stage a local server in place of `present`; as the last one where that is None, removed where `server` is."""
    before = session.staged.dns.resolvers
    if present is None:
        after = [*before, *([server] if server else [])]
    else:
        after = [new for one in before if (new := server if one is present else one) is not None]
    change(session, resolvers=after)


def put_alternate(session: Session, present: Alternate | None, alternate: Alternate | None) -> None:
    """Stage a server of a domain likewise; a domain without servers goes."""
    domains = {name: list(domain.servers) for name, domain in session.staged.dns.domains.items()}
    if present and alternate and present.domain == alternate.domain:
        servers = domains[present.domain]
        domains[present.domain] = [alternate.server if one is present.server else one for one in servers]
    else:
        if present:
            domains[present.domain] = [one for one in domains[present.domain] if one is not present.server]
        if alternate:
            domains.setdefault(alternate.domain, []).append(alternate.server)
    change(session, domains={name: ServedDomain(servers=servers) for name, servers in domains.items() if servers})


def change(session: Session, **changes: object) -> None:
    """Stage other values of `dns`."""
    session.staged = replace(session.staged, dns=replace(session.staged.dns, **changes))
