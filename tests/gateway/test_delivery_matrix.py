"""Deliveries end to end against the table for people: outcome, mail log, alert, and what went in the clear.

The plain run delivers so many combinations that every row, with each of its words, has its turn; `ASYNCSH_MATRIX=all`
delivers every one that can make a difference (`.ci/run` does).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from shell.world.running import world
from state.model import TLS_SETTINGS
from tests.conftest import NOON
from tests.gateway.delivery_cases import (
    ALL,
    CASES,
    MARKER,
    Case,
    Done,
    conversations,
    deliver_all,
    described,
    pruned,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shell.world.recording import Conversation

TABLE = Path(__file__).with_name("deliveries.txt")
HEADS = ("MTA-STS", "peer", "word", "alert", "line", "TLS setting")
OUTCOMES = {
    "verified": "delivered-verified",
    "encrypted": "delivered-encrypted",
    "clear": "delivered-clear",
    "delayed": "next-host",
}
MUST = ("required", "required-verify", "required-verify-hosted")


class Row(NamedTuple):
    """One row of the table: what it is for, and what comes out; four sets of words, then four texts."""

    line: str
    columns: tuple[frozenset[str] | None, ...]
    outcome: str
    reason: str
    log: str
    alert: str

    def matches(self, case: Case) -> bool:
        words = (case.tls, f"{case.dane}:{case.dns}", case.sts, case.peer)
        return all(column is None or word in column for column, word in zip(self.columns, words, strict=True))


class Table:
    """The whole file."""

    def __init__(self) -> None:
        self.parts: dict[str, list[list[str]]] = {head: [] for head in HEADS}
        part = ""
        for line in TABLE.read_text().splitlines():
            columns = [column.strip() for column in line.split("|")]
            if columns[0] in HEADS and len(columns) > 1:
                part = columns[0]
            elif line and not line.startswith(("#", "==")):
                self.parts[part].append(columns)
        self.words = {word: stands.split() for word, stands in self.parts["word"]}
        self.sts = {word: {"looked-up": before, "skip": after} for word, _, before, after in self.parts["MTA-STS"]}
        self.certificates = {word: certificate for word, _, certificate in self.parts["peer"]}
        self.alerts = {word: (some, others) for word, some, others in self.parts["alert"]}
        self.lines: dict[str, list[str]] = {}
        for word, text in self.parts["line"]:
            self.lines.setdefault(word, []).append(text if text.startswith("Debug: ") else f"Info: {text}")
        self.rows = [
            Row(" | ".join(one), tuple(self._expanded(typed) for typed in one[:4]), *one[4:])
            for one in self.parts["TLS setting"]
        ]

    def _expanded(self, typed: str) -> frozenset[str] | None:
        if typed == "any":
            return None
        found: set[str] = set()
        for word in typed.split():
            found |= self._expanded(" ".join(self.words[word])) or set() if word in self.words else {word}
        return frozenset(found)

    def reason(self, row: Row, case: Case) -> str:
        return self.certificates[case.peer] if row.reason == "certificate" else row.reason

    def log(self, row: Row, case: Case) -> list[str]:
        """Return the lines of a row, in the words of the table."""
        kinds = ["start"]
        for word in row.log.split():
            kinds += [one for one in self.sts[case.sts].get(word, word).split() if one != "-"]
        return [text for kind in kinds for text in self.lines[kind]]

    def alert(self, row: Row, case: Case) -> list[str]:
        return [word for word in self.alerts[row.alert][case.tls in MUST].split() if word != "-"]


READ = Table()
ROWS = {case: [row for row in READ.rows if row.matches(case)] for case in ALL}


def chosen() -> list[Case]:
    """Return combinations in which each row has its turn with each of its words, as few as are easily found."""
    found = []
    for row in READ.rows:
        left = {case: {*case[0:1], f"{case.dane}:{case.dns}", *case[3:]} for case in CASES if ROWS[case] == [row]}
        while any(left.values()):
            best = max(left, key=lambda case: len(left[case]))
            words = left[best].copy()
            found.append(best)
            for some in left.values():
                some -= words
    return found


WHOLE = os.environ.get("ASYNCSH_MATRIX") == "all"
CHOSEN = CASES if WHOLE else chosen()
PARTS = [[tls] for tls in TLS_SETTINGS] if WHOLE else [list(TLS_SETTINGS)]
PAIRS = {(READ.reason(row, case), row.outcome) for case, rows in ROWS.items() for row in rows}
"""What the table says of all combinations, reason and outcome."""


class Expected(NamedTuple):
    """What a case must leave behind."""

    outcome: str
    reason: str
    log: list[str]
    alerts: list[str]


def expected(case: Case) -> Expected:
    (row,) = ROWS[case]
    return Expected(row.outcome, READ.reason(row, case), READ.log(row, case), READ.alert(row, case))


def outcome(done: Done) -> tuple[str, str]:
    """Return outcome and reason in the words of the table."""
    attempt = done.delivery.attempts[-1] if done.delivery.attempts else None
    decision = attempt.decision if attempt is not None else None
    said = next((word for word, known in OUTCOMES.items() if decision and known == decision.outcome), "delayed")
    assert (done.delivery.fate == "delivered") == (said != "delayed")
    return said, (decision.reason if decision else None) or "-"


def unlike(case: Case, done: Done) -> list[str]:
    """Return how a log differs from what the table says."""
    wanted = expected(case)
    name = "mx.somebody-else.test" if case.peer == "wrong" else case.host
    known = {"DOMAIN": case.domain, "HOST": case.host, "SENDER": case.sender, "NAME": name, "REASON": wanted.reason}
    if len(wanted.log) != len(done.log):
        return done.log
    wrong = []
    for text, line in zip(wanted.log, done.log, strict=True):
        pattern = re.escape(re.sub("|".join(known), lambda found: known[found[0]], text))
        pattern = pattern.replace(r"\.\.\.", ".+").replace("ADDRESS", r"192\.0\.\d+\.\d+")
        pattern = re.sub(r"(MID\\ )m\b|(DCID\\ )d\b", lambda found: f"{found[1] or found[2]}\\d+", pattern)
        if not re.fullmatch(pattern, line):
            wrong.append(f"{line} is not {text}")
    return wrong


def leaks(case: Case, talks: Sequence[Conversation]) -> list[str]:
    """Return what a mail server was sent that it must not have been, or was not sent."""
    said = expected(case).outcome
    connected = "connect" in ROWS[case][0].log
    if len(talks) != connected:
        return [f"{len(talks)} connections"]
    if not talks:
        return []
    talk = talks[0]
    hello = f"EHLO {case.sender}\r\n".encode()
    marker = MARKER.encode()
    if said == "clear":
        good = marker in talk.clear and not talk.secured and (case.tls != "no" or b"STARTTLS" not in talk.clear)
    elif case.peer == "no-tls":
        good = talk.clear == hello + b"QUIT\r\n" and not talk.tls
    else:
        good = talk.clear == hello + b"STARTTLS\r\n" and marker not in talk.tls
        if said == "delayed":
            good = good and talk.secured == (b"" if case.peer == "refused" else b"QUIT\r\n")
        else:
            good = good and marker in talk.secured
    return [] if good else [repr(talk)]


def test_each_combination_has_one_row_and_what_stands_for_it_has_the_same() -> None:
    assert {case: len(rows) for case, rows in ROWS.items() if len(rows) != 1} == {}
    assert [case for case in ALL if ROWS[pruned(case)] != ROWS[case]] == []
    assert (len(ALL), len(CASES)) == (6 * 3 * 7 * 6 * 6, 1512)
    assert [row.line for row in READ.rows if [row] not in [ROWS[case] for case in CHOSEN]] == []


@pytest.mark.parametrize("settings", PARTS, ids=",".join)
def test_deliveries_end_as_the_table_says(settings: list[str]) -> None:  # P1 P2 P3 P4 P5 P6 P7 P9 S4 T21 M12 M13 M18
    cases = [case for case in CHOSEN if case.tls in settings]
    began, used = perf_counter(), process_time()
    with world(described(cases), NOON) as running:
        started = perf_counter() - began
        found = deliver_all(running, cases)
        heard = conversations(running)
        mails = {name: server.mails for name, server in running.mtas.items()}
        wrong = {case: (outcome(done), done.alerts, unlike(case, done)) for case, done in found.items()}
        assert len(running.mtas) >= 6
    assert {case: said for case, said in wrong.items() if said != (expected(case)[:2], expected(case).alerts, [])} == {}
    assert len(found) == len(cases)
    leaked = {case: leaks(case, heard.pop((case.domain.removesuffix(".test"), case.sender), [])) for case in cases}
    assert {case: said for case, said in leaked.items() if said} == {}
    assert heard == {}  # nobody else was connected to
    kept = Counter(
        (name, mail.sender.removeprefix("me@"), mail.secure) for name, some in mails.items() for mail in some
    )
    assert kept == Counter(
        (case.domain.removesuffix(".test"), case.sender, expected(case).outcome != "clear")
        for case in cases
        if expected(case).outcome != "delayed"
    )
    print(
        f"\n{len(cases)} of {len(ALL)} combinations, {len(mails)} mail servers: world {started:.1f} s, "
        f"whole {perf_counter() - began:.1f} s, CPU {process_time() - used:.1f} s"
    )
