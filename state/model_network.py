"""Where names are looked up and where mail is sent: DNS servers (dnsconfig) and SMTP routes (smtproutes)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from state.section import Port, Section

RouteTo = Literal["hosts", "dns", "discard"]

DNS_PORT = 53
SMTP_PORT = 25
LOWEST_DNS_PRIORITY = 10_000
LOWEST_ROUTE_PRIORITY = 65_535
LONGEST_REVERSE_TIMEOUT = 300
LONGEST_MINIMUM_TTL = 86_400
"""Seconds; a day. Answers are never kept for longer because of this setting."""

DEFAULT_ROUTE = "ALL"
"""The key of the route for every domain that has none of its own."""


class DnsServer(Section, frozen=True, kw_only=True):
    """A server for one domain, asked for its names and those below it.

    `trusted` is whether it is believed when it says that it validated an answer; one on loopback always is (rule D4).
    """

    inline: ClassVar[bool] = True
    address: str
    port: Port = DNS_PORT
    trusted: bool = False

    @property
    def validates(self) -> bool:
        """Whether its word that it validated an answer counts."""
        from state.addresses import on_loopback  # a start does not ask

        return self.trusted or on_loopback(self.address)


class Resolver(DnsServer, frozen=True, kw_only=True):
    """A server that is asked for everything else; 0 is the highest priority, and of two alike the first comes first."""

    inline: ClassVar[bool] = False
    priority: Annotated[int, Meta(ge=0, le=LOWEST_DNS_PRIORITY)] = 0


class ServedDomain(Section, frozen=True, kw_only=True):
    """The servers of one domain, in the order in which they are asked."""

    servers: list[DnsServer] = field(default_factory=list)


class Dns(Section, frozen=True, kw_only=True):
    """Which servers are asked; without resolvers it is those of the operating system (/etc/resolv.conf).

    `reverse_timeout` is for how many seconds the name of an address is waited for, `minimum_ttl` for how many an
    answer is kept at least.
    """

    reverse_timeout: Annotated[int, Meta(ge=1, le=LONGEST_REVERSE_TIMEOUT)] = 20
    minimum_ttl: Annotated[int, Meta(ge=0, le=LONGEST_MINIMUM_TTL)] = 1800
    resolvers: list[Resolver] = field(default_factory=list)
    domains: dict[str, ServedDomain] = field(default_factory=dict)


class RouteHost(Section, frozen=True, kw_only=True):
    """A host that mail is handed to: a name, whose MX records are asked for; a name or an address in brackets.

    0 is the highest priority.
    """

    inline: ClassVar[bool] = True
    host: str
    port: Port = SMTP_PORT
    priority: Annotated[int, Meta(ge=0, le=LOWEST_ROUTE_PRIORITY)] = 0


class SmtpRoute(Section, frozen=True, kw_only=True):
    """Where the mail of a domain goes: to hosts, to where the DNS says, or nowhere."""

    to: RouteTo = "hosts"
    hosts: list[RouteHost] = field(default_factory=list)
