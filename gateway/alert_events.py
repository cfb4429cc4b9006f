"""What alerts are raised for, a function each: TLS and DANE that failed (rule P9), ends of validity, refreshes."""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.alerts import Alert, HostTried

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

EndingKind = Literal["certificate-ends", "authority-ends", "list-ends"]

THRESHOLDS = (90, 60, 30, 15, 5, 4, 3, 2, 1, 0)
"""Days before an end at which it is told, the day itself the last."""
PAST = -1
"""The threshold of what has ended."""


def tls_required_failed(domain: str, hosts: Sequence[HostTried], enabled: bool) -> Alert | None:
    """Return the alert that a required TLS connection to a domain failed at all its hosts (rule P9).

    Args:
        domain: the destination domain, an A-label.
        hosts: those that were tried, each with its reason.
        enabled: `send_tls_alert` of the destinations (`destconfig -> setup`); None is returned without it.
    """
    if not enabled:
        return None
    return Alert(
        "tls-required",
        domain,
        "Warning",
        "System",
        f"Required TLS connection to {domain} failed",
        f"Mail to {domain} was not delivered: TLS is required, and it failed; the reasons stand below.",
        domain=domain,
        hosts=tuple(hosts),
    )


def dane_failed(domain: str, hosts: Sequence[HostTried]) -> Alert:
    """Return the alert that DANE failed at all MX hosts of a domain that needs TLS and DANE (rule P9)."""
    return Alert(
        "dane-failed",
        domain,
        "Warning",
        "Message Delivery",
        f"DANE verification failed for all MX hosts of {domain}",
        f"Mail to {domain} was not delivered: DANE is asked for, and no MX host of the domain passed.",
        also=("System",),
        domain=domain,
        hosts=tuple(hosts),
    )


def list_not_refreshed(source: str, url: str, reason: str, *, kept: bool = True) -> Alert:
    """Return the alert that the revocation list of a source could not be fetched or was not taken.

    Args:
        source: its name.
        url: where it was to come from.
        reason: a sentence.
        kept: there is a list of an earlier time.
    """
    left = (
        "the last good one goes on to count while it is valid."
        if kept
        else "there is none yet, so nothing is checked against it."
    )
    return Alert(
        "list-refresh",
        source,
        "Information",
        "System",
        f"The revocation list of {source} could not be refreshed",
        f"The revocation list of the source {source} could not be refreshed from {url}; {left} {reason}",
    )


def policy_not_refreshed(domain: str, sentence: str) -> Alert:
    """Return the alert that an MTA-STS policy in use could not be refreshed (rule M14).

    Args:
        domain: the policy domain.
        sentence: the `alert` of its `DomainPolicy`.
    """
    return Alert(
        "policy-refresh",
        domain,
        "Information",
        "Message Delivery",
        f"The MTA-STS policy of {domain} could not be refreshed",
        sentence,
        domain=domain,
    )


def trial_alert(hostname: str) -> Alert:
    """Return the alert that `alertconfig -> TEST` sends to every address."""
    return Alert(
        "test",
        hostname,
        "Information",
        "System",
        "Test alert",
        f"This is a test of the alerts of {hostname}, sent by alertconfig. Nothing is wrong.",
    )


class Ending(NamedTuple):
    """Something that is valid until a time.

    Attributes:
        kind: which sort of thing.
        name: as it is called in the configuration.
        mark: what tells this one from a newer one of the same name: its fingerprint.
        begins: the first moment at which it is valid, aware.
        ends: the last one.
        used_by: what uses it, for people; "" where nothing does.
    """

    kind: EndingKind
    name: str
    mark: str
    begins: datetime
    ends: datetime
    used_by: str


def threshold(thing: Ending, now: datetime) -> int | None:
    """Return the threshold that a thing has reached: the smallest that its days left do not exceed; None above all.

    Days are those of the calendar, GMT. A revocation list has only the thresholds that are shorter than its whole
    life: a list for a week would else be told of as soon as it comes.
    """
    if now > thing.ends:
        return PAST
    left = (thing.ends.date() - now.date()).days
    life = (thing.ends - thing.begins).days
    reached = [days for days in THRESHOLDS if left <= days and (thing.kind != "list-ends" or days < life)]
    return min(reached, default=None)


def ending(thing: Ending, now: datetime) -> Alert:
    """Return the alert that a thing ends, or has ended: Critical once it has and is in use, else Warning."""
    what = f"{_NOUNS[thing.kind]} {thing.name}"
    past = now > thing.ends
    left = (thing.ends.date() - now.date()).days
    when = (
        "has ended" if past else "ends today" if left <= 0 else "ends in 1 day" if left == 1 else f"ends in {left} days"
    )
    use = f"It is used by {thing.used_by}." if thing.used_by else "Nothing uses it."
    until = "was" if past else "is"
    return Alert(
        thing.kind,
        thing.name,
        "Critical" if past and thing.used_by else "Warning",
        "System",
        f"{what} {when}",
        f"{what} {until} valid until {thing.ends:%Y-%m-%d %H:%M} GMT. {use} {_REMEDIES[thing.kind]}",
    )


_REMEDIES = {
    "certificate-ends": "certconfig -> CERTIFICATE brings a new one in.",
    "authority-ends": "certconfig -> CERTAUTHORITY brings a new one in.",
    "list-ends": "certconfig -> CRL brings a newer one in.",
}

_NOUNS = {
    "certificate-ends": "The certificate",
    "authority-ends": "The custom authority",
    "list-ends": "The revocation list of",
}
