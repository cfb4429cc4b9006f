"""What a judgment says: whether it is good, the reason of a failure in the words of RFC 8460, a sentence for people.

Dialogs, logs, alerts and tests read the same value, so that no two of them can tell different stories.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Reason = Literal[
    "starttls-not-supported",
    "certificate-host-mismatch",
    "certificate-expired",
    "certificate-not-trusted",
    "validation-failure",
    "tlsa-invalid",
    "dnssec-invalid",
    "dane-required",
    "sts-policy-fetch-error",
    "sts-policy-invalid",
    "sts-webpki-invalid",
]
"""Why something failed (rule V9, RFC 8460 s4.3); what is finer than that is the outcome."""

REASONS: tuple[Reason, ...] = get_args(Reason)


class Verdict(NamedTuple):
    """The end of one judgment.

    Attributes:
        good: whether it passed.
        outcome: what was found, a word or several joined by `-`: `matched-by-common-name`, `issuer-missing`.
        reason: why it failed; None where it passed.
        sentence: the same for people, with the names and dates that matter; printable.
    """

    good: bool
    outcome: str
    reason: Reason | None
    sentence: str
