"""Revocation lists in a judgment: which are asked, which count, and what follows (rule V1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import pytest
from cryptography import x509

from gateway.chain import (
    TrustStore,
)
from gateway.crl import read_crl
from gateway.verdict import Reason
from tests.gateway.chains import (
    INTERMEDIATE,
    LEAF,
    OTHER_ROOT,
    ROOT,
    UNKNOWN,
)
from tests.gateway.making import NOW, make, make_crl


class Revoked(NamedTuple):
    """Which lists are configured, how many days later, and the outcome for the chain of three."""

    what: str
    lists: Sequence[bytes]
    days: int
    outcome: str
    reason: Reason | None
    sentence: str = ""


SERIAL, INTERMEDIATE_SERIAL = LEAF.certificate.serial_number, INTERMEDIATE.certificate.serial_number
CANNOT = 'Whether "mx.example.com" is revoked cannot be told. '
REVOCATIONS = [
    Revoked("no list", [], 0, "trusted", None),
    Revoked("a list without it", [make_crl(INTERMEDIATE)], 0, "trusted", None),
    Revoked("a list of another authority", [make_crl(OTHER_ROOT, serials=(SERIAL,))], 0, "trusted", None),
    Revoked("a list with it", [make_crl(INTERMEDIATE, serials=(SERIAL,))], 0, "revoked", "certificate-not-trusted",
            '"mx.example.com" is revoked by its issuer, "Intermediate".'),
    Revoked("a list with the intermediate", [make_crl(INTERMEDIATE), make_crl(ROOT, serials=(INTERMEDIATE_SERIAL,))],
            0, "revoked", "certificate-not-trusted", '"Intermediate" is revoked by its issuer, "Root".'),
    Revoked("the issuer's name in other letters",
            [make_crl(make("INTERMEDIATE", key=2, ca=True), serials=(SERIAL,))], 0, "revoked",
            "certificate-not-trusted"),
    Revoked("out of date, and it counts", [make_crl(INTERMEDIATE, days=2)], 7, "trusted", None),
    Revoked("out of date, and it revokes", [make_crl(INTERMEDIATE, days=2, serials=(SERIAL,))], 7, "revoked",
            "certificate-not-trusted"),
    Revoked("out of date for 7 days and more", [make_crl(INTERMEDIATE, days=2)], 9, "revocation-list-too-old",
            "validation-failure",
            CANNOT + "The list is out of date since 2026-05-24 11:42 GMT, more than 7 days. It is the revocation list"
            ' of "Intermediate".'),
    Revoked("too old beside one that counts", [make_crl(INTERMEDIATE, days=2), make_crl(INTERMEDIATE, days=60)], 9,
            "trusted", None),
    Revoked("of tomorrow", [make_crl(INTERMEDIATE, begin=1)], 0, "revocation-list-too-old", "validation-failure"),
    Revoked("signed by somebody else, who spares it", [make_crl(INTERMEDIATE, key=5)], 0, "revocation-list-refused",
            "validation-failure", CANNOT + '"Intermediate" did not sign the list of its name.'),
    Revoked("signed by somebody else, who revokes it, beside the real one",
            [make_crl(INTERMEDIATE, key=5, serials=(SERIAL,)), make_crl(INTERMEDIATE)], 0, "trusted", None),
    Revoked("with an unknown critical extension", [make_crl(INTERMEDIATE, critical=(UNKNOWN,))], 0,
            "revocation-list-refused", "validation-failure"),
    Revoked("for authorities only", [make_crl(INTERMEDIATE, critical=(
        x509.IssuingDistributionPoint(None, None, False, True, None, False, False),))], 0, "revocation-unknown",
        "validation-failure"),
]  # fmt: skip


@pytest.mark.parametrize("case", REVOCATIONS, ids=lambda case: case.what)
def test_lists_that_are_configured_are_asked(case: Revoked) -> None:  # V1
    store = TrustStore([ROOT.certificate], [read_crl(one) for one in case.lists])
    for _ in range(2):  # what is kept of a list says the same again
        verdict = store.judge([LEAF.certificate, INTERMEDIATE.certificate], NOW + timedelta(days=case.days))
        assert (verdict.outcome, verdict.reason) == (case.outcome, case.reason), verdict.sentence
        assert not case.sentence or verdict.sentence == case.sentence


def test_another_path_is_taken_where_one_is_revoked() -> None:  # V1
    cross = make("Intermediate", OTHER_ROOT, key=2, ca=True)
    lists = [read_crl(make_crl(ROOT, serials=(INTERMEDIATE_SERIAL,)))]
    store = TrustStore([ROOT.certificate, OTHER_ROOT.certificate], lists)
    verdict = store.judge([LEAF.certificate, INTERMEDIATE.certificate, cross.certificate], NOW)
    assert verdict.path[1:] == (cross.certificate, OTHER_ROOT.certificate)
