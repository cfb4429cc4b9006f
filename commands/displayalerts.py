"""displayalerts: the alerts that are kept, and what became of each."""

from __future__ import annotations

import textwrap

from commands.dialog import say
from commands.terminal import Refused, Terminal
from commands.wording import time_text
from state.problems import disk_trouble
from state.wording import counted, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from commands.session import Session
    from gateway.alert_records import Mail, Record

NOTHING = "There are no alerts."
HEAD = "Date and Time Stamp           Description"
INDENT = " " * 30
LEAST = 70
"""Columns below which lines are not folded any more narrowly."""


async def displayalerts(session: Session, terminal: Terminal) -> None:
    """Show the alerts that are kept, the newest last."""
    from gateway.alert_center import AlertCenter

    center = AlertCenter(session.store)
    try:
        kept, held = center.stored(), center.held_back()
    except OSError as error:
        raise Refused(disk_trouble(error)) from None
    if not kept and not held:
        say(terminal, NOTHING)
        return
    width = max(terminal.width or 120, LEAST)
    say(terminal, HEAD)
    terminal.say("-" * min(width, 79))
    for record in kept:
        _show(terminal, record.time, _lines(record), width)
    for one in held:
        duplicates = counted(one.series.held, "duplicate")
        said = f"{duplicates} of it held back; they go out after {_moment(one.series.until)}."
        _show(terminal, one.time, [_head(one.newest.severity, one.newest.alert_class, one.newest.message), said], width)


def _lines(record: Record) -> Iterator[str]:
    alert = record.alert
    yield _head(alert.severity, alert.alert_class, alert.message)
    yield alert.detail
    for host in alert.hosts:
        yield f"{host.host}{f' ({host.address})' if host.address else ''}: {host.reason}"
    if record.since is not None:
        yield f"Duplicates held back since {_moment(record.since)}: {record.held_back}, and this one."
    if not record.mails:
        yield "Nobody is subscribed to it."
    for mail in record.mails:
        yield f"{mail.address}: {_fate(mail)}"


def _head(severity: str, alert_class: str, message: str) -> str:
    return f"{severity} ({alert_class}): {message}."


def _fate(mail: Mail) -> str:
    if mail.sent:
        return "sent."
    if not mail.attempts:
        return "not sent yet."
    tries = f"not sent after {counted(mail.attempts, 'attempt')}"
    again = f"tried again after {_moment(mail.next_try)}" if mail.next_try else "not tried again"
    return f"{tries}, {again}.{f' {mail.told}' if mail.told else ''}"


def _show(terminal: Terminal, time: datetime, lines: Iterator[str] | list[str], width: int) -> None:
    stamp = time_text(time)
    for number, line in enumerate(lines):
        folded = textwrap.wrap(printable(line), width - len(INDENT), break_on_hyphens=False) or [""]
        for part in folded:
            terminal.say(*((stamp, INDENT[len(stamp) :]) if not number and part is folded[0] else (INDENT,)), part)


def _moment(time: datetime) -> str:
    return str(time_text(time))
