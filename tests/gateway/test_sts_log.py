"""Which lines MTA-STS writes to the mail log at which event, to the letter of the reference chapter."""

from __future__ import annotations

import pytest

from gateway import sts_log

RECORD_ERROR = "Info: MTA-STS record Error(Invalid MTA-STS TXT records found) for domain(test-sts.net)"
APPLYING = "Info: Applying MTA-STS policy for the domain (test-sts.net)."
NOT_FETCHED = "Info: Failure encountered while fetching MTA-STS policy for the domain(test-sts.net)"
SKIPPED = "Info: Failures encountered while fetching STS policy, successive request is skipped for a day."
SUCCESSFUL = "Info: MTA-STS policy for the domain (test-sts.net) Successful."

EVENTS: list[tuple[str, sts_log.Lines, list[str]]] = [
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
def test_an_event_writes_its_lines(lines: sts_log.Lines, expected: list[str]) -> None:  # M7 M13 M18
    assert [str(line) for line in lines] == expected
