"""Can DANE rely on the resolvers? They are asked before anything depends on them (rule D4)."""

from __future__ import annotations

import asyncio

from gateway.dns_validation import validates
from gateway.routes import Resolver, resolvers_for
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.network import Network
    from state.model import Configuration

MOST_RESOLVERS = 8
"""Resolvers that are asked at a time; one more serves so few domains that their own look-ups tell soon enough."""
MOST_NAMES = 4
"""Names of one resolver that are asked for, beside the root."""
NO_RESOLVER = Verdict(False, "no-resolver", "dnssec-invalid", "DANE is unavailable: no resolver is configured.")


async def resolver_fault(
    network: Network, servers: Sequence[Resolver], names: Iterable[str], *, seconds: float = 3.0
) -> Verdict | None:
    """Return why the word of resolvers cannot be used for DANE; None where it can, or where they do not answer.

    Args:
        network: opens the sockets.
        servers: those that are asked about the names, in their order.
        names: domains that may be secure where the root is not.
        seconds: for each question.
    """
    if not servers:
        return NO_RESOLVER
    trusted = [server for server in servers if server.trusted][:MOST_RESOLVERS]
    asked = list(names)
    checks = [validates(network, server, asked, seconds=seconds) for server in trusted or servers[:1]]
    # Any of them may answer in place of another. One that does not answer shows in the look-ups themselves.
    found = [verdict for verdict in await asyncio.gather(*checks) if verdict.outcome != "unknown"]
    liars = [verdict for verdict in found if verdict.outcome == "vouches-for-anything"]
    first = next(iter(liars or found), None)
    return None if first is None or first.good else first


async def resolver_faults(network: Network, configuration: Configuration, system: Sequence[str]) -> list[str]:
    """Return a sentence for each resolver that DANE is configured to rely on and cannot.

    Args:
        network: opens the sockets.
        configuration: the committed one.
        system: addresses from /etc/resolv.conf, in its order.
    """
    domains = configuration.destinations.dane_domains
    if "" in domains:  # so that those with servers of their own have it too
        domains += configuration.dns.domains
    asked: dict[tuple[Resolver, ...], list[str]] = {}
    for domain in domains:
        name = domain.removeprefix(".")
        names = asked.setdefault(tuple(resolvers_for(configuration, name, system)), [])
        if name and len(names) < MOST_NAMES:
            names.append(name)
    checks = [resolver_fault(network, *one) for one in list(asked.items())[:MOST_RESOLVERS]]
    return list(dict.fromkeys(found.sentence for found in await asyncio.gather(*checks) if found is not None))
