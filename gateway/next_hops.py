"""Which hosts a message goes to: those of an SMTP route, an address literal, or the MX hosts (RFC 5321 s5.1)."""

from __future__ import annotations

from typing import NamedTuple

from gateway.mta_sts import policy_domain
from gateway.routes import route_for
from gateway.tlsa_search import MailHost, mail_hosts, route_hosts
from state.model_network import SMTP_PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.engine import Engine
    from gateway.routes import NextHop
    from state.model import Configuration


class Hop(NamedTuple):
    """A host that is tried.

    Attributes:
        host: the host, and how it was come by.
        port: of its SMTP service.
        route: the host of the configured SMTP route that led here; "" without one.
        policy_domain: whose MTA-STS policy holds (rule M17); None where there can be none.
    """

    host: MailHost
    port: int
    route: str
    policy_domain: str | None


class Hops(NamedTuple):
    """The hosts in the order in which they are tried, or why there are none.

    Attributes:
        hops: () where the mail cannot be sent now, or is discarded.
        discard: the name of the route that throws the mail away; "" elsewhere.
        reply: the SMTP reply that stands for the failure; "" where there are hosts.
        sentence: the same for people.
    """

    hops: tuple[Hop, ...]
    discard: str
    reply: str
    sentence: str

    @property
    def permanent(self) -> bool:
        """Whether the mail can never be delivered."""
        return self.reply.startswith("5")


async def next_hops(engine: Engine, configuration: Configuration, domain: str) -> Hops:
    """Return the hosts for mail to a domain.

    Args:
        engine: the appliance at work.
        configuration: the one whose routes count, committed or staged.
        domain: of a recipient, an A-label in lower case, or an address literal in brackets.
    """
    route = route_for(configuration, domain)
    if route is not None:
        if route.discard:
            return Hops((), route.key, "", f"The SMTP route {route.key} discards mail for {domain}.")
        found = [hop for one in route.hosts for hop in await _route_hops(engine, one, domain)]
        if not found:
            return Hops((), "", "451 4.4.3", f"None of the hosts of the SMTP route {route.key} can be looked up.")
        return Hops(tuple(found), "", "", f"Mail for {domain} goes by the SMTP route {route.key}.")
    hosts = route_hosts(domain) if domain.startswith("[") else mail_hosts(domain, await engine.dns.mx(domain))
    policy = policy_domain(domain)
    return Hops(tuple(Hop(host, SMTP_PORT, "", policy) for host in hosts.hosts), "", hosts.reply, hosts.sentence)


async def _route_hops(engine: Engine, hop: NextHop, domain: str) -> list[Hop]:
    """Return the hosts that one host of a route stands for: its MX hosts where it has some and they are asked for."""
    if hop.look_up == "none":
        literal = f"[IPv6:{hop.host}]" if ":" in hop.host else f"[{hop.host}]"
        return [Hop(one, hop.port, hop.host, None) for one in route_hosts(literal).hosts]
    if hop.look_up == "mx":
        found = mail_hosts(hop.host, await engine.dns.mx(hop.host))
        if found.hosts and found.hosts[0].origin == "mx":
            return [Hop(one, hop.port, hop.host, hop.policy_domain) for one in found.hosts]
        if found.outcome in ("error", "null-mx"):
            return []
    return [Hop(one, hop.port, hop.host, hop.policy_domain) for one in route_hosts(hop.host, domain).hosts]
