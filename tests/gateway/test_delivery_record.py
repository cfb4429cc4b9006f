"""What becomes of a message that a host answers oddly, or whose delivery is cut off, and what the mail log says."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest

from gateway.authorities import Authority, export_text
from gateway.delivery import Message, Sending
from gateway.delivery_record import NOTES, tell_interrupted
from gateway.engine import Engine
from gateway.mailing import send
from gateway.system_list import FILE, Bundle
from shell.world.running import world
from state.folder import Disk, Memory
from state.store import CONFIG, Store
from tests.conftest import NOON
from tests.gateway.delivery_cases import LIMITS, log_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell.world.running import World

CONTENT = b"From: me@sender.test\nSubject: test\n\nplain words\n"
UNKNOWN = "it may have the message"
CUT_OFF = "ended before it had answered; it may have the message"


class Manner(NamedTuple):
    """How the first of two hosts answers, and what follows: fate, reply, the host that has it, whether it is unsure."""

    table: dict[str, object]
    fate: str
    reply: str
    taken_by: str | None
    unsure: bool = False


def says(step: str, reply: str) -> dict[str, object]:
    return {"replies": {step: reply}}


def does(behaviour: str) -> dict[str, object]:
    return {"behaviour": behaviour}


MANNERS = {
    "takes-it": Manner({}, "delivered", "250 2.0.0 kept", "mx1"),
    # RFC 5321 s4.2.1: 4yz is for now, so the next host is asked; 5yz is for ever
    "greeting-554": Manner(says("greeting", "554 5.3.2 not here"), "delivered", "250 2.0.0 kept", "mx2"),
    "greeting-421": Manner(says("greeting", "421 4.3.2 later"), "delivered", "250 2.0.0 kept", "mx2"),
    "mail-450": Manner(says("mail", "450 4.7.1 later"), "delivered", "250 2.0.0 kept", "mx2"),
    "mail-550": Manner(says("mail", "550 5.7.1 never"), "bounced", "550 5.7.1 never", None),
    "rcpt-450": Manner(says("rcpt", "450 4.2.1 later"), "delivered", "250 2.0.0 kept", "mx2"),
    "rcpt-550": Manner(says("rcpt", "550 5.1.1 no such user"), "bounced", "550 5.1.1 no such user", None),
    "data-451": Manner(says("data", "451 4.3.0 later"), "delivered", "250 2.0.0 kept", "mx2"),
    "data-554": Manner(says("data", "554 5.6.0 never"), "bounced", "554 5.6.0 never", None),
    "end-452": Manner(says("message", "452 4.3.1 full"), "delivered", "250 2.0.0 kept", "mx2"),
    "end-554": Manner(says("message", "554 5.7.1 spam"), "bounced", "554 5.7.1 spam", None),
    "closes-at-mail": Manner(does("closes at mail"), "delivered", "250 2.0.0 kept", "mx2"),
    "resets-at-rcpt": Manner(does("resets at rcpt"), "delivered", "250 2.0.0 kept", "mx2"),
    "garbles-at-mail": Manner(does("garbles at mail"), "delivered", "250 2.0.0 kept", "mx2"),
    "silent": Manner(does("closes at greeting"), "delivered", "250 2.0.0 kept", "mx2"),
    # the host may have it: no other one is tried
    # at DATA too: the library does not tell whether the message went out
    "closes-at-data": Manner(does("closes at data"), "delayed", "451 4.4.2", None, unsure=True),
    "closes-at-end": Manner(does("closes at message"), "delayed", "451 4.4.2", None, unsure=True),
    "resets-at-end": Manner(does("resets at message"), "delayed", "451 4.4.2", None, unsure=True),
    "hangs-at-end": Manner(does("hangs at message"), "delayed", "451 4.4.2", None, unsure=True),
    "garbles-at-end": Manner(does("garbles at message"), "delayed", "451 4.4.2", None, unsure=True),
    "floods-at-end": Manner(does("floods at message"), "delayed", "451 4.4.2", None, unsure=True),
    "354-at-end": Manner(says("message", "354 more?"), "delayed", "354 more?", None, unsure=True),
    "252-at-end": Manner(says("message", "252 perhaps"), "delayed", "252 perhaps", None, unsure=True),
    # and what comes after its answer changes nothing
    "resets-at-quit": Manner(does("resets at quit"), "delivered", "250 2.0.0 kept", "mx1"),
    "closes-at-quit": Manner(does("closes at quit"), "delivered", "250 2.0.0 kept", "mx1"),
}


def described() -> dict[str, object]:
    zones: dict[str, object] = {}
    mtas: dict[str, object] = {}
    for number, (name, manner) in enumerate(MANNERS.items(), 1):
        addresses = [f"192.0.{number}.{host}" for host in (1, 2)]
        records = [f"@ MX {host} mx{host}" for host in (1, 2)]
        records += [f"mx{host} A {address}" for host, address in enumerate(addresses, 1)]
        zones[f"{name}.test"] = {"records": records}
        mtas[f"mx1.{name}"] = {"address": addresses[0], **manner.table}
        mtas[f"mx2.{name}"] = {"address": addresses[1]}
    mtas["modern"] = {"address": "192.0.2.201", "keywords": ["SMTPUTF8", "8BITMIME"]}
    mtas["old"] = {"address": "192.0.2.202", "keywords": []}
    mtas["stuck"] = {"address": "192.0.2.203", "behaviour": "hangs at message"}
    mtas["slow"] = {"address": "192.0.2.204", "behaviour": "waits at message", "delay": 400}
    mtas["relay"] = {"address": "192.0.2.205", "port": 2525}
    passed_over = ["@ MX 10 gone", "gone A 192.0.2.250", "@ MX 20 nameless", "@ MX 30 modern", "modern A 192.0.2.201"]
    zones["passed-over.test"] = {"records": passed_over}
    return {"zones": zones, "mtas": mtas}


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world(described(), NOON) as one:
        yield one


def engine_of(running: World, folder: Memory | Disk | None = None, config: str = "") -> Engine:
    folder = folder or Memory()
    folder.write(CONFIG, f'hostname = "mail.sender.test"\n{config}'.encode())
    bundle = export_text(Authority(name, running.authorities[name].certificate) for name in running.system)
    folder.write(FILE, msgspec.json.encode(Bundle(version="world", updated=NOON, text=bundle)))
    return Engine(Store(folder, lambda: NOON), running.network, running.resolvers)


def message(recipient: str, content: bytes = CONTENT, sender: str = "me@sender.test") -> Message:
    return Message(sender, recipient, recipient.rpartition("@")[2], content)


def unsure_lines(engine: Engine) -> list[str]:
    return [line for line in log_lines(engine) if line.startswith("Warning: ") and UNKNOWN in line]


PREFERRED = '[destinations.default]\ntls = "preferred"\n'


@pytest.mark.parametrize("name", MANNERS)
def test_what_a_host_answers_and_what_follows(running: World, name: str) -> None:
    manner = MANNERS[name]
    engine = engine_of(running, config=PREFERRED)
    limits = LIMITS._replace(data_end=0.3) if name == "hangs-at-end" else LIMITS
    found = asyncio.run(send(engine, message(f"someone@{name}.test"), limits=limits))
    have = [host for host in ("mx1", "mx2") if running.mtas[f"{host}.{name}"].mails]
    assert (found.fate, found.reply[: len(manner.reply)]) == (manner.fate, manner.reply)
    assert have[-1:] == ([manner.taken_by] if manner.taken_by else [])
    assert bool(running.mtas[f"mx2.{name}"].conversations()) == (manner.taken_by == "mx2")
    assert len(unsure_lines(engine)) == manner.unsure
    assert engine.store.folder.names(NOTES) == []
    ends = [line.split(" ")[1] for line in log_lines(engine) if line.startswith(("Info: Delayed", "Info: Bounced"))]
    assert ends == {"delivered": [], "delayed": ["Delayed:"], "bounced": ["Bounced:"]}[manner.fate]
    assert sum("Message done" in line for line in log_lines(engine)) == (manner.fate == "delivered")


# RFC 5321 s4.5.2: what stands in a line arrives; a line ends with CRLF on the wire
def test_a_message_arrives_as_it_was(running: World) -> None:
    content = CONTENT + b".\n..\n.dot\r\n\r\n bare\rreturn\nno end"
    asyncio.run(send(engine_of(running), message("a@[192.0.2.201]", content)))
    assert running.mtas["modern"].mails[-1].content == CONTENT.decode() + ".\n..\n.dot\n\n bare\nreturn\nno end\n"
    said = running.mtas["modern"].conversations()[-1].clear
    assert said.count(b"\n") == said.count(b"\r") == said.count(b"\r\n")


# RFC 6531 s3.4, RFC 6152 s3
def test_addresses_and_octets_beyond_ascii(running: World) -> None:
    written = message("jörg@[192.0.2.201]", CONTENT + "grün\n".encode(), "zoë@sender.test")
    assert asyncio.run(send(engine_of(running), written)).fate == "delivered"
    mail = running.mtas["modern"].mails[-1]
    said = running.mtas["modern"].conversations()[-1].clear
    assert "MAIL FROM:<zoë@sender.test> SMTPUTF8 BODY=8BITMIME\r\n".encode() in said
    assert "RCPT TO:<jörg@[192.0.2.201]>\r\n".encode() in said
    assert mail.content.encode("latin-1").decode() == CONTENT.decode() + "grün\n"


def test_a_host_that_does_not_take_such_addresses(running: World) -> None:  # RFC 6531 s3.5
    found = asyncio.run(send(engine_of(running), message("jörg@[192.0.2.202]")))
    assert (found.fate, found.reply.split(" ")[:2]) == ("bounced", ["553", "5.6.7"])
    assert running.mtas["old"].conversations()[-1].commands[-1] == "QUIT"
    assert not running.mtas["old"].mails


def test_the_log_says_why_a_host_was_passed_over(running: World) -> None:
    engine = engine_of(running)
    assert asyncio.run(send(engine, message("a@passed-over.test"))).fate == "delivered"
    lines = log_lines(engine)
    assert "Info: MID 1 not sent to gone.passed-over.test: 192.0.2.250 port 25 refused the connection." in lines
    assert any(line.startswith("Info: MID 1 not sent to nameless.passed-over.test: ") for line in lines)


def test_a_literal_is_named_in_no_handshake(running: World) -> None:  # S5 D16
    assert asyncio.run(send(engine_of(running, config=PREFERRED), message("a@[192.0.2.201]"))).fate == "delivered"
    talk = running.mtas["modern"].conversations()[-1]
    assert (talk.protocol, talk.server_name) == ("TLSv1.3", None)


def test_a_route_is_taken_in_place_of_mx_hosts(running: World) -> None:  # D17
    config = 'smtp_routes."takes-it.test".hosts = [{ host = "[192.0.2.205]", port = 2525 }]\n'
    config += 'smtp_routes."void.test".to = "discard"\n'
    engine = engine_of(running, config=config)
    before = len(running.mtas["mx1.takes-it"].conversations())
    assert asyncio.run(send(engine, message("a@takes-it.test"))).fate == "delivered"
    assert len(running.mtas["relay"].mails) == 1
    assert len(running.mtas["mx1.takes-it"].conversations()) == before
    assert any(line.endswith("address 192.0.2.205 port 2525") for line in log_lines(engine))
    assert asyncio.run(send(engine, message("a@void.test"))).fate == "discarded"
    assert log_lines(engine)[-1] == "Info: MID 2 discarded: The SMTP route void.test discards mail for void.test."


DELIVERING = """
import asyncio, sys
from datetime import UTC, datetime
from gateway.delivery import Message
from gateway.engine import Engine
from gateway.mailing import send
from gateway.network import MappedNetwork
from state.folder import Disk
from state.store import Store

path, host, port = sys.argv[1:]
network = MappedNetwork({("192.0.2.203", 25): (host, int(port))})
engine = Engine(Store(Disk(path), lambda: datetime.now(UTC)), network, ())
content = b"From: me@sender.test\\n\\nsent by the one that is killed\\n"
asyncio.run(send(engine, Message("me@sender.test", "a@[192.0.2.203]", "[192.0.2.203]", content)))
"""


def test_a_delivery_that_is_killed_is_told_once(running: World, disk: Disk) -> None:
    engine = engine_of(running, disk)
    server = running.mtas["stuck"]
    host, port = server.place
    root = Path(__file__).parents[2]
    arguments = [sys.executable, "-c", DELIVERING, disk.path, host, str(port)]
    with subprocess.Popen(arguments, cwd=root, stdin=subprocess.DEVNULL) as process:
        try:
            limit = time.monotonic() + 60
            while not any(b"killed\r\n.\r\n" in talk.clear for talk in server.conversations(0)):
                assert process.poll() is None
                assert time.monotonic() < limit
                time.sleep(0.02)
            assert tell_interrupted(engine.store, engine.log) == []  # it goes on
        finally:
            process.send_signal(signal.SIGKILL)
    assert unsure_lines(engine) == []
    assert len(engine.store.folder.names(NOTES)) == 1
    asyncio.run(send(engine, message("a@[192.0.2.201]")))  # whoever delivers next says so first
    (line,) = unsure_lines(engine)
    assert line == f"Warning: DCID 1 MID 1 to RID [0]: the connection to [192.0.2.203] {CUT_OFF}"
    assert [one for one in log_lines(engine) if "Start MID" in one or one == line] == [
        "Info: Start MID 1 ICID 0",
        line,
        "Info: Start MID 2 ICID 0",
    ]
    assert tell_interrupted(engine.store, engine.log) == []
    assert engine.store.folder.names(NOTES) == []
    assert sum(b"killed" in talk.clear for talk in server.conversations(0)) == 1  # and it is not sent again


def test_a_process_of_the_same_number_is_not_the_one_that_delivered(running: World) -> None:
    engine = engine_of(running)
    note = {"mid": 7, "dcid": 3, "host": "mx", "process": os.getppid(), "since": "1", "delivery": "x"}
    engine.store.folder.write(f"{NOTES}/7.json", msgspec.json.encode(note))
    expected = f"DCID 3 MID 7 to RID [0]: the connection to mx {CUT_OFF}."
    assert tell_interrupted(engine.store, engine.log) == [expected]


def test_a_delivery_that_goes_on_beside_is_no_killed_one(running: World) -> None:
    engine = engine_of(running)

    async def both() -> list[str]:
        out = asyncio.Event()

        def told(event: object) -> None:
            if isinstance(event, Sending):
                out.set()

        slow = asyncio.create_task(send(engine, message("a@[192.0.2.204]"), told))
        await out.wait()
        assert len(engine.store.folder.names(NOTES)) == 1
        quick = await send(engine, message("a@[192.0.2.201]"))
        assert not slow.done()
        return [quick.fate, (await slow).fate]

    assert asyncio.run(both()) == ["delivered", "delivered"]
    assert unsure_lines(engine) == []


def test_a_delivery_that_is_stopped_by_hand_is_told(running: World) -> None:
    engine = engine_of(running)

    async def stopped() -> None:
        out = asyncio.Event()
        task = asyncio.create_task(
            send(engine, message("a@[192.0.2.203]"), lambda event: out.set() if isinstance(event, Sending) else None)
        )
        await out.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(stopped())
    assert len(tell_interrupted(engine.store, engine.log)) == 1
    assert len(unsure_lines(engine)) == 1


class FullDisk(Memory):
    """A disk that is full for some of its folders."""

    full: tuple[str, ...] = ()

    def write(self, name: str, content: bytes, durable: bool = True) -> object:
        self._refuse(name)
        return super().write(name, content, durable)

    def append(self, name: str, lines: bytes, most: int) -> bool:
        self._refuse(name)
        return super().append(name, lines, most)

    def _refuse(self, name: str) -> None:
        if name.startswith(self.full) and self.full:
            raise OSError(28, "No space left on device")


def test_what_the_log_does_not_take_stays_noted(running: World) -> None:
    folder = FullDisk()
    engine = engine_of(running, folder, PREFERRED)
    folder.full = ("logs/mail_logs",)
    found = asyncio.run(send(engine, message("someone@closes-at-end.test")))
    assert (found.fate, log_lines(engine), len(folder.names(NOTES))) == ("delayed", [], 1)
    assert tell_interrupted(engine.store, engine.log) == []
    assert len(folder.names(NOTES)) == 1
    folder.full = ()
    assert len(tell_interrupted(engine.store, engine.log)) == 1
    assert (len(unsure_lines(engine)), folder.names(NOTES)) == (1, [])


def test_nothing_is_sent_that_cannot_be_noted(running: World) -> None:
    folder = FullDisk()
    engine = engine_of(running, folder)
    folder.full = (f"{NOTES}/",)
    before = len(running.mtas["old"].conversations())
    with pytest.raises(OSError, match="No space left"):
        asyncio.run(send(engine, message("a@[192.0.2.202]")))
    (talk,) = running.mtas["old"].conversations()[before:]
    assert b"DATA" not in talk.clear
