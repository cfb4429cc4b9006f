"""What MTA-STS says of a domain and of its MX hosts, in the words in which a delivery is decided."""

from __future__ import annotations

import pytest

from gateway.decision import STS_STATES
from gateway.domain_policy import NO_DOMAIN, OFF, WORDS, DomainPolicy, judge_host, with_policy, without_policy
from gateway.mta_sts import MODES, Policy
from gateway.verdict import Verdict

FETCHED = Verdict(True, "fetched", None, "The policy was fetched.")
MISSING = Verdict(False, "not-fetched", "sts-policy-fetch-error", "The policy host does not answer.")
ENFORCE, TESTING, NONE = (
    with_policy("example.com", Policy(mode, 86400, ("*.example.com", "backup.example")), FETCHED) for mode in MODES
)
ABSENT = without_policy("example.com", MISSING)


def test_the_word_is_the_mode_or_why_there_is_none() -> None:  # M13 M15 M16
    states = (OFF, ABSENT, NONE, TESTING, ENFORCE)
    assert tuple(state.word for state in states) == WORDS
    assert NO_DOMAIN.word == "absent"
    assert ABSENT.verdict == MISSING


HOSTS = [
    # M10 M12 M13; a policy of mode none and no policy ask nothing
    (ENFORCE, "mail.example.com", "enforce", "listed"),
    (ENFORCE, "Backup.Example.", "enforce", "listed"),
    (ENFORCE, "example.com", "enforce-unlisted", "not-listed"),
    (ENFORCE, "a.b.example.com", "enforce-unlisted", "not-listed"),
    (TESTING, "mail.example.com", "testing", "listed"),
    (TESTING, "evil.example", "testing-unlisted", "not-listed"),
    (NONE, "evil.example", "none", "not-asked"),
    (ABSENT, "evil.example", "absent", "not-asked"),
    (OFF, "evil.example", "off", "not-asked"),
    (NO_DOMAIN, "", "absent", "not-asked"),
]


@pytest.mark.parametrize(("known", "host", "state", "outcome"), HOSTS)
def test_a_host_is_listed_or_not(known: DomainPolicy, host: str, state: str, outcome: str) -> None:
    assert known.at_host(host) == state
    verdict = judge_host(known, host)
    good = outcome != "not-listed"
    assert verdict[:3] == (good, outcome, None if good else "validation-failure")


def test_the_rows_above_have_every_state_of_the_decision() -> None:
    assert {row[2] for row in HOSTS} == {*STS_STATES}


def test_a_host_that_is_not_listed_is_named() -> None:
    sentence = 'The MTA-STS policy of example.com does not list "evil\\x1b.example" among its 2 names.'
    assert judge_host(ENFORCE, "evil\x1b.example").sentence == sentence
