"""tlsverify --all as no dialog shows it: what is wrong with the appliance itself, and how the bar goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from commands.session import Session
from commands.terminal import Terminal
from gateway.engine import Engine
from state.factory import FACTORY_TEXT
from state.folder import Memory
from state.store import CONFIG, Store

MANY = "".join(f'[destinations.domains."d{number}.example"]\ntls = "required"\n' for number in range(30))


def said(text: str) -> tuple[list[str], list[str]]:
    """Return what a session without a network says to the command, and what it shows of its progress."""
    folder, lines, bars = Memory(), list[str](), list[str]()
    folder.write(CONFIG, text.encode())
    session = Session(lambda: Store(folder, lambda: datetime(2026, 5, 23, tzinfo=UTC)))
    session.make_engine = Engine.offline
    terminal = Terminal(lines.extend, progress=bars.append)
    with pytest.raises(StopIteration):
        session.run("tlsverify --all", terminal).send(None)
    return "".join(lines).splitlines(), [bar for bar in bars if bar]


def test_the_bar_begins_before_the_first_host_answers_and_ends_full() -> None:
    _, bars = said(FACTORY_TEXT + MANY)
    assert bars[0] == f"Verifying destinations [{'.' * 30}] 0 of 30"
    assert bars[-1] == f"Verifying destinations [{'#' * 30}] 30 of 30"
    assert len(bars) == 31


def test_no_more_than_twenty_failing_hosts_are_told_about_in_full() -> None:
    lines, _ = said(FACTORY_TEXT + MANY)
    sentences = [line for line in lines if ": " in line]
    assert len(sentences) == 20
    assert "and 10 more; tlsverify --all --json says of each what is wrong." in lines
    assert lines[-1] == "30 destinations, 30 hosts, 30 failing."


def test_outbound_settings_that_cannot_be_used_are_one_sentence() -> None:
    literal = '[destinations.domains."[192.0.2.1]"]\ntls = "required"\n'
    lines, _ = said(f'{FACTORY_TEXT}{literal}[tls.outbound]\nmethods = ["TLSv1.2"]\nciphers = "NONE-SUCH"\n')
    assert lines == ["The cipher string for outgoing connections leaves no cipher; see sslconfig."]
