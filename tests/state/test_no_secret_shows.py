"""After a session that used five secrets, none is anywhere in the clear: not in a file, not on the screen."""

from __future__ import annotations

import base64
import json
import urllib.parse
from pathlib import Path
from typing import Any

from state.folder import Disk
from state.store import CONFIG

SECRETS = [f"hush/{number}+äöü==quite\"secret'{number}" for number in range(5)]


def pem(secret: str) -> str:
    return f"-----BEGIN PRIVATE KEY-----\\n{secret}\\n-----END PRIVATE KEY-----"


def toml(numbers: range) -> str:
    return "".join(
        f'[certificates.c{number}]\ncertificate = "x"\nprivate_key = {json.dumps(pem(SECRETS[number]))}\n'
        for number in numbers
    )


def forms(secret: str) -> set[bytes]:
    """Return how a secret may stand somewhere: itself, and base64 at each offset, hex, URL and JSON of it."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode()}
    found |= {urllib.parse.quote(secret).encode(), urllib.parse.quote(secret, safe="").encode()}
    found |= {
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        repr(secret).encode(),
    }
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(b"\0" * offset + raw)[4:-4])
    return found


def test_none_of_five_secrets_is_found_in_any_form(person: Any, disk: Disk) -> None:
    someone = person(folder=disk)
    shown = [someone.type("version")]
    Path(disk.path, CONFIG).write_text(toml(range(2)))  # by hand
    Path(disk.path, "configuration", "load.toml").write_text(toml(range(3)))
    someone.session.open()
    shown += [
        someone.type("destconfig setup --certificate c0"),
        someone.type('commit "uses one"'),
        someone.type("showconfig 1"),
        someone.type("showconfig 2"),
        someone.type("saveconfig n 1"),
        someone.type("loadconfig -> 2 -> load.toml"),
        someone.type("showchanges"),
        someone.type('commit "three"'),
        someone.type("commitdetail"),
        someone.type("showchanges 1 3"),
        someone.type("loadconfig", "1", *toml(range(5)).splitlines(), "."),
        someone.type("showchanges"),
        someone.type("rollbackconfig"),
        someone.type('commit "five"'),
        someone.type("showconfig 2"),
        someone.type("saveconfig y 1"),
        someone.type("rollbackconfig", "2", "y", "n"),
        someone.type("showchanges"),
        someone.type("clear y"),
    ]
    Path(disk.path, CONFIG).write_text(
        toml(range(5)).replace("x", "y").replace("[certificates.c3]", "[certificates.c3")
    )
    shown.append(someone.type("commit"))
    shown += someone.session._notices()
    Path(disk.path, CONFIG).write_text(toml(range(5)).replace("private_key", "privat_key"))
    shown += someone.session._notices()
    store = person(folder=None).session
    assert store is not None
    typed_by_the_operator = "\n".join(toml(range(5)).splitlines())
    screen = "\n".join(shown).replace(typed_by_the_operator, "")
    Path(disk.path, CONFIG).unlink()  # what a person wrote there by hand, and the program refused
    Path(disk.path, "configuration", "load.toml").unlink()
    files = {path: path.read_bytes() for path in Path(disk.path).rglob("*") if path.is_file()}
    assert len(files) > 10
    for number, secret in enumerate(SECRETS):
        for form in forms(secret):
            assert form not in screen.encode(), f"secret {number} on the screen as {form!r}"
            for path, content in files.items():
                assert form not in content, f"secret {number} in {path} as {form!r}"
    sealed = (disk.read("history/4") or b"").count(b'private_key = "sealed:')
    assert sealed == 5


def test_the_search_finds_what_is_there() -> None:
    for secret in SECRETS:
        for offset in range(3):
            assert any(form in base64.b64encode(b"x" * offset + secret.encode() + b"yyy") for form in forms(secret))
        assert any(form in json.dumps({"key": secret}).encode() for form in forms(secret))
