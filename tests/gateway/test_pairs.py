"""The judgments tell apart what an operator has to tell apart: how many reasons with how many outcomes (rule V9)."""

from __future__ import annotations

from gateway.verdict import REASONS
from tests.gateway.test_chain import EXPECTED, STRENGTHS
from tests.gateway.test_dane import CASES
from tests.gateway.test_decision import PAIRS
from tests.gateway.test_domain_policy import HOSTS
from tests.gateway.test_mta_sts import BAD_RECORDS
from tests.gateway.test_names import CN, HOSTED, SAN, SERVER, VERIFY
from tests.gateway.test_pkits import EXPECTED as PKITS
from tests.gateway.test_pkits import reason as of_outcome
from tests.gateway.test_revocation import REVOCATIONS
from tests.gateway.test_sts_service import SERVERS
from tests.gateway.test_tlsa_search import SEARCHES

LEAST = 60
NAMED = {case.outcome for case in (*VERIFY, *SERVER)} | {case.outcome for case in HOSTED}


def pairs() -> set[tuple[str, str]]:
    """Return the pairs that the tables expect; that each is so is what the tests of the tables say."""
    found = {("-" if outcome in (CN, SAN) else "certificate-host-mismatch", outcome) for outcome in NAMED}
    found |= {(case.reason or "-", case.outcome) for case in EXPECTED}
    found |= {("-" if outcome == "trusted" else "certificate-not-trusted", outcome) for _, outcome in STRENGTHS}
    found |= {(case.reason or "-", case.outcome) for case in REVOCATIONS}
    found |= {(case.reason or "-", case.outcome) for case in CASES}
    found |= {(reason or "-", f"tlsa-{state}") for _, _, state, _, reason in SEARCHES}
    found |= {(of_outcome(row.outcome) or "-", row.outcome) for row in PKITS}
    found |= {("validation-failure" if outcome == "not-listed" else "-", outcome) for *_, outcome in HOSTS}
    found |= {(reason or "-", outcome) for _, _, outcome, reason, _ in SERVERS}
    found |= {("-" if outcome == "no-record" else "sts-policy-invalid", outcome) for _, outcome, _ in BAD_RECORDS}
    return found | PAIRS


def test_reasons_and_outcomes_are_many() -> None:  # V9
    found = pairs()
    print(f"\n{len(found)} pairs of a reason and an outcome")
    for reason, outcome in sorted(found):
        print(f"{reason:26} {outcome}")
    assert {reason for reason, _ in found} - {"-"} <= set(REASONS)
    assert len(found) >= LEAST
