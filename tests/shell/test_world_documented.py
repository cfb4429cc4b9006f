"""What CONTRIBUTING.md says of worlds: its example starts, and no key or word is missing."""

from __future__ import annotations

import smtplib
from pathlib import Path
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.query
import pytest
from msgspec import structs

from shell.world.behaviour import HTTP_STEPS, MEANINGS, STEPS
from shell.world.description import (
    Authority,
    Certificate,
    Description,
    Mta,
    Policy,
    Resolver,
    RevocationList,
    Web,
    ZoneTable,
)
from shell.world.names import FAULTS, MANNERS
from shell.world.running import world

if TYPE_CHECKING:
    from state.section import Section

DOCUMENTED = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text().split("## A world for a transcript")[1]
DOCUMENTED = DOCUMENTED.split("\n## ")[0]


def test_the_documented_world_starts() -> None:
    with world(DOCUMENTED.split("```toml\n")[1].split("```")[0]) as w:
        query = dns.message.make_query("_25._tcp.mx1.partner.example", "TLSA", want_dnssec=True)
        address, port = w.name_servers["resolver"].place
        answer = dns.query.udp(query, address, 5, port)
        assert (len(answer.answer), bool(answer.flags & dns.flags.AD)) == (1, True)
        with smtplib.SMTP(*w.mtas["mx1"].place, timeout=5) as client:
            assert client.ehlo("me")[0] == 250


@pytest.mark.parametrize(
    ("row", "table"),
    [
        ("(top)", Description),
        ("`authorities.NAME`", Authority),
        ("`certificate`", Certificate),
        ('`zones."DOMAIN"`', ZoneTable),
        ("`mtas.NAME`", Mta),
        ('`policies."DOMAIN"`', Policy),
        ('`webs."HOST"`', Web),
        ("a list", RevocationList),
        ("`resolvers.NAME`", Resolver),
    ],
)
def test_every_key_is_documented(row: str, table: type[Section]) -> None:
    line = next(line for line in DOCUMENTED.splitlines() if line.startswith(f"| {row} |"))
    missing = [field.encode_name for field in structs.fields(table) if f"`{field.encode_name}`" not in line]
    assert missing == []


def test_every_word_is_documented() -> None:
    words = [*MEANINGS, *STEPS, *HTTP_STEPS, *FAULTS, *MANNERS]
    assert [word for word in words if f"`{word}`" not in DOCUMENTED] == []
