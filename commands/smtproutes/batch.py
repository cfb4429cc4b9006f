"""The batch forms of smtproutes: the same changes as in the dialog, without a question."""

from __future__ import annotations

from commands import table_batch
from commands.answers import NotAccepted, named
from commands.dialog import say
from commands.smtproutes.routes import KIND, TABLE, NamedRoute, add
from commands.smtproutes.routes_text import destinations, read_destinations
from commands.terminal import Refused, Terminal
from gateway.routes import route_for
from state.names import destination_domain
from state.network_names import routed_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def new(session: Session, terminal: Terminal, domain: str, hosts: str) -> None:
    """`smtproutes new DOMAIN HOSTS`."""
    try:
        name = named(domain, routed_domain, KIND)
        TABLE.refuse_taken(session, name, None)
        row = NamedRoute(name, read_destinations(hosts))
    except NotAccepted as error:
        raise Refused(str(error)) from None
    add(session, terminal, row)


async def edit(session: Session, terminal: Terminal, domain: str, hosts: str) -> None:
    """`smtproutes edit ROUTE HOSTS`."""
    rows = list(TABLE.rows(session))
    try:
        index = TABLE.index(session, domain)
        rows[index] = NamedRoute(rows[index].domain, read_destinations(hosts))
    except NotAccepted as error:
        raise Refused(str(error)) from None
    TABLE.put(session, rows)


async def delete(session: Session, terminal: Terminal, domain: str) -> None:
    """`smtproutes delete ROUTE`."""
    table_batch.delete(TABLE, session, domain)


async def show(session: Session, terminal: Terminal) -> None:
    """`smtproutes list` and `smtproutes print`."""
    await TABLE.show(session, terminal)


async def decide(session: Session, terminal: Terminal, domain: str) -> None:
    """`smtproutes decide DOMAIN`."""
    try:
        name = named(domain, destination_domain, KIND)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    route = route_for(session.staged, name)
    if route is None:
        say(terminal, f"Mail for {name} goes to where the DNS says.")
    else:
        where = destinations(session.staged.smtp_routes[route.key])
        say(terminal, f"Mail for {name} goes by the route {route.key} to {where}.")


async def import_file(session: Session, terminal: Terminal, file: str) -> None:
    """`smtproutes import FILE`."""
    table_batch.import_file(TABLE, session, terminal, file)


async def export_file(session: Session, terminal: Terminal, file: str) -> None:
    """`smtproutes export FILE`."""
    table_batch.export_file(TABLE, session, terminal, file)


async def clear(session: Session, terminal: Terminal) -> None:
    """`smtproutes clear --yes`."""
    table_batch.clear(TABLE, session)
