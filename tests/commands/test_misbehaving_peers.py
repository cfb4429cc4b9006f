"""What peers do wrong, and what the operator gets for it: `misbehaving_peers.txt` beside this file is the table.

Every row is played in a world of its own on loopback, with the real command, the real engine and real TLS.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from commands.session import Session
from commands.verifying.remedies import remedies
from gateway import dns, https, smtp
from gateway.engine import Engine
from shell.transcript.appliance import keep_authorities
from shell.world.recording import Conversation
from shell.world.running import World, world
from state.folder import Memory
from state.store import CONFIG, Store
from tests.conftest import Person

PAGE = Path(__file__).with_name("misbehaving_peers.txt")
NOW = datetime(2026, 5, 23, 12, tzinfo=UTC)
LONGEST = 320
"""Characters of one line: four lines of a screen; nobody reads more than that at night."""
SEVERED = ("closes after handshake", "resets after handshake")
"""The server is gone before it could read what comes behind the handshake."""
REMEDIES = remedies()
SUCCESS = re.compile(r"(TLS connection to \S+ succeeded\.|(DANE|MTA-STS) (SUCCESS|missing) for \S+)")


class Row(NamedTuple):
    """One peer: what is laid over the world, how long is waited (a number a step), what is typed, what is shown.

    The configuration is the one that was committed before.
    """

    number: int
    title: str
    over: Mapping[str, Any]
    limits: Mapping[str, float]
    config: str
    typed: str
    text: str


class Played(NamedTuple):
    """What came of a row: what was shown, and what each connection of the servers got."""

    text: str
    status: int
    mail: list[Conversation]
    policy: list[Conversation]


def read_page(page: str) -> tuple[str, list[Row]]:
    """Return the world that all rows have, and the rows."""
    start, *blocks = re.split(r"^== ", page, flags=re.MULTILINE)
    rows = []
    number = start.count("\n") + 1
    for block in blocks:
        kept = re.sub(r"^#.*\n", "", block, flags=re.MULTILINE)
        head, typed, text = re.split(r"^> (.*)\n", kept, maxsplit=1, flags=re.MULTILINE)
        title, _, over = head.partition("\n")
        values = tomllib.loads(over)
        limits, config = values.pop("limits", {}), values.pop("config", "")
        rows.append(Row(number, title, values, limits, config, typed, text.rstrip("\n") + "\n"))
        number += block.count("\n")
    return start, rows


BASE, ROWS = read_page(PAGE.read_text())


def laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with another one over it."""
    both = {key: laid_over(base[key], over[key]) for key in base.keys() & over.keys() if isinstance(base[key], dict)}
    return {**base, **over, **both}


def person_in(started: World, limits: Mapping[str, float], config: str = "") -> Person:
    """Return somebody at an appliance in a world that waits no longer than this."""
    folder = Memory()
    folder.write(CONFIG, config.encode())
    keep_authorities(started, folder, NOW)
    session = Session(lambda: Store(folder, lambda: NOW))
    wait = dict(limits)
    dns_limits = dns.Limits(each=wait.pop("dns")) if "dns" in wait else dns.Limits()
    policy_limits = https.Limits(65536, wait.pop("policy")) if "policy" in wait else None
    session.make_engine = lambda store: Engine(
        store,
        started.network,
        started.resolvers,
        session_limits=smtp.Limits()._replace(**wait),
        dns_limits=dns_limits,
        policy_limits=policy_limits,
    )
    return Person(session)


def play(row: Row, started: World) -> Played:
    """Type a row's line in its world."""
    someone = person_in(started, row.limits, row.config)
    text = someone.type(row.typed)
    return Played(
        text,
        someone.status or 0,
        [one for server in started.mtas.values() for one in server.conversations()],
        [one for host in started.policies.values() for one in host.conversations()],
    )


def world_of(row: Row) -> World:
    """Return the world of a row, running; there is a policy host only for the command that asks one."""
    described = laid_over(tomllib.loads(BASE), row.over)
    if not row.typed.startswith("mtastsverify"):
        del described["policies"]
    return world(described, NOW)


@pytest.fixture(scope="module")
def played() -> Callable[[Row], Played]:
    """Return what plays a row; those that run into a time limit wait for it all at the same time."""
    waiting = [row for row in ROWS if row.limits]
    found: dict[str, Played] = {}

    def look(row: Row) -> Played:
        if not row.limits:
            with world_of(row) as started:
                return play(row, started)
        if not found:
            with ExitStack() as worlds, ThreadPoolExecutor(len(waiting)) as pool:
                started_worlds = [worlds.enter_context(world_of(one)) for one in waiting]
                all_played = pool.map(play, waiting, started_worlds)
                found.update(zip((one.title for one in waiting), all_played, strict=True))
        return found[row.title]

    return look


# S1, S3, S4, S7, D2, D4, D7, D8, D11, D12, T5, T6, M2, M7, M11, M12
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.title}")
def test_a_peer_gets_its_text_and_nothing_is_sent_past_a_failed_judgment(
    row: Row, played: Callable[[Row], Played]
) -> None:
    found = played(row)
    assert found.text == row.text
    assert found.status == (0 if SUCCESS.search(row.text) else 1)
    severed = row.over.get("mtas", {}).get("mx1", {}).get("behaviour") in SEVERED
    for conversation in found.mail:
        verbs = [line.split()[0] for line in conversation.clear.decode().splitlines()]
        assert set(verbs) <= {"EHLO", "HELO", "STARTTLS", "QUIT"}
        assert conversation.secured == (b"QUIT\r\n" if conversation.protocol and not severed else b"")
        assert conversation.end != "open"
    for conversation in found.policy:
        refused = "sts-webpki-invalid" in row.text or not conversation.protocol
        asked = conversation.secured.split(b"\r\n")[0]
        assert asked == (b"" if refused else b"GET /.well-known/mta-sts.txt HTTP/1.1")
        assert conversation.clear == b""


def faults(row: Row) -> list[str]:
    """Return what a person would have against a text."""
    lines = [line for line in row.text.splitlines() if line]
    sentences = re.findall(r"[A-Z][^.]{30,}\.(?= |$)", row.text, flags=re.MULTILINE)
    found = [f"twice: {line}" for line, count in Counter(lines).items() if count > 1]
    found += [f"twice: {sentence}" for sentence, count in Counter(sentences).items() if count > 1]
    found += [f"too long: {line}" for line in lines if len(line) > LONGEST]
    found += [f"not for people: {line}" for line in lines if not line.isprintable() or re.search("Error|<class", line)]
    if not SUCCESS.search(row.text) and "--all" not in row.typed:  # a table has words, the command itself sentences
        remedies = [line for line in lines if line in REMEDIES or line.endswith("It may work later.")]
        found += [] if remedies else ["it does not say what can be done"]
    return found


# V9
def test_a_text_is_short_says_nothing_twice_and_says_what_can_be_done() -> None:
    assert {row.title: faults(row) for row in ROWS if faults(row)} == {}


def test_the_table_has_all_kinds_of_peers_and_each_once() -> None:
    assert len(ROWS) >= 100
    assert len({row.title for row in ROWS}) == len(ROWS)
    steps = ("greeting", "ehlo", "starttls", "handshake")
    behaviours = {row.over.get("mtas", {}).get("mx1", {}).get("behaviour") for row in ROWS}
    assert {
        f"{effect} at {step}" for effect in ("hangs", "closes", "resets", "garbles") for step in steps
    } <= behaviours
    names = {
        word
        for row in ROWS
        for zone in row.over.get("zones", {}).values()
        for word in zone.get("behaviour", {}).values()
    }
    assert {"servfail", "refused", "timeout", "malformed", "loop", "truncated, then closed", "wrong id"} <= names
    assert {row.typed.split()[0] for row in ROWS} == {"tlsverify", "daneverify", "mtastsverify"}
