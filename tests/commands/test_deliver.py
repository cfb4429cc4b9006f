"""What `deliver` does beside its dialogs: the alert that arrives, lists fetched first, a disk that keeps no status."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from email import message_from_string
from email.policy import default
from pathlib import Path

from gateway.delivery import Decided, Message
from gateway.engine import Engine
from gateway.mailing import send
from shell.transcript.appliance import Appliance, open_appliance
from shell.transcript.parse import Transcript, parse
from shell.transcript.play import play
from shell.transcript.report import Passed
from shell.world.running import World, world
from state.folder import Disk, Memory
from state.store import CONFIG, Store
from tests.conftest import NOON, Person

STORY = Path(__file__).parents[2] / "transcripts/deliver/story.transcript"


# P9
def test_the_story_of_the_reference_chapter_as_its_partner_and_its_operator_see_it() -> None:
    worlds: list[World] = []

    def watched(transcript: Transcript, sink: Callable[[Sequence[str]], None]) -> Appliance:
        appliance = open_appliance(transcript, sink)
        assert isinstance(appliance.world, World)
        worlds.append(appliance.world)
        return appliance

    outcome = play(parse(STORY.read_text(), str(STORY)), watched)
    assert isinstance(outcome, Passed), str(outcome)
    [there] = worlds
    [alert] = there.mtas["mailbox"].mails
    assert alert.recipients == ("ops@example.com",)
    mail = message_from_string(alert.content, policy=default)
    assert mail["Subject"] == "Warning-mail.example.com: (System) Required TLS connection to partner.example failed"
    assert "mx1.partner.example (192.0.2.10): certificate-not-trusted: " in mail.get_content().replace("\n    ", " ")
    refused, passed = there.mtas["partner"].conversations()
    assert refused.commands == ["EHLO mail.example.com", "STARTTLS", "QUIT"]  # S4
    assert passed.protocol == "TLSv1.3"
    assert b"MAIL" not in passed.clear
    assert [mail.recipients for mail in there.mtas["partner"].mails] == [("ops@partner.example",)]


HANGING = """
[zones."partner.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.10"]
[mtas.mx]
address = "192.0.2.10"
certificate = { issuer = "self-signed" }
behaviour = "hangs at quit"
"""
STRICT = """
[destinations]
send_tls_alert = true
[destinations.default]
tls = "required-verify"
"""


# P9
def test_an_alert_is_kept_before_the_host_that_failed_says_goodbye() -> None:
    folder = Memory()
    folder.write(CONFIG, STRICT.encode())

    async def killed(engine: Engine) -> None:
        decided = asyncio.Event()

        def tell(event: object) -> None:
            if isinstance(event, Decided):
                decided.set()

        message = Message("me@example.com", "ops@partner.example", "partner.example", b"Subject: x\n\nx\n")
        task = asyncio.create_task(send(engine, message, tell))
        await decided.wait()
        await asyncio.sleep(0.05)
        task.cancel()  # as a kill would: nothing behind this point is reached
        await asyncio.wait([task])

    with world(HANGING, NOON) as there:
        engine = Engine(Store(folder, lambda: NOON), there.network, there.resolvers)
        asyncio.run(killed(engine))
        assert [record.alert.kind for record in engine.alerts.stored()] == ["tls-required"]


LISTS = """
[destinations.default]
tls = "required-verify"
[revocation]
delivery = true
[revocation.sources.partner]
url = "http://192.0.2.99/ca.crl"
"""


def test_lists_that_are_due_are_fetched_before_a_delivery(person: Callable[..., Person]) -> None:  # V1
    operator = person(LISTS)
    shown = operator.type("deliver ops@partner.example")
    first = shown.strip().splitlines()[0]
    assert first.startswith(
        'The revocation list of "partner" was not fetched: 192.0.2.99 port 80 refused the connection.'
    )
    assert "The message was delayed." in shown
    assert [record.alert.kind for record in operator.session.engine.alerts.stored()] == ["list-refresh"]


PLAIN = """
zones."partner.example".records = ["@ MX 10 mx", "mx A 192.0.2.10"]
mtas.partner.address = "192.0.2.10"
"""


def test_a_status_that_cannot_be_kept_does_not_hide_a_delivery(person: Callable[..., Person], disk: Disk) -> None:
    with world(PLAIN, NOON) as there:

        def inside(store: Store) -> Engine:
            return Engine(store, there.network, there.resolvers)

        operator = person("", disk, engine=inside)
        (Path(disk.path) / "hosts/partner.example.json").mkdir()  # a folder where the file should be
        shown = operator.type("deliver ops@partner.example")
        assert "The message was delivered. mx.partner.example took the message: 250 2.0.0 kept" in shown
        assert len(there.mtas["partner"].mails) == 1
        assert "Warning: The status of partner.example cannot be kept. " in operator.type("tail mail_logs")
