"""Chains of strangers: whatever they send is judged or refused, soon, and spoils nothing."""

from __future__ import annotations

import random
import warnings

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.chain import (
    LARGEST,
    MOST_PRESENTED,
    TrustStore,
    judge_anchored,
    read_presented,
)
from gateway.refusals import CertificateRefused
from tests.gateway.chains import (
    IMPOSTOR,
    INTERMEDIATE,
    LEAF,
    LOOP_A,
    LOOP_B,
    OTHER_ROOT,
    ROOT,
    SELF_SIGNED,
    STALE_CROSS,
    STALE_INTERMEDIATE,
    UNUSUAL,
    constrained,
    dns,
    holder,
    leaf,
    rsa_key,
)
from tests.gateway.making import DER, NOW, Made, make


def test_an_empty_chain_and_far_too_long_ones_are_refused() -> None:
    store = TrustStore([ROOT.certificate])
    assert store.judge([], NOW)[:4] == (
        False,
        "no-certificate",
        "validation-failure",
        "The server sent no certificate.",
    )
    assert judge_anchored([], [], [], NOW).outcome == "no-certificate"
    many = [LEAF.certificate] * 100
    assert store.judge(many, NOW).outcome == "too-many-certificates"
    assert store.judge([*many[:20], INTERMEDIATE.certificate], NOW).good  # the same one often is no harm


UNREADABLE = [
    ([], "The server sent no certificate."),
    ([LEAF.der] * (MOST_PRESENTED + 1), "The server sent 65 certificates; at most 64 are taken."),
    ([b""], "The server's certificate cannot be read: its content is damaged."),
    ([LEAF.der[:-1], ROOT.der], "The server's certificate cannot be read: its content is damaged."),
    ([LEAF.der, b"\x30" * (LARGEST + 1)],
     f"The server sent certificates of {len(LEAF.der) + 65537} octets; at most 65536 are taken of one and"
     " 262144 of all."),
    ([holder(rsa_key(16384)).public_bytes(DER)],
     'The key of "mx.example.com" has 16384 bits; at most 8192 are taken.'),
]  # fmt: skip


@pytest.mark.parametrize(("ders", "sentence"), UNREADABLE, ids=map(str, range(len(UNREADABLE))))
def test_what_cannot_be_taken_from_a_handshake_is_said(ders: list[bytes], sentence: str) -> None:
    with pytest.raises(CertificateRefused) as refused:
        read_presented(ders)
    assert str(refused.value) == sentence


def test_what_is_no_certificate_behind_the_first_is_left_out() -> None:
    ders = [LEAF.der, b"junk", holder(rsa_key(16384)).public_bytes(DER), INTERMEDIATE.der]
    assert read_presented(ders) == [LEAF.certificate, INTERMEDIATE.certificate]


def hostile_names(count: int) -> list[Made]:
    """Return a chain whose names and name constraints are to be compared each with each."""
    many = tuple(f"{number}.example" for number in range(count))
    return constrained(x509.NameConstraints(dns(*many), dns(*(f"x{one}" for one in many))), "mx", names=many)


@pytest.mark.parametrize("count", [1, 100, 2500])
def test_many_names_cost_no_more_than_many_comparisons(count: int) -> None:
    verdict = TrustStore([ROOT.certificate]).judge([one.certificate for one in hostile_names(count)], NOW)
    assert verdict.good == (count < 1000)


def test_a_web_of_authorities_that_all_signed_each_other_is_left() -> None:
    web = [
        make("Web", make("Web", key=key, ca=True), key=other, ca=True) for key in range(4, 7) for other in range(4, 7)
    ]
    chain = [leaf(web[0]).certificate, *(one.certificate for one in (*web, *web, *web))]
    assert TrustStore([ROOT.certificate]).judge(chain[:MOST_PRESENTED], NOW).outcome == "issuer-missing"


ODD = {"NUL": "a\0b", "letter": "b\u00fccher.example", "keys": "\x1b[2Jx", "turned": "\u202e", "long": "x" * 60_000}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_names_of_strangers_are_shown_printable(odd: str) -> None:
    with warnings.catch_warnings(action="ignore"):  # of what is too long on purpose
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, odd, _validate=False)])
    verdict = TrustStore([ROOT.certificate]).judge([make(subject=subject).certificate], NOW)
    assert verdict.outcome == "self-signed"
    assert verdict.sentence.isprintable()
    assert len(verdict.sentence) < 500


def test_one_check_leaves_nothing_for_the_next() -> None:
    broken = [LEAF.certificate, IMPOSTOR.certificate]
    store, listed = TrustStore([ROOT.certificate]), TrustStore([ROOT.certificate, OTHER_ROOT.certificate])
    for _ in range(3):
        assert not listed.judge(broken, NOW).good
        assert store.judge([LEAF.certificate, INTERMEDIATE.certificate], NOW).good
        assert read_presented([LEAF.der]) == [LEAF.certificate]


STRANGERS = [one.certificate for one in (ROOT, OTHER_ROOT, IMPOSTOR, SELF_SIGNED, STALE_CROSS, STALE_INTERMEDIATE,
             LOOP_A, LOOP_B, UNUSUAL, make("Intermediate", ROOT, key=6, ca=True))]  # fmt: skip


@settings(max_examples=25)
@given(st.lists(st.sampled_from(STRANGERS), max_size=12), st.randoms(use_true_random=False))
def test_strangers_in_any_order_spoil_no_good_chain(strangers: list[x509.Certificate], order: random.Random) -> None:
    rest = [INTERMEDIATE.certificate, *strangers]
    order.shuffle(rest)
    verdict = TrustStore([ROOT.certificate, OTHER_ROOT.certificate]).judge([LEAF.certificate, *rest], NOW)
    assert verdict.good, verdict.sentence
    assert judge_anchored([LEAF.certificate, *rest], [ROOT.certificate], [], NOW).good


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(LEAF.der) - 1), min_size=1, max_size=3), st.integers(0, 255), st.booleans())
def test_damaged_certificates_are_judged_or_refused(places: list[int], octet: int, first: bool) -> None:
    damaged = bytearray(LEAF.der)
    for place in places:
        damaged[place] = octet
    ders = [bytes(damaged), INTERMEDIATE.der] if first else [LEAF.der, bytes(damaged), INTERMEDIATE.der]
    try:
        verdict = TrustStore([ROOT.certificate]).judge(read_presented(ders), NOW)
    except CertificateRefused:
        assert first
        return
    assert verdict.good == (not first or bytes(damaged) == LEAF.der)
    assert verdict.sentence.isprintable()
