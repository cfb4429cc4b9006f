"""What MTA-STS says of a domain, of its MX hosts, and of the session with one."""

from __future__ import annotations

import pytest

from gateway.mta_sts import MODES, Policy
from gateway.sts_state import NO_DOMAIN, OFF, WORDS, StsState, judge_host, judge_session, with_policy, without_policy
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
    (ENFORCE, "mail.example.com", True, "listed", None),
    (ENFORCE, "Backup.Example.", True, "listed", None),
    (ENFORCE, "example.com", False, "not-listed", "validation-failure"),
    (ENFORCE, "a.b.example.com", False, "not-listed", "validation-failure"),
    (TESTING, "mail.example.com", True, "listed", None),
    (TESTING, "evil.example", False, "not-listed", "validation-failure"),
    (NONE, "evil.example", True, "not-asked", None),
    (ABSENT, "evil.example", True, "not-asked", None),
    (OFF, "evil.example", True, "not-asked", None),
    (NO_DOMAIN, "", True, "not-asked", None),
]


@pytest.mark.parametrize(("state", "host", "good", "outcome", "reason"), HOSTS)
def test_a_host_is_listed_or_not(state: StsState, host: str, good: bool, outcome: str, reason: str | None) -> None:
    assert judge_host(state, host)[:3] == (good, outcome, reason)


def test_a_host_that_is_not_listed_is_named() -> None:
    sentence = 'The MTA-STS policy of example.com does not list "evil\\x1b.example" among its 2 names.'
    assert judge_host(ENFORCE, "evil\x1b.example").sentence == sentence


LISTED = judge_host(ENFORCE, "mail.example.com")
NOT_LISTED = judge_host(ENFORCE, "evil.example")
NOT_ASKED = judge_host(ABSENT, "evil.example")
TRUSTED = Verdict(True, "trusted", None, "It is trusted.")
UNTRUSTED = Verdict(False, "issuer-missing", "certificate-not-trusted", "Its issuer is not known.")
NAMED = Verdict(True, "matched-by-san", None, "It has the name.")
UNNAMED = Verdict(False, "no-match", "certificate-host-mismatch", "It has another name.")

SESSIONS = [
    # M11 M12: listed, TLS 1.2 or newer, trusted and in its time, the MX host's name; the first that fails is told
    (LISTED, "TLSv1.3", TRUSTED, NAMED, True, "matched"),
    (LISTED, "TLSv1.2", TRUSTED, NAMED, True, "matched"),
    (LISTED, "TLSv1.1", TRUSTED, NAMED, False, "tls-too-old"),
    (LISTED, "TLSv1", TRUSTED, NAMED, False, "tls-too-old"),
    (LISTED, "SSLv3", TRUSTED, NAMED, False, "tls-too-old"),
    (LISTED, None, TRUSTED, NAMED, False, "no-tls"),
    (LISTED, "TLSv1.3", UNTRUSTED, NAMED, False, "issuer-missing"),
    (LISTED, "TLSv1.3", UNTRUSTED, UNNAMED, False, "issuer-missing"),
    (LISTED, "TLSv1.3", TRUSTED, UNNAMED, False, "no-match"),
    (NOT_LISTED, "TLSv1.3", TRUSTED, NAMED, False, "not-listed"),
    (NOT_LISTED, None, UNTRUSTED, UNNAMED, False, "not-listed"),
    (NOT_ASKED, None, UNTRUSTED, UNNAMED, True, "not-asked"),
]


@pytest.mark.parametrize(("host", "tls", "trust", "identity", "good", "outcome"), SESSIONS)
def test_a_session_is_what_the_policy_asks_for(
    host: Verdict, tls: str | None, trust: Verdict, identity: Verdict, good: bool, outcome: str
) -> None:
    found = judge_session(host, tls, trust, identity)
    assert (found.good, found.outcome) == (good, outcome)
    assert (found.reason is None) is good
