"""When a command has ended what is due is sent, in a world; and that costs nothing where there is nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from email import message_from_string
from email.policy import default

import pytest

from gateway.alert_events import dane_failed
from gateway.alerts import HostTried
from gateway.engine import Engine
from shell.world.running import World, world
from state.folder import Disk, Memory
from state.store import Store
from tests.conftest import NOON, Person

CONFIG = """
hostname = "mail.example.com"
[[alerts.recipients]]
address = "ops@example.com"
[[alerts.recipients]]
address = "ops@partner.example"
"""
WORLD = """
[zones."example.com"]
records = ["@ MX 10 mx1", "mx1 A 192.0.2.10"]
[mtas.mx1]
address = "192.0.2.10"
{more}
[zones."partner.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.20"]
[mtas.partner]
address = "192.0.2.20"
"""
HOSTS = (HostTried("mx.partner.example", "tlsa-invalid: No record matches.", "192.0.2.20"),)
FAILED = dane_failed("partner.example", HOSTS)


def inside(there: World) -> Callable[[Store], Engine]:
    return lambda store: Engine(store, there.network, there.resolvers)


def test_a_failure_is_in_the_operators_mailbox_when_the_command_has_ended(
    person: Callable[..., Person], disk: Disk
) -> None:  # P9
    with world(WORLD.format(more=""), NOON) as there:
        operator = person(CONFIG, disk, engine=inside(there))
        operator.session.engine.alerts.raise_alert(FAILED)
        assert operator.type("version").startswith("\nCurrent Version")
        [mail] = there.mtas["mx1"].mails
        assert there.mtas["partner"].mails == []
        assert mail.recipients == ("ops@example.com",)
        assert message_from_string(mail.content, policy=default)["Subject"].endswith(
            "DANE verification failed for all MX hosts of partner.example"
        )
        shown = person(None, disk, engine=inside(there)).type("displayalerts")
    assert "ops@example.com: sent." in shown
    assert "ops@partner.example: not sent after 1 attempt" in shown
    assert "It would take the path that has just failed" in " ".join(shown.split())


def test_another_session_sends_what_one_that_was_killed_left(person: Callable[..., Person], disk: Disk) -> None:
    person(CONFIG, disk).session.engine.alerts.raise_alert(FAILED)
    with world(WORLD.format(more=""), NOON) as there:
        operator = person(None, disk, engine=inside(there))
        operator.type("displayalerts")
        assert len(there.mtas["mx1"].mails) == 1
        operator.type("displayalerts")
        assert len(there.mtas["mx1"].mails) == 1


def test_an_interrupt_leaves_an_alert_for_later(person: Callable[..., Person], disk: Disk) -> None:
    with world(WORLD.format(more='behaviour = "hangs at greeting"'), NOON) as there:
        operator = person(CONFIG, disk, engine=inside(there))
        operator.session.engine.alerts.raise_alert(FAILED)
        previous = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            shown = operator.type("version")
        finally:
            signal.signal(signal.SIGALRM, previous)
        assert shown.endswith("Alerts that are due were not all sent; they are kept and tried again.\n")
        assert operator.status == 0
        assert operator.session.engine.alerts.stored()[0].mails[0].next_try is not None


def test_a_test_alert_goes_to_everybody_and_is_not_kept(person: Callable[..., Person]) -> None:
    with world(WORLD.format(more=""), NOON) as there:
        operator = person(CONFIG, engine=inside(there))
        shown = operator.type("alertconfig -> test", "")
        assert "ops@example.com: sent. mx1.example.com (192.0.2.10) took it over TLSv1.3.\n" in shown
        assert "ops@partner.example: sent. mx.partner.example (192.0.2.20) took it over TLSv1.3.\n" in shown
        assert [len(there.mtas[name].mails) for name in ("mx1", "partner")] == [1, 1]
        assert "There are no alerts." in operator.type("displayalerts")


def test_a_mistake_while_alerts_are_sent_is_told_and_logged(person: Callable[..., Person]) -> None:
    def broken(store: Store) -> Engine:
        raise RuntimeError

    folder = Memory()
    operator = person(CONFIG, folder, engine=broken)
    operator.session.open()
    folder.write("alerts/due", b"0")
    assert "Alerts: Internal error (RuntimeError)" in operator.type("version")
    assert operator.status == 0


@pytest.mark.parametrize("config", ["", CONFIG])
def test_where_nothing_is_due_no_engine_is_made(person: Callable[..., Person], config: str) -> None:
    def none(store: Store) -> Engine:
        raise AssertionError("nobody needs an engine")

    operator = person(config, engine=none)
    operator.session.open()
    assert "Internal" not in operator.type("version")
