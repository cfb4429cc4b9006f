"""Alerts as values: when duplicates go out, who is told, how a mail reads, and what is told of an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway import alert_events
from gateway.alert_events import (
    Ending,
    dane_failed,
    ending,
    list_not_refreshed,
    policy_not_refreshed,
    threshold,
    tls_required_failed,
)
from gateway.alerts import (
    LONGEST_REASON,
    MOST_HOSTS,
    Alert,
    HostTried,
    Series,
    arrives,
    body,
    bounded,
    failed_path,
    next_time,
    recipients_of,
    released,
    subject,
)
from state.model import AlertClass, AlertRecipient, Severity

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DANE = dane_failed("partner.example", [HostTried("mx1.partner.example", "tlsa-invalid: No record matches.")])
TLS = Alert("tls-required", "partner.example", "Warning", "System", "m", "d")

TIMES = [
    # P9: initial, maximum, the times after the first at which a duplicate may go out
    (5, 31_536_000, [5, 15, 35, 75, 155, 315, 635]),
    (5, 60, [5, 15, 35, 60, 120, 180, 240]),
    (300, 3600, [300, 900, 2100, 3600, 7200, 10800, 14400]),
    (60, 60, [60, 120, 180, 240, 300, 360, 420]),
    (300, 60, [60, 120, 180, 240, 300, 360, 420]),
    (1, 2, [1, 2, 4, 6, 8, 10, 12]),
]


@pytest.mark.parametrize(("initial", "maximum", "times"), TIMES)
def test_each_wait_grows_by_twice_the_last_interval_up_to_the_maximum(
    initial: int, maximum: int, times: list[int]
) -> None:
    found = [0]
    while len(found) <= len(times):
        after = next_time(initial, maximum, found[-1])
        assert after is not None
        assert next_time(initial, maximum, after - 0.001) == after
        found.append(after)
    assert found[1:] == times


@pytest.mark.parametrize(("initial", "maximum"), [(0, 3600), (300, 0), (0, 0)])
def test_0_holds_nothing_back(initial: int, maximum: int) -> None:
    assert next_time(initial, maximum, 0) is None
    step = arrives(None, NOON, initial, maximum)
    assert (step.series, step.sends) == (None, True)


def test_a_year_after_the_first_the_next_time_is_found_at_once() -> None:
    assert next_time(1, 31_536_000, 10 * 31_536_000) == 11 * 31_536_000


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def series(first: float = 0, last: float = 0, until: float = 5, held: int = 0) -> Series:
    return Series(after(first), after(last), after(until), held)


ARRIVALS = [
    # P9: the series with 5 and 60 seconds, when one comes, what is left, whether a mail goes and for how many more
    (None, 0, series(), True, 0),
    (series(), 4.9, series(held=1), False, 0),
    (series(held=3), 4.9, series(held=4), False, 0),
    (series(held=3), 5, series(last=5, until=15), True, 3),
    (series(), 6, series(last=6, until=15), True, 0),
    (series(held=3), 40, series(last=40, until=60), True, 3),
    (series(last=75, until=120, held=1), 400, series(last=400, until=420), True, 1),
    (series(), 15, series(15, 15, 20), True, 0),
    (series(last=60, until=120), 180, series(180, 180, 185), True, 0),
    (series(held=2), 1000, series(last=1000, until=1020), True, 2),
    (series(last=4, held=2), -60, series(-60, -60, -55), True, 2),
]


@pytest.mark.parametrize(("present", "seconds", "left", "sends", "held_back"), ARRIVALS)
def test_an_alert_goes_out_or_is_held_back(
    present: Series | None, seconds: float, left: Series, sends: bool, held_back: int
) -> None:
    step = arrives(present, after(seconds), 5, 60)
    assert (step.series, step.sends, step.held_back) == (left, sends, held_back)


RELEASES = [
    # the series, when it is looked at, what is left, whether a mail goes and for how many more than the newest
    (series(), 100, series(), False, 0),
    (series(held=3), 4.9, series(held=3), False, 0),
    (series(held=3), 5, series(last=5, until=15), True, 2),
    (series(held=1), 100, series(last=100, until=120), True, 0),
    (series(last=4, held=1), 3, series(3, 3, 8), True, 0),
]


@pytest.mark.parametrize(("present", "seconds", "left", "sends", "held_back"), RELEASES)
def test_those_that_wait_go_out_when_their_time_has_come(
    present: Series, seconds: float, left: Series, sends: bool, held_back: int
) -> None:
    step = released(present, after(seconds), 5, 60)
    assert (step.series, step.sends, step.held_back) == (left, sends, held_back)


def test_what_is_held_back_goes_out_where_that_is_switched_off() -> None:
    assert released(series(held=2), after(1), 0, 60)[:3] == (None, True, 1)
    assert arrives(series(held=2), after(1), 0, 60)[:3] == (None, True, 2)


def subscribed(classes: list[AlertClass], severities: list[Severity]) -> AlertRecipient:
    return AlertRecipient(address="ops@example.com", classes=classes, severities=severities)


SUBSCRIPTIONS: list[tuple[Alert, list[AlertClass], list[Severity], bool]] = [
    # P9: the alert, the classes and severities of an address, whether it gets a mail
    (TLS, ["All"], ["All"], True),
    (TLS, ["System"], ["Warning"], True),
    (TLS, ["Hardware", "System"], ["Critical", "Warning"], True),
    (TLS, ["System"], ["Critical"], False),
    (TLS, ["Message Delivery"], ["All"], False),
    (DANE, ["Message Delivery"], ["Warning"], True),
    (DANE, ["System"], ["All"], True),
    (DANE, ["System", "Message Delivery"], ["All"], True),
    (DANE, ["Updater"], ["All"], False),
    (DANE, ["System"], ["Information"], False),
    (policy_not_refreshed("partner.example", "x"), ["System"], ["All"], False),
    (policy_not_refreshed("partner.example", "x"), ["Message Delivery"], ["Information"], True),
    (list_not_refreshed("partner", "http://x/", "x"), ["System"], ["Information"], True),
    (list_not_refreshed("partner", "http://x/", "x"), ["System"], ["Warning"], False),
]


@pytest.mark.parametrize(("alert", "classes", "severities", "told"), SUBSCRIPTIONS)
def test_an_address_is_told_by_class_and_severity(
    alert: Alert, classes: list[AlertClass], severities: list[Severity], told: bool
) -> None:
    assert recipients_of(alert, [subscribed(classes, severities)]) == (["ops@example.com"] if told else [])


def test_one_address_gets_one_mail() -> None:  # P9
    twice = [AlertRecipient(address="ops@example.com"), AlertRecipient(address="OPS@example.com")]
    assert recipients_of(DANE, twice) == ["ops@example.com"]


SUBJECTS = [
    # P9
    (
        tls_required_failed("partner.example", [], True),
        "Warning-mail.example.com: (System) Required TLS connection to partner.example failed",
    ),
    (
        DANE,
        "Warning-mail.example.com: (Message Delivery) DANE verification failed for all MX hosts of partner.example",
    ),
    (
        policy_not_refreshed("partner.example", "x"),  # M14
        "Information-mail.example.com: (Message Delivery) The MTA-STS policy of partner.example could not be refreshed",
    ),
    (
        list_not_refreshed("partner", "http://crl.example/", "x"),
        "Information-mail.example.com: (System) The revocation list of partner could not be refreshed",
    ),
]


@pytest.mark.parametrize(("alert", "line"), SUBJECTS)
def test_the_subject_names_severity_host_class_and_what_it_is(alert: Alert, line: str) -> None:
    assert subject(alert, "mail.example.com") == line


def test_a_failed_connection_is_told_of_only_where_that_is_switched_on() -> None:  # P9
    assert tls_required_failed("partner.example", [], False) is None


def test_the_body_says_what_when_for_whom_where_and_how_many() -> None:
    hosts = [
        HostTried("mx1.partner.example", "certificate-not-trusted: The issuer is in no list.", "192.0.2.10"),
        HostTried("mx2.partner.example", "The host has no address."),
    ]
    alert = tls_required_failed("partner.example", hosts, True)
    assert alert is not None
    assert body(alert, NOON, 3, after(-75)) == (
        "Required TLS connection to partner.example failed.\n"
        "\n"
        "What: Mail to partner.example was not delivered: TLS is required, and it failed; the reasons stand below.\n"
        "When: 2026-11-22 12:00:00 GMT\n"
        "Domain: partner.example\n"
        "\n"
        "Hosts that were tried:\n"
        "  mx1.partner.example (192.0.2.10): certificate-not-trusted: The issuer is in no list.\n"
        "  mx2.partner.example: The host has no address.\n"
        "\n"
        "Duplicates held back since the mail of 2026-11-22 11:58:45 GMT: 3, and this one.\n"
    )
    assert "held back" not in body(alert, NOON)


def test_what_a_peer_wrote_is_printable_and_bounded() -> None:
    hosts = [HostTried("mx\r\nBcc: x@y.example", "\x1b[2J\0" + "x" * 64_000) for _ in range(1000)]
    kept = bounded(dane_failed("partner.example", hosts))
    assert len(kept.hosts) == MOST_HOSTS + 1
    assert kept.hosts[-1].host == "980 more"
    assert kept.hosts[0].host == r"mx\r\nBcc: x@y.example"
    assert kept.hosts[0].reason.startswith(r"\x1b[2J\x00xxx")
    assert len(kept.hosts[0].reason) <= LONGEST_REASON
    assert bounded(kept._replace(hosts=kept.hosts[:1])) == kept._replace(hosts=kept.hosts[:1])


def test_the_path_that_failed_is_the_domain_and_its_hosts() -> None:
    hosts = [HostTried("MX1.partner.example", "x", "192.0.2.10")]
    assert failed_path(dane_failed("Partner.example", hosts)) == {
        "partner.example",
        "mx1.partner.example",
        "192.0.2.10",
    }
    assert failed_path(policy_not_refreshed("partner.example", "x")) == frozenset()


THRESHOLDS = [
    # days until the end, the threshold that is reached
    (91, None),
    (90, 90),
    (61, 90),
    (60, 60),
    (31, 60),
    (30, 30),
    (16, 30),
    (15, 15),
    (6, 15),
    (5, 5),
    (4, 4),
    (3, 3),
    (2, 2),
    (1, 1),
    (0, 0),
]


def thing(kind: alert_events.EndingKind, ends: datetime, days: int = 365, used_by: str = "") -> Ending:
    return Ending(kind, "partner", "AA:BB", ends - timedelta(days=days), ends, used_by)


@pytest.mark.parametrize(("days", "reached"), THRESHOLDS)
@pytest.mark.parametrize("kind", ["certificate-ends", "authority-ends", "list-ends"])
def test_an_end_is_told_at_set_days_before_it(kind: alert_events.EndingKind, days: int, reached: int | None) -> None:
    ends = NOON + timedelta(days=days)
    assert threshold(thing(kind, ends), NOON) == reached
    assert threshold(thing(kind, ends.replace(hour=23)), NOON.replace(hour=1)) == reached, "days of the calendar count"


def test_what_has_ended_a_second_ago_has_ended() -> None:
    assert threshold(thing("certificate-ends", NOON), NOON) == 0
    assert threshold(thing("certificate-ends", NOON), after(1)) == -1


@pytest.mark.parametrize(("left", "reached"), [(7, None), (6, None), (5, 5), (1, 1), (0, 0)])
def test_a_list_for_a_week_is_not_told_of_as_soon_as_it_comes(left: int, reached: int | None) -> None:
    assert threshold(thing("list-ends", NOON + timedelta(days=left), days=7), NOON) == reached


ENDS: list[tuple[alert_events.EndingKind, float, str, Severity, str]] = [
    # the kind, days until the end, what uses it, the severity and the message
    ("certificate-ends", 30, "Listener Mail", "Warning", "The certificate partner ends in 30 days"),
    ("certificate-ends", 1, "Listener Mail", "Warning", "The certificate partner ends in 1 day"),
    ("certificate-ends", 0.1, "Listener Mail", "Warning", "The certificate partner ends today"),
    ("certificate-ends", -0.1, "Listener Mail", "Critical", "The certificate partner has ended"),
    ("certificate-ends", -9, "", "Warning", "The certificate partner has ended"),
    ("authority-ends", -1, "the custom list", "Critical", "The custom authority partner has ended"),
    ("list-ends", 2, "deliveries", "Warning", "The revocation list of partner ends in 2 days"),
    ("list-ends", -2, "deliveries", "Critical", "The revocation list of partner has ended"),
]


@pytest.mark.parametrize(("kind", "days", "used_by", "severity", "message"), ENDS)
def test_what_has_ended_and_is_in_use_is_critical(
    kind: alert_events.EndingKind, days: float, used_by: str, severity: Severity, message: str
) -> None:
    alert = ending(thing(kind, NOON + timedelta(days=days), used_by=used_by), NOON)
    assert (alert.severity, alert.message, alert.alert_class) == (severity, message, "System")
    assert (used_by or "Nothing uses it") in alert.detail
