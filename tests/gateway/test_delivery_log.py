"""Which lines a delivery writes to the mail log, to the letter of the reference chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway import delivery_log as log
from gateway.log_line import LogLine
from gateway.smtp_replies import Reply

if TYPE_CHECKING:
    from gateway.log_line import Lines

REQUIRED = "DCID 30 TLS was required but could not be successfully negotiated"
REFUSED = Reply(550, ("5.1.1 <ada@partner.example>... User unknown",))
BUSY = Reply(451, ("4.7.1 Greylisted", 'it\'s "not" yet time'))

EVENTS: list[tuple[str, Lines, list[str]]] = [
    (
        "a message comes from this system",
        log.accepted(14, 0, "ops@example.com", ["ada@partner.example", "bob@partner.example"]),
        [
            "Start MID 14 ICID 0",
            "MID 14 ICID 0 From: <ops@example.com>",
            "MID 14 ICID 0 RID 0 To: <ada@partner.example>",
            "MID 14 ICID 0 RID 1 To: <bob@partner.example>",
        ],
    ),
    (
        "it is queued",
        log.queued(14),
        [
            "MID 14 matched all recipients for per-recipient policy DEFAULT in the outbound table",
            "MID 14 queued for delivery",
        ],
    ),
    (
        "a connection",
        log.connected(30, "10.0.0.1", "192.0.2.10", 25),
        ["New SMTP DCID 30 interface 10.0.0.1 address 192.0.2.10 port 25"],
    ),
    (
        "TLS",
        log.tls_success(30, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "mx1.partner.example"),
        ["DCID 30 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384 CN: <mx1.partner.example>"],
    ),
    (
        "TLS, and a certificate without a common name",
        log.tls_success(30, "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", ""),
        ["DCID 30 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES128-GCM-SHA256 CN: <>"],
    ),
    ("preferred, no EHLO", log.without_tls(30, "no-ehlo", False), ["DCID 30 TLS failed: EHLO command not supported"]),
    ("preferred, not offered", log.without_tls(30, "not-offered", False), ["DCID 30 STARTTLS command not supported"]),
    (
        "preferred, not a 220",
        log.without_tls(30, "refused", False),
        ["DCID 30 TLS failed: STARTTLS unexpected response"],
    ),
    (
        "required, no EHLO",
        log.without_tls(30, "no-ehlo", True),
        ["DCID 30 TLS failed: EHLO command not supported", REQUIRED],
    ),
    (
        "required, not offered",
        log.without_tls(30, "not-offered", True),
        [
            "DCID 30 STARTTLS command not supported",
            "DCID 30 TLS failed: TLS required, STARTTLS unavailable, destination is TLS disabled",
            REQUIRED,
        ],
    ),
    (
        "required, not a 220",
        log.without_tls(30, "refused", True),
        ["DCID 30 TLS failed: STARTTLS unexpected response", REQUIRED],
    ),
    ("preferred, no handshake", log.tls_failed(30, "validation-failure: REASON", False),
     ["DCID 30 TLS failed: validation-failure: REASON"]),
    ("required, not verified", log.tls_failed(30, "certificate-expired: REASON", True),
     ["DCID 30 TLS failed: certificate-expired: REASON", REQUIRED]),
    ("handed over", log.started(30, 14, [0]), ["Delivery start DCID 30 MID 14 to RID [0]"]),
    ("handed over for two", log.started(30, 14, [0, 1]), ["Delivery start DCID 30 MID 14 to RID [0, 1]"]),
    (
        "taken",
        log.done(30, 14, [0], Reply(250, ("2.0.0 Ok: queued as 4F2",))),
        ["Message done DCID 30 MID 14 to RID [0]", "MID 14 RID [0] Response '2.0.0 Ok: queued as 4F2'"],
    ),
    (
        "delayed",
        log.delayed(30, 14, 0, "4.1.0", "Unknown address error", BUSY),
        ["Delayed: DCID 30 MID 14 to RID 0 - 4.1.0 - Unknown address error"
         " ('451', ['4.7.1 Greylisted', 'it\\'s \"not\" yet time']) []"],
    ),
    (
        "delayed without a connection",
        log.delayed(0, 14, 0, "4.4.1", "No host could be reached."),
        ["Delayed: DCID 0 MID 14 to RID 0 - 4.4.1 - No host could be reached."],
    ),
    (
        "bounced",
        log.bounced(30, 14, 1, "5.1.0", "Unknown address error", REFUSED),
        ["Bounced: DCID 30 MID 14 to RID 1 - 5.1.0 - Unknown address error"
         " ('550', ['5.1.1 <ada@partner.example>... User unknown']) []"],
    ),
    ("closed", log.closed(30), ["DCID 30 close"]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), [event[1:] for event in EVENTS], ids=[event[0] for event in EVENTS])
def test_an_event_writes_its_lines(lines: Lines, expected: list[str]) -> None:
    assert lines == tuple(LogLine("Info", text) for text in expected)


def test_a_peer_that_talks_much_is_cut() -> None:
    flood = Reply(550, ("x" * 4096,) * 100)
    for (line,) in (log.delayed(30, 14, 0, "4.0.0", "y" * 65536, flood), log.done(30, 14, [0], flood)[1:]):
        assert 200 <= len(line.text) < 1300
    assert len(log.tls_success(30, "TLSv1.3", "x", "z" * 65536)[0].text) < 300
