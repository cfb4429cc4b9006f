"""Which lines MTA-STS writes to the mail log at which event, to the letter of the reference chapter."""

from __future__ import annotations

import pytest

from gateway import sts_log
from gateway.decision import Found, Session, StsState, policy_in_force
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.log_line import Lines

RECORD_ERROR = "Info: MTA-STS record Error(Invalid MTA-STS TXT records found) for domain(test-sts.net)"
APPLYING = "Info: Applying MTA-STS policy for the domain (test-sts.net)."
NOT_FETCHED = "Info: Failure encountered while fetching MTA-STS policy for the domain(test-sts.net)"
SKIPPED = "Info: Failures encountered while fetching STS policy, successive request is skipped for a day."
SUCCESSFUL = "Info: MTA-STS policy for the domain (test-sts.net) Successful."

EVENTS: list[tuple[str, Lines, list[str]]] = [
    ("several records, bad length or syntax", sts_log.record_invalid("test-sts.net"), [RECORD_ERROR]),
    (
        "no record",
        sts_log.record_missing("test-sts.net"),
        ["Debug: DNS query: Q(_mta-sts.test-sts.net, 'TXT')", RECORD_ERROR],
    ),
    (
        "record found",
        sts_log.record_found("test-sts.net"),
        ["Info: Successfully fetched MTA-STS TXT record for domain(test-sts.net)"],
    ),
    (
        "policy fetched",
        sts_log.policy_fetched("pert-sts.net"),
        [
            "Debug: Fetch MTA-STS policy for the domain(pert-sts.net)",
            "Info: Successfully fetched MTA-STS policy for the domain(pert-sts.net)",
            "Debug: MTA-STS Cache entry added for the domain (pert-sts.net).",
        ],
    ),
    ("policy not fetched", sts_log.policy_not_fetched("test-sts.net", 1), [NOT_FETCHED]),
    ("not fetched twice", sts_log.policy_not_fetched("test-sts.net", 2), [NOT_FETCHED]),
    ("not fetched for the third time", sts_log.policy_not_fetched("test-sts.net", 3), [NOT_FETCHED, SKIPPED]),
    ("not fetched once more", sts_log.policy_not_fetched("test-sts.net", 4), [NOT_FETCHED, SKIPPED]),
    (
        "applied, all well",
        sts_log.applied("test-sts.net", "enforce"),
        [APPLYING, "Info: Enforcing TLS for MTA-STS Policy", SUCCESSFUL],
    ),
    ("applied while testing, all well", sts_log.applied("test-sts.net", "testing"), [APPLYING, SUCCESSFUL]),
    (
        "MX not in the policy, or certificate error",
        sts_log.failed("test-sts.net"),
        [APPLYING, "Info: Applying MTA-STS policy for the domain (test-sts.net) Failed."],
    ),
    (
        "no STARTTLS",
        sts_log.without_starttls("auto-sts.net", 498),
        [
            "Info: DCID 498 STARTTLS command not supported",
            "Info: DCID 498 TLS failed: TLS required, STARTTLS unavailable, destination is TLS disabled",
            "Info: DCID 498 TLS was required but could not be successfully negotiated",
            "Info: Connection for the domain (auto-sts.net) failed when MTA-STS Policy was enforced.",
        ],
    ),
    (
        "a failed handshake",
        sts_log.connection_failed("auto-sts.net"),
        ["Info: Connection for the domain (auto-sts.net) failed when MTA-STS Policy was enforced."],
    ),
    (
        "DANE decides",
        sts_log.skipped_for_dane("pert-sts.net"),
        ["Info: MTA-STS policy will be skipped for the (pert-sts.net) due to DANE being enforced."],
    ),
    (
        "another media type",
        sts_log.media_type_odd("test-sts.net", "text/html; a=\x1b[2J"),
        [
            "Warning: MTA-STS policy for the domain(test-sts.net) is of the media type "
            '"text/html; a=\\x1b[2J"; text/plain is expected.'
        ],
    ),
    (
        "no media type",
        sts_log.media_type_odd("test-sts.net", ""),
        ["Warning: MTA-STS policy for the domain(test-sts.net) has no media type; text/plain is expected."],
    ),
]


@pytest.mark.parametrize(("lines", "expected"), [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_an_event_writes_its_lines(lines: Lines, expected: list[str]) -> None:  # M7 M13 M18
    assert [str(line) for line in lines] == expected


GOOD = Verdict(True, "matched-by-dns-name", None, "It is the host.")
BAD = Verdict(False, "expired", "certificate-expired", "It has ended.")
D = "test-sts.net"
NOTHING: Lines = ()

SESSIONS: list[tuple[StsState, Session | None, Verdict | None, Lines]] = [
    # M12 M13: what the policy says of the host, how far TLS came, the certificate
    ("enforce", "tls", GOOD, sts_log.applied(D, "enforce")),
    ("enforce", "tls", BAD, sts_log.failed(D)),
    ("enforce", "not-offered", None, sts_log.without_starttls(D, 498)),
    ("enforce", "no-ehlo", None, sts_log.connection_failed(D)),
    ("enforce", "refused", None, sts_log.connection_failed(D)),
    ("enforce", "handshake-failed", None, sts_log.connection_failed(D)),
    ("enforce", "old-tls", GOOD, sts_log.connection_failed(D)),
    ("enforce", None, None, NOTHING),
    ("enforce-unlisted", None, None, sts_log.failed(D)),
    ("testing", "tls", GOOD, sts_log.applied(D, "testing")),
    ("testing", "tls", BAD, sts_log.failed(D)),
    ("testing", "not-offered", None, sts_log.failed(D)),
    ("testing", "old-tls", GOOD, sts_log.failed(D)),
    ("testing-unlisted", "tls", GOOD, sts_log.failed(D)),
    ("none", "tls", None, NOTHING),
    ("absent", "not-offered", None, NOTHING),
    ("off", "tls", None, NOTHING),
]


@pytest.mark.parametrize(("sts", "session", "verdict", "lines"), SESSIONS)
def test_what_became_of_a_host_is_logged(
    sts: StsState, session: Session | None, verdict: Verdict | None, lines: Lines
) -> None:
    found = None if session is None else Found(session, mta_sts=verdict)
    assert sts_log.session_lines(D, 498, sts, policy_in_force("preferred", "none", "absent", sts), found) == lines


def test_where_dane_decides_the_policy_is_skipped() -> None:  # M18 P1
    for dane, tlsa in (("opportunistic", "usable"), ("mandatory", "absent"), ("opportunistic", "error")):
        policy = policy_in_force("preferred", dane, tlsa, "enforce-unlisted")
        assert sts_log.session_lines(D, 1, "enforce-unlisted", policy, None) == sts_log.skipped_for_dane(D)


def test_where_tls_is_off_nothing_is_applied() -> None:  # P7
    policy = policy_in_force("no", "none", "absent", "enforce")
    assert sts_log.session_lines(D, 1, "enforce", policy, Found("not-offered")) == ()
