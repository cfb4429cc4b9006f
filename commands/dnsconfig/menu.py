"""The dialog of dnsconfig."""

from __future__ import annotations

from commands.answers import NotAccepted, named
from commands.dialog import Operation, choose, menu, number, say, text, yes_no
from commands.dnsconfig.servers import (
    Alternate,
    alternate_lines,
    alternates,
    change,
    find,
    key,
    put_alternate,
    put_resolver,
    read_server,
    refuse_taken,
    resolver_lines,
    resolvers,
    state_lines,
)
from commands.terminal import Choice, Terminal
from state.addresses import on_loopback
from state.model_network import (
    LONGEST_MINIMUM_TTL,
    LONGEST_REVERSE_TIMEOUT,
    LOWEST_DNS_PRIORITY,
    DnsServer,
    Resolver,
)
from state.network_names import served_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from commands.session import Session

ADDRESSES = "Please enter the IP address of your DNS server.\nSeparate multiple IPs with commas."
ADDRESS = "Please enter the IP address of your DNS server."
DOMAIN = 'Please enter the domain this server is authoritative for. (Ex: "com").'
PRIORITY = "Please enter the priority for {}.\nA value of 0 has the highest priority."
ROOT_OR_OWN = (
    "Do you want the Gateway to use the Internet's root DNS servers or would you like it to use your own DNS servers?"
)
NO_ROOT = (
    "This system does not ask root DNS servers itself: without servers of its own it uses those of the operating\n"
    "system (/etc/resolv.conf)."
)
NONE = "There are no DNS servers configured; NEW adds one."


async def dnsconfig(session: Session, terminal: Terminal) -> None:
    """Show the servers and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=lambda session: state_lines(session.staged))


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for servers of one kind."""
    if await _is_local(terminal, "add", new=True):
        await _new_resolvers(session, terminal)
        return
    domain = await _ask_domain(terminal, None)
    for address, port in await _ask_addresses(terminal, _servers_of(session, domain)):
        server = DnsServer(address=address, port=port)
        server = DnsServer(address=address, port=port, trusted=await _ask_trusted(session, terminal, server))
        put_alternate(session, None, Alternate(domain, server))


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask everything about a server again, each question with its present value; another address is not trusted yet."""
    found = await _choose(session, terminal, "edit")
    if isinstance(found, Alternate):
        domain = await _ask_domain(terminal, found.domain)
        address, port = await _ask_address(terminal, _servers_of(session, domain), found.server)
        server = DnsServer(address=address, port=port, trusted=found.server.trusted and address == found.server.address)
        server = DnsServer(address=address, port=port, trusted=await _ask_trusted(session, terminal, server))
        put_alternate(session, found, Alternate(domain, server))
    elif found is not None:
        address, port = await _ask_address(terminal, session.staged.dns.resolvers, found)
        trusted = found.trusted and address == found.address
        changed = Resolver(address=address, port=port, trusted=trusted, priority=found.priority)
        put_resolver(session, found, await _ask_rest(session, terminal, changed))


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove a server."""
    found = await _choose(session, terminal, "delete")
    if isinstance(found, Alternate):
        put_alternate(session, found, None)
    elif found is not None:
        put_resolver(session, found, None)


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask whose servers are used, and how long answers are waited for and kept."""
    dns = session.staged.dns
    chosen = await choose(
        terminal,
        ("Use Internet root DNS servers", "Use own DNS cache servers"),
        default=1 if dns.resolvers else 0,
        above=ROOT_OR_OWN,
    )
    if chosen == 0:
        say(terminal, NO_ROOT)
        change(session, resolvers=[])
    elif not dns.resolvers:
        await _new_resolvers(session, terminal)
    timeout = await number(
        terminal,
        "Enter the number of seconds to wait before timing out reverse DNS lookups.",
        1,
        LONGEST_REVERSE_TIMEOUT,
        dns.reverse_timeout,
    )
    ttl = await number(
        terminal, "Enter the minimum TTL in seconds for DNS cache.", 0, LONGEST_MINIMUM_TTL, dns.minimum_ttl
    )
    change(session, reverse_timeout=timeout, minimum_ttl=ttl)


async def _new_resolvers(session: Session, terminal: Terminal) -> None:
    for address, port in await _ask_addresses(terminal, session.staged.dns.resolvers):
        put_resolver(session, None, await _ask_rest(session, terminal, Resolver(address=address, port=port)))


async def _ask_rest(session: Session, terminal: Terminal, server: Resolver) -> Resolver:
    """Ask the priority of a local server, and whether it is trusted."""
    priority = await number(terminal, PRIORITY.format(key(server)), 0, LOWEST_DNS_PRIORITY, server.priority)
    trusted = await _ask_trusted(session, terminal, server)
    return Resolver(address=server.address, port=server.port, trusted=trusted, priority=priority)


async def _ask_trusted(session: Session, terminal: Terminal, server: DnsServer) -> bool:
    """Ask whether a server is trusted (rule D4); one on loopback is, and older dialogs do not ask."""
    if on_loopback(server.address) or session.staged.dialogs == "classic":
        return server.trusted
    return await yes_no(terminal, f"Do you trust {key(server)} to validate DNSSEC?", default=server.trusted)


async def _ask_addresses(terminal: Terminal, taken: Sequence[DnsServer]) -> list[tuple[str, int]]:
    """Ask for the addresses of new servers, each perhaps with its port."""

    def read(answer: str) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for part in answer.split(","):
            address, port = read_server(part.strip())
            refuse_taken(taken, address, port)
            if (address, port) in found:
                raise NotAccepted(f"{key(DnsServer(address=address, port=port))} is named twice.")
            found.append((address, port))
        return found

    return await text(
        terminal,
        ADDRESSES,
        read,
        hint="An IP address like 192.0.2.53, with a port like 127.0.0.1:5353, or several like 192.0.2.5,192.0.2.6.",
    )


async def _ask_address(terminal: Terminal, others: Sequence[DnsServer], present: DnsServer) -> tuple[str, int]:
    """Ask for the address of a server that is there; `others` are those beside which it stands."""

    def read(answer: str) -> tuple[str, int]:
        address, port = read_server(answer)
        refuse_taken(others, address, port, present)
        return address, port

    return await text(
        terminal,
        ADDRESS,
        read,
        default=key(present),
        hint="An IP address like 192.0.2.53, or with a port like 127.0.0.1:5353.",
    )


async def _ask_domain(terminal: Terminal, present: str | None) -> str:
    return await text(
        terminal,
        DOMAIN,
        lambda answer: named(answer, served_domain, "domain name"),
        default=present,
        hint="A domain like com, or like partner.example.",
    )


def _servers_of(session: Session, domain: str) -> list[DnsServer]:
    served = session.staged.dns.domains.get(domain)
    return served.servers if served else []


async def _is_local(terminal: Terminal, verb: str, new: bool = False) -> bool:
    """Ask which kind of server is meant; True for a local one."""
    local, alternate = ("a new local", "a new alternate") if new else ("a local", "an alternate")
    chosen = await choose(
        terminal,
        (f"{verb.capitalize()} {local} DNS cache server.", f"{verb.capitalize()} {alternate} domain server."),
        default=0,
        above=f"Do you want to {verb} {local} DNS cache server or an alternate domain server?",
    )
    return chosen == 0


async def _choose(session: Session, terminal: Terminal, verb: str) -> Resolver | Alternate | None:
    """Ask for a server; None, and said so, where there is none."""
    own, others = resolvers(session.staged), alternates(session.staged)
    if not own and not others:
        say(terminal, NONE)
        return None
    if own and (not others or await _is_local(terminal, verb)):
        return own[await _ask_which(terminal, verb, own, resolver_lines(session.staged))]
    servers = [one.server for one in others]
    return others[await _ask_which(terminal, verb, servers, alternate_lines(session.staged))]


async def _ask_which(terminal: Terminal, verb: str, servers: Sequence[DnsServer], lines: Iterable[str]) -> int:
    return await text(
        terminal,
        "\n".join((*lines, "", f"Enter the number of the server you wish to {verb}.")),
        lambda answer: find(servers, answer),
        choices=lambda: [Choice(key(one)) for one in servers],
        hint="A number of the list, or the address.",
    )


OPERATIONS = (
    Operation("NEW", "Add a new server.", new),
    Operation("EDIT", "Edit a server.", edit),
    Operation("DELETE", "Remove a server.", delete),
    Operation("SETUP", "Configure general settings.", setup),
)
