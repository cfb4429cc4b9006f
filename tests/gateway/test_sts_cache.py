"""When an MTA-STS policy holds, when it is fetched again, and when its host is left in peace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.mta_sts import LONGEST_LIFE, Policy
from gateway.sts_cache import LATEST, Cached, Failures, Kept, after_failure, after_success, is_due, may_ask
from tests.gateway.making import NOW

DAY = 86400
WEEK = Policy("enforce", 7 * DAY, ("mail.example.com",))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("max_age", "after", "valid"),
    [
        (0, 0, False),
        (1, 0, True),
        (1, 1, False),
        (7 * DAY, 7 * DAY - 1, True),
        (7 * DAY, 7 * DAY, False),
        (LONGEST_LIFE, LONGEST_LIFE - 1, True),
        (LONGEST_LIFE, LONGEST_LIFE, False),
        (DAY, -DAY, True),  # the clock was set back
    ],
)
def test_a_policy_holds_until_max_age_after_it_was_fetched(max_age: int, after: int, valid: bool) -> None:  # M14
    cached = Cached(Policy("none", max_age), "a", NOW)
    assert cached.valid(later(after)) is valid
    assert (later(after) < cached.ends) is valid


def test_times_never_leave_the_calendar() -> None:
    cached = Cached(WEEK._replace(max_age=LONGEST_LIFE), "a", LATEST)
    assert cached.ends == LATEST
    assert cached.valid(datetime.max.replace(tzinfo=UTC))
    first = datetime.min.replace(tzinfo=UTC)
    assert cached.valid(first)
    assert not Cached(WEEK, "a", first).valid(LATEST)
    kept = Kept(cached, after_failure(None, "a", LATEST))
    assert after_failure(None, "a", LATEST).until == LATEST
    for now in (first, NOW, LATEST):
        assert is_due(kept, "a", now) is (now != LATEST)
        assert may_ask(kept, "a", now) is (now != LATEST)


DUE = [
    # M14: no policy, another id, about daily, an end
    ("nothing", "a", 0, True),
    ("a week", "a", 0, False),
    ("a week", "b", 0, True),
    ("a week", "a", DAY - 1, False),
    ("a week", "a", DAY, True),
    ("a week", "a", 8 * DAY, True),
    ("an hour", "a", 1799, False),
    ("an hour", "a", 1800, True),
    ("no time", "a", 0, True),
    ("a week", "a", -1, True),  # fetched by a clock that was wrong
]


@pytest.mark.parametrize(("policy", "record", "after", "due"), DUE)
def test_when_a_policy_is_fetched(policy: str, record: str, after: int, due: bool) -> None:  # M14
    lives = {"nothing": None, "a week": 7 * DAY, "an hour": 3600, "no time": 0}
    life = lives[policy]
    kept = Kept() if life is None else after_success(WEEK._replace(max_age=life), "a", NOW)
    assert is_due(kept, record, later(after)) is due


ASKED = [
    # M7: 5 minutes for one id, a day after three failures, another id at once
    (0, "a", 0, True),
    (1, "a", 0, False),
    (1, "a", 299, False),
    (1, "a", 300, True),
    (2, "a", 299, False),
    (2, "a", 300, True),
    (3, "a", 300, False),
    (3, "a", DAY - 1, False),
    (3, "a", DAY, True),
    (4, "a", DAY - 1, False),
    (4, "a", DAY, True),
    (1, "b", 0, True),
    (3, "b", 0, True),
    (3, "a", -1, True),  # the clock was set back
]


@pytest.mark.parametrize(("failures", "record", "after", "asked"), ASKED)
def test_when_the_policy_host_may_be_asked(failures: int, record: str, after: int, asked: bool) -> None:  # M7
    failed = None
    for _ in range(failures):
        failed = after_failure(failed, "a", NOW)
    assert may_ask(Kept(failures=failed), record, later(after)) is asked
    if failed is not None and record == "a" and after >= 0:
        assert (later(after) >= failed.until) is asked


def test_failures_of_another_id_count_anew() -> None:  # M7
    failed = None
    for number in (1, 2, 3):
        failed = after_failure(failed, "b", later(number))
        assert failed == Failures("b", number, later(number))
    assert after_failure(failed, "c", later(9)) == Failures("c", 1, later(9))


def test_a_policy_that_was_fetched_ends_the_failures() -> None:  # M7
    assert after_success(WEEK, "b", later(9)) == (Cached(WEEK, "b", later(9)), None)
