"""Alerts on the disk and on their way: held back by the arithmetic, tried again, never lost."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.alert_center import PATIENCE, AlertCenter, Outcome, back_off
from gateway.alert_events import dane_failed
from gateway.alert_records import Record, numbers
from gateway.log_line import LogLine
from state.folder import Disk, Memory
from state.store import CONFIG, Store

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SENT = Outcome(True, "mx1.example.com took it.")
REFUSED = Outcome(False, "mx1.example.com refused the connection.")
CONFIGURATION = """
hostname = "mail.example.com"
[alerts]
initial_wait = 5
maximum_wait = 60
stored = {stored}
[[alerts.recipients]]
address = "ops@example.com"
[[alerts.recipients]]
address = "updates@example.com"
classes = ["Updater"]
"""


class Appliance:
    """An appliance with a clock, whose mail arrives in a list or fails as it is told to."""

    def __init__(self, folder: Memory | Disk | None = None, stored: int = 50) -> None:
        self.folder = Memory() if folder is None else folder
        self.folder.write(CONFIG, CONFIGURATION.format(stored=stored).encode())
        self.now = START
        self.fails: Callable[[Record], Outcome | None] = lambda record: None
        self.arrived: list[tuple[float, str, int]] = []
        self.lines: list[LogLine] = []
        self.restart()

    def restart(self) -> None:
        """Begin with what the directory has."""
        self.center = AlertCenter(Store(self.folder, lambda: self.now), self.lines.append)

    def fail(self, domain: str = "partner.example", after: float = 0) -> None:
        """Have a delivery fail some seconds later."""
        self.now += timedelta(seconds=after)
        self.center.raise_alert(dane_failed(domain, []))

    def command(self, after: float = 0) -> None:
        """Have a command end some seconds later."""
        self.now += timedelta(seconds=after)
        if self.center.due():
            asyncio.run(self.center.send_due(self._deliver, 10))

    async def _deliver(self, record: Record, address: str) -> Outcome:
        await asyncio.sleep(0)
        failure = self.fails(record)
        if failure is None:
            self.arrived.append(((self.now - START).total_seconds(), record.alert.domain, record.held_back))
        return failure or SENT

    def times(self) -> list[float]:
        return [time for time, _, _ in self.arrived]


@pytest.fixture
def appliance() -> Appliance:
    return Appliance()


# P9
def test_500_failing_deliveries_are_told_of_exactly_by_the_arithmetic(appliance: Appliance) -> None:
    for number in range(500):
        appliance.fail(after=1 if number else 0)
        appliance.command()
    assert appliance.times() == [0, 5, 15, 35, *range(60, 500, 60)]
    assert [held for *_, held in appliance.arrived[:6]] == [0, 4, 9, 19, 24, 59]
    appliance.command(after=60)
    assert sum(1 + held for *_, held in appliance.arrived) == 500
    assert numbers(appliance.folder) == list(range(1, 14))


def test_the_same_with_a_restart_before_every_event(appliance: Appliance) -> None:
    for number in range(100):
        appliance.restart()
        appliance.fail(after=1 if number else 0)
        appliance.restart()
        appliance.command()
    assert appliance.times() == [0, 5, 15, 35, 60]
    assert sum(1 + held for *_, held in appliance.arrived) + appliance.center.held_back()[0].series.held == 100


def test_what_is_due_goes_out_with_the_next_command(appliance: Appliance) -> None:
    appliance.fail()
    appliance.fail(after=1)
    appliance.fail(after=1)
    appliance.command()
    assert appliance.times() == [0 + 2]
    appliance.command(after=2.9)
    appliance.command(after=0.1)
    appliance.command(after=1000)
    assert appliance.arrived == [(2, "partner.example", 0), (5, "partner.example", 1)]
    assert not appliance.center.due(appliance.now + timedelta(days=900))


def test_each_domain_has_its_own_series(appliance: Appliance) -> None:
    for _ in range(3):
        for domain in ("a.example", "b.example", "A.example"):
            appliance.fail(domain)
    appliance.command()
    assert [domain for _, domain, _ in appliance.arrived] == ["a.example", "b.example"]
    assert {one.newest.domain.lower(): one.series.held for one in appliance.center.held_back()} == {
        "a.example": 5,
        "b.example": 2,
    }


def test_a_failing_alert_is_logged_kept_and_tried_again_ever_later(appliance: Appliance) -> None:
    appliance.fails = lambda record: REFUSED
    appliance.fail()
    appliance.command()
    [mail] = appliance.center.stored()[0].mails
    assert (mail.sent, mail.attempts, mail.told) == (False, 1, REFUSED.sentence)
    assert mail.next_try == START + timedelta(seconds=60)
    assert appliance.lines == [LogLine("Warning", f"Alert 1 to ops@example.com not sent. {REFUSED.sentence}")]
    tried = [0.0]
    while (next_try := appliance.center.stored()[0].next_try) is not None:
        appliance.restart()
        appliance.command(after=(next_try - appliance.now).total_seconds() - 1)
        assert len(appliance.lines) == len(tried)
        appliance.command(after=1)
        tried.append((appliance.now - START).total_seconds())
    assert tried[:8] == [0, 60, 180, 420, 900, 1860, 3780, 7380]
    assert PATIENCE.total_seconds() < tried[-1] <= PATIENCE.total_seconds() + 3600
    assert len(appliance.center.stored()) == 1, "it is kept"
    assert not appliance.center.due(START + timedelta(days=900))


def test_an_alert_that_is_refused_for_good_is_kept_and_not_tried_again(appliance: Appliance) -> None:
    appliance.fails = lambda record: Outcome(False, "550 no such user.", permanent=True)
    appliance.fail()
    appliance.command()
    assert [mail.told for mail in appliance.center.stored()[0].mails] == ["550 no such user."]
    assert not appliance.center.due(START + timedelta(days=900))


def test_an_address_that_was_taken_out_meanwhile_gets_nothing(appliance: Appliance) -> None:
    appliance.fail()
    appliance.folder.write(CONFIG, b'hostname = "mail.example.com"\n')
    appliance.restart()
    appliance.command()
    assert appliance.arrived == []
    assert not appliance.center.due(START + timedelta(days=900))


def test_without_a_recipient_an_alert_is_kept_and_nothing_is_due() -> None:
    folder = Memory()
    appliance = Appliance(folder)
    folder.write(CONFIG, b'hostname = "mail.example.com"\n')
    appliance.restart()
    appliance.fail()
    assert [record.mails for record in appliance.center.stored()] == [[]]
    assert folder.read("alerts/due") is None


def test_the_newest_are_kept_and_a_lost_one_is_logged() -> None:
    appliance = Appliance(stored=3)
    for number in range(5):
        appliance.fail(f"{number}.example")
    assert [record.alert.domain for record in appliance.center.stored()] == ["2.example", "3.example", "4.example"]
    assert [line.text for line in appliance.lines] == [
        "Alert 1 is dropped before it was sent: 3 alerts can be kept.",
        "Alert 2 is dropped before it was sent: 3 alerts can be kept.",
    ]


def test_series_are_bounded_and_none_that_waits_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.alert_center.MOST_SERIES", 5)
    appliance = Appliance()
    for _ in range(2):
        for number in range(8):
            appliance.fail(f"{number}.example")
    told = len(appliance.center.stored()) + sum(record.held_back for record in appliance.center.stored())
    assert told + sum(one.series.held for one in appliance.center.held_back()) == 16


@pytest.mark.parametrize("name", ["series.json", "due", "1.json", "99.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\0", b'{"number": "x"}', b"[" * 5000])
def test_a_damaged_file_costs_no_more_than_itself(appliance: Appliance, name: str, content: bytes) -> None:
    appliance.fail("a.example")
    appliance.folder.write(f"alerts/{name}", content)
    appliance.restart()
    appliance.fail("b.example")
    appliance.command()
    assert "b.example" in [domain for _, domain, _ in appliance.arrived]
    appliance.center.stored()


def test_sending_ends_with_its_time_and_what_is_left_is_tried_later(appliance: Appliance) -> None:
    appliance.fail()

    async def never(record: Record, address: str) -> Outcome:
        await asyncio.sleep(60)
        return SENT

    asyncio.run(appliance.center.send_due(never, 0.05))
    assert "took longer" in appliance.center.stored()[0].mails[0].told
    appliance.command()
    assert appliance.arrived == []
    appliance.command(after=60)
    assert appliance.times() == [60]


def test_a_clock_that_is_set_back_holds_nothing_up(appliance: Appliance) -> None:
    appliance.fails = lambda record: REFUSED
    for _ in range(2):
        appliance.fail()
        appliance.command()
    appliance.fails = lambda record: None
    appliance.command(after=-90 * 86400)
    assert [held for *_, held in appliance.arrived] == [0, 0], "the one that failed, and the one that was held back"


def test_two_processes_send_a_mail_once(tmp_path: Path) -> None:
    one = Appliance(Disk(tmp_path / "a"))
    two = Appliance(Disk(tmp_path / "a"))
    for number in range(4):
        one.fail(f"{number}.example")

    async def both() -> None:
        await asyncio.gather(*(each.center.send_due(each._deliver, 10) for each in (one, two)))

    asyncio.run(both())
    assert sorted(domain for _, domain, _ in one.arrived + two.arrived) == sorted(f"{n}.example" for n in range(4))


def test_two_processes_that_raise_at_once_lose_nothing(tmp_path: Path) -> None:
    both = [Appliance(Disk(tmp_path / "a")) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(_fail_often, each) for each in both]:
            running.result()
    assert len(both[0].center.stored()) == 1
    assert [one.series.held for one in both[0].center.held_back()] == [15]


def _fail_often(appliance: Appliance) -> None:
    for _ in range(8):
        appliance.fail()


class Killed(BaseException):
    """The process is gone."""


class Dying(Memory):
    """A directory whose process is killed before one of its changes; a change itself is whole or was not made."""

    left: int | None = None

    def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
        self._step()
        return super().write(name, content, durable)

    def remove(self, name: str) -> None:
        self._step()
        super().remove(name)

    def _step(self) -> None:
        if self.left is not None:
            if not self.left:
                raise Killed
            self.left -= 1


def prepared() -> tuple[Dying, Appliance]:
    """Return an appliance with an alert that was sent, one that waits as its duplicate, and one that failed."""
    folder = Dying()
    appliance = Appliance(folder, stored=4)
    for domain in ("y.example", "z.example", "a.example"):
        appliance.fail(domain)
    appliance.command()
    appliance.fail("a.example", after=1)
    appliance.fails = lambda record: REFUSED
    appliance.fail("b.example")
    appliance.command()
    appliance.fails = lambda record: None
    appliance.now = START + timedelta(seconds=120)
    return folder, appliance


STEPS = {
    "another duplicate": lambda appliance: appliance.fail("a.example"),
    "another alert, with an old one dropped": lambda appliance: appliance.fail("c.example"),
    "sending": lambda appliance: appliance.command(),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_kill_before_any_change_loses_no_alert(step: Callable[[Appliance], None]) -> None:
    points = 0
    for point in range(50):
        folder, appliance = prepared()
        folder.left = point
        try:
            step(appliance)
            died = False
        except Killed:
            died = True
        folder.left = None
        appliance.restart()
        for _ in range(3):
            appliance.command(after=3600)
        arrived = [domain for _, domain, _ in appliance.arrived]
        assert arrived.count("a.example") >= 2, "the one that was held back comes"
        assert "b.example" in arrived, "the one that had failed comes"
        assert not appliance.center.due(appliance.now + timedelta(days=900)), "in the end nothing is left"
        if not died:
            break
        points += 1
    assert points >= 2


def test_a_disk_that_is_full_holds_nobody_up_and_is_made_up_for(appliance: Appliance) -> None:
    class Full(Memory):
        full = False

        def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
            if self.full:
                raise OSError(errno.ENOSPC, "No space left on device", name)
            return super().write(name, content, durable)

    folder = Full()
    appliance = Appliance(folder)
    folder.full = True
    appliance.fail("a.example")
    appliance.command()
    assert appliance.arrived == []
    assert "No space left" in appliance.lines[0].text
    folder.full = False
    appliance.fail("b.example")
    appliance.command()
    assert [domain for _, domain, _ in appliance.arrived] == ["a.example", "b.example"]


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 60), (2, 120), (6, 1920), (7, 3600), (10_000, 3600)])
def test_the_back_off_doubles_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert back_off(attempts) == timedelta(seconds=seconds)
