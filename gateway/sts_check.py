"""MTA-STS of a whole domain, looked at afresh: record, policy, and each MX host against it (RFC 8461).

Nothing of it is kept and nothing that is kept is used, so that what is wrong now shows; what deliveries go by is
`gateway.sts_service`.
"""

from __future__ import annotations

import asyncio
from typing import Literal, NamedTuple

from gateway.decision import OLD_PROTOCOLS, OLD_TLS
from gateway.domain_policy import judge_host, with_policy
from gateway.host_probe import addresses_of, probe_host, sni
from gateway.https import FetchFailed
from gateway.mta_sts import Policy, Record, StsRefused, parse_policy, policy_url, read_records, record_name
from gateway.server_trust import judge_server
from gateway.tlsa_search import mail_hosts
from gateway.verdict import Verdict
from state.model_network import SMTP_PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from gateway.engine import Engine
    from gateway.host_probe import Addresses, Event
    from gateway.smtp import Handshake
    from gateway.smtp_probe import Probe
    from gateway.tlsa_search import MailHost, MailHosts

Outcome = Literal["success", "failed", "missing"]
"""`missing`: the domain has no record, or a policy that asks nothing (mode none)."""


class RecordFound(NamedTuple):
    """The record was looked up: its id, or why there is none."""

    record: Record | Verdict


class PolicyBegun(NamedTuple):
    """The policy is being fetched from a URL, which may take a minute."""

    url: str


class PolicyFound(NamedTuple):
    """The policy was fetched, or why not; `media_type` is "" where it is what it should be."""

    policy: Policy | Verdict
    media_type: str


class MxFound(NamedTuple):
    """The MX hosts of the domain are known, or why there are none."""

    hosts: MailHosts


class MxBegun(NamedTuple):
    """A host's turn: whether the policy lists it, and its addresses."""

    host: MailHost
    listed: Verdict
    addresses: Addresses


class MxJudged(NamedTuple):
    """A host's turn has ended."""

    result: MxResult


class MxResult(NamedTuple):
    """What was found of one MX host."""

    host: MailHost
    listed: Verdict
    addresses: tuple[str, ...]
    probes: tuple[Probe, ...]
    verdict: Verdict


class StsResult(NamedTuple):
    """What was found of a domain.

    Attributes:
        domain: the domain.
        outcome: `success` if all MX hosts pass.
        record: the record, or why there is none.
        policy: the policy, or why there is none; None where no record led to it.
        results: of each MX host, in the order of preference.
        verdict: how it came to the outcome.
    """

    domain: str
    outcome: Outcome
    record: Record | Verdict
    policy: Policy | Verdict | None
    results: tuple[MxResult, ...]
    verdict: Verdict


StsEvent: TypeAlias = "RecordFound | PolicyBegun | PolicyFound | MxFound | MxBegun | MxJudged"


async def check_sts(
    engine: Engine, domain: str, tell: Callable[[StsEvent | Event], object] = lambda event: None
) -> StsResult:
    """Look a domain's record up, fetch its policy, and hold each of its MX hosts against it.

    Args:
        engine: the appliance at work.
        domain: an A-label.
        tell: is told what happens.

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read.
    """
    texts, mx = await asyncio.gather(engine.dns.txt(record_name(domain)), engine.dns.mx(domain))
    if texts.security == "error":
        record: Record | Verdict = Verdict(False, "record-unknown", "sts-policy-fetch-error", texts.fault)
    else:
        record = read_records(texts.records)
    tell(RecordFound(record))
    if not isinstance(record, Record):
        return StsResult(domain, "missing" if record.good else "failed", record, None, (), record)
    url = policy_url(domain)
    tell(PolicyBegun(url))
    found = await _fetch(engine, url)
    tell(found)
    if not isinstance(found.policy, Policy):
        return StsResult(domain, "failed", record, found.policy, (), found.policy)
    if found.policy.mode == "none":
        verdict = Verdict(True, "mode-none", None, "The policy's mode is none: it asks nothing of senders.")
        return StsResult(domain, "missing", record, found.policy, (), verdict)
    hosts = mail_hosts(domain, mx)
    tell(MxFound(hosts))
    if not hosts.hosts:
        verdict = Verdict(False, hosts.outcome, "validation-failure", hosts.sentence)
        return StsResult(domain, "failed", record, found.policy, (), verdict)
    results = []
    for host in hosts.hosts:
        result = await _check_host(engine, domain, found.policy, host, tell)
        tell(MxJudged(result))
        results.append(result)
    bad = next((result.verdict for result in results if not result.verdict.good), None)
    verdict = bad or Verdict(True, "matched", None, "Every MX host passes the policy.")
    return StsResult(domain, "failed" if bad else "success", record, found.policy, tuple(results), verdict)


async def _fetch(engine: Engine, url: str) -> PolicyFound:
    try:
        content = await engine.web.get(url, engine.policy_limits)
        policy = parse_policy(content.body)
    except FetchFailed as failed:
        reason: Literal["sts-policy-fetch-error", "sts-webpki-invalid"]
        reason = "sts-policy-fetch-error" if failed.certificate is None else "sts-webpki-invalid"
        return PolicyFound(Verdict(False, failed.outcome, reason, str(failed)), "")
    except StsRefused as refused:
        return PolicyFound(refused.verdict, "")
    return PolicyFound(policy, "" if content.plain_text else content.media_type or "none")


async def _check_host(
    engine: Engine, domain: str, policy: Policy, host: MailHost, tell: Callable[[StsEvent | Event], object]
) -> MxResult:
    known = with_policy(domain, policy, Verdict(True, "fetched", None, ""))
    listed = judge_host(known, host.host)
    addresses = await addresses_of(engine, host.host, literal=False)
    tell(MxBegun(host, listed, addresses))
    if not listed.good:  # M12: it is not even connected to
        return MxResult(host, listed, addresses.addresses, (), listed)
    if not addresses.addresses:
        nowhere = Verdict(False, addresses.outcome, "validation-failure", addresses.sentence)
        return MxResult(host, listed, (), (), nowhere)

    def judged(handshake: Handshake) -> Verdict:
        if handshake.protocol in OLD_PROTOCOLS:
            return OLD_TLS
        return judge_server(engine.trust(), handshake.chain, host.host, engine.now())

    probes = await probe_host(engine, addresses.addresses, SMTP_PORT, sni(host.host), judged, tell)
    return MxResult(host, listed, addresses.addresses, tuple(probes), probes[-1].ended)
