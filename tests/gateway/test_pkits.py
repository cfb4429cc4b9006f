"""NIST's suite for path validation: `pkits.txt` says what this program makes of each test, and why where it differs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cryptography_vectors
import pytest
from cryptography import x509

from gateway.chain import TrustStore, read_presented
from gateway.crl import RevocationList, read_crl
from gateway.refusals import CertificateRefused
from gateway.verdict import Reason

DATA = Path(next(iter(cryptography_vectors.__path__))) / "x509" / "PKITS_data"
WHEN = datetime(2026, 5, 23, tzinfo=UTC)
NOT_TRUSTED = "unreadable"


class Row(NamedTuple):
    """One test of the suite."""

    test: str
    certificates: list[str]
    lists: list[str]
    expected: str
    outcome: str
    why: str


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    for line in Path(__file__).with_name("pkits.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            test, certificates, lists, expected, outcome, *why = (part.strip() for part in line.split("|"))
            yield Row(test, certificates.split(), lists.split(), expected, outcome, "".join(why))


EXPECTED = list(rows())


@cache
def der(name: str) -> bytes:
    return (DATA / "certs" / f"{name}.crt").read_bytes()


@cache
def crl(name: str) -> RevocationList:
    return read_crl((DATA / "crls" / f"{name}.crl").read_bytes())


@cache
def store(lists: tuple[str, ...]) -> TrustStore:
    anchor = x509.load_der_x509_certificate(der("TrustAnchorRootCertificate"))
    return TrustStore([anchor], [crl(name) for name in lists])


def reason(outcome: str) -> Reason | None:
    """Return the reason that belongs to an outcome: what cannot be judged says nothing against the certificate."""
    if outcome == "trusted":
        return None
    if outcome == "expired":
        return "certificate-expired"
    cannot_be_told = outcome.startswith("revocation-") or outcome == NOT_TRUSTED
    return "validation-failure" if cannot_be_told else "certificate-not-trusted"


def verdict(row: Row) -> tuple[str, Reason | None]:
    """Return what this program says of one test, and for which reason."""
    with warnings.catch_warnings(action="ignore"):  # of serial numbers that are broken on purpose
        try:
            presented = read_presented([der(f"{row.test}EE"), *(der(f"{name}Cert") for name in row.certificates)])
        except CertificateRefused:
            return NOT_TRUSTED, "validation-failure"
        found = store(tuple(row.lists)).judge(presented, WHEN)
        return found.outcome, found.reason


def test_every_test_of_the_suite_has_the_outcome_of_the_table() -> None:  # V1
    expected = {row.test: (row.outcome, reason(row.outcome)) for row in EXPECTED}
    found = {row.test: verdict(row) for row in EXPECTED}
    assert {test: (expected[test], one) for test, one in found.items() if one != expected[test]} == {}


def test_the_table_has_every_test_of_the_suite() -> None:
    ends = {path.stem.removesuffix("EE") for path in (DATA / "certs").glob("*Test*EE.crt")}
    assert ends == {row.test for row in EXPECTED}


@pytest.mark.parametrize("expected", ["accept", "refuse"])
def test_whatever_differs_from_the_suite_is_explained(expected: str) -> None:
    for row in EXPECTED:
        if row.expected == expected:
            differs = (row.outcome == "trusted") != (expected == "accept")
            assert differs == bool(row.why), row.test


def test_few_tests_differ_from_the_suite() -> None:
    assert sum(bool(row.why) for row in EXPECTED) <= 15
