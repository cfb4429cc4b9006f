"""The table of SMTP routes and its dialog."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from commands.answers import NotAccepted, named
from commands.dialog import say, text
from commands.smtproutes.routes_text import EXAMPLE, destinations, read_destinations
from commands.table_dialog import Table
from commands.terminal import Terminal
from state.model_network import DEFAULT_ROUTE, SmtpRoute
from state.names import InvalidName
from state.network_names import routed_domain
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.session import Session

KIND = "domain name"
WHOSE_MAIL = (
    "Enter the domain for which you want to set up a permanent relay.\n"
    "Partial domains such as .example.com are allowed.\n"
    'Use "ALL" for the default route.'
)
WHERE_TO = (
    "Enter the destination hosts, separated by commas, which you want mail\n"
    "for {} to be delivered.\n"
    "Enter USEDNS by itself to use normal DNS resolution for this route.\n"
    "Enter /dev/null by itself if you wish to discard the mail.\n"
    "Enclose in square brackets to force resolution via address (A)\n"
    "records, ignoring any MX records."
)


class NamedRoute(NamedTuple):
    """A row: a route under the domain that it is for."""

    domain: str
    route: SmtpRoute


class SmtpRoutes(Table[NamedRoute]):
    """Rows like `partner.example relay.example.net`; the most specific one decides, ALL is the last."""

    noun, plural, unique = "route", "routes", "domain"
    sentences = MappingProxyType(
        {
            "NEW": "Create a new route.",
            "EDIT": "Edit the destination of an existing route.",
            "DELETE": "Remove a route.",
            "PRINT": "Display all routes.",
            "IMPORT": "Import new routes from a file.",
            "EXPORT": "Export all routes to a file.",
            "CLEAR": "Remove all routes.",
        }
    )
    clearing = "Are you sure you want to delete all of the configured routes?"

    def rows(self, session: Session, *about: str) -> Sequence[NamedRoute]:
        """Return the routes, ALL last."""
        routes = session.staged.smtp_routes
        others = [NamedRoute(name, route) for name, route in routes.items() if name != DEFAULT_ROUTE]
        default = routes.get(DEFAULT_ROUTE)
        return others if default is None else [*others, NamedRoute(DEFAULT_ROUTE, default)]

    def put(self, session: Session, rows: Sequence[NamedRoute], *about: str) -> None:
        """Stage the routes."""
        session.staged = replace(session.staged, smtp_routes={row.domain: row.route for row in rows})

    def name(self, row: NamedRoute) -> str:
        """Return the domain."""
        return row.domain

    def state(self, session: Session, *about: str) -> list[str]:
        """Return how many routes there are."""
        return [f"There are currently {len(session.staged.smtp_routes) or 'no'} routes configured."]

    async def new(self, session: Session, terminal: Terminal, *about: str) -> None:
        """Ask for a domain and where its mail goes, and say what was made."""
        add(session, terminal, await self.ask(session, terminal, None))

    async def ask(self, session: Session, terminal: Terminal, present: NamedRoute | None, *about: str) -> NamedRoute:
        """Ask for the domain and the hosts."""

        def read(answer: str) -> str:
            name = named(answer, routed_domain, KIND)
            self.refuse_taken(session, name, present)
            return name

        domain = await text(
            terminal,
            WHOSE_MAIL,
            read,
            default=present.domain if present else None,
            hint="A domain like example.com, all below one like .example.com, or ALL.",
        )
        route = await text(
            terminal,
            WHERE_TO.format(domain),
            read_destinations,
            default=destinations(present.route) if present else None,
            hint="Hosts like relay.example.com or like backup.example.com:2525/pri=10 (0 is the highest priority), an "
            "address like [10.0.0.1], or a word like USEDNS or like /dev/null.",
        )
        return NamedRoute(domain, route)

    def line(self, row: NamedRoute) -> str:
        """Return `partner.example relay.example.net`."""
        return f"{row.domain} {destinations(row.route)}"

    def read_line(self, session: Session, line: str, *about: str) -> NamedRoute:
        """Return the row of a line."""
        words = line.split(maxsplit=1)
        if len(words) != 2:
            raise NotAccepted(f"{quoted(line)} is not a route; one looks like {EXAMPLE}.")
        return NamedRoute(named(words[0], routed_domain, KIND), read_destinations(words[1]))

    def typed_name(self, typed: str) -> str:
        """Return the domain as it is stored."""
        try:
            return routed_domain(typed)
        except InvalidName:
            return typed


TABLE = SmtpRoutes()
OPERATIONS = TABLE.operations()


async def smtproutes(session: Session, terminal: Terminal) -> None:
    """Show how many routes there are and the operations, until Enter leaves."""
    await TABLE.dialog(session, terminal)


def add(session: Session, terminal: Terminal, row: NamedRoute) -> None:
    """Stage a new route and say so."""
    TABLE.put(session, [*TABLE.rows(session), row])
    say(terminal, f"Mapping for {row.domain} to {destinations(row.route)} created.")
