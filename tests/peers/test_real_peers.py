"""Real Postfix, NSD and unbound, and programs that judge the same destinations: what asyncsh says is what they say.

The shell runs as a program of its own, on a pipe, with the lab's resolver configured and the lab's root imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.destinations import DESTINATIONS, Destination
from tests.peers.foreign import finger_dane, finger_secure, s_client_dane
from tests.peers.lab import RESOLVER, Lab, lab, missing_programs

OUTCOMES = {"success": "SUCCESS", "failed": "FAILED", "missing": "missing"}

pytestmark = pytest.mark.xdist_group("real peers")


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    if message := missing_programs():
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    # Not below pytest's own folder: that is closed to others, and Postfix gives up root.
    with tempfile.TemporaryDirectory(prefix="lab-") as folder, lab(Path(folder)) as built:
        yield built


@pytest.fixture(scope="module")
def said(running: Lab, asyncsh: str) -> dict[str, dict[str, Any]]:
    """Return what asyncsh says of each destination: `tls NAME` and `dane NAME`."""
    state = running.folder / "appliance"
    (state / "configuration").mkdir(parents=True)
    root = "\n".join(line for line in running.root.pem.splitlines())
    (state / "config.toml").write_text(
        'hostname = "client.test"\n'
        f'[[dns.resolvers]]\naddress = "{RESOLVER[0]}"\nport = {RESOLVER[1]}\ntrusted = true\n'
        "[authorities]\nsystem = false\ncustom = true\n"
        f'[[authorities.certificates]]\nname = "Lab Root"\ncertificate = """\n{root}\n"""\n'
    )
    lines = []
    for one in DESTINATIONS:
        lines.append(f"tlsverify {one.domain} {one.mx} --json")
        lines.append(f"daneverify {one.domain} --json")
    done = subprocess.run(
        [asyncsh, "--state", str(state)],
        input="\n".join([*lines, "exit", ""]),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    found: dict[str, dict[str, Any]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            values = json.loads(line)
            found[f"{'dane' if 'dane' in values else 'tls'} {values['domain']}"] = values
    assert len(found) == 2 * len(DESTINATIONS), done.stdout + done.stderr
    return found


@pytest.fixture(scope="module")
def opinions(running: Lab) -> dict[str, dict[str, Any]]:
    """Return what the other programs say."""
    return {"finger": finger_dane(running), "s_client": s_client_dane(running), "secure": finger_secure(running)}


def test_there_are_destinations_enough() -> None:
    assert len(DESTINATIONS) >= 20


def test_every_destination_is_judged_alike(
    said: dict[str, dict[str, Any]], opinions: dict[str, dict[str, Any]]
) -> None:
    rows = []
    wrong = []
    for one in DESTINATIONS:
        dane, tls = said[f"dane {one.domain}"], said[f"tls {one.domain}"]
        ours = (OUTCOMES[dane["dane"]], tls["verified"])
        theirs = (opinions["finger"][one.name], opinions["s_client"].get(one.name, "-"), opinions["secure"][one.name])
        rows.append((one.domain, *ours, *theirs))
        if ours != (one.dane, one.verified) or not _alike(one, ours, theirs):
            wrong.append((rows[-1], dane, tls))
    print(f"\n{'destination':36} daneverify tlsverify | posttls-finger s_client secure")
    for domain, dane_word, verified, finger, s_client, secure in rows:
        print(f"{domain:36} {dane_word:10} {verified!s:9} | {finger:14} {s_client:8} {secure}")
    assert wrong == []


def _alike(one: Destination, ours: tuple[str, bool], theirs: tuple[str, str, bool]) -> bool:
    """Tell whether the programs agree; `secure` was asked by address, so it does not see a broken zone."""
    dane, verified = ours
    finger, s_client, secure = theirs
    return finger == dane and s_client in (dane, "-") and (secure == verified or one.zone == "bogus")
