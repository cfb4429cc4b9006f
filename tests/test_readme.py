"""The README is true: its dialogs are played, its commands are run, the files it names are there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from commands import registry
from shell.transcript.appliance import open_appliance
from shell.transcript.parse import parse
from shell.transcript.play import play
from shell.transcript.report import Mismatch
from tests.gateway.making import make

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
INSTALLING = [text.strip() for kind, text in BLOCKS if kind == "sh" and "pip install" in text]
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" and "pip install" not in text for line in text.splitlines()]
PROGRAMS = [text for kind, text in BLOCKS if kind == "python"]
DIALOGS = [text for kind, text in BLOCKS if kind == "transcript"]


def test_there_is_no_block_that_nothing_checks() -> None:
    assert len(INSTALLING) == 2
    assert len(DIALOGS) == 2
    assert len(PROGRAMS) == 2
    assert {kind for kind, _ in BLOCKS} == {"sh", "transcript", "python"}


@pytest.mark.parametrize("text", DIALOGS)
def test_a_dialog_plays(text: str) -> None:
    outcome = play(parse(f"# README\n{text}", "README.md"), open_appliance)
    assert not isinstance(outcome, Mismatch), str(outcome)


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_program_runs(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chain.pem").write_text(make("mx1.partner.example").pem)
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "README.md", "exec"), {})  # noqa: S102 - what the README shows


def test_the_commands_for_scripts_run_in_order(asyncsh: str, tmp_path: Path) -> None:
    environment = {**os.environ, "ASYNCSH_STATE": str(tmp_path), "PATH": f"{Path(asyncsh).parent}:{os.environ['PATH']}"}
    assert len(COMMANDS) == 5
    for line in COMMANDS:
        done = subprocess.run(
            ["bash", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), line
        assert done.stdout
    assert 'tls = "required"' in (tmp_path / "config.toml").read_text()


def test_ci_runs_the_two_commands_that_install() -> None:
    """Each makes an environment, so `.ci/run` runs them; here it is checked that it finds them."""
    script = (ROOT / ".ci" / "run").read_text()
    function = re.search(r"^command_of_readme\(\).*?^}$", script, re.MULTILINE | re.DOTALL)
    assert function
    for number, command in enumerate(INSTALLING, 1):
        found = subprocess.run(
            ["bash", "-c", f"{function[0]}\ncommand_of_readme {number}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == command


def test_the_index_names_every_transcript_and_no_other() -> None:
    index = (ROOT / "transcripts" / "INDEX.md").read_text()
    named = set(re.findall(r"`([\w/.-]+\.transcript)`", index))
    assert named == {
        str(path.relative_to(ROOT / "transcripts")) for path in (ROOT / "transcripts").rglob("*.transcript")
    }


def test_the_commands_that_the_readme_says_there_are() -> None:
    sentence = re.search(r"This version has (.*?)\. ", README, re.DOTALL)
    assert sentence
    assert set(re.findall(r"`(\w+)`", sentence[1])) == set(registry.COMMANDS)
