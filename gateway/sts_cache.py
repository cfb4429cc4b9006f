"""How long an MTA-STS policy holds, and when its host is asked (RFC 8461 s3.3, s5.1, s10.2; rules M7, M14).

All of it is arithmetic over values: what is kept, the id of the record that was just found, and the time. A clock that
was set back never keeps the policy host from being asked, and no sum of times can leave the calendar.
"""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import NamedTuple

from gateway.mta_sts import Policy

RETRY = timedelta(minutes=5)
"""After a failure the policy host is not asked again for the same id for so long."""
PATIENCE = 3
"""Failures for the same id after which it is not asked again for LONG_RETRY."""
LONG_RETRY = timedelta(days=1)
REFRESH = timedelta(days=1)
"""A policy of this age is fetched again although its id is the same, so that it does not end while it is in use."""
LATEST = datetime(MAXYEAR, 12, 31, tzinfo=UTC)


class Cached(NamedTuple):
    """A policy that was fetched.

    Attributes:
        policy: the policy.
        id: that of the record that announced it.
        fetched: when; aware, UTC.
    """

    policy: Policy
    id: str
    fetched: datetime

    @property
    def ends(self) -> datetime:
        """When the policy no longer holds (rule M14); LATEST where that is beyond the calendar."""
        life = timedelta(seconds=self.policy.max_age)
        return self.fetched + life if self.fetched <= LATEST - life else LATEST

    def valid(self, now: datetime) -> bool:
        """Tell whether the policy holds at `now`, whatever became of record and host meanwhile (rule M14)."""
        return now - self.fetched < timedelta(seconds=self.policy.max_age)


class Failures(NamedTuple):
    """Fetches that failed one after the other.

    Attributes:
        id: that of the record for which they were made; another id begins anew.
        number: how many, 1 or more.
        last: when the last one failed; aware, UTC.
    """

    id: str
    number: int
    last: datetime

    @property
    def wait(self) -> timedelta:
        """How long after the last failure the host is not asked for this id (rule M7)."""
        return RETRY if self.number < PATIENCE else LONG_RETRY

    @property
    def until(self) -> datetime:
        """From when on it is asked again; LATEST where that is beyond the calendar."""
        return self.last + self.wait if self.last <= LATEST - self.wait else LATEST


class Kept(NamedTuple):
    """What is kept of a domain: its last good policy, and the failures since the last good fetch."""

    cached: Cached | None = None
    failures: Failures | None = None


def is_due(kept: Kept, record_id: str, now: datetime) -> bool:
    """Tell whether the policy of a record is to be fetched, if its host may be asked (rule M14).

    It is where there is no valid one, where the id is another, and about daily; a policy that holds for less than two
    days after half its life. One that was fetched in the future, by a clock that was wrong, is fetched again too.
    """
    cached = kept.cached
    if cached is None or cached.id != record_id or not cached.valid(now):
        return True
    fresh = min(REFRESH, timedelta(seconds=cached.policy.max_age) / 2)
    return not timedelta(0) <= now - cached.fetched < fresh


def may_ask(kept: Kept, record_id: str, now: datetime) -> bool:
    """Tell whether the policy host may be asked for a record's policy at `now` (rule M7)."""
    failures = kept.failures
    if failures is None or failures.id != record_id:
        return True
    return not timedelta(0) <= now - failures.last < failures.wait


def after_success(policy: Policy, record_id: str, now: datetime) -> Kept:
    """Return what is kept once a policy was fetched."""
    return Kept(Cached(policy, record_id, now))


def after_failure(former: Failures | None, record_id: str, now: datetime) -> Failures:
    """Return the failures once another fetch has failed; those for another id no longer count."""
    number = former.number + 1 if former is not None and former.id == record_id else 1
    return Failures(record_id, number, now)
