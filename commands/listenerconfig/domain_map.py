"""DOMAINMAP: the domain map, which sends the mail of one domain's recipients to another domain."""

from __future__ import annotations

from commands.answers import named
from commands.dialog import text
from commands.listenerconfig.listener_table import ListenerTable, two_words
from commands.terminal import Terminal
from state.mail_patterns import mapped_domain
from state.model_listeners import DomainMapRow
from state.names import InvalidName, host_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

KIND = "domain name"


class DomainMap(ListenerTable[DomainMapRow]):
    """Rows like `a.example b.example`; the most specific one decides."""

    field = "domain_map"
    noun, plural, unique = "domain mapping", "domain mappings", "domain"

    def name(self, row: DomainMapRow) -> str:
        """Return the domain that is mapped."""
        return row.domain

    async def ask(
        self, session: Session, terminal: Terminal, present: DomainMapRow | None, *about: str
    ) -> DomainMapRow:
        """Ask which domain is mapped, and to which."""

        def read(answer: str) -> str:
            domain = named(answer, mapped_domain, KIND)
            self.refuse_taken(session, domain, present, *about)
            return domain

        domain = await text(
            terminal,
            "Enter the original domain for this entry.",
            read,
            default=present.domain if present else None,
            hint="A domain like example.com, or all below one like .example.com.",
        )
        to = await text(
            terminal,
            "Enter the new domain for this entry.",
            lambda answer: named(answer, host_name, KIND),
            default=present.to if present else None,
            hint="A domain like example.net.",
        )
        return DomainMapRow(domain=domain, to=to)

    def line(self, row: DomainMapRow) -> str:
        """Return `a.example b.example`."""
        return f"{row.domain} {row.to}"

    def read_line(self, session: Session, line: str, *about: str) -> DomainMapRow:
        """Return the row of a line."""
        domain, to = two_words(line, "a.example b.example")
        return DomainMapRow(domain=named(domain, mapped_domain, KIND), to=named(to, host_name, KIND))

    def typed_name(self, typed: str) -> str:
        """Return the domain as it is stored."""
        try:
            return mapped_domain(typed)
        except InvalidName:
            return typed


TABLE = DomainMap()


async def dialog(session: Session, terminal: Terminal, listener: str) -> None:
    """Show the listener's table and the operations, until Enter leaves."""
    await TABLE.dialog(session, terminal, listener)
