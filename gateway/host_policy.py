"""What holds for the connection to one host of a domain, with the answers that it was found by; nothing is sent yet."""

from __future__ import annotations

from typing import NamedTuple

from gateway.dane_check import search_tlsa
from gateway.decision import Policy, policy_in_force
from gateway.domain_policy import OFF
from gateway.host_probe import addresses_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from gateway.answers import Answer, TlsaRecord
    from gateway.decision import StsState, TlsaState
    from gateway.destinations import DeliverySettings
    from gateway.domain_policy import DomainPolicy
    from gateway.engine import Engine
    from gateway.next_hops import Hop
    from gateway.tlsa_search import TlsaSearch


class HostPolicy(NamedTuple):
    """What holds for a host.

    Attributes:
        hop: the host.
        addresses: in the order in which they are tried; () where it cannot be reached.
        fault: why it cannot be reached, a sentence; "" elsewhere.
        search: its TLSA records; None where DANE is not asked for.
        answers: what the search asked for.
        sts: what MTA-STS says of it.
        policy: who decides, what must pass.
    """

    hop: Hop
    addresses: tuple[str, ...]
    fault: str
    search: TlsaSearch | None
    answers: tuple[Answer[TlsaRecord], ...]
    sts: StsState
    policy: Policy


async def domain_policy(engine: Engine, settings: DeliverySettings, hop: Hop) -> DomainPolicy:
    """Return what MTA-STS says of the domain of a host; it is fetched where it is on, whoever decides in the end."""
    return await engine.policy_for(hop.policy_domain) if settings.mta_sts else OFF


async def host_policies(engine: Engine, settings: DeliverySettings, hops: Sequence[Hop]) -> AsyncIterator[HostPolicy]:
    """Yield what holds for each host, looked up when its turn comes; MTA-STS is asked for once a policy domain."""
    known: dict[str | None, DomainPolicy] = {}
    for hop in hops:
        if hop.policy_domain not in known:
            known[hop.policy_domain] = await domain_policy(engine, settings, hop)
        yield await host_policy(engine, settings, hop, known[hop.policy_domain])


async def host_policy(engine: Engine, settings: DeliverySettings, hop: Hop, known: DomainPolicy) -> HostPolicy:
    """Return what holds for a host.

    Args:
        engine: the appliance at work.
        settings: of the destination.
        hop: the host.
        known: what MTA-STS says of its domain.
    """
    addresses = await addresses_of(engine, hop.host.host)
    search: TlsaSearch | None = None
    answers: tuple[Answer[TlsaRecord], ...] = ()
    tlsa: TlsaState = "absent"
    if settings.dane != "none" and addresses.addresses:
        search, answers = await search_tlsa(engine, hop.host, addresses, hop.port)
        tlsa = search.state
    sts = known.at_host(hop.host.host)
    policy = policy_in_force(settings.tls, settings.dane, tlsa, sts)
    return HostPolicy(hop, addresses.addresses, addresses.sentence, search, answers, sts, policy)
