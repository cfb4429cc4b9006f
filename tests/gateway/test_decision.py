"""Who decides: every combination against the table for people, the chapter's three tables, alerts, sentences."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

import pytest

from gateway.decision import (
    OLD_TLS,
    SESSIONS,
    STS_STATES,
    TLSA_STATES,
    Decision,
    Found,
    Session,
    StsState,
    alerts,
    decide,
    policy_in_force,
)
from gateway.verdict import REASONS, Reason, Verdict
from state.model import DANE_SETTINGS, TLS_SETTINGS, DaneSetting, TlsSetting

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("decisions.txt")
OVER_TLS = ("old-tls", "tls")
CHECKS = ("verify", "hosted", "mta-sts")
UNLISTED = Verdict(False, "mx-not-listed", "validation-failure", "The host is not in the policy.")
MATCH = Verdict(True, "matched", None, "It matches.")
MISMATCH = Verdict(False, "no-match", "validation-failure", "No TLSA record matches.")


class Case(NamedTuple):
    """One combination in the table's words; `dane` is the setting, with what the TLSA search and match gave."""

    dane: str
    sts: StsState
    tls: TlsSetting
    session: Session
    certificate: str


class Row(NamedTuple):
    """One row of the table: what it is for, and what comes out."""

    line: str
    columns: tuple[str, ...]
    outcome: str
    by: str
    reason: str


class Table(NamedTuple):
    """The whole file."""

    certificates: dict[str, dict[str, str]]
    words: dict[str, list[str]]
    headings: list[str]
    rows: list[Row]

    def expanded(self, typed: str) -> set[str]:
        return {one for word in typed.split() for one in self.words.get(word, [word])}

    def said(self, case: Case, check: str) -> str:
        return self.certificates[case.certificate][check]

    def reason(self, row: Row, case: Case) -> str:
        if row.reason == "testing":
            if case.sts == "testing-unlisted":
                return "validation-failure"
            said = self.said(case, "mta-sts")
            return said if said != "ok" else "validation-failure" if case.session == "old-tls" else "-"
        return self.said(case, row.reason) if row.reason in CHECKS else row.reason


def read_table() -> Table:
    table = Table({}, {}, [], [])
    kind = ""
    for line in TABLE.read_text().splitlines():
        columns = tuple(column.strip() for column in line.split("|"))
        if line.startswith("== "):
            table.headings.append(line[3:])
        elif columns[0] in ("certificate", "word", "DANE"):
            kind = columns[0]
        elif not line or line.startswith("#"):
            continue
        elif kind == "certificate":
            table.certificates[columns[0]] = dict(zip(CHECKS, columns[2:], strict=True))
        elif kind == "word":
            table.words[columns[0]] = columns[1].split()
        else:
            table.rows.append(Row(line, columns[:5], *columns[5:]))
    return table


def cases_of(row: Row) -> Iterator[Case]:
    """Yield the combinations that a row is for."""
    *columns, asked = row.columns
    dane, sts, tls, session = (None if typed == "any" else TABLE_READ.expanded(typed) for typed in columns)
    checks = [] if asked == "any" else [(word[:-1], word[-1] == "+") for word in asked.split()]
    for case in CASES:
        if (
            (dane is None or case.dane in dane)
            and (sts is None or case.sts in sts)
            and (tls is None or case.tls in tls)
            and (session is None or case.session in session)
            and (not checks or case.certificate != "-")
            and all((TABLE_READ.said(case, check) == "ok") == passes for check, passes in checks)
        ):
            yield case


TABLE_READ = read_table()
DANE_STATES = ["none"] + [
    f"{setting}:{state}"
    for setting in ("opportunistic", "mandatory")
    for state in ("match", "mismatch", "unusable", "absent", "error")
]


ENDS = [(one, "-") for one in SESSIONS if one not in OVER_TLS] + [
    (one, certificate) for one in SESSIONS if one in OVER_TLS for certificate in TABLE_READ.certificates
]
CASES = [
    Case(dane, sts, tls, session, certificate)
    for dane, sts, tls, (session, certificate) in product(DANE_STATES, STS_STATES, TLS_SETTINGS, ENDS)
]


def rows_of_cases() -> dict[Case, list[Row]]:
    found: dict[Case, list[Row]] = {case: [] for case in CASES}
    for row in TABLE_READ.rows:
        for case in cases_of(row):
            found[case].append(row)
    return found


ROWS = rows_of_cases()
PAIRS = {(TABLE_READ.reason(row, case), row.outcome) for case, rows in ROWS.items() for row in rows}
"""What the table says of all combinations."""


def verdict(said: str) -> Verdict:
    return MATCH if said == "ok" else Verdict(False, "failed", reason(said), f"It failed: {said}.")


def reason(word: str) -> Reason:
    return next(one for one in REASONS if one == word)


def decided(case: Case) -> Decision:
    """Put one case to the functions that are tested."""
    setting, _, state = case.dane.partition(":")
    tlsa = "usable" if state in ("match", "mismatch") else state or "absent"
    policy = policy_in_force(
        case.tls,
        next(one for one in DANE_SETTINGS if one == setting),
        next(one for one in TLSA_STATES if one == tlsa),
        case.sts,
    )
    if case.certificate == "-":
        return decide(policy, Found(case.session))
    verify, hosted, sts = (verdict(TABLE_READ.said(case, check)) for check in CHECKS)
    dane = MATCH if state == "match" else MISMATCH
    return decide(
        policy, Found(case.session, dane, verify, hosted, UNLISTED if case.sts == "testing-unlisted" else sts)
    )


def test_the_table_has_one_row_for_each_combination() -> None:
    assert {case: [row.line for row in rows] for case, rows in ROWS.items() if len(rows) != 1} == {}
    assert len(CASES) == 11 * 7 * 6 * 20


def test_every_row_of_the_table_has_a_combination() -> None:
    used = {row.line for rows in ROWS.values() for row in rows}
    assert [row.line for row in TABLE_READ.rows if row.line not in used] == []


def test_every_combination_comes_out_as_the_table_says() -> None:  # P1 P2 P3 P4 P5 P6 P7 T6 T7 T8 T21 M11 M12 M13 M18
    wrong = []
    for case, (row, *_) in ROWS.items():
        expected = (row.outcome, row.by, TABLE_READ.reason(row, case))
        found = decided(case)
        if (found.outcome, found.by, found.reason or "-") != expected:
            wrong.append((case, expected, found))
    assert wrong == []


CHAPTER = [
    # DANE setting and state, MTA-STS, certificates that passed or failed, what the chapter says
    ("DANE None or other, MTA-STS success -> yes (TLS)", "none", "enforce", "good", "yes"),
    ("DANE None or other, MTA-STS failed: the MX is not in the policy -> no", "none", "enforce-unlisted", "good", "no"),
    ("DANE None or other, MTA-STS failed: the certificate -> no", "none", "enforce", "wrong", "no"),
    (
        "DANE None or other, MTA-STS failed: any other reason -> setting; MTA-STS off",
        "none",
        "absent",
        "any",
        "setting",
    ),
    ("DANE Opportunistic: success -> yes (TLS)", "opportunistic:match", "any", "any", "yes"),
    ("DANE Opportunistic: failed: the certificate does not match -> no", "opportunistic:mismatch", "any", "any", "no"),
    ("DANE Opportunistic: failed: bogus MX, A or TLSA -> no", "opportunistic:error", "any", "any", "no"),
    ("DANE None or other, MTA-STS success -> yes (TLS)", "opportunistic:absent", "enforce", "good", "yes"),
    (
        "DANE None or other, MTA-STS failed: the MX is not in the policy -> no",
        "opportunistic:absent",
        "enforce-unlisted",
        "any",
        "no",
    ),
    ("DANE None or other, MTA-STS failed: the certificate -> no", "opportunistic:absent", "enforce", "wrong", "no"),
    (
        "DANE None or other, MTA-STS failed: any other reason -> setting; MTA-STS off",
        "opportunistic:absent",
        "absent",
        "any",
        "setting",
    ),
    (
        "DANE None or other, MTA-STS failed: any other reason -> setting; MTA-STS off",
        "opportunistic:absent",
        "off",
        "any",
        "setting",
    ),
    ("DANE Mandatory: success -> yes (TLS)", "mandatory:match", "any", "any", "yes"),
    ("DANE Mandatory: anything else -> no", "mandatory:mismatch", "any", "any", "no"),
    ("DANE Mandatory: no usable record, no secure record -> no", "mandatory:unusable", "any", "any", "no"),
    ("DANE Mandatory: no usable record, no secure record -> no", "mandatory:absent", "any", "any", "no"),
    ("DANE Opportunistic: failed: bogus MX, A or TLSA -> no", "mandatory:error", "any", "any", "no"),
]
"""The rows of the reference chapter's three tables, each under the heading that it has in the table for people."""


@pytest.mark.parametrize(("heading", "dane", "sts", "certificate", "said"), CHAPTER)
def test_the_chapters_rows(heading: str, dane: str, sts: str, certificate: str, said: str) -> None:
    assert heading in TABLE_READ.headings
    cases = [
        case
        for case in CASES
        if case.dane == dane
        and case.tls != "no"
        and case.session == "tls"
        and sts in ("any", case.sts)
        and certificate in ("any", case.certificate)
    ]
    assert cases
    for case in cases:
        found = decided(case)
        if said == "setting":
            assert found == decided(case._replace(dane="none", sts="off"))
        else:
            assert found.outcome == ("delivered-verified" if said == "yes" else "next-host")


# P5
def test_mta_sts_never_makes_more_lenient_what_the_setting_says() -> None:
    order = ["next-host", "delivered-verified", "delivered-encrypted", "delivered-clear"]
    free = [case for case in CASES if case.dane in ("none", "opportunistic:absent", "opportunistic:unusable")]
    for case in free:
        without = decided(case._replace(sts="off"))
        assert order.index(decided(case).outcome) <= order.index(without.outcome)


# P1
@pytest.mark.parametrize("tls", [tls for tls in TLS_SETTINGS if tls != "no"])
@pytest.mark.parametrize("certificate", list(TABLE_READ.certificates))
def test_a_tlsa_match_also_satisfies_the_settings_verification(tls: TlsSetting, certificate: str) -> None:
    found = decided(Case("opportunistic:match", "enforce", tls, "tls", certificate))
    assert found == Decision("delivered-verified", "dane", None, "TLS was negotiated, and the certificate is verified.")


# P1, M18
@pytest.mark.parametrize("dane", ["opportunistic", "mandatory"])
@pytest.mark.parametrize("sts", STS_STATES)
def test_mta_sts_is_skipped_and_said_to_be_where_dane_decides(dane: DaneSetting, sts: StsState) -> None:
    for tlsa in ("usable", "error"):
        assert policy_in_force("preferred", dane, tlsa, sts).sts_skipped == (sts != "off")


# P3, P4
@pytest.mark.parametrize("sts", STS_STATES)
def test_mta_sts_is_not_skipped_where_dane_does_not_decide(sts: StsState) -> None:
    for dane, tlsa in product(("none", "opportunistic"), ("absent", "unusable")):
        assert not policy_in_force("preferred", dane, tlsa, sts).sts_skipped


# P7
@pytest.mark.parametrize("sts", STS_STATES)
@pytest.mark.parametrize("dane", DANE_SETTINGS)
def test_what_is_inherited_is_ignored_where_tls_is_no(dane: DaneSetting, sts: StsState) -> None:
    policy = policy_in_force("no", dane, "usable", sts)
    assert (policy.starttls, policy.must, policy.refusal, policy.sts_skipped) == ("never", (), None, False)


# P8
def test_hosted_domains_with_mta_sts_works_where_the_mx_is_hosted_elsewhere() -> None:
    found = decided(Case("none", "enforce", "required-verify-hosted", "tls", "mx"))
    assert found.outcome == "delivered-verified"
    assert decided(Case("none", "enforce", "required-verify", "tls", "mx")).outcome == "next-host"


FAILED = Decision("next-host", "setting", "certificate-expired", "")
BY_DANE = Decision("next-host", "dane", "validation-failure", "")
SENT = Decision("delivered-encrypted", "setting", None, "")
PASSED_DANE = Decision("delivered-verified", "dane", None, "")


# P9
@pytest.mark.parametrize(
    ("tls", "dane", "decisions", "expected"),
    [
        ("required", "none", [FAILED], ["tls-required"]),
        ("required-verify", "none", [FAILED, FAILED], ["tls-required"]),
        ("required", "none", [FAILED, SENT], []),
        ("preferred", "none", [FAILED], []),
        ("preferred", "opportunistic", [BY_DANE, BY_DANE], ["dane-failed"]),
        ("preferred", "mandatory", [BY_DANE], ["dane-failed"]),
        ("preferred", "opportunistic", [BY_DANE, FAILED], []),
        ("preferred", "opportunistic", [BY_DANE, SENT], []),
        # the first host passed and did not take the message: DANE has not failed at all of them
        ("preferred", "opportunistic", [PASSED_DANE, BY_DANE], []),
        ("required", "mandatory", [PASSED_DANE, BY_DANE], ["tls-required"]),
        ("required", "mandatory", [BY_DANE], ["tls-required", "dane-failed"]),
        ("no", "mandatory", [BY_DANE], []),
        ("required", "none", [], []),
    ],
)
def test_alerts(tls: TlsSetting, dane: DaneSetting, decisions: list[Decision], expected: list[str]) -> None:
    assert alerts(tls, dane, decisions) == expected


def test_every_policy_and_decision_has_a_sentence_of_its_own_kind() -> None:
    sentences = {
        policy_in_force(*words).sentence for words in product(TLS_SETTINGS, DANE_SETTINGS, TLSA_STATES, STS_STATES)
    }
    assert len(sentences) > 30
    assert all(
        text.endswith(".") and text[0].isupper() for text in sentences | {decided(case).sentence for case in CASES}
    )
    assert policy_in_force("required-verify", "none", "absent", "enforce").sentence == (
        "TLS is required, with a certificate that passes Verify and TLS 1.2 and a certificate as the MTA-STS policy "
        "asks for: the TLS setting is Required - Verify; the domain's MTA-STS policy is enforced."
    )


ENDINGS = (
    (Case("none", "off", "preferred", "tls", "good"), "TLS was negotiated; the certificate is not asked for."),
    (Case("none", "testing", "preferred", "tls", "good"), "TLS was negotiated; the certificate is not asked for."),
    (Case("none", "off", "preferred-verify", "tls", "good"), "TLS was negotiated, and the certificate is verified."),
    (Case("none", "enforce", "preferred", "tls", "good"), "TLS was negotiated, and the certificate is verified."),
    (
        Case("none", "off", "preferred-verify", "tls", "expired"),
        "It failed: certificate-expired. This is logged, and stops nothing.",
    ),
    (Case("none", "off", "preferred", "not-offered", "-"), "The host does not offer STARTTLS. TLS is only preferred."),
    (Case("none", "off", "required", "refused", "-"), "The host offers STARTTLS and refused it. TLS is required."),
    (Case("none", "off", "no", "tls", "good"), "The TLS setting is No: TLS is not tried."),
)


@pytest.mark.parametrize(("case", "sentence"), ENDINGS)
def test_a_decision_says_what_was_looked_at(case: Case, sentence: str) -> None:
    assert decided(case).sentence == sentence


def test_a_verdict_that_the_policy_asks_for_cannot_be_left_out() -> None:
    policy = policy_in_force("required-verify", "none", "absent", "off")
    with pytest.raises(ValueError, match="check verify"):
        decide(policy, Found("tls"))


def test_old_tls_has_its_reason() -> None:  # P6
    assert (OLD_TLS.good, OLD_TLS.reason) == (False, "validation-failure")


def test_the_tables_words_are_those_of_the_code() -> None:
    assert set(SESSIONS) == set(get_args(Session))
    assert {row.outcome for row in TABLE_READ.rows} == {
        "delivered-verified",
        "delivered-encrypted",
        "delivered-clear",
        "next-host",
    }
