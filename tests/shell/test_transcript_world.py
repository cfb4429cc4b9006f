"""Transcripts that are played in a world: its network, its resolvers, its authorities, its end."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from gateway.network import MappedNetwork
from gateway.system_list import system_list
from shell.transcript.appliance import Appliance, open_appliance
from shell.transcript.parse import TranscriptError, parse
from shell.transcript.play import play
from shell.transcript.report import Passed
from shell.transcript.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shell.transcript.parse import Transcript

PARTNER = """
source = "192.168.42.7"
[authorities.partner-ca]
common_name = "Partner CA"
from = -10
to = 355
[authorities.well-known]
system = true
[mtas.mx1]
address = "192.0.2.10"
certificate = { issuer = "partner-ca", names = ["mx1.partner.example"] }
"""

DIALOG = """# the authorities of a world: in the system list, or a file to be imported
#: clock = 2014-05-23T11:42:12Z
#: world = "partner.toml"
mail.example.com> certconfig certauthority list

Certificate Authorities
System List: Enabled (2 authorities, bundle world, last updated Fri May 23 11:42:12 2014 GMT)
Custom List: Disabled (0 authorities)
mail.example.com> certconfig -> certauthority -> custom -> import

Enter the name of the file to import:
[]> partner-ca.pem

Do you want to check if Common Name or SAN:dNSName or both are in Fully Qualified Domain Name(FQDN) format ? [N]>\x20

"Partner CA" expires on 2015-05-13.

Add these 1 certificates to the custom list? [Y]>\x20

1 authority was added to the custom list: "Partner CA".
The custom list is disabled; ENABLE puts it in force.

Choose the operation you want to perform:
...
[]> ^C
Command cancelled.
"""


def opened(text: str, path: Path) -> tuple[Appliance, Transcript]:
    transcript = parse(text, str(path))
    return open_appliance(transcript, lambda parts: None), transcript


def ended(appliance: Appliance) -> None:
    """Have the conversation of an appliance begin and end."""
    conversation = appliance.conversation()
    conversation.send(None)
    conversation.close()


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    """Return a transcript's path with a world beside it."""
    (tmp_path / "partner.toml").write_text(PARTNER)
    path = tmp_path / "a.transcript"
    path.write_text(DIALOG)
    return path


def test_a_dialog_in_a_world(partner: Path) -> None:
    outcome = play(parse(DIALOG, str(partner)), open_appliance)
    assert isinstance(outcome, Passed), str(outcome)


def test_transcripts_in_worlds_are_checked_side_by_side(partner: Path) -> None:
    for name in "bcde":
        (partner.parent / f"{name}.transcript").write_text(DIALOG)
    lines: list[str] = []
    assert verify([str(partner.parent)], jobs=2, out=lines.append) == 0, lines
    assert lines[0].startswith("5 transcripts passed, 0 failed")


def test_a_session_reaches_the_world_and_nothing_else(partner: Path) -> None:
    appliance, _ = opened(DIALOG, partner)
    network = appliance.session.engine.network
    assert isinstance(network, MappedNetwork)
    assert [tuple(one)[:3] for one in appliance.session.engine.resolvers("partner.example")] == [
        ("192.0.2.53", 53, True)
    ]

    async def greeted() -> tuple[str, bytes]:
        with await network.connect("192.0.2.10", 25, timeout=5) as connection:
            return network.source(connection), await asyncio.get_running_loop().sock_recv(connection, 100)

    assert asyncio.run(greeted()) == ("192.168.42.7", b"220 mx1 ESMTP\r\n")
    ended(appliance)


def test_certificates_are_dated_by_the_clock_of_the_transcript(partner: Path) -> None:
    appliance, _ = opened(DIALOG, partner)
    pem = appliance.session.store.folder.read("configuration/partner-ca.pem")
    dated = x509.load_pem_x509_certificate(pem or b"")
    assert (str(dated.not_valid_before_utc), str(dated.not_valid_after_utc)) == (
        "2014-05-13 11:42:12+00:00",
        "2015-05-13 11:42:12+00:00",
    )
    ended(appliance)


def test_the_system_list_is_that_of_the_world(partner: Path) -> None:
    appliance, _ = opened(DIALOG, partner)
    found = system_list(appliance.session.store)
    assert [one.name for one in found.authorities] == ["public", "well-known"]
    assert found.problems == []
    ended(appliance)


def test_a_file_of_the_head_stands_before_one_of_the_world(partner: Path) -> None:
    text = DIALOG.replace(
        '#: world = "partner.toml"', '#: world = "partner.toml"\n#: files = { "partner-ca.pem" = "x" }'
    )
    appliance, _ = opened(text, partner)
    assert appliance.session.store.folder.read("configuration/partner-ca.pem") == b"x"
    ended(appliance)


@pytest.mark.parametrize("text", [DIALOG, DIALOG.replace("2 authorities", "3 authorities")])
def test_a_world_ends_with_its_transcript(partner: Path, text: str) -> None:
    before = threading.active_count()
    place: list[tuple[str, int]] = []

    def watched(transcript: Transcript, sink: Callable[[Sequence[str]], None]) -> Appliance:
        appliance = open_appliance(transcript, sink)
        network = appliance.session.engine.network
        assert isinstance(network, MappedNetwork)
        place.append(network.map["192.0.2.10", 25])
        return appliance

    play(parse(text, str(partner)), watched)
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place[0], 5)


def test_a_transcript_without_a_world_reaches_nothing() -> None:
    appliance, _ = opened("# t\nmail.example.com> exit\n", Path("a.transcript"))
    engine = appliance.session.engine
    assert isinstance(engine.network, MappedNetwork)
    assert (dict(engine.network.map), engine.resolvers("partner.example")) == ({}, [])


@pytest.mark.parametrize(
    ("head", "sentences"),
    [
        ("#: world = 'gone.toml'", "a.transcript:2: gone.toml cannot be read: No such file or directory"),
        (
            "#: world = { mtas = { a = { address = 'x' }, b = { address = 'y' } } }",
            'a.transcript:2: world: mtas.a.address: must be an IPv4 or IPv6 address, not "x"\n'
            'a.transcript:2: world: mtas.b.address: must be an IPv4 or IPv6 address, not "y"',
        ),
        ("#: [world.zoned]", 'a.transcript:2: world: zoned: is not a known key; did you mean "zones"?'),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_its_line(head: str, sentences: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        opened(f"# t\n{head}\nmail.example.com> exit\n", Path("a.transcript"))
    assert str(caught.value) == sentences


def test_what_is_wrong_in_a_file_of_a_world_names_the_file(partner: Path) -> None:
    (partner.parent / "partner.toml").write_text("mtas = 1")
    with pytest.raises(TranscriptError) as caught:
        opened(DIALOG, partner)
    assert str(caught.value) == f"{partner}:3: world: partner.toml: mtas: must be a table, not 1"


def test_a_world_may_stand_in_the_head_itself() -> None:
    head = "#: [world.mtas.mx1]\n#: address = '192.0.2.10'\n"
    appliance, _ = opened(f"# t\n{head}mail.example.com> exit\n", Path("a.transcript"))
    assert isinstance(appliance.session.engine.network, MappedNetwork)
    assert ("192.0.2.10", 25) in appliance.session.engine.network.map
    ended(appliance)
