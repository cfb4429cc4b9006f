"""Every registered command is typed into, and nothing that is typed breaks it; every menu entry was entered.

The suite types the same few hundred examples in every run. To type others for longer, with a new seed in every
round: `ASYNCSH_FUZZ_SECONDS=600 pytest -s -n 0 tests/commands/test_fuzz.py`. A failure names the seed, and
`ASYNCSH_FUZZ_SEED=N` types that round again. With `-s -n 0` a table shows what was typed.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from commands.command import Command
from commands.registry import COMMANDS
from commands.session import Session
from commands.terminal import Cancelled, Disconnected, Question, Terminal
from gateway.demo import demo_certificate
from state.factory import FACTORY_TEXT
from state.folder import FOLDERS, Memory
from state.problems import InvalidConfiguration
from state.secrets import Vault
from state.staging import Staging
from state.store import CONFIG, Store
from state.validation import read_configuration
from state.wording import CONTROL
from tests.commands.menus import Menus, loaded
from tests.commands.typist import Typist
from tests.conftest import NOON, offline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from commands.dialog import Operation

SECONDS = float(os.environ.get("ASYNCSH_FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("ASYNCSH_FUZZ_SEED", "1"))
EXAMPLES = 8
"""Examples of a round for each command."""
FORM_EXAMPLES = 2
"""And for each of its batch forms."""
MENU_EXAMPLES = 2
"""And for each entry of a menu, on the way that leads to it."""
LINES = 5
QUESTIONS = 50
"""Questions of one line after which the typist leaves with Ctrl-C."""
HANGS = 30
"""Seconds after which an example hangs."""
VALID = 0.7
"""The least share of answers that are offered by the question, and of lines that are right."""
MANY = 100
"""Answers of one command from which on its own share counts."""
SEEN_OFTEN = 12
"""Valid answers after which one must have been accepted, where all that was offered last is among them."""
HOSTS = {"fresh": (), "staged": ("a.example.com",), "history": ("a.example.com", "b.example.com")}
UNPRINTABLE = f"(?!\\n){CONTROL}"

TABLE = "[DEFAULT]\ntable_tls = on\n\n[a.example]\ntable_tls = require\ndane = mandatory\n\n[.example.net]\n"
HAT = "$PARTNER\n    ACCEPT {\n    tls = required\n    }\nPARTNERS:\n    .a.example\n    $PARTNER\nALL\n    $BLOCKED\n"
PROFILE = '\n[certificates.mail]\ncertificate = """\n{}"""\nprivate_key = """{}"""\n'


@cache
def pems() -> tuple[str, str]:
    """Return a certificate and its key."""
    return demo_certificate(NOON)


@cache
def configurations() -> dict[str, str]:
    """Return texts that `loadconfig` may meet, good and bad."""
    certificate, key = pems()
    foreign = Vault(Memory()).seal(key)
    entries = '\n[destinations.domains."a.example"]\ntls = "required"\n\n[bounce_profiles.Gold]\nmax_retries = 5\n'
    entries += '\n[[dns.resolvers]]\naddress = "192.0.2.53"\n\n[smtp_routes."a.example"]\nto = "dns"\n'
    entries += '\n[dns.domains."a.example"]\nservers = [{ address = "127.0.0.1", port = 5353 }]\n'
    entries += '\n[smtp_relay]\nserver = "relay.example.net"\nfrom_address = "alerts@example.com"\n'
    return {
        "mail.toml": FACTORY_TEXT + entries + PROFILE.format(certificate, key),
        "classic.toml": 'dialogs = "classic"\n' + FACTORY_TEXT,
        "foreign.toml": FACTORY_TEXT + PROFILE.format(certificate, foreign),
        "masked.toml": FACTORY_TEXT + PROFILE.format(certificate, "masked"),
        "bad.toml": "hostname = 5\n[destinations.default]\ntls = 'no'\ndane = 'mandatory'\n[nothing]\n",
    }


def appliance(kind: str, prepared: str) -> Memory:
    """Return the directory of an appliance.

    Args:
        kind: `new`, or which of the configurations is in force.
        prepared: `staged` has something staged, `history` a few commits, `fresh` neither.
    """
    folder = Memory()
    texts = configurations()
    if kind != "new":
        folder.write(CONFIG, texts[f"{kind}.toml"].encode())
    for name, text in texts.items():
        folder.write(f"configuration/{name}", text.encode())
    folder.write("configuration/table.txt", TABLE.encode())
    folder.write("configuration/hat.txt", HAT.encode())
    folder.write("configuration/profiles.txt", b"[Gold]\nmax_retries = 5\n\n[Slow]\nmax_wait = 7200\n")
    folder.write("configuration/routes.txt", b"a.example mx1.example.com:26\nALL USEDNS\n")
    folder.write("configuration/bad.txt", b"[a.example]\nnothing = 1\n[-bad-]\n")
    folder.write("configuration/latin.txt", b"[a.example]\n# Gr\xfcn\n")
    staging = Staging(Store(folder, lambda: NOON), "admin")
    for name in HOSTS[prepared]:
        staging.configuration = replace(staging.configuration, hostname=name)
        staging.finish()
        if prepared == "history":
            staging.commit(f"now {name}", rollback=True)
    return folder


@dataclass
class Tally:
    """What was typed into one command."""

    lines: int = 0
    good_lines: int = 0
    answers: int = 0
    good: int = 0
    refused: int = 0
    entered: set[str] = field(default_factory=set)
    by_question: dict[str, list[bool]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)
    typed: dict[str, set[str]] = field(default_factory=dict)

    def never_accepted(self) -> list[str]:
        """Return the questions that were answered often, with all that they offer, and never took it."""
        return [
            asked
            for asked, taken in self.by_question.items()
            if len(taken) >= SEEN_OFTEN and not any(taken) and self.offered[asked] <= self.typed[asked]
        ]

    @property
    def share(self) -> float:
        """The share of answers that were offered."""
        return self.good / self.answers if self.answers else 1.0


class Watched(Session):
    """A session that counts the operations that have ended."""

    finished = 0

    def finish_operation(self) -> None:
        """Count it."""
        super().finish_operation()
        self.finished += 1


class Desk:
    """An appliance in memory, the operator at it, and everything that must hold after each line."""

    def __init__(self, folder: Memory, tally: Tally) -> None:
        self.folder = folder
        self.tally = tally
        self.clock = NOON
        self.output: list[str] = []
        self.errors = 0
        self.typed: list[str] = []
        self.session = self.opened()
        self.terminal = Terminal(self._show, self._show_error)

    def opened(self) -> Watched:
        """Come to the appliance anew."""
        session = Watched(lambda: Store(self.folder, lambda: self.clock))
        session.make_engine = offline
        session.open()
        return session

    def _show(self, parts: Iterable[str]) -> None:
        self.output.extend(parts)

    def _show_error(self, parts: Iterable[str]) -> None:
        self.errors += 1
        self.output.extend(parts)

    def run(self, typist: Typist, line: str) -> None:
        """Type a line, answer what it asks, and check what must hold after it."""
        session = self.session
        session.staging.refresh()
        session.finished = 0
        before, text, revision = session.staged, session.staging.text, session.store.revision.number
        self.output.clear()
        self.typed.append(f"{before.hostname}> {line!r}")
        status = self._converse(typist, line)
        shown = "".join(self.output)
        assert "Traceback" not in shown
        assert "Internal error" not in shown
        assert not re.search(UNPRINTABLE, shown), ascii(shown)
        assert self.folder.read("logs/errors") is None
        if status != 0 and session.store.revision.number == revision:
            if status == 1 and shown.endswith("Command cancelled.\n"):
                session.finished = 0
            if session.finished == 0:
                assert session.staged == before, f"{line!r} was refused, and something is staged"
                assert session.staging.text == text
        self._check_what_is_kept()

    def _converse(self, typist: Typist, line: str) -> int | None:
        """Run the line; return its status, None where nobody was there any more."""
        running = self.session.run(line, self.terminal)
        count = 0
        gone: type[Exception] | None = None
        try:
            question = running.send(None)
            while True:
                assert gone is None, f"{gone} did not leave {question.text}{question.prompt}"
                assert not re.search(UNPRINTABLE, question.text + question.prompt)
                self._show([question.text + question.prompt])
                count += 1
                typed = self._answer(typist, question) if count <= QUESTIONS else Cancelled
                self.typed.append(f"  {question.prompt}{typed!r}")
                if isinstance(typed, str):
                    question = running.send(typed)
                else:
                    gone = typed
                    question = running.throw(typed())
        except StopIteration as end:
            assert gone is not Disconnected
            assert end.value in (0, 1, 2)
            assert gone is None or end.value == 1
            self._judge()
            return int(end.value)
        except Disconnected:
            assert gone is Disconnected
            return None

    def _answer(self, typist: Typist, question: Question) -> str | type[Exception]:
        self._judge()
        answer = typist.answer(question, "".join(self.output))
        if answer is None:
            return typist.next_pasted()
        self.tally.answers += 1
        self.tally.good += answer.good
        if answer.good:
            self._pending = f"{question.hint} {question.text.splitlines()[-1:]} {question.prompt}"
            self.tally.offered[self._pending] = {one.word for one in question.choices()} if question.choices else set()
            self.tally.typed.setdefault(self._pending, set()).add(str(answer.typed))
            self.errors = 0
        return answer.typed

    _pending: str | None = None
    _kept: object = None

    def _judge(self) -> None:
        """Note whether the last valid answer was accepted."""
        if self._pending is not None:
            self.tally.by_question.setdefault(self._pending, []).append(self.errors == 0)
            self.tally.refused += self.errors > 0
        self._pending = None

    def _check_what_is_kept(self) -> None:
        """What is staged and committed is what its text says, and a new process finds the same."""
        session = self.session
        staging, store = session.staging, session.store
        names = [f"{within}/{name}" for within in ("staged", "history") for name in self.folder.names(within)]
        kept = (staging.text, store.revision, [(name, self.folder.stamp(name)) for name in (CONFIG, *names)])
        if kept == self._kept:
            return  # nothing was written since it was looked at
        self._kept = kept
        assert read_configuration(staging.text, rules=False) == session.staged
        try:
            read_configuration(staging.text)
        except InvalidConfiguration as error:
            assert error.problems
            assert all(problem.sentence and problem.path for problem in error.problems)
        data = self.folder.read(CONFIG)
        assert data is not None
        assert read_configuration(data.decode()) == store.committed.configuration
        assert data.decode() == store.committed.text
        fresh = self.opened()
        assert fresh.store.committed.configuration == store.committed.configuration
        assert fresh.store.revision == store.revision
        assert fresh.staged == session.staged
        assert fresh.staging.text == staging.text
        secret = pems()[1].splitlines()[1].encode()
        for within in FOLDERS:
            for name in self.folder.names(within) if within != "configuration" else ():
                assert secret not in (self.folder.read(f"{within}/{name}") or b""), f"{within}/{name} has a clear key"
        assert secret not in data


@contextmanager
def hanging() -> Iterator[None]:
    """Fail where something takes for ever without asking."""

    def rings(*_: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, rings)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@st.composite
def drawing(draw: st.DrawFn) -> st.DrawFn:
    """Return what draws values; `st.data()` also writes each down and looks at `random`, a third of all time."""
    return draw


def type_into(command: Command, goal: Operation | None, menus: Menus, tally: Tally, number: int, examples: int) -> None:
    """Type examples of a few lines each, most of them this command, into appliances of every kind."""
    others = sorted(COMMANDS.values(), key=lambda one: one.name)
    way = menus.way(goal)

    @seed(crc32(f"{number} {command.name} {goal.keyword if goal else ''}".encode()))
    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawing())
    def example(draw: st.DrawFn) -> None:
        with hanging():
            kind, prepared = (
                draw(st.sampled_from(["mail", "new", "classic"])),
                draw(st.sampled_from([*HOSTS])),
            )
            desk = Desk(appliance(kind, prepared), tally)
            desk.typed.append(f"# an appliance {kind} and {prepared}")
            pastes = {"TOML": list(configurations().values()), "private key": [pems()[1]], "PEM": [pems()[0]]}
            typist = Typist(draw, desk.session, way, pastes)
            for _ in range(LINES):
                mostly = draw(st.sampled_from([True, True, False]))
                here = command if mostly else draw(st.sampled_from(others))
                line = typist.line(here, ahead=here is command)
                tally.lines += 1
                tally.good_lines += line.good
                before = dict(menus.entered)
                try:
                    desk.run(typist, str(line.typed))
                except Exception as error:
                    error.add_note("\n".join(desk.typed))
                    raise
                tally.entered |= {name for name in menus.entered if menus.entered[name] != before.get(name)}
                desk.clock += timedelta(minutes=draw(st.sampled_from([0, 1, 2000])))
                if draw(st.sampled_from([False, False, False, True])):
                    desk.session = typist.session = desk.opened()
            assert not typist.unknown, f"{typist.unknown[0].text}does not say what it takes: give it choices or a hint"

    example()


def test_every_command_and_every_menu_entry_withstands_typing(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(COMMANDS.values())
    menus = Menus(monkeypatch)
    tallies = {name: Tally() for name in COMMANDS}
    ends = time.monotonic() + SECONDS
    number = SEED
    aims = [(command, goal) for command in COMMANDS.values() for goal in (None, *menus.goals(command))]
    while True:
        for command, goal in aims:
            try:
                examples = MENU_EXAMPLES if goal else EXAMPLES + FORM_EXAMPLES * len(command.forms)
                type_into(command, goal, menus, tallies[command.name], number, examples)
            except BaseException as error:
                error.add_note(f"typed into {command.name} with ASYNCSH_FUZZ_SEED={number}")
                raise
        if time.monotonic() >= ends:
            break
        number = random.SystemRandom().randrange(2**32)
    show(tallies, menus)
    assert not menus.never_entered
    assert not menus.never_fitted
    assert sum(tally.good_lines for tally in tallies.values()) >= VALID * sum(tally.lines for tally in tallies.values())
    assert sum(tally.good for tally in tallies.values()) >= VALID * sum(tally.answers for tally in tallies.values())
    for name, tally in tallies.items():
        assert tally.lines, f"{name} was never typed into"
        assert tally.share >= VALID or tally.answers < MANY, f"{name}: {tally.share:.0%} were offered"
        never = tally.never_accepted()
        assert not never, f"{name}: what these questions offer is never accepted: {never}"


def show(tallies: dict[str, Tally], menus: Menus) -> None:
    """Print what was typed."""
    print(f"\n{'command':<16}{'lines':>8}{'right':>7}{'answers':>9}{'offered':>9}{'refused':>9}  menu entries entered")
    for name, tally in tallies.items():
        right = f"{tally.good_lines / tally.lines:.0%}"
        share = f"{tally.share:.0%}" if tally.answers else "-"
        entered = len(tally.entered)
        print(f"{name:<16}{tally.lines:>8}{right:>7}{tally.answers:>9}{share:>9}{tally.refused:>9}  {entered}")
    counts = ", ".join(f"{name.split()[-1]} {count}" for name, count in sorted(menus.entered.items()))
    print(f"{len(menus.entered)} of {len(menus.existing)} menu entries: {counts}")
