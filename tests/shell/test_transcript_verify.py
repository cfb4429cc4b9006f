"""Checking files and folders of transcripts, and the plugin that lets pytest do it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands.terminal import Question, Terminal
from shell.transcript.parse import TranscriptError
from shell.transcript.program import ABSENT
from shell.transcript.verify import NothingThere, check, find_transcripts, verify

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from shell.transcript.parse import Transcript
    from shell.transcript.program import Sink

ROOT = Path(__file__).parents[2]


class Echo:
    """A program that says every command back; `sleep N` takes N hundredths of a second first."""

    def __init__(self, transcript: Transcript, sink: Sink) -> None:
        self._terminal = Terminal(sink)

    async def _converse(self) -> None:
        while True:
            command = await self._terminal.ask(Question("mail> ", kind="command"))
            if command.startswith("sleep"):
                time.sleep(int(command[5:]) / 100)
            self._terminal.say(command)

    def conversation(self) -> Coroutine[Any, Any, None]:
        return self._converse()

    def lookup(self, which: str, path: tuple[str | int, ...]) -> object:
        return ABSENT


GOOD = "# good\nmail> a\na\nmail> b\nb\n"
BAD = "# bad\nmail> a\nb\n"
BROKEN = "#: usr = 'x'\nmail> a\na\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a good, a bad and a broken transcript, and something else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t" / "sub").mkdir(parents=True)
    (tmp_path / "t" / "b.transcript").write_text(GOOD)
    (tmp_path / "t" / "a.transcript").write_text(BAD)
    (tmp_path / "t" / "sub" / "c.transcript").write_text(BROKEN)
    (tmp_path / "t" / "notes.txt").write_text("mail> x\n")
    return tmp_path


def verified(*paths: str, jobs: int = 1) -> tuple[int, list[str]]:
    """Verify against the echo; seconds are not the same twice and are cut to `0 seconds`."""
    lines: list[str] = []
    status = verify(paths, jobs, lines.append, Echo)
    return status, [re.sub(r"\d+\.\d\d seconds", "0 seconds", line) for line in lines]


BAD_REPORT = (
    "t/a.transcript:3: the output differs\n  expected: b\n  came:     a\n            mail>\n  2 | mail> a\n> 3 | b"
)
BROKEN_REPORT = "t/sub/c.transcript:1: usr is not a key of the head; did you mean user?"


def test_transcripts_that_pass_leave_one_line(folder: Path) -> None:
    assert verified("t/b.transcript") == (0, ["1 transcript passed, 0 failed (2 turns, 0 seconds)"])


@pytest.mark.parametrize("jobs", [1, 3])
def test_each_failed_transcript_has_its_report(folder: Path, jobs: int) -> None:
    assert verified("t", jobs=jobs) == (
        1,
        [BAD_REPORT, BROKEN_REPORT, "1 transcript passed, 2 failed (3 turns, 0 seconds)"],
    )


def test_the_order_is_that_of_the_files_whichever_is_done_first(folder: Path) -> None:
    for number in range(6):
        wait = 30 if number == 0 else 0
        (folder / f"{number}.transcript").write_text(f"# x\nmail> sleep {wait}\nno {number}\n")
    names = [f"{number}.transcript" for number in range(6)]
    status, lines = verified(*names, jobs=3)
    assert status == 1
    assert [line.split(":")[0] for line in lines[:-1]] == names
    assert lines == verified(*names)[1]


def test_files_are_found_in_folders_sorted_and_once(folder: Path) -> None:
    found = ["t/a.transcript", "t/b.transcript", "t/sub/c.transcript"]
    assert find_transcripts(["t"]) == found
    assert find_transcripts(["t/b.transcript", "t", "t/b.transcript"]) == [found[1], found[0], found[2]]
    assert find_transcripts(["t/notes.txt"]) == ["t/notes.txt"]


@pytest.mark.parametrize(
    ("paths", "jobs", "sentence"),
    [
        (["t", "nowhere"], 1, "nowhere: no such file or folder"),
        (["empty", "t"], 1, "empty: no .transcript file in this folder"),
        ([], 1, "Name at least one file or folder."),
        (["t"], 0, "The number of jobs must be 1 or more."),
    ],
)
def test_wrong_use_checks_nothing(folder: Path, paths: list[str], jobs: int, sentence: str) -> None:
    (folder / "empty").mkdir()
    assert verified(*paths, jobs=jobs) == (2, [sentence])


def test_a_missing_path_is_named() -> None:
    with pytest.raises(NothingThere, match="/no/where: no such file or folder"):
        find_transcripts(["/no/where"])


def test_each_transcript_has_a_program_of_its_own(folder: Path) -> None:
    made: list[str] = []

    def open_echo(transcript: Transcript, sink: Sink) -> Echo:
        made.append(transcript.path)
        return Echo(transcript, sink)

    assert verify(["t"], out=lambda line: None, open_program=open_echo) == 1
    assert made == ["t/a.transcript", "t/b.transcript"]


@pytest.mark.parametrize(
    ("error", "report"),
    [
        (TranscriptError("t/b.transcript", []), ""),
        (FileNotFoundError(2, "No such file or directory", "t/x.toml"), "t/x.toml: No such file or directory"),
        (ValueError("odd"), "t/b.transcript: internal error: ValueError: odd"),
    ],
)
def test_a_program_that_cannot_be_made_fails_its_transcript(folder: Path, error: Exception, report: str) -> None:
    def open_none(transcript: Transcript, sink: Sink) -> Echo:
        raise error

    assert check("t/b.transcript", open_none) == (0, report)


def test_ctrl_c_ends_with_a_line(folder: Path) -> None:
    def interrupted(transcript: Transcript, sink: Sink) -> Echo:
        if transcript.path == "t/b.transcript":
            raise KeyboardInterrupt
        return Echo(transcript, sink)

    lines: list[str] = []
    assert verify(["t"], out=lines.append, open_program=interrupted) == 130
    assert lines[:2] == [BAD_REPORT, "Interrupted; 2 not checked."]


WORKERS = """
import os, sys, time
sys.path.insert(0, {root!r})
from shell.transcript.verify import verify

def slow(transcript, sink):
    os.write(1, b"playing\\n")
    time.sleep(30)

sys.exit(verify(["t"], jobs=2, open_program=slow))
"""


def test_ctrl_c_ends_the_workers_too(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKERS.format(root=str(ROOT))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "playing\n"
        begin = time.perf_counter()
        # a terminal sends Ctrl-C to the whole group
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert time.perf_counter() - begin < 10
    assert process.returncode in (1, 130)
    assert errors == ""


# --- the plugin

APPLIANCE = """
import sys, types

sys.path[:0] = [{root!r}, {tests!r}]
from test_transcript_verify import Echo

appliance = types.ModuleType("shell.transcript.appliance")
appliance.open_appliance = Echo
sys.modules[appliance.__name__] = appliance
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with nothing but our plugin, against the echo."""
    (folder / "conftest.py").write_text(APPLIANCE.format(root=str(ROOT), tests=str(Path(__file__).parent)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "shell.transcript.pytest_plugin", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_pytest_plays_transcripts(folder: Path) -> None:
    result = run_pytest(folder, "t", "-v", "-p", "no:cacheprovider")
    assert "t/b.transcript::b PASSED" in result.stdout
    assert "t/a.transcript::a FAILED" in result.stdout
    assert f"\n{BAD_REPORT}\n" in result.stdout
    assert f"\n{BROKEN_REPORT}\n" in result.stdout
    assert "Traceback" not in result.stdout
    assert "runtest" not in result.stdout
    assert result.returncode == 1


def test_pytest_collects_one_file_by_its_name(folder: Path) -> None:
    result = run_pytest(folder, "t/b.transcript", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in result.stdout
    assert result.returncode == 0


def test_the_plugin_loads_nothing_of_the_program() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import shell.transcript.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "['shell', 'shell.transcript', 'shell.transcript.pytest_plugin']\n"
