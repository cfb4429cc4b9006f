"""TLSA records, and which of them a presented chain matches (rules T5, T6, T10 to T16, T18, T21)."""

from __future__ import annotations

import re
import warnings
from typing import NamedTuple

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from gateway.dane import MOST_RECORDS, TLSA, fault, judge, strongest, usable
from gateway.refusals import TlsaRefused
from gateway.tlsa import public_key_info
from gateway.verdict import REASONS
from state.wording import CONTROL
from tests.gateway.making import NOW, Made, make, rename

HOST = "mx.example.net"
NAMES = (HOST,)

ROOT = make("Example Root", key=1, ca=True, days=3650)
MIDDLE = make("Example Intermediate", ROOT, key=2, ca=True)
STRANGER = make("Other Root", key=3, ca=True)
SELF = make(HOST, key=6, names=NAMES)
OLD_ROOT = make("Old Root", key=4, ca=True, begin=-100, days=10)
MADE = {
    "root": ROOT,
    "middle": MIDDLE,
    "stranger": STRANGER,
    "old-root": OLD_ROOT,
    "leaf": make(HOST, MIDDLE, names=NAMES),
    "expired": make(HOST, MIDDLE, names=NAMES, begin=-100, days=10),
    "future": make(HOST, MIDDLE, names=NAMES, begin=10),
    "elsewhere": make("mx.elsewhere.example", MIDDLE, names=("mx.elsewhere.example",)),
    "common": make(HOST, MIDDLE),
    "beside": make(HOST, MIDDLE, names=("mx.elsewhere.example",)),
    "wildcard": make("x", MIDDLE, names=("*.example.net",)),
    "nameless": make(subject=x509.Name([]), issuer=MIDDLE),
    "below-old": make(HOST, OLD_ROOT, names=NAMES),
    "from-root": make(HOST, ROOT, names=NAMES),
    "forged": make(HOST, Made(MIDDLE.certificate, STRANGER.key), names=NAMES),
    "self": SELF,
    "self-ca": make(HOST, key=6, ca=True, names=NAMES),
    "below-self": make(HOST, SELF, key=5, names=NAMES),
}

EE, TA, NO_MATCH, LEAF = "matched-dane-ee", "matched-dane-ta", "no-match", "anchor-is-leaf"
UNUSABLE, NOTHING, OTHER_NAME = "no-usable-record", "no-certificate", "name-mismatch"


class Case(NamedTuple):
    """Records such as `3 1 1 leaf` (of that certificate), what is presented, and what is to be said of them."""

    records: str
    presented: str
    outcome: str
    reason: str | None
    why: str


CASES = (
    # T10: the server's own certificate alone, whatever its names, dates and chain
    Case("3 1 1 leaf", "leaf middle", EE, None, "the key"),
    Case("3 1 1 leaf", "leaf", EE, None, "without its chain"),
    Case("3 0 1 leaf", "leaf", EE, None, "the whole certificate"),
    Case("3 1 2 leaf", "leaf", EE, None, "SHA2-512"),
    Case("3 0 2 leaf", "leaf", EE, None, "SHA2-512 of the whole certificate"),
    Case("3 1 0 leaf", "leaf", EE, None, "the full key"),
    Case("3 0 0 leaf", "leaf", EE, None, "the full certificate"),
    Case("3 0 1 expired", "expired middle", EE, None, "expired"),
    Case("3 0 1 future", "future", EE, None, "not yet valid"),
    Case("3 0 1 elsewhere", "elsewhere", EE, None, "another name"),
    Case("3 0 1 nameless", "nameless", EE, None, "no name"),
    Case("3 0 1 self", "self", EE, None, "self-signed"),
    Case("3 0 1 self-ca", "self-ca", EE, None, "self-signed, an authority"),
    Case("3 0 1 forged", "forged middle", EE, None, "a bad signature"),
    Case("3 1 1 middle", "leaf middle", NO_MATCH, "validation-failure", "leaf only: an issuer does not count"),
    Case("3 1 1 expired", "leaf middle", EE, None, "the same key in another certificate"),
    Case("3 0 1 expired", "leaf middle", NO_MATCH, "validation-failure", "another certificate with the same key"),
    # T11: an issuer, a path, a name
    Case("2 0 1 middle", "leaf middle", TA, None, "an intermediate"),  # T14
    Case("2 1 1 middle", "leaf middle", TA, None, "an intermediate's key"),  # T14
    Case("2 0 1 root", "leaf middle root", TA, None, "the root"),
    Case("2 1 2 root", "leaf root middle", TA, None, "out of order"),
    Case("2 0 1 middle", "leaf stranger middle", TA, None, "a stranger between"),
    Case("2 0 1 root", "leaf middle", NO_MATCH, "validation-failure", "an anchor that was not sent"),
    Case("2 0 1 root", "leaf root", "issuer-missing", "certificate-not-trusted", "no path to the anchor"),
    Case("2 0 1 stranger", "leaf middle stranger", "issuer-missing", "certificate-not-trusted", "it signed nothing"),
    Case("2 0 1 middle", "forged middle", "bad-signature", "certificate-not-trusted", "a bad signature"),
    Case("2 0 1 middle", "expired middle", "expired", "certificate-expired", "an expired leaf"),
    Case("2 0 1 middle", "future middle", "not-yet-valid", "certificate-not-trusted", "a leaf of tomorrow"),
    Case("2 0 1 old-root", "below-old old-root", TA, None, "the anchor's own dates do not count"),
    Case("2 0 1 self", "below-self self", "self-signed", "certificate-not-trusted", "an anchor that is no CA"),
    # T18, T21
    Case("2 0 1 middle", "elsewhere middle", OTHER_NAME, "certificate-host-mismatch", "another name"),
    Case("2 0 1 middle", "common middle", TA, None, "a CN where there is no SAN"),
    Case("2 0 1 middle", "beside middle", OTHER_NAME, "certificate-host-mismatch", "a CN beside a SAN"),
    Case("2 0 1 middle", "wildcard middle", TA, None, "a wildcard"),
    Case("2 0 1 middle", "nameless middle", "no-name-presented", "certificate-host-mismatch", "no name at all"),
    # T12
    Case("2 0 1 self", "self", LEAF, "certificate-not-trusted", "a leaf that is no CA"),
    Case("2 1 1 self", "self", LEAF, "certificate-not-trusted", "its key"),
    Case("2 0 0 self", "self", LEAF, "certificate-not-trusted", "in full"),
    Case("2 1 0 self", "self", LEAF, "certificate-not-trusted", "its bare key, though it signed itself"),
    Case("2 0 1 self", "self self", LEAF, "certificate-not-trusted", "sent twice"),
    Case("2 0 1 leaf", "leaf middle root", LEAF, "certificate-not-trusted", "with a chain"),
    Case("2 0 1 self-ca", "self-ca", LEAF, "certificate-not-trusted", "an authority, as in OpenSSL"),
    Case("2 1 0 self-ca", "self-ca", LEAF, "certificate-not-trusted", "an authority's bare key, which signed itself"),
    Case("2 0 0 self", "below-self", "self-signed", "certificate-not-trusted", "in the DNS, above another"),
    # T13
    Case("2 0 0 middle", "leaf middle", TA, None, "the full intermediate, sent"),
    Case("2 0 0 middle", "leaf", TA, None, "the full intermediate, not sent"),
    Case("2 0 0 root", "leaf middle", TA, None, "the full root, not sent"),
    Case("2 0 0 root", "leaf", "issuer-missing", "certificate-not-trusted", "the path breaks off"),
    Case("2 1 0 middle", "leaf", TA, None, "the bare key of the top's issuer"),
    Case("2 1 0 root", "leaf middle", TA, None, "the bare key of a root that was not sent"),
    Case("2 1 0 middle", "leaf middle", TA, None, "the bare key of one that was sent"),
    Case("2 1 0 stranger", "leaf middle", "issuer-missing", "certificate-not-trusted", "it signed nothing sent"),
    Case("2 1 0 root", "leaf", "issuer-missing", "certificate-not-trusted", "it signed what was not sent"),
    Case("2 0 0 middle", "elsewhere", OTHER_NAME, "certificate-host-mismatch", "the name counts there too"),
    Case("2 1 0 middle", "expired", "expired", "certificate-expired", "and so do dates"),
    # T15
    Case("3 1 1 stranger; 3 1 1 leaf", "leaf", EE, None, "one of two matches"),
    Case("2 0 1 stranger; 2 0 1 middle", "leaf middle stranger", TA, None, "one of two anchors leads there"),
    Case("2 0 1 middle; 3 1 1 leaf", "leaf middle", EE, None, "EE before TA"),
    Case("2 0 1 middle; 3 1 1 expired", "expired middle", EE, None, "EE saves what TA would refuse"),
    Case("3 1 1 stranger; 2 0 1 middle", "leaf middle", TA, None, "TA where no EE matches"),
    Case("2 0 1 self; 3 1 1 self", "self", EE, None, "EE beside a TA that T12 refuses"),
    Case("2 0 1 self; 2 0 1 root", "self", LEAF, "certificate-not-trusted", "the nearest is told"),
    # T16
    Case("3 1 1 leaf; 3 1 2 stranger", "leaf", NO_MATCH, "validation-failure", "the weaker digest counts no more"),
    Case("3 1 1 stranger; 3 1 2 leaf", "leaf", EE, None, "the stronger one does"),
    Case("3 0 1 leaf; 3 1 2 stranger", "leaf", EE, None, "another selector is judged by itself"),
    Case("2 1 1 middle; 3 1 2 stranger", "leaf middle", TA, None, "another usage is judged by itself"),
    Case("3 1 0 leaf; 3 1 2 stranger", "leaf", EE, None, "the full content always counts"),
    # T5, T6 b
    Case("1 1 1 leaf", "leaf middle", UNUSABLE, "tlsa-invalid", "PKIX-EE"),
    Case("0 0 1 middle", "leaf middle", UNUSABLE, "tlsa-invalid", "PKIX-TA"),
    Case("1 1 1 leaf; 3 1 1 stranger", "leaf", NO_MATCH, "validation-failure", "the usable one decides"),
    Case("1 1 1 stranger; 3 1 1 leaf", "leaf", EE, None, "the unusable one does no harm"),
    Case("1 1 2 leaf; 3 1 1 leaf", "leaf", EE, None, "nor by its stronger digest"),
    Case("", "leaf", UNUSABLE, "tlsa-invalid", "no record"),
    Case("3 1 1 leaf", "", NOTHING, "validation-failure", "no certificate"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.records} | {case.presented} | {case.why}")
def test_which_record_authenticates(case: Case) -> None:  # T10 to T16, T18
    verdict = judge(_records(case.records), _certificates(case.presented), [HOST], NOW)
    assert (verdict.outcome, verdict.reason) == (case.outcome, case.reason)
    assert verdict.good == (case.outcome in (EE, TA)) == (verdict.reason is None)
    assert verdict.verdict == verdict[:4]


def test_the_record_that_matched_is_told() -> None:  # T15
    records = _records("3 1 1 stranger; 2 0 1 stranger; 2 1 1 middle; 2 0 1 root")
    verdict = judge(records, _certificates("leaf middle root"), [HOST], NOW)
    assert verdict.record == records[2]
    assert verdict.sentence == f'The {records[2].shown} matches. The SAN dNSName "{HOST}" matches "{HOST}".'


def test_any_of_the_reference_names_will_do() -> None:  # T17, T18
    presented, records = _certificates("elsewhere middle"), _records("2 0 1 middle")
    assert judge(records, presented, [HOST, "mx.elsewhere.example"], NOW).good
    assert not judge(records, presented, [], NOW).good


def test_the_order_of_digests_is_a_parameter() -> None:  # T16
    records = _records("3 1 1 leaf; 3 1 2 stranger")
    assert judge(records, _certificates("leaf"), [HOST], NOW, order=(1, 2)).good
    assert strongest(records, (1, 2)) == records[:1]
    assert strongest(records, (2, 1)) == records[1:]
    assert strongest(records, (2,)) == records[1:]
    assert strongest(records, ()) == []


SENTENCES = (
    ("3 1 1 leaf", "leaf", "The DANE-EE record 3 1 1 {digest}... matches the server's certificate."),
    ("3 1 1 stranger", "leaf", "No usable TLSA record matches a certificate of the server (1 record, 1 certificate)."),
    (
        "2 1 1 self",
        "self",
        "The DANE-TA record 2 1 1 {digest}... matches the server's own certificate; it has to match an issuer of it.",
    ),
    ("0 1 1 leaf", "leaf", "No TLSA record of the server is usable."),
)


@pytest.mark.parametrize(("records", "presented", "sentence"), SENTENCES)
def test_a_verdict_is_a_sentence(records: str, presented: str, sentence: str) -> None:
    made = _records(records)
    verdict = judge(made, _certificates(presented), [HOST], NOW)
    assert verdict.sentence == sentence.format(digest=made[0].data[:8].hex())


LEAF_DER = MADE["leaf"].der


def test_a_leaf_with_an_unknown_kind_of_key_is_compared_and_an_anchor_with_one_is_of_no_use() -> None:  # T5, T10
    ec_key = bytes.fromhex("06072a8648ce3d0201")
    strange = rename(MADE["leaf"], ec_key, bytes.fromhex("06072a8648ce3d027f"))
    for selector in (0, 1):
        record = TLSA.of(strange, 3, selector, 0)
        assert fault(record) is None
        assert judge([record], [strange], [HOST], NOW).outcome == EE
        assert fault(record._replace(usage=2)) == "the kind of its public key is not supported"


@pytest.mark.parametrize("records", [[], _unusable := [TLSA(1, 1, 1, bytes(32)), TLSA(3, 9, 1, b"")]])
def test_nothing_usable_is_left_of_unusable_records(records: list[TLSA]) -> None:
    assert usable(records) == []


def test_a_flood_of_records_is_cut() -> None:
    flood = [TLSA(3, 1, 1, number.to_bytes(32)) for number in range(1000)]
    assert usable([*_unusable * 500, *flood, *flood]) == flood[:MOST_RECORDS]


def test_a_flood_of_anchors_is_judged() -> None:
    flood = [TLSA(2, 1, 0, public_key_info(one.certificate)) for one in MADE.values()] * 20
    assert judge(flood, _certificates("leaf middle root stranger"), [HOST], NOW).outcome == TA
    assert not judge(flood, _certificates("elsewhere middle root stranger"), [HOST], NOW).good


@given(st.integers(0, len(LEAF_DER) - 1), st.integers(0, 255), st.sampled_from(["3 1 1", "3 0 0", "2 1 0", "2 0 0"]))
def test_no_damaged_certificate_harms(at: int, octet: int, kind: str) -> None:
    with warnings.catch_warnings(action="ignore"):
        der = bytearray(LEAF_DER)
        der[at] = octet
        try:
            damaged = x509.load_der_x509_certificate(bytes(der))
        except (ValueError, x509.InvalidVersion):
            return
    usage, selector, matching_type = map(int, kind.split())
    record = TLSA.of(damaged, usage, selector, matching_type)
    for presented in ([damaged], [MADE["leaf"].certificate, damaged], [damaged, MIDDLE.certificate]):
        verdict = judge([record, TLSA(2, 1, 1, bytes(32))], presented, [HOST], NOW)
        assert verdict.good or verdict.reason in REASONS
        same = TLSA.of(presented[0], usage, selector, matching_type) == record
        assert usage == 2 or verdict.good == (same and fault(record) is None)


RECORDS = st.builds(TLSA, st.integers(-1, 5), st.integers(-1, 3), st.integers(-1, 4), st.binary(max_size=80))


@given(st.lists(RECORDS | st.builds(TLSA, st.integers(0, 3), st.just(0), st.just(0), st.just(LEAF_DER)), max_size=9))
def test_no_record_harms(records: list[TLSA]) -> None:
    verdict = judge(records, _certificates("leaf middle"), [HOST], NOW)
    assert verdict.good == any(record[:3] == (3, 0, 0) and record.data == LEAF_DER for record in records)
    assert not re.search(CONTROL, verdict.sentence)
    assert len(verdict.sentence) < 500


@given(st.binary(max_size=80))
def test_no_wire_form_harms(wire: bytes) -> None:
    try:
        record = TLSA.from_wire(wire)
    except TlsaRefused:
        assert len(wire) < 3
    else:
        assert fault(record) != ""
        assert not judge([record], _certificates("leaf middle"), [HOST], NOW).good


def _certificates(names: str) -> list[x509.Certificate]:
    return [MADE[one].certificate for one in names.split()]


def _records(text: str) -> list[TLSA]:
    """Return the records of `3 1 1 leaf; 2 0 1 middle`."""
    fields = [record.split() for record in text.split(";") if record]
    return [TLSA.of(MADE[made].certificate, *map(int, numbers)) for *numbers, made in fields]
