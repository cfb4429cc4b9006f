"""The policy of a domain as of now: record, cache, back-off and fetch joined (RFC 8461 s3.3, s5.1; rules M14 to M16).

Nothing here fails: whatever goes wrong, there is a state that says what counts now, and the lines for the log.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from weakref import WeakValueDictionary

from gateway import sts_log
from gateway.domain_policy import NO_DOMAIN, DomainPolicy, with_policy, without_policy
from gateway.https import FetchFailed, Limits
from gateway.mta_sts import (
    LARGEST,
    Policy,
    Record,
    StsRefused,
    parse_policy,
    policy_url,
    read_records,
    record_name,
)
from gateway.sts_cache import Kept, after_failure, after_success, is_due, may_ask
from gateway.sts_store import keep_policy, kept_policy
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from typing import TypeAlias

    from gateway.answers import Answer
    from gateway.https import Content
    from gateway.log_line import Lines, LogLine
    from gateway.sts_cache import Cached
    from gateway.verdict import Reason
    from state.store import Store

    Texts: TypeAlias = Callable[[str], Awaitable[Answer[tuple[bytes, ...]]]]
    """Looks the TXT records of a name up; what fails is an answer that says so."""
    Get: TypeAlias = Callable[[str, Limits], Awaitable[Content]]
    """Fetches a URL or raises FetchFailed, as `gateway.https.Web.get` does."""

POLICY_LIMITS = Limits(LARGEST, 60.0)
"""Rule M7."""


class _Fetched(NamedTuple):
    policy: Policy
    odd_media_type: str | None


class PolicyService:
    """Knows the policies of all domains that mail was sent to."""

    def __init__(
        self,
        store: Store,
        texts: Texts,
        get: Get,
        log: Callable[[LogLine], object],
        limits: Limits = POLICY_LIMITS,
    ) -> None:
        """Join what is needed.

        Args:
            store: whose directory and clock.
            texts: looks records up.
            get: fetches policies.
            log: takes the lines for the mail log in their order.
            limits: how large a policy may be, and how long fetching it may take.
        """
        self._store = store
        self._texts = texts
        self._get = get
        self._log = log
        self._limits = limits
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._here: dict[str, Kept] = {}

    async def policy_for(self, domain: str | None) -> DomainPolicy:
        """Return what MTA-STS says of a policy domain now.

        The record is looked up every time, so calling this again is what rule M14 asks for before a permanent failure;
        the DNS may keep the record for its own time.

        Args:
            domain: what `gateway.mta_sts.policy_domain` returned.
        """
        if domain is None:
            return NO_DOMAIN
        lock = self._one_at_a_time.setdefault(domain, asyncio.Lock())
        async with lock:  # two deliveries at once make one fetch
            return await self._policy_for(domain)

    async def _policy_for(self, domain: str) -> DomainPolicy:
        kept = self._kept(domain)
        answer = await self._texts(record_name(domain))
        now = self._store.now()
        if answer.security == "error":
            self._write(sts_log.record_missing(domain))
            fault = answer.fault or "The DNS did not answer."
            return _as_kept(domain, kept, now, Verdict(False, "record-unknown", "sts-policy-fetch-error", fault))
        record = read_records(answer.records)
        if not isinstance(record, Record):
            missing = record.outcome == "no-record"
            self._write(sts_log.record_missing(domain) if missing else sts_log.record_invalid(domain))
            return _as_kept(domain, kept, now, record)
        self._write(sts_log.record_found(domain))
        if kept.cached is not None and not is_due(kept, record.id, now):
            return _holding(domain, kept.cached)
        if kept.failures is not None and not may_ask(kept, record.id, now):
            sentence = (
                f"The MTA-STS policy of {domain} could not be fetched on {_moment(kept.failures.last)}; "
                f"its host is not asked again before {_moment(kept.failures.until)}."
            )
            return _as_kept(domain, kept, now, Verdict(False, "not-asked-again", "sts-policy-fetch-error", sentence))
        return await self._refresh(domain, kept, record)

    async def _refresh(self, domain: str, kept: Kept, record: Record) -> DomainPolicy:
        """Fetch the policy of a record; where that fails, what is kept goes on to hold (rules M14, M15)."""
        try:
            found = await self._fetch(domain)
        except StsRefused as refused:
            now = self._store.now()
            failures = after_failure(kept.failures, record.id, now)
            self._keep(domain, kept._replace(failures=failures))
            self._write(sts_log.policy_not_fetched(domain, failures.number))
            return _as_kept(domain, kept, now, refused.verdict, failed=True)
        self._keep(domain, after_success(found.policy, record.id, self._store.now()))
        self._write(sts_log.policy_fetched(domain))
        if found.odd_media_type is not None:
            self._write(sts_log.media_type_odd(domain, found.odd_media_type))
        # It holds for what is being decided now, even if its max_age is 0.
        sentence = f"The MTA-STS policy of {domain} was fetched."
        return with_policy(domain, found.policy, Verdict(True, "fetched", None, sentence))

    async def _fetch(self, domain: str) -> _Fetched:
        """Return a policy as its host has it now.

        Raises:
            StsRefused: it cannot be fetched, its host is not the right one, or it is not valid.
        """
        try:
            content = await self._get(policy_url(domain), self._limits)
        except FetchFailed as failed:
            reason: Reason = "sts-policy-fetch-error" if failed.certificate is None else "sts-webpki-invalid"
            said = f"The MTA-STS policy of {domain} cannot be fetched: {failed}"
            raise StsRefused(failed.outcome, reason, said) from None
        return _Fetched(parse_policy(content.body), None if content.plain_text else content.media_type)

    def _kept(self, domain: str) -> Kept:
        return self._here.get(domain) or kept_policy(self._store.folder, domain)

    def _keep(self, domain: str, kept: Kept) -> None:
        if keep_policy(self._store.folder, domain, kept):
            self._here.pop(domain, None)
        else:  # a full disk must not make us ask a host again and again, or forget what a domain asks of us
            self._here[domain] = kept

    def _write(self, lines: Lines) -> None:
        for line in lines:
            self._log(line)


def _as_kept(domain: str, kept: Kept, now: datetime, verdict: Verdict, failed: bool = False) -> DomainPolicy:
    """Return the state by the policy that is kept and still holds, else the state without one, for that reason.

    Args:
        domain: the policy domain.
        kept: what is kept of it.
        now: an aware time.
        verdict: why there is nothing newer.
        failed: whether a fetch has just failed, which is worth an alert where it leaves an old policy in force.
    """
    cached = kept.cached
    if cached is None or not cached.valid(now):
        return without_policy(domain, verdict)
    if not failed or cached.policy.mode == "none":
        return _holding(domain, cached)
    until = _moment(cached.ends)
    alert = f"The MTA-STS policy of {domain} could not be refreshed and holds until {until}. {verdict.sentence}"
    return _holding(domain, cached, alert)


def _holding(domain: str, cached: Cached, alert: str = "") -> DomainPolicy:
    """Return the state by a kept policy."""
    sentence = f"The MTA-STS policy of {domain} was fetched on {_moment(cached.fetched)} and still holds."
    return with_policy(domain, cached.policy, Verdict(True, "cached", None, sentence), alert)


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} GMT"
