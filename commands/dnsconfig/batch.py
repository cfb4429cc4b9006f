"""The batch forms of dnsconfig: the same changes as in the dialog, without a question."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, named
from commands.dialog import say
from commands.dnsconfig.servers import (
    Alternate,
    change,
    find,
    put_alternate,
    put_resolver,
    read_server,
    refuse_taken,
    resolvers,
    state_lines,
)
from commands.terminal import Refused, Terminal
from state.model_network import DnsServer, Resolver
from state.network_names import served_domain
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from commands.session import Session

    Server = TypeVar("Server", bound=DnsServer)

_SWITCHES = {"on": True, "off": False}


async def show_list(session: Session, terminal: Terminal) -> None:
    """`dnsconfig list`."""
    say(terminal, "\n".join(state_lines(session.staged)))


async def new(session: Session, terminal: Terminal, server: str, **options: Any) -> None:
    """`dnsconfig new IP-ADDRESS OPTION...`."""
    try:
        address, port = read_server(server)
        made = _changed(Resolver(address=address, port=port), options)
        refuse_taken(session.staged.dns.resolvers, made.address, made.port)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    put_resolver(session, None, made)


async def new_alternate(session: Session, terminal: Terminal, domain: str, server: str, **options: Any) -> None:
    """`dnsconfig new DNS-DOMAIN IP-ADDRESS OPTION...`."""
    try:
        name = named(domain, served_domain, "domain name")
        address, port = read_server(server)
        made = _changed(DnsServer(address=address, port=port), options)
        served = session.staged.dns.domains.get(name)
        refuse_taken(served.servers if served else (), made.address, made.port)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    put_alternate(session, None, Alternate(name, made))


async def edit(session: Session, terminal: Terminal, server: str, **options: Any) -> None:
    """`dnsconfig edit SERVER OPTION...`."""
    try:
        present = _resolver(session, server)
        changed = _changed(present, options)
        refuse_taken(session.staged.dns.resolvers, changed.address, changed.port, present)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    put_resolver(session, present, changed)


async def edit_alternate(session: Session, terminal: Terminal, domain: str, server: str, **options: Any) -> None:
    """`dnsconfig edit DNS-DOMAIN ALTERNATE OPTION...`."""
    try:
        present = _alternate(session, domain, server)
        changed = _changed(present.server, options)
        others = session.staged.dns.domains[present.domain].servers
        refuse_taken(others, changed.address, changed.port, present.server)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    put_alternate(session, present, Alternate(present.domain, changed))


async def delete(session: Session, terminal: Terminal, server: str) -> None:
    """`dnsconfig delete SERVER`."""
    try:
        present = _resolver(session, server)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    put_resolver(session, present, None)


async def delete_alternate(session: Session, terminal: Terminal, domain: str, server: str) -> None:
    """`dnsconfig delete DNS-DOMAIN ALTERNATE`."""
    try:
        present = _alternate(session, domain, server)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    put_alternate(session, present, None)


async def setup(session: Session, terminal: Terminal, **options: Any) -> None:
    """`dnsconfig setup OPTION...`."""
    if options.pop("servers", None):
        options["resolvers"] = []
    change(session, **options)


def _changed(server: Server, options: dict[str, Any]) -> Server:
    return replace(server, **{name: _SWITCHES.get(value, value) for name, value in options.items()})


def _resolver(session: Session, typed: str) -> Resolver:
    own = resolvers(session.staged)
    return own[find(own, typed)]


def _alternate(session: Session, domain: str, typed: str) -> Alternate:
    """Return a server of a domain, typed as its address or its number among those of the domain.

    Raises:
        NotAccepted: the domain has none, or not this one.
    """
    name = named(domain, served_domain, "domain name")
    served = session.staged.dns.domains.get(name)
    if served is None:
        raise NotAccepted(f"{quoted(name)} has no DNS servers of its own; 'dnsconfig list' shows which have.")
    return Alternate(name, served.servers[find(served.servers, typed)])
