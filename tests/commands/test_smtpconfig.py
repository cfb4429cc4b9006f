"""After a relay was set up, used and carried elsewhere, its password is nowhere in the clear."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from gateway.engine import Engine
from shell.world.running import world
from state.folder import Disk
from tests.conftest import NOON, Person
from tests.state.test_no_secret_shows import forms

PASSWORD = "hush/relay+\u00e4\u00f6==quite\"secret'"
OTHER = "hush/other+\u00e4\u00f6==quite\"secret'"
WORLD = """
[zones."example.net"]
records = ["relay A 192.0.2.25"]
[authorities.private-ca]
[mtas.relay]
address = "192.0.2.25"
port = 587
keywords = ["AUTH PLAIN"]
certificate = { issuer = "private-ca" }
"""
SETUP = ("smtpconfig setup", "relay.example.net", "", "alerts@example.com", "ALERTS")


# S6
def test_the_password_is_found_nowhere_after_use(person: Callable[..., Person], disk: Disk) -> None:
    with world(WORLD, NOON) as w:
        someone = person(folder=disk, engine=lambda store: Engine(store, w.network, w.resolvers))
        disk.write("configuration/ca.pem", w.authorities["private-ca"].pem.encode())
        shown = [
            someone.type(*SETUP, PASSWORD, OTHER, PASSWORD, PASSWORD, "", ""),
            someone.type("smtpconfig test ops@example.com"),  # nobody vouches for its certificate
            someone.type("certconfig -> certauthority -> custom", "import", "ca.pem", "n", "y", "enable", "", "", ""),
            someone.type("showchanges"),
            someone.type('commit "a relay"'),
            someone.type("smtpconfig test ops@example.com"),
            someone.type("showconfig 1"),
            someone.type("showconfig 2"),
            someone.type("saveconfig n 1"),
            someone.type("saveconfig y 1"),
            someone.type(*SETUP[:-1], "", OTHER, OTHER, "", ""),
            someone.type("showchanges"),
            someone.type("smtpconfig test ops@example.com"),
            someone.type('commit "another password"'),
            someone.type("showchanges 2 3"),
            someone.type("commitdetail"),
            someone.type("smtpconfig clear"),
            someone.type("showchanges"),
        ]
        heard = w.mtas["relay"].conversations()
    assert len(heard) == 3
    assert all(b"AUTH" not in one.clear for one in heard)
    assert heard[0].secured == b"QUIT\r\n"
    assert [b"AUTH PLAIN" in one.secured for one in heard] == [False, True, True]
    # what was typed without echo stands in the notes of a test's person, and on no screen
    screen = re.sub("(Enter the Password|Enter it again):\n.*\n", "", "\n".join(shown)).encode()
    files = {path: path.read_bytes() for path in Path(disk.path).rglob("*") if path.is_file()}
    assert len(files) > 5
    for secret in (PASSWORD, OTHER):
        for form in forms(secret):
            assert form not in screen, form
            for path, content in files.items():
                assert form not in content, f"{path}: {form!r}"


def test_a_password_typed_by_hand_is_sealed_and_keeps_its_token(person: Callable[..., Person], disk: Disk) -> None:
    text = '[smtp_relay]\nserver = "relay.example.net"\nfrom_address = "a@b.example"\nuser = "u"\npassword = "hush"\n'
    Path(disk.path, "config.toml").write_text(text)
    someone = person(folder=disk)
    relay = someone.session.staged.smtp_relay
    assert relay is not None
    assert relay.password is not None
    assert someone.session.store.vault.open(relay.password) == "hush"
    someone.type("smtpconfig setup --port 2587")
    someone.type('commit "another port"')
    committed = someone.session.store.committed.configuration.smtp_relay
    assert committed is not None
    assert (committed.port, committed.password) == (2587, relay.password)


def test_a_password_of_another_appliance_is_entered_or_dropped_with_its_user(person: Callable[..., Person]) -> None:
    elsewhere = person().session.store.vault.seal("hush")
    text = '[smtp_relay]\nserver = "relay.example.net"\nfrom_address = "a@b.example"\nuser = "u"\npassword = "{}"\n'
    for answers, expected in ((("1", "new", "new"), ("u", "new")), (("2",), (None, None))):
        someone = person()
        someone.type("loadconfig", "1", *text.format(elsewhere).splitlines(), ".", "y", *answers)
        relay = someone.session.staged.smtp_relay
        assert relay is not None
        opened = someone.session.store.vault.open(relay.password) if relay.password else None
        assert (relay.user, opened) == expected
