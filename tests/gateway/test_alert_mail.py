"""Alerts arrive: over TLS where it is offered, else without, by MX or a relay, never over the path that failed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default

import pytest

from gateway.alert_center import Outcome
from gateway.alert_events import dane_failed, policy_not_refreshed, trial_alert
from gateway.alert_mail import AVOIDED, compose, deliver_by, send_alert
from gateway.alert_records import Record
from gateway.alerts import Alert, HostTried, bounded
from gateway.engine import Engine
from gateway.mta_sts import Policy
from gateway.sts_cache import Cached, Kept
from gateway.sts_store import keep_policy
from shell.world.running import World, world
from state.folder import Memory
from state.store import CONFIG, Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTS = (HostTried("mx.failed.example", "certificate-expired: It ended.", "192.0.2.60"),)
FAILED = dane_failed("failed.example", HOSTS)

WORLD = """
[zones."secure.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.10"]
[mtas.secure]
address = "192.0.2.10"
certificate = { issuer = "self-signed", from = -30, to = -1 }

[zones."clear.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.20"]
[mtas.clear]
address = "192.0.2.20"
starttls = false

[zones."broken.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.30"]
[mtas.broken]
address = "192.0.2.30"
behaviour = "closes at handshake"

[zones."refuses.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.31"]
[mtas.refuses]
address = "192.0.2.31"
replies = { starttls = "454 4.7.0 TLS not available" }

[zones."second.example"]
records = ["@ MX 10 mx1", "mx1 A 192.0.2.99", "@ MX 20 mx2", "mx2 A 192.0.2.10"]

[zones."failed.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.60"]
[mtas.failed]
address = "192.0.2.60"
[zones."shared.example"]
records = ["@ MX 10 mx.failed.example."]
[zones."same-address.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.60"]
[zones."other-way.example"]
records = ["@ MX 10 mx.failed.example.", "@ MX 20 mx", "mx A 192.0.2.10"]

[zones."later.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.40"]
[mtas.later]
address = "192.0.2.40"
replies = { rcpt = "451 4.7.1 greylisted" }

[zones."never.example"]
records = ["@ MX 10 mx", "@ MX 20 mx.secure.example.", "mx A 192.0.2.50"]
[mtas.never]
address = "192.0.2.50"
replies = { rcpt = "550 5.1.1 no such user" }

[zones."silent.example"]
records = ["@ MX 10 mx", "@ MX 20 mx.secure.example.", "mx A 192.0.2.51"]
[mtas.silent]
address = "192.0.2.51"
behaviour = "closes at message"

[zones."none.example"]
records = ["@ MX 0 ."]

[zones."sts.example"]
records = ["_mta-sts TXT v=STSv1; id=2;"]

[mtas.relay]
address = "192.0.2.90"
port = 587
"""


@pytest.fixture(scope="module")
def there() -> Iterator[World]:
    with world(WORLD, NOW) as running:
        yield running


def engine(there: World | None, more: str = "") -> Engine:
    folder = Memory()
    folder.write(CONFIG, f'hostname = "mail.example.com"\n{more}'.encode())
    store = Store(folder, lambda: NOW)
    return Engine(store, there.network, there.resolvers) if there else Engine.offline(store)


def record(alert: Alert = FAILED) -> Record:
    return Record(number=7, alert=alert, time=NOW, identity="0123456789abcdef")


def sent(engine: Engine, address: str, alert: Alert = FAILED) -> Outcome:
    return asyncio.run(send_alert(engine, record(alert), address, engine.configuration.alerts))


ARRIVALS = [
    # the address, the server that takes the mail, what is told
    ("ops@secure.example", "secure", "mx.secure.example (192.0.2.10) took it over TLSv1.3."),
    ("ops@clear.example", "clear", "mx.clear.example (192.0.2.20) took it in the clear."),
    ("ops@broken.example", "broken", "mx.broken.example (192.0.2.30) took it in the clear."),
    ("ops@refuses.example", "refuses", "mx.refuses.example (192.0.2.31) took it in the clear."),
    ("ops@second.example", "secure", "mx2.second.example (192.0.2.10) took it over TLSv1.3."),
    ("ops@other-way.example", "secure", "mx.other-way.example (192.0.2.10) took it over TLSv1.3."),
]


@pytest.mark.parametrize(("address", "server", "told"), ARRIVALS, ids=[row[0] for row in ARRIVALS])
def test_a_mail_arrives(there: World, address: str, server: str, told: str) -> None:
    before = len(there.mtas[server].mails)
    assert sent(engine(there), address) == Outcome(True, told)
    [mail] = there.mtas[server].mails[before:]
    assert (mail.sender, mail.recipients) == ("alert@mail.example.com", (address,))
    assert mail.secure == ("TLS" in told)
    read = message_from_string(mail.content, policy=default)
    assert read["Subject"] == (
        "Warning-mail.example.com: (Message Delivery) DANE verification failed for all MX hosts of failed.example"
    )
    assert "mx.failed.example (192.0.2.60): certificate-expired: It ended." in read.get_content()


FAILURES = [
    # the address, how it ended, whether it is tried again
    ("ops@failed.example", AVOIDED, True),
    ("OPS@FAILED.example", AVOIDED, True),
    ("ops@shared.example", AVOIDED, True),
    ("ops@same-address.example", AVOIDED, True),
    ("ops@later.example", "mx.later.example (192.0.2.40): The reply to RCPT was: 451 4.7.1 greylisted", True),
    ("ops@never.example", "mx.never.example (192.0.2.50): The reply to RCPT was: 550 5.1.1 no such user", False),
    (
        "ops@silent.example",
        "mx.silent.example (192.0.2.51): The connection ended before the reply to the message",
        True,
    ),
    ("ops@none.example", 'The domain "none.example" takes no mail: its MX record is a null MX (RFC 7505).', True),
    ("ops@gone.example", 'The domain "gone.example" does not exist.', True),
    ("öps@secure.example", '"öps@secure.example" or the From address cannot stand in a mail.', False),
    ("ops@@secure.example", '"ops@@secure.example" or the From address cannot stand in a mail.', False),
    ("", '"" or the From address cannot stand in a mail.', False),
]


@pytest.mark.parametrize(("address", "told", "again"), FAILURES, ids=[row[0] for row in FAILURES])
def test_a_mail_that_cannot_be_sent_is_an_outcome(there: World, address: str, told: str, again: bool) -> None:
    before = {name: len(one.mails) for name, one in there.mtas.items()}
    outcome = sent(engine(there), address)
    assert not outcome.sent
    assert outcome.sentence.startswith(told)
    assert outcome.permanent is not again
    assert {name: len(one.mails) for name, one in there.mtas.items()} == before, "nobody has it"


def test_nothing_is_said_to_the_path_that_failed(there: World) -> None:
    before = len(there.mtas["failed"].conversations())
    sent(engine(there), "ops@shared.example")
    assert len(there.mtas["failed"].conversations()) == before


def test_an_alert_about_something_else_may_take_that_path(there: World) -> None:
    assert sent(engine(there), "ops@failed.example", policy_not_refreshed("failed.example", "x")).sent  # M14


RELAY = """
[smtp_relay]
server = "192.0.2.90"
port = 587
from_address = "notify@mail.example.com"
encryption = "none"
"""


def test_with_a_relay_the_failed_domain_is_told_too(there: World) -> None:
    outcome = sent(engine(there, RELAY), "ops@failed.example")
    assert outcome == Outcome(True, "192.0.2.90: The relay took the message.")
    mail = there.mtas["relay"].mails[-1]
    assert (mail.sender, mail.recipients) == ("notify@mail.example.com", ("ops@failed.example",))
    assert message_from_string(mail.content, policy=default)["From"] == "notify@mail.example.com"


def test_a_relay_that_just_failed_is_not_used(there: World) -> None:
    alert = dane_failed("x.example", [HostTried("192.0.2.90", "refused")])
    assert sent(engine(there, RELAY), "ops@secure.example", alert) == Outcome(False, AVOIDED)


def test_without_a_network_nothing_is_reached_and_that_is_said() -> None:
    async def delivered() -> Outcome:
        return await deliver_by(engine(None))(record(), "ops@secure.example")

    outcome = asyncio.run(delivered())
    assert not outcome.sent
    assert "no resolver is configured" in outcome.sentence


def test_a_policy_that_cannot_be_refreshed_is_told_of_and_holds(there: World) -> None:  # M14
    at_work = engine(there)
    policy = Policy("enforce", 604_800, ("mx.partner.example",))
    keep_policy(at_work.store.folder, "sts.example", Kept(Cached(policy, "1", NOW - timedelta(days=2))))
    assert asyncio.run(at_work.policy_for("sts.example")).word == "enforce"
    [kept] = at_work.alerts.stored()
    assert kept.alert[:5] == (
        "policy-refresh",
        "sts.example",
        "Information",
        "Message Delivery",
        "The MTA-STS policy of sts.example could not be refreshed",
    )


def composed(alert: Alert, sender: str = "alert@mail.example.com") -> EmailMessage:
    return compose(record(alert), "ops+1@example.com", sender, "mail.example.com", NOW)


def test_a_mail_has_the_headers_of_one_that_nobody_typed() -> None:
    message = composed(trial_alert("mail.example.com"))
    assert {name: str(value) for name, value in message.items()} == {
        "From": "alert@mail.example.com",
        "To": "ops+1@example.com",
        "Subject": "Information-mail.example.com: (System) Test alert",
        "Date": "Sun, 22 Nov 2026 12:00:00 +0000",
        "Message-ID": "<alert-7.0123456789abcdef.ops-1-example.com@mail.example.com>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }


def test_whatever_a_peer_wrote_makes_no_header_and_no_line_too_long() -> None:
    reason = "\r\n.\r\nBcc: x@y.example ü " + "x" * 2000
    alert = bounded(dane_failed("partner.example", [HostTried("mx", reason)])._replace(message=reason))
    octets = composed(alert).as_bytes(policy=default.clone(cte_type="7bit", linesep="\r\n"))
    assert b"\nBcc" not in octets
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    read = message_from_string(octets.decode(), policy=default)
    assert r"\r\n.\r\nBcc: x@y.example ü" in " ".join(read.get_content().split())
