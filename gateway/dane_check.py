"""DANE of a whole domain, looked at as a delivery would: MX, addresses, TLSA, each host's certificate (RFC 7672)."""

from __future__ import annotations

import asyncio
from typing import Literal, NamedTuple

from gateway.chain import read_presented
from gateway.dane import judge
from gateway.host_probe import Connected, addresses_of, probe_host, sni
from gateway.refusals import CertificateRefused
from gateway.tlsa_search import (
    TlsaSearch,
    mail_hosts,
    reference_names,
    tlsa_base_domains,
    tlsa_owner,
    tlsa_search,
)
from gateway.verdict import Verdict
from state.model_network import SMTP_PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gateway.answers import Answer, TlsaRecord
    from gateway.engine import Engine
    from gateway.host_probe import Addresses, Event
    from gateway.smtp import Handshake
    from gateway.smtp_probe import Probe
    from gateway.tlsa_search import MailHost, MailHosts
    from gateway.verdict import Reason

Outcome = Literal["success", "failed", "missing"]
"""`missing`: DANE does not apply to the domain, or none of its hosts has secure TLSA records."""


class HostsFound(NamedTuple):
    """The mail hosts of the domain are known, or why there are none."""

    hosts: MailHosts


class HostBegun(NamedTuple):
    """A host's turn; its addresses are known, or why there are none."""

    host: MailHost
    addresses: Addresses


class TlsaFound(NamedTuple):
    """The TLSA search of a host has ended; `answers` are what it asked for."""

    host: MailHost
    search: TlsaSearch
    answers: tuple[Answer[TlsaRecord], ...]


class HostJudged(NamedTuple):
    """A host's turn has ended."""

    result: HostResult


class HostResult(NamedTuple):
    """What was found of one host.

    Attributes:
        host: the host.
        addresses: in the order in which they are tried.
        search: its TLSA records.
        probes: the connections, the last one the answer; () where none was made.
        outcome: of this host.
        verdict: how it came to that.
    """

    host: MailHost
    addresses: tuple[str, ...]
    search: TlsaSearch
    probes: tuple[Probe, ...]
    outcome: Outcome
    verdict: Verdict


class DaneResult(NamedTuple):
    """What was found of a domain.

    Attributes:
        domain: the domain.
        outcome: `success` if a host is authenticated by DANE, so that mail gets there; else `failed` if one failed.
            With a resolver that vouches for anything nothing is a success, for nobody vouches for the records (D4).
        resolver: why DANE cannot be relied upon with the resolver; None where nothing is to be said against it.
        hosts: the answer to the question for its hosts.
        results: of each host, in the order of preference.
    """

    domain: str
    outcome: Outcome
    resolver: Verdict | None
    hosts: MailHosts
    results: tuple[HostResult, ...]


async def check_dane(
    engine: Engine, domain: str, tell: Callable[[DaneEvent | Event], object] = lambda event: None
) -> DaneResult:
    """Look a domain's hosts up and authenticate each of them that has TLSA records.

    Args:
        engine: the appliance at work.
        domain: an A-label.
        tell: is told what happens.

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read.
    """
    resolver, mx = await asyncio.gather(engine.resolver_fault(domain), engine.dns.mx(domain))
    if resolver is not None:
        tell(resolver)
    hosts = mail_hosts(domain, mx)
    tell(HostsFound(hosts))
    if (fault := await _fault_of_hosts(engine, domain, hosts)) is not None:
        tell(fault)
        resolver = resolver or fault
    results = []
    for host in hosts.hosts:
        result = await _check_host(engine, host, tell)
        tell(HostJudged(result))
        results.append(result)
    outcome = _outcome(hosts, results)
    if outcome == "success" and resolver is not None:
        outcome = "failed"
    return DaneResult(domain, outcome, resolver, hosts, tuple(results))


async def _fault_of_hosts(engine: Engine, domain: str, hosts: MailHosts) -> Verdict | None:
    """Return why the resolvers of MX hosts that have some of their own cannot be relied on; None where they can."""
    apart = {tuple(engine.resolvers(host.host)): host.host for host in hosts.hosts}
    apart.pop(tuple(engine.resolvers(domain)), None)
    found = await asyncio.gather(*(engine.resolver_fault(host) for host in apart.values()))
    return next((fault for fault in found if fault is not None), None)


DaneEvent: TypeAlias = "Verdict | HostsFound | HostBegun | TlsaFound | HostJudged"


async def _check_host(engine: Engine, host: MailHost, tell: Callable[[DaneEvent | Event], object]) -> HostResult:
    addresses = await addresses_of(engine, host.host, literal=False)
    tell(HostBegun(host, addresses))
    if not addresses.addresses:  # D8, D11
        reason: Reason | None = "dnssec-invalid" if addresses.outcome == "look-up-failed" else None
        nowhere = Verdict(False, addresses.outcome, reason, addresses.sentence)
        return HostResult(host, (), TlsaSearch("error", "", (), reason, addresses.sentence), (), "failed", nowhere)
    search, answers = await search_tlsa(engine, host, addresses)
    if search.state != "usable":
        tell(TlsaFound(host, search, answers))
        failed = search.state in ("error", "unusable")
        verdict = Verdict(not failed, f"tlsa-{search.state}", search.reason, search.sentence)
        return HostResult(host, addresses.addresses, search, (), "failed" if failed else "missing", verdict)
    references = reference_names(host, search.base)

    def judged(handshake: Handshake) -> Verdict:
        try:
            presented = read_presented(handshake.chain)
        except CertificateRefused as refused:
            return Verdict(False, "unreadable", "validation-failure", str(refused))
        return judge(search.records, presented, references, engine.now()).verdict

    def told(event: Event) -> None:
        tell(event)
        if isinstance(event, Connected):
            tell(TlsaFound(host, search, answers))

    probes = await probe_host(engine, addresses.addresses, SMTP_PORT, sni(search.base), judged, told)
    outcome: Outcome = "success" if probes[-1].good else "failed"
    return HostResult(host, addresses.addresses, search, tuple(probes), outcome, probes[-1].ended)


async def search_tlsa(
    engine: Engine, host: MailHost, addresses: Addresses, port: int = SMTP_PORT
) -> tuple[TlsaSearch, tuple[Answer[TlsaRecord], ...]]:
    """Search the TLSA records of a host at a port, one base domain after the other (rules T1, T2, T4).

    Returns:
        What was found, and the answers that it was found by.
    """
    from gateway.answers import Answer

    nothing: Answer[str] = Answer(host.host, "insecure")
    bases = tlsa_base_domains(host, addresses.a or nothing, addresses.aaaa or nothing)
    answers: list[Answer[TlsaRecord]] = []
    while (found := tlsa_search(bases, answers)) is None:
        answers.append(await engine.dns.tlsa(tlsa_owner(port, bases.candidates[len(answers)])))
    return found, tuple(answers)


def _outcome(hosts: MailHosts, results: list[HostResult]) -> Outcome:
    outcomes = {result.outcome for result in results}
    if "success" in outcomes:
        return "success"
    return "failed" if "failed" in outcomes or hosts.outcome == "error" else "missing"
