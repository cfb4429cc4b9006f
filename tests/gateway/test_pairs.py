"""The judgments tell apart what an operator has to tell apart: how many reasons with how many outcomes (rule V9)."""

from __future__ import annotations

from gateway.verdict import REASONS
from tests.gateway import test_chain, test_dane, test_decision, test_names, test_revocation, test_tlsa_search

LEAST = 60


def pairs() -> set[tuple[str, str]]:
    """Return the pairs that the tables expect; that each is so is what the tests of the tables say."""
    named = [case.verdict for case in (*test_names.VERIFY, *test_names.SERVER, *test_names.HOSTED)]
    found = {(reason or "-", outcome) for outcome, reason in named}
    found |= {(case.reason or "-", case.outcome) for case in (*test_chain.EXPECTED, *test_revocation.REVOCATIONS)}
    found |= {(case.reason or "-", case.outcome) for case in test_dane.CASES}
    found |= {(reason or "-", f"tlsa-{state}") for _, _, state, _, reason in test_tlsa_search.SEARCHES}
    return found | test_decision.PAIRS


def test_reasons_and_outcomes_are_many(capsys: object) -> None:  # V9
    found = pairs()
    print(f"\n{len(found)} pairs of a reason and an outcome")
    for reason, outcome in sorted(found):
        print(f"{reason:26} {outcome}")
    assert {reason for reason, _ in found} - {"-"} <= set(REASONS)
    assert len(found) >= LEAST
