"""Where alerts go: each is on the disk before anything is sent, and stays there until its mails have gone out.

`raise_alert` only writes. What is due is sent by `send_due`, which the session calls when a command has ended; there is
no process in the background. Several processes may do both at once: a mail is claimed under the lock before it is sent,
and who claims it has put off its next attempt. Whoever is killed while sending so costs a second copy at worst.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import NamedTuple

from msgspec.structs import replace

from gateway.alert_records import (
    Held,
    Mail,
    Record,
    numbers,
    read_due,
    read_record,
    read_series,
    records,
    remove_record,
    write_due,
    write_record,
    write_series,
)
from gateway.alerts import Alert, Step, arrives, bounded, has_ended, recipients_of, released
from gateway.log_line import LogLine
from state.problems import disk_trouble
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from state.store import Store

    Deliver: TypeAlias = "Callable[[Record, str], Awaitable[Outcome]]"
    """Sends the mail of a record to an address; raises nothing."""

LOCK = "alerts"
FIRST_BACK_OFF = 60
LONGEST_BACK_OFF = 3600
PATIENCE = timedelta(hours=72)
"""After this an alert is not tried any more; it stays among those that are kept."""
AT_ONCE = 10
MOST_SERIES = 1000
MOST_UNWRITTEN = 100
"""Alerts that are held in memory while the disk refuses them."""


class Outcome(NamedTuple):
    """How an attempt to send a mail ended; a permanent failure is not tried again."""

    sent: bool
    sentence: str
    permanent: bool = False


class Claim(NamedTuple):
    """A mail that nobody else sends meanwhile."""

    record: Record
    address: str


class AlertCenter:
    """Takes alerts, and has them sent when they are due."""

    def __init__(self, store: Store, log: Callable[[LogLine], object] = lambda line: None) -> None:
        """Join what is needed.

        Args:
            store: whose directory, clock and committed settings.
            log: takes the lines for the mail log.
        """
        self._store = store
        self._folder = store.folder
        self._log = log
        self._unwritten: list[tuple[Alert, datetime]] = []

    def raise_alert(self, alert: Alert) -> None:
        """Take an alert: it is on the disk when this returns, to be sent or held back as a duplicate.

        Nothing is sent here, and nothing is raised: a delivery never fails because somebody is to be told of it. What
        the disk refuses is logged, held in memory, and written with the next event.
        """
        self._unwritten = [*self._unwritten, (bounded(alert), self._store.now())][-MOST_UNWRITTEN:]
        self._write_down()

    def due(self, now: datetime | None = None) -> bool:
        """Tell whether something is to be sent; this costs one look at a file.

        Args:
            now: an aware time; the clock's if None.
        """
        try:
            at = read_due(self._folder)
        except OSError:
            return False
        if at is None:
            return bool(self._unwritten)
        left = at - (now or self._store.now()).timestamp()
        # Nothing is put off for longer than this: more is left only where the clock was set back.
        longest = max(LONGEST_BACK_OFF, self._store.committed.configuration.alerts.maximum_wait)
        return bool(self._unwritten) or left <= 0 or left > longest

    async def send_due(self, deliver: Deliver, seconds: float) -> None:
        """Send what is due, as much of it as the time allows; what is not sent waits for the next event.

        Args:
            deliver: sends one mail.
            seconds: for all of it.
        """
        self._write_down()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while end > loop.time() and (claims := self._claimed()):
            left = end - loop.time()
            await asyncio.gather(*(self._send(claim, deliver, left) for claim in claims))
        with suppress(OSError), self._folder.lock(LOCK):
            self._look_ahead()

    def stored(self) -> list[Record]:
        """Return the alerts that are kept, the oldest first, whatever became of them.

        Raises:
            OSError: the appliance directory cannot be read.
        """
        return records(self._folder)

    def held_back(self) -> list[Held]:
        """Return what is held back now.

        Raises:
            OSError: the appliance directory cannot be read.
        """
        return [one for one in read_series(self._folder).values() if one.series.held]

    def _write_down(self) -> None:
        try:
            with self._folder.lock(LOCK):
                while self._unwritten:
                    self._take(*self._unwritten[0])
                    self._unwritten.pop(0)
        except OSError as error:
            self._log(LogLine("Warning", f"An alert cannot be kept. {disk_trouble(error)}"))

    def _take(self, alert: Alert, time: datetime) -> None:
        """Write an alert down; a record is written before the series that makes others its duplicates."""
        settings = self._store.committed.configuration.alerts
        waits = settings.initial_wait, settings.maximum_wait
        series = read_series(self._folder)
        present = series.get(alert.key)
        step = arrives(present.series if present else None, time, *waits)
        if step.sends:
            self._record(alert, time, step)
        _put(series, alert, time, step)
        for key, held in list(series.items()):
            if key != alert.key and has_ended(held.series, time, *waits):
                del series[key]
        while len(series) > MOST_SERIES:
            oldest = next(key for key in series if key != alert.key)
            self._let_go(series.pop(oldest))
        if step.series is not None and step.series.held:
            self._remind(step.series.until)
        write_series(self._folder, series)

    def _let_go(self, held: Held) -> None:
        """Have one go out before its time: there are too many series, and none is lost for that."""
        if held.series.held:
            self._record(held.newest, held.time, Step(None, True, held.series.held - 1, held.series.last))

    def _record(self, alert: Alert, time: datetime, step: Step) -> None:
        """Keep an alert that goes out, and of all of them the newest ones."""
        settings = self._store.committed.configuration.alerts
        now = self._store.now()
        present = numbers(self._folder)
        record = Record(
            number=present[-1] + 1 if present else 1,
            alert=alert,
            time=time,
            identity=token_hex(8),
            held_back=step.held_back,
            since=step.since,
            mails=[Mail(address=one, next_try=now) for one in recipients_of(alert, settings.recipients)],
        )
        if record.mails:
            self._remind(now)  # first: whoever is killed behind it has looked once for nothing
        write_record(self._folder, record)
        for number in [*present, record.number][: -settings.stored]:
            dropped = read_record(self._folder, number)
            if dropped is not None and dropped.next_try is not None:
                kept = counted(settings.stored, "alert")
                self._log(LogLine("Warning", f"Alert {number} is dropped before it was sent: {kept} can be kept."))
            remove_record(self._folder, number)

    def _remind(self, time: datetime) -> None:
        """Have what is due looked for at a time, or earlier where that was meant already."""
        at = read_due(self._folder)
        write_due(self._folder, [time, *([] if at is None else [datetime.fromtimestamp(at, UTC)])])

    def _look_ahead(self) -> None:
        """Find out anew when the next thing is due."""
        held = (one.series.until for one in read_series(self._folder).values() if one.series.held)
        write_due(self._folder, [*held, *(one.next_try for one in records(self._folder))])

    def _claimed(self) -> list[Claim]:
        """Return mails that are due, each with its next attempt put off."""
        now = self._store.now()
        claims: list[Claim] = []
        try:
            with self._folder.lock(LOCK):
                self._release(now)
                for record in records(self._folder):
                    due = [one for one in record.mails if _is_due(one, now)]
                    taken = due[: AT_ONCE - len(claims)]
                    if not taken:
                        continue
                    mails = [_put_off(one, now) if one in taken else one for one in record.mails]
                    write_record(self._folder, replace(record, mails=mails))
                    claims += [Claim(record, one.address) for one in taken]
        except OSError as error:
            self._log(LogLine("Warning", f"No alert can be sent. {disk_trouble(error)}"))
            return []
        return claims

    def _release(self, now: datetime) -> None:
        """Turn the duplicates whose time has come into records."""
        settings = self._store.committed.configuration.alerts
        series = read_series(self._folder)
        changed = False
        for held in list(series.values()):
            step = released(held.series, now, settings.initial_wait, settings.maximum_wait)
            if step.sends:
                changed = True
                self._record(held.newest, held.time, step)
                _put(series, held.newest, held.time, step)
        if changed:
            write_series(self._folder, series)

    async def _send(self, claim: Claim, deliver: Deliver, seconds: float) -> None:
        record, address = claim
        recipients = self._store.committed.configuration.alerts.recipients
        if not any(one.address == address for one in recipients):
            outcome = Outcome(False, "No alerts are sent to this address any more.", permanent=True)
        else:
            try:
                async with asyncio.timeout(seconds):
                    outcome = await deliver(record, address)
            except TimeoutError:
                outcome = Outcome(False, f"It took longer than {seconds:.0f} s.")
        self._note(record.number, address, outcome)

    def _note(self, number: int, address: str, outcome: Outcome) -> None:
        """Keep and log how an attempt ended."""
        try:
            with self._folder.lock(LOCK):
                record = read_record(self._folder, number)
                if record is not None:
                    now = self._store.now()
                    mails = [
                        _ended(one, outcome, record.time, now) if one.address == address else one
                        for one in record.mails
                    ]
                    write_record(self._folder, replace(record, mails=mails))
        except OSError as error:
            self._log(LogLine("Warning", f"What became of an alert cannot be kept. {disk_trouble(error)}"))
        said = f"Alert {number} to {address}"
        if outcome.sent:
            self._log(LogLine("Info", f"{said} sent. {outcome.sentence}"))
        else:
            self._log(LogLine("Warning", f"{said} not sent. {outcome.sentence}"))


def _put(series: dict[str, Held], alert: Alert, time: datetime, step: Step) -> None:
    series.pop(alert.key, None)  # the newest stands last
    if step.series is not None:
        series[alert.key] = Held(series=step.series, newest=alert, time=time)


def back_off(attempts: int) -> timedelta:
    """Return how long after so many attempts the next one is made: a minute, then twice as long, up to an hour."""
    return timedelta(seconds=min(FIRST_BACK_OFF * 2 ** min(attempts - 1, 10), LONGEST_BACK_OFF))


def _is_due(mail: Mail, now: datetime) -> bool:
    """Tell whether a mail is to be tried, which it is too where the clock was set back behind its last attempt."""
    return mail.next_try is not None and not now < mail.next_try <= now + timedelta(seconds=LONGEST_BACK_OFF)


def _put_off(mail: Mail, now: datetime) -> Mail:
    attempts = mail.attempts + 1
    return replace(mail, attempts=attempts, next_try=now + back_off(attempts))


def _ended(mail: Mail, outcome: Outcome, raised: datetime, now: datetime) -> Mail:
    over = outcome.sent or outcome.permanent or now - raised > PATIENCE
    return replace(mail, sent=outcome.sent, told=outcome.sentence, next_try=None if over else mail.next_try)
