"""tlsverify --all as no dialog shows it: what is wrong with the appliance itself, and how the bar goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from commands.session import Session
from commands.terminal import Terminal
from gateway.engine import Engine
from shell.world.running import world
from state.factory import FACTORY_TEXT
from state.folder import Memory
from state.store import CONFIG, Store
from tests.commands.test_misbehaving_peers import person_in

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


ANY_SETTING = """
[zones."partner.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.10"]
[zones."alone.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.11"]
[zones."clear.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.12"]
[zones."full.example"]
records = ["@ MX 10 mx", "mx A 192.0.2.13"]
[mtas.mx]
address = "192.0.2.10"
certificate = { names = ["mx.partner.example"], common_name = "somebody" }
[mtas.alone]
address = "192.0.2.11"
certificate = { issuer = "self-signed" }
[mtas.clear]
address = "192.0.2.12"
starttls = false
[mtas.full]
address = "192.0.2.13"
replies = { starttls = "421 4.3.2 closing" }
"""


def rows(described: str, config: str) -> list[str]:
    """Return the rows and the sentences behind them, blanks joined."""
    now = datetime(2026, 5, 23, tzinfo=UTC)
    with world(described, now) as started:
        text = person_in(started, {}, config).type("tlsverify --all")
    return [" ".join(line.split()) for line in text.splitlines() if line][2:]


def setting(domain: str, tls: str) -> str:
    """Return a destination's entry."""
    return f'[destinations.domains."{domain}"]\ntls = "{tls}"\n'


# V2, V3, S1
@pytest.mark.parametrize(
    ("domain", "tls", "row", "failing"),
    [
        ("partner.example", "required-verify", "Req-Vrfy mx.partner.example not verified certificate-host-mismatch", 1),
        ("partner.example", "required-verify-hosted", "Req-Vrfy-H mx.partner.example verified TLSv1.3", 0),
        ("alone.example", "preferred-verify", "Pref-Vrfy mx.alone.example encrypted certificate-not-trusted", 0),
        ("alone.example", "required-verify", "Req-Vrfy mx.alone.example not verified certificate-not-trusted", 1),
        ("clear.example", "preferred", "Preferred mx.clear.example in the clear starttls-not-supported", 0),
        ("clear.example", "preferred-verify", "Pref-Vrfy mx.clear.example in the clear starttls-not-supported", 0),
        ("clear.example", "required", "Required mx.clear.example no TLS starttls-not-supported", 1),
        ("full.example", "preferred", "Preferred mx.full.example no TLS starttls-not-supported", 1),
    ],
)
def test_a_row_fails_where_the_setting_would_not_deliver(domain: str, tls: str, row: str, failing: int) -> None:
    said_rows = rows(ANY_SETTING, setting(domain, tls))
    assert said_rows[0] == f"{domain} {row}"
    assert said_rows[-1] == f"1 destination, 1 host, {failing} failing."


def test_a_route_leads_to_the_mx_hosts_of_its_host_as_for_a_delivery() -> None:
    route = '[smtp_routes."routed.example"]\nhosts = [{ host = "alone.example" }]\n'
    found = rows(ANY_SETTING, setting("routed.example", "required") + route)
    assert found[0] == "routed.example Required mx.alone.example encrypted certificate-not-trusted"


def test_hosts_that_were_passed_over_are_told_of() -> None:
    records = ", ".join(f'"@ MX 10 m{number}"' for number in range(12))
    found = rows(f'[zones."many.example"]\nrecords = [{records}]\n', setting("many.example", "required"))
    assert "Only the 10 most preferred of the 12 hosts of many.example were verified." in found
