"""Alerts as values: who gets one, when a duplicate goes out, and how its mail reads. Pure arithmetic and text.

A duplicate is an alert with the same key as one before it. The first one goes out at once; those after it are held back
and go out together at set times after the first (`next_time`), until none came for a whole wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from state.addresses import same_mailbox
from state.model import AlertClass, Severity
from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from state.model import AlertRecipient

AlertKind = Literal[
    "tls-required",
    "dane-failed",
    "certificate-ends",
    "authority-ends",
    "list-ends",
    "list-refresh",
    "policy-refresh",
    "test",
]

MOST_HOSTS = 20
"""Hosts that one alert tells of; a domain may have any number."""
LONGEST_MESSAGE = 160
LONGEST_TEXT = 1000
LONGEST_REASON = 400
LONGEST_NAME = 253


class HostTried(NamedTuple):
    """A host that was tried and why it did not do; `address` is "" where it was not connected to."""

    host: str
    reason: str
    address: str = ""


class Alert(NamedTuple):
    """Something that somebody is to be told.

    Attributes:
        kind: what sort of event it is.
        about: what it happened to: a domain, the name of a certificate; with the kind it makes the key.
        severity: how bad it is.
        alert_class: the class under which it is sent.
        also: classes whose subscribers get it too (rule P9: DANE failures go to those of System as well).
        message: a few words for the subject, without a full stop.
        detail: what happened, in sentences.
        domain: the destination domain; "" where there is none.
        hosts: the hosts that were tried, in order.
    """

    kind: AlertKind
    about: str
    severity: Severity
    alert_class: AlertClass
    message: str
    detail: str
    also: tuple[AlertClass, ...] = ()
    domain: str = ""
    hosts: tuple[HostTried, ...] = ()

    @property
    def key(self) -> str:
        """What makes two alerts the same: kind, severity, and what they are about, in any case of letters."""
        return f"{self.kind} {self.severity} {self.about.lower()}"


def bounded(alert: Alert) -> Alert:
    """Return an alert in which every text is printable and of a length that can be kept and sent, whoever wrote it."""
    hosts = [
        HostTried(_cut(one.host, LONGEST_NAME), _cut(one.reason, LONGEST_REASON), _cut(one.address, LONGEST_NAME))
        for one in alert.hosts[:MOST_HOSTS]
    ]
    if len(alert.hosts) > MOST_HOSTS:
        hosts.append(HostTried(f"{len(alert.hosts) - MOST_HOSTS} more", "Not listed here."))
    return alert._replace(
        about=_cut(alert.about, LONGEST_NAME),
        message=_cut(alert.message, LONGEST_MESSAGE),
        detail=_cut(alert.detail, LONGEST_TEXT),
        domain=_cut(alert.domain, LONGEST_NAME),
        hosts=tuple(hosts),
    )


def _cut(text: str, most: int) -> str:
    shown = printable(text[:most])  # before it grows by escapes: what comes from a peer may be of any length
    return shown if len(shown) <= most and len(text) <= most else shown[: most - 1] + "…"


class Series(NamedTuple):
    """The duplicates of one alert.

    Attributes:
        first: when the first one went out; the times of the others count from it.
        last: when the latest mail about it was made.
        until: before when a duplicate is held back.
        held: how many are held back now.
    """

    first: datetime
    last: datetime
    until: datetime
    held: int = 0


class Step(NamedTuple):
    """What becomes of an alert that came, or of those that wait.

    Attributes:
        series: the series from now on; None where duplicates are not held back.
        sends: whether a mail goes out.
        held_back: for how many more than the one that it shows the mail stands.
        since: when the mail before it was made; None where it is the first one.
    """

    series: Series | None
    sends: bool
    held_back: int = 0
    since: datetime | None = None


def next_time(initial: int, maximum: int, elapsed: float) -> int | None:
    """Return when the next duplicate may go out, in seconds after the first; None where none is held back.

    The wait begins with the initial number of seconds and grows each time by twice the last interval: 5 gives 5, 15,
    35, 75, 155, 315. A time past the maximum falls on it, and from there each maximum: 5 and 60 give 5, 15, 35, 60,
    120, 180. 0 switches this off.

    Args:
        initial: seconds; the initial wait.
        maximum: seconds; no wait is longer.
        elapsed: seconds since the first; the time that is returned lies behind it.
    """
    if initial <= 0 or maximum <= 0:
        return None
    time, interval = min(initial, maximum), initial
    while time <= elapsed and time < maximum:
        interval *= 2
        time = min(time + interval, maximum)
    return time if time > elapsed else int(elapsed // maximum + 1) * maximum


def arrives(series: Series | None, now: datetime, initial: int, maximum: int) -> Step:
    """Return what becomes of an alert that comes now, behind those of its series.

    The first one goes out, and so does one that comes when its time has come, with the number of those held back.
    """
    if series is None or has_ended(series, now, initial, maximum):
        return Step(_begun(now, initial, maximum), True)
    if series.last <= now < series.until and next_time(initial, maximum, 0) is not None:
        return Step(series._replace(held=series.held + 1), False)
    return Step(_continued(series, now, initial, maximum), True, series.held, series.last)


def has_ended(series: Series, now: datetime, initial: int, maximum: int) -> bool:
    """Tell whether none came for a whole wait after the time of a duplicate: the next one is a first one again."""
    after = next_time(initial, maximum, (series.until - series.first).total_seconds())
    if series.held:
        return False
    return after is None or now >= series.first + timedelta(seconds=after)


def released(series: Series, now: datetime, initial: int, maximum: int) -> Step:
    """Return what becomes of those that wait, none having come now: where their time has come, the newest goes out."""
    off = next_time(initial, maximum, 0) is None
    if not series.held or (series.last <= now < series.until and not off):
        return Step(series, False)
    return Step(_continued(series, now, initial, maximum), True, series.held - 1, series.last)


def _begun(now: datetime, initial: int, maximum: int) -> Series | None:
    first = next_time(initial, maximum, 0)
    return None if first is None else Series(now, now, now + timedelta(seconds=first))


def _continued(series: Series, now: datetime, initial: int, maximum: int) -> Series | None:
    if now < series.last:  # the clock was set back, and nobody would be told for as long
        return _begun(now, initial, maximum)
    after = next_time(initial, maximum, (now - series.first).total_seconds())
    return None if after is None else Series(series.first, now, series.first + timedelta(seconds=after))


def recipients_of(alert: Alert, recipients: Iterable[AlertRecipient]) -> list[str]:
    """Return the addresses that are subscribed to an alert's class, or one that gets it too, and to its severity."""
    classes = {"All", alert.alert_class, *alert.also}
    found: list[str] = []
    for one in recipients:
        fits = classes.intersection(one.classes) and {"All", alert.severity}.intersection(one.severities)
        if fits and not any(same_mailbox(one.address, other) for other in found):
            found.append(one.address)
    return found


def failed_path(alert: Alert) -> frozenset[str]:
    """Return the domain, hosts and addresses over which the mail of an alert is not sent: they have just failed."""
    if alert.kind not in ("tls-required", "dane-failed"):
        return frozenset()
    names = {alert.domain, *(one.host for one in alert.hosts), *(one.address for one in alert.hosts)}
    return frozenset(name.lower() for name in names if name)


def subject(alert: Alert, hostname: str) -> str:
    """Return the subject: `Warning-mail.example.com: (System) Required TLS connection to partner.example failed`."""
    return f"{alert.severity}-{hostname}: ({alert.alert_class}) {alert.message}"


def body(alert: Alert, time: datetime, held_back: int = 0, since: datetime | None = None) -> str:
    """Return the text of the mail, lines of any length.

    Args:
        alert: what happened.
        time: when, aware.
        held_back: how many duplicates the mail stands for beside the one that it shows.
        since: when the mail before it was made.
    """
    lines = [f"{alert.message}.", "", f"What: {alert.detail}", f"When: {moment(time)}"]
    if alert.domain:
        lines.append(f"Domain: {alert.domain}")
    if alert.hosts:
        lines += ["", "Hosts that were tried:"]
        for one in alert.hosts:
            lines.append(f"  {one.host}{f' ({one.address})' if one.address else ''}: {one.reason}")
    if since is not None:
        lines += ["", f"Duplicates held back since the mail of {moment(since)}: {held_back}, and this one."]
    return "".join(f"{line}\n" for line in lines)


def moment(time: datetime) -> str:
    """Return a time as alerts show it."""
    return f"{time:%Y-%m-%d %H:%M:%S} GMT"
