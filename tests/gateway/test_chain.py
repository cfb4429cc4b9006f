"""Presented chains: who is trusted by which list, and why not (rules V1 and V8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.chain import (
    ChainVerdict,
    TrustStore,
)
from gateway.path_rules import TrustedAs, link_fault, path_fault
from gateway.verdict import Reason
from tests.gateway.chains import (
    ANY,
    CA_ISSUERS,
    CLIENT,
    FOR_CLIENTS,
    IMPOSTOR,
    INTERMEDIATE,
    LEAF,
    LOOP_A,
    LOOP_B,
    OTHER_ROOT,
    ROOT,
    SELF_SIGNED,
    SERVER,
    SHA_1_NAME,
    STALE,
    STALE_CROSS,
    STALE_INTERMEDIATE,
    UNKNOWN,
    UNUSUAL,
    between,
    constrained,
    dns,
    excluded,
    holder,
    leaf,
    permitted,
    root,
    rsa_key,
    self_issued,
    signed_with_sha_1,
    under,
    usage,
)
from tests.gateway.making import KEYS, NOW, Made, make, name


class Case(NamedTuple):
    """What is presented, what is in the lists, and the verdict."""

    what: str
    presented: Sequence[Made]
    listed: Sequence[Made]
    outcome: str
    reason: Reason | None
    sentence: str = ""


def judged(case: Case) -> ChainVerdict:
    store = TrustStore([one.certificate for one in case.listed])
    return store.judge([one.certificate for one in case.presented], NOW)


def good(what: str, presented: Sequence[Made], listed: Sequence[Made]) -> Case:
    return Case(what, presented, listed, "trusted", None)


def bad(what: str, presented: Sequence[Made], listed: Sequence[Made], outcome: str, sentence: str = "") -> Case:
    return Case(what, presented, listed, outcome, "certificate-not-trusted", sentence)


LAX = make("Lax Root", key=1, ca=None, extensions=(x509.BasicConstraints(True, None),))
AIA = x509.AuthorityInformationAccess([x509.AccessDescription(CA_ISSUERS, x509.DNSName("ca.example"))])
STARRED = permitted("example.com")
STARRED._permitted_subtrees = dns("*.example.com")  # not checked


EXPECTED = [
    # V1: who is trusted
    good("a chain of three", [LEAF, INTERMEDIATE], [ROOT]),
    good("the root is sent as well", [LEAF, INTERMEDIATE, ROOT], [ROOT]),
    good("in another order, and with strangers", [LEAF, OTHER_ROOT, ROOT, SELF_SIGNED, INTERMEDIATE], [ROOT]),
    good("the intermediate is of the list", [LEAF], [INTERMEDIATE]),
    good("among other authorities", [LEAF, INTERMEDIATE], [OTHER_ROOT, ROOT]),
    bad("nobody above it", [LEAF], [ROOT], "issuer-missing",
        'The issuer of "mx.example.com", "Intermediate", is in no list and was not sent along.'),
    bad("the root is in no list", [LEAF, INTERMEDIATE], [OTHER_ROOT], "issuer-missing",
        'The issuer of "Intermediate", "Root", is in no list and was not sent along.'),
    bad("the root is sent and in no list", [LEAF, INTERMEDIATE, ROOT], [OTHER_ROOT], "issuer-missing",
        'The chain ends at "Root", which is in no list of authorities.'),
    bad("no list at all", [LEAF, INTERMEDIATE], [], "issuer-missing"),
    bad("one of the same name has not signed it", [LEAF, make("Intermediate", ROOT, key=6, ca=True)], [ROOT],
        "bad-signature"),
    # V8
    bad("self-signed", [SELF_SIGNED], [ROOT], "self-signed",
        '"mx.example.com" is signed by itself and is in no list.'),
    good("self-signed and listed", [SELF_SIGNED], [SELF_SIGNED]),
    good("listed, whoever issued it", [LEAF], [LEAF]),
    good("a self-signed authority as a server", [ROOT], [ROOT]),
    bad("listed without a CA flag, it signs nothing", [leaf(SELF_SIGNED, "a.example")], [SELF_SIGNED],
        "issuer-missing"),
    bad("without basic constraints, it signs nothing", [leaf(make("Root", key=1, ca=None))],
        [make("Root", key=1, ca=None)], "issuer-missing"),
    Case("listed and expired", [STALE], [STALE], "expired", "certificate-expired"),
    # V1: dates
    Case("an expired leaf", [leaf(ROOT, begin=-30, days=10)], [ROOT], "expired", "certificate-expired",
         '"mx.example.com" expired on 2026-05-03 11:42 GMT.'),
    bad("a leaf of tomorrow", [leaf(ROOT, begin=1)], [ROOT], "not-yet-valid",
        '"mx.example.com" is not valid before 2026-05-24 11:42 GMT.'),
    Case("an expired intermediate", [leaf(STALE_INTERMEDIATE), STALE_INTERMEDIATE], [ROOT], "expired",
         "certificate-expired", '"Intermediate" expired on 2025-07-27 11:42 GMT.'),
    Case("an expired root", [leaf(make("Old", key=1, ca=True, begin=-30, days=10))],
         [make("Old", key=1, ca=True, begin=-30, days=10)], "expired", "certificate-expired",
         '"Old" expired on 2026-05-03 11:42 GMT.'),
    # V1: several paths
    good("a stale cross certificate beside the root", [LEAF, INTERMEDIATE, STALE_CROSS], [ROOT, OTHER_ROOT]),
    good("a stale intermediate before the good one", [LEAF, STALE_INTERMEDIATE, INTERMEDIATE], [ROOT]),
    good("an impostor before the good one", [LEAF, IMPOSTOR, INTERMEDIATE], [ROOT, OTHER_ROOT]),
    good("one that may not sign before the good one", [LEAF, make("Intermediate", ROOT, key=2), INTERMEDIATE], [ROOT]),
    good("a way that binds names before the free one",
         [LEAF, between(ROOT, critical=(permitted("example.org"),)), INTERMEDIATE], [ROOT]),
    bad("issuers in a loop", [leaf(LOOP_A), LOOP_A, LOOP_B], [ROOT], "issuer-missing"),
    # V1: CA flags, path lengths
    bad("an intermediate without the CA flag", under(ROOT, lambda up: between(up, ca=False), leaf), [ROOT],
        "not-an-authority"),
    bad("an intermediate without basic constraints", under(ROOT, lambda up: between(up, ca=None), leaf), [ROOT],
        "not-an-authority"),
    bad("only the key usage says that it may sign",
        under(ROOT, lambda up: between(up, ca=None, extensions=(usage(key_cert_sign=True),)), leaf), [ROOT],
        "not-an-authority"),
    bad("the key usage says that it may not sign",
        under(ROOT, lambda up: between(up, extensions=(usage(crl_sign=True),)), leaf), [ROOT], "not-an-authority"),
    good("a path length that is kept", under(ROOT, lambda up: between(up, path_length=0), leaf), [ROOT]),
    good("a path length does not count the leaf, an authority or not",
         under(ROOT, lambda up: between(up, path_length=0), lambda up: leaf(up, ca=True)), [ROOT]),
    bad("a path length that is exceeded",
        under(ROOT, lambda up: between(up, path_length=0), lambda up: between(up, "Third", 4), leaf), [ROOT],
        "path-too-long"),
    bad("the path length of the list's authority counts",
        under(root(path_length=0), between, leaf), [root(path_length=0)], "path-too-long"),
    good("self-issued ones count for no length",
         under(ROOT, lambda up: between(up, path_length=0), self_issued, leaf), [ROOT]),
    # V1: name constraints
    good("a permitted name", constrained(permitted("example.com")), [ROOT]),
    bad("not a permitted name", constrained(permitted("example.org")), [ROOT], "name-constraints"),
    bad("an excluded name", constrained(excluded("example.com")), [ROOT], "name-constraints"),
    bad("no label of a name is cut", constrained(permitted("x.example.com")), [ROOT], "name-constraints"),
    bad("an excluded second name", constrained(excluded("b.example"), names=("a.example", "b.example")), [ROOT],
        "name-constraints"),
    bad("constraints of the list's authority count",
        [leaf(root(critical=(permitted("example.org"),)))], [root(critical=(permitted("example.org"),))],
        "name-constraints"),
    bad("the CN is a name where there is no SAN", constrained(permitted("example.org"), "mx.example.com", names=()),
        [ROOT], "name-constraints"),
    bad("the CN is a name beside SANs too (V2)", constrained(permitted("example.com"), "mx.bank.example"), [ROOT],
        "name-constraints"),
    bad("an excluded CN", constrained(excluded("bank.example"), "mx.bank.example"), [ROOT], "name-constraints"),
    bad("a dot at the end leads out of no excluded tree (V5)",
        constrained(excluded("bank.example"), names=("mx.example.com", "MX.Bank.example.")), [ROOT],
        "name-constraints"),
    bad("a wildcard reaches into what is excluded",
        constrained(excluded("mx.example.com"), names=("*.example.com",)), [ROOT], "name-constraints"),
    good("a CN that is a sentence", constrained(permitted("example.com"), "Example Inc. of Osaka"), [ROOT]),
    good("a CN that is an address", constrained(permitted("example.com"), "192.0.2.1"), [ROOT]),
    good("a CN that names nobody", constrained(permitted("example.com"), "Example-Inc./Osaka"), [ROOT]),
    bad("a CN with a *", constrained(permitted("example.com"), "*.bank.example"), [ROOT], "name-constraints"),
    bad("a CN with a dot at its end", constrained(permitted("example.com"), "MX.bank.example."), [ROOT],
        "name-constraints"),
    bad("an intermediate's own name is bound",
        under(ROOT, lambda up: between(up, critical=(permitted("example.com"),)),
              lambda up: between(up, "Third", 4, names=("bank.example",)), leaf), [ROOT], "name-constraints"),
    bad("constraints narrow on the way down",
        under(ROOT, lambda up: between(up, critical=(permitted("a.example", "b.example"),)),
              lambda up: between(up, "Third", 4, critical=(permitted("b.example"),)),
              lambda up: leaf(up, names=("a.example",))), [ROOT], "name-constraints"),
    bad("and do not widen again",
        under(ROOT, lambda up: between(up, critical=(permitted("b.example"),)),
              lambda up: between(up, "Third", 4, critical=(permitted("a.example", "b.example"),)),
              lambda up: leaf(up, names=("a.example",))), [ROOT], "name-constraints"),
    # V1: what keys are for
    good("for servers", [leaf(ROOT, extensions=(x509.ExtendedKeyUsage([CLIENT, SERVER]),))], [ROOT]),
    good("for anything", [leaf(ROOT, extensions=(x509.ExtendedKeyUsage([ANY]),))], [ROOT]),
    bad("for clients", [leaf(ROOT, extensions=(x509.ExtendedKeyUsage([CLIENT]),))], [ROOT], "not-for-servers"),
    bad("an intermediate for clients",
        under(ROOT, lambda up: between(up, extensions=(x509.ExtendedKeyUsage([CLIENT]),)), leaf), [ROOT],
        "not-for-servers"),
    bad("listed, and for clients", [FOR_CLIENTS], [FOR_CLIENTS], "not-for-servers"),
    good("a key that signs", [leaf(ROOT, extensions=(usage(digital_signature=True),))], [ROOT]),
    bad("a key for lists only", [leaf(ROOT, extensions=(usage(crl_sign=True),))], [ROOT], "not-for-servers"),
    bad("a key for nothing", [leaf(ROOT, extensions=(usage(),))], [ROOT], "malformed",
        'The key usage of "mx.example.com" allows nothing (RFC 5280 s4.2.1.3).'),
    good("an authority as a server, whose key signs certificates",
         [leaf(ROOT, ca=True, extensions=(usage(key_cert_sign=True, crl_sign=True),))], [ROOT]),
    bad("an authority as a server, whose key signs none", [leaf(ROOT, ca=True, extensions=(usage(crl_sign=True),))],
        [ROOT], "not-for-servers"),
    # V1: extensions and names that RFC 5280 forbids
    bad("an unknown critical extension", [leaf(ROOT, critical=(UNKNOWN,))], [ROOT], "unknown-critical-extension"),
    good("an unknown extension", [leaf(ROOT, extensions=(UNKNOWN,))], [ROOT]),
    bad("an unknown critical extension above", under(ROOT, lambda up: between(up, critical=(UNKNOWN,)), leaf), [ROOT],
        "unknown-critical-extension"),
    bad("an unknown critical extension of the list's authority", [leaf(root(critical=(UNKNOWN,)))],
        [root(critical=(UNKNOWN,))], "unknown-critical-extension"),
    bad("a listed one with an unknown critical extension", [UNUSUAL], [UNUSUAL], "unknown-critical-extension"),
    bad("no CA flag, and a key usage to sign certificates",
        [leaf(ROOT, extensions=(usage(digital_signature=True, key_cert_sign=True),))], [ROOT], "malformed"),
    bad("no CA flag, and name constraints", [leaf(ROOT, critical=(permitted("example.com"),))], [ROOT], "malformed"),
    bad("an authority without a name", [leaf(make(subject=x509.Name([]), key=1, ca=True))],
        [make(subject=x509.Name([]), key=1, ca=True)], "malformed"),
    # Rules of RFC 5280 that bind authorities when they issue; s6.1 asks nothing of it, and private authorities omit it
    good("a leaf without a name", [leaf(ROOT, subject=x509.Name([]))], [ROOT]),
    good("no key identifiers, no key usage", [LEAF, INTERMEDIATE], [ROOT]),
    good("basic constraints that are not critical", [leaf(LAX)], [LAX]),
    good("name constraints that are not critical", [leaf(root(extensions=(permitted("example.com"),)))], [ROOT]),
    good("a name constraint with a dot before it", constrained(permitted(".example.com")), [ROOT]),
    bad("an empty label where names are constrained",
        constrained(permitted("example.com"), names=(".example.com", "mx.example.com")), [ROOT], "name-constraints"),
    bad("an intermediate with a wildcard as a name constraint is none", constrained(STARRED), [ROOT], "issuer-missing"),
    bad("a critical extension that is never critical", [leaf(ROOT, critical=(AIA,))], [ROOT],
        "unknown-critical-extension"),
]  # fmt: skip


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case.what)
def test_a_chain_is_trusted_or_it_is_said_why_not(case: Case) -> None:  # V1, V8
    verdict = judged(case)
    assert (verdict.outcome, verdict.reason) == (case.outcome, case.reason), verdict.sentence
    assert verdict.good == (case.outcome == "trusted") == bool(verdict.path)
    assert not case.sentence or verdict.sentence == case.sentence


def test_the_path_and_the_missing_issuer_are_told() -> None:  # V1
    store = TrustStore([ROOT.certificate])
    chain = [LEAF.certificate, INTERMEDIATE.certificate, ROOT.certificate]
    assert store.judge([chain[0], chain[2], chain[1]], NOW).path == tuple(chain)
    assert store.judge(chain[:1], NOW).missing_issuer == "Intermediate"


def test_first_and_last_second_of_the_dates_count() -> None:  # V1, RFC 5280 s4.1.2.5
    store, one = TrustStore([ROOT.certificate]), leaf(ROOT, begin=0, days=1).certificate
    for moment, outcome in (
        (NOW - timedelta(milliseconds=1), "not-yet-valid"),
        (NOW, "trusted"),
        (NOW + timedelta(days=1), "trusted"),
        (NOW + timedelta(days=1, milliseconds=5), "trusted"),
        (NOW + timedelta(days=1, seconds=1), "expired"),
    ):
        assert store.judge([one], moment).outcome == outcome


@pytest.mark.parametrize("year", [1950, 9999])
def test_dates_at_the_ends_of_time_are_compared(year: int) -> None:  # V1
    store = TrustStore([ROOT.certificate])
    expected = "not-yet-valid" if year == 1950 else "expired"
    assert (
        store.judge([LEAF.certificate, INTERMEDIATE.certificate], datetime(year, 1, 1, tzinfo=UTC)).outcome == expected
    )
    always = make("always", begin=(datetime(1950, 1, 2, tzinfo=UTC) - NOW).days, days=2_940_100)
    assert TrustStore([always.certificate]).judge([always.certificate], datetime(year, 6, 1, tzinfo=UTC)).good


STRENGTHS = [
    (rsa_key(512), "weak-key"),
    (rsa_key(1024), "trusted"),
    (rsa_key(8192), "trusted"),
    (rsa_key(16384), "key-too-large"),
    (rsa_key(60_000), "key-too-large"),
    (rsa_key(2048, (1 << 63) + 1), "trusted"),
    (rsa_key(2048, (1 << 64) + 1), "key-too-large"),
    (KEYS[0].public_key(), "trusted"),
]


@pytest.mark.parametrize(
    ("key", "outcome"), STRENGTHS, ids=["512", "1024", "8192", "16384", "60000", "e of 64", "e of 65", "EC"]
)
def test_keys_are_of_a_size_that_is_safe_and_can_be_checked(key: rsa.RSAPublicKey, outcome: str) -> None:  # V1
    found = TrustStore([ROOT.certificate]).judge([holder(key)], NOW)
    assert (found.outcome, found.reason) == (outcome, None if outcome == "trusted" else "certificate-not-trusted")


def test_a_signature_with_sha_1_is_none() -> None:  # V1
    one = signed_with_sha_1()
    fault = link_fault(one, datetime(2026, 1, 1, tzinfo=UTC), leaf=True)
    assert fault is not None
    assert fault.sentence == f'The signature of "{SHA_1_NAME}" uses sha1, which can be forged.'
    assert TrustStore([one]).judge([one], NOW).good  # nothing is signed where it is listed


def test_a_root_with_rsa_1024_is_an_authority() -> None:  # V1
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 # such roots are still in use
    names = (name("Old Root"), name("Old Root"))
    builder = x509.CertificateBuilder(*names, key.public_key(), 1, NOW - timedelta(9), NOW + timedelta(9))
    old = builder.add_extension(x509.BasicConstraints(True, None), critical=False).sign(key, hashes.SHA256())
    one = x509.CertificateBuilder(names[0], name("mx"), KEYS[3].public_key(), 2, NOW - timedelta(1), NOW + timedelta(1))
    assert TrustStore([old]).judge([one.sign(key, hashes.SHA256())], NOW).good


@pytest.mark.parametrize("trusted_as", ["listed", "anchor", "link"])
@pytest.mark.parametrize(("bits", "outcome"), [(512, "weak-key"), (768, "weak-key"), (1024, None)])
def test_an_authority_whose_key_can_be_broken_is_none(bits: int, outcome: str | None, trusted_as: TrustedAs) -> None:
    dates = (NOW - timedelta(1), NOW + timedelta(1))  # V1, T11, T13
    builder = x509.CertificateBuilder(name("Root"), name("Root"), rsa_key(bits), 1, *dates)
    weak = builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(KEYS[1], hashes.SHA256())
    fault = path_fault((LEAF.certificate, weak), NOW, trusted_as)
    assert (fault.outcome if fault is not None else None) == outcome
