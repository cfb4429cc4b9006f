"""Deliveries that fail by the hundred: each in the mail log, the alerts by the arithmetic, and no message anywhere."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from gateway.alert_mail import deliver_by
from gateway.authorities import Authority, export_text
from gateway.delivery import Message
from gateway.engine import Engine
from gateway.mailing import send
from gateway.network import MappedNetwork
from gateway.system_list import FILE, Bundle
from shell.world.running import world
from state.folder import Memory
from state.store import CONFIG, Store
from tests.conftest import NOON
from tests.gateway.delivery_cases import LIMITS, MARKER, log_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from shell.world.running import World

DELIVERIES = 500
DOMAIN = "partner.test"
CONFIGURATION = """
hostname = "mail.sender.test"
destinations.send_tls_alert = true
destinations.domains."partner.test".tls = "required-verify"
[alerts]
initial_wait = 5
maximum_wait = 60
[[alerts.recipients]]
address = "ops@sender.test"
"""
WORLD = """
authorities.stranger.common_name = "Stranger"
[zones."partner.test"]
records = ["@ MX 10 mx1", "mx1 A 192.0.2.10"]
[zones."sender.test"]
records = ["@ MX 10 mailbox", "mailbox A 192.0.2.20"]
[mtas.machine0]
address = "192.0.2.10"
{manner}
[mtas.machine1]
address = "192.0.2.11"
{manner}
[mtas.machine2]
address = "192.0.2.12"
{manner}
[mtas.mailbox]
address = "192.0.2.20"
starttls = false
"""
WITHOUT_TLS = "starttls = false"
UNTRUSTED = 'certificate = { issuer = "stranger" }'


class Clock:
    """An appliance's clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Partner:
    """Machines behind the one address of a host, in turn: a world's server takes so many connections and no more."""

    def __init__(self, places: Mapping[tuple[str, int], tuple[str, int]]) -> None:
        self.places = dict(places)
        self.network = MappedNetwork(self.places)
        self._machines = [self.places[f"192.0.2.1{number}", 25] for number in range(3)]

    def turn(self, number: int) -> None:
        self.places["192.0.2.10", 25] = self._machines[number % 3]


def appliance(there: World, network: MappedNetwork, clock: Callable[[], datetime]) -> Engine:
    folder = Memory()
    folder.write(CONFIG, CONFIGURATION.encode())
    bundle = export_text(Authority(name, there.authorities[name].certificate) for name in there.system)
    folder.write(FILE, msgspec.json.encode(Bundle(version="world", updated=NOON, text=bundle)))
    return Engine(Store(folder, clock), network, there.resolvers)


async def fail(engine: Engine, partner: Partner, clock: Clock, times: Iterable[int]) -> list[int]:
    """Deliver at each of these seconds what is refused, as a command does; return when an alert was sent."""
    content = f"From: me@sender.test\n\n{MARKER}\n".encode()
    message = Message("me@sender.test", f"someone@{DOMAIN}", DOMAIN, content)
    told = []
    for time in times:
        partner.turn(time)
        clock.now = NOON + timedelta(seconds=time)
        assert (await send(engine, message, limits=LIMITS)).fate == "delayed"
        if engine.alerts.due():
            await engine.alerts.send_due(deliver_by(engine), 60)
            told.append(time)
    return told


# P9
def test_500_failing_deliveries_are_all_logged_and_told_of_by_the_arithmetic() -> None:
    clock = Clock()
    with world(WORLD.format(manner=WITHOUT_TLS), NOON) as there:
        partner = Partner(there.network.map)
        engine = appliance(there, partner.network, clock)
        told = asyncio.run(fail(engine, partner, clock, range(DELIVERIES)))
        mails = there.mtas["mailbox"].mails
        talks = [talk for number in range(3) for talk in there.mtas[f"machine{number}"].conversations()]
    due = [0, 5, 15, 35, *range(60, DELIVERIES, 60)]
    assert told == due
    assert [mail.recipients for mail in mails] == [("ops@sender.test",)] * len(due)
    assert [record.held_back for record in engine.alerts.stored()] == [0, 4, 9, 19, 24] + [59] * (len(due) - 5)
    assert len(talks) == DELIVERIES
    assert not any(MARKER.encode() in talk.clear or "MAIL" in " ".join(talk.commands) for talk in talks)
    expected = []
    for number in range(1, DELIVERIES + 1):
        expected += [
            f"Start MID {number} ICID 0",
            f"New SMTP DCID {number}",
            f"DCID {number} STARTTLS command not supported",
            f"DCID {number} TLS was required but could not be successfully negotiated",
            f"DCID {number} close",
            f"Delayed: DCID {number} MID {number} to RID 0",
        ]
        if number - 1 in due:
            expected.append(f"Alert {due.index(number - 1) + 1} to ops@sender.test sent.")
    lines = iter(log_lines(engine))
    for text in expected:
        assert any(text in line for line in lines), f"{text!r} is missing, or not in its place"
