"""Bytes and lines: what may arrive on a pipe, and what goes out."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.terminal import Disconnected
from shell.plain import LONGEST_LINE, LineReader, NotTaken, converse, run_line

TEXT = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"))


def reader(*chunks: bytes) -> LineReader:
    waiting: Iterator[bytes] = iter(chunks)
    return LineReader(lambda _: next(waiting, b""))


def lines(source: LineReader) -> list[str]:
    found = []
    while True:
        try:
            found.append(source.line())
        except Disconnected:
            return found
        except NotTaken as error:
            found.append(f"! {error}")


@pytest.mark.parametrize(
    "data",
    [b"a\nb\n\nc\n", b"a\r\nb\r\n\r\nc\r\n", b"a\rb\r\rc\r", b"a\r\0b\r\0\r\0c\r\0", b"a\r\nb\n\rc\r\0", b"a\nb\n\nc"],
)
def test_enter_arrives_in_four_forms(data: bytes) -> None:
    assert lines(reader(data)) == ["a", "b", "", "c"]


@given(st.lists(st.tuples(TEXT, st.sampled_from([b"\n", b"\r\n", b"\r\0"]))), st.lists(st.integers(1, 7), min_size=1))
def test_lines_are_the_same_however_the_bytes_are_cut(typed: list[tuple[str, bytes]], sizes: list[int]) -> None:
    data = b"".join(text.encode() + end for text, end in typed)
    chunks, position, turn = [], 0, 0
    while position < len(data):
        size = sizes[turn % len(sizes)]
        chunks.append(data[position : position + size])
        position, turn = position + size, turn + 1
    assert lines(reader(*chunks)) == [text for text, _ in typed]


def test_a_line_that_is_too_long_is_refused_and_the_next_one_read() -> None:
    long = b"x" * (LONGEST_LINE + 1)
    refusal = f"! The line has {LONGEST_LINE + 1} bytes; a line of at most {LONGEST_LINE} is taken."
    assert lines(reader(long + b"\nb\n")) == [refusal, "b"]
    assert lines(reader(*[b"x" * 1000] * 1000, b"\n", b"b\n"))[1:] == ["b"]
    assert lines(reader(b"y" * LONGEST_LINE + b"\n")) == ["y" * LONGEST_LINE]


def test_bytes_that_are_no_utf8_are_refused_and_the_next_line_read() -> None:
    assert lines(reader(b"a\xff\nb\n")) == ["! The line is not UTF-8 text (byte 2).", "b"]


def typed(person: Any, data: bytes) -> str:
    out = io.StringIO()
    chunks = iter([data])
    converse(person().session, lambda _: next(chunks, b""), out)
    return out.getvalue()


def test_the_prompt_goes_out_with_its_blank_and_the_dialog_reads_as_documented(person: Any) -> None:
    shown = typed(person, b"destconfig\nsetup\n\ny\n\ncommit\nAlert\n\nexit\n")
    assert shown.startswith("mail.example.com> \n\nThere are currently 1 entries configured.\n\nChoose the operation")
    assert '[]> \n\nThe "Demo" certificate is currently configured.' in shown
    assert "[1]> \n\nDo you want to send an alert when a required TLS connection fails? [N]> \n\nThere are" in shown
    assert shown.endswith("rollback? [Y]> \n\nChanges committed: Fri May 23 11:42:12 2014 GMT\nmail.example.com> \n")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b"destconfig\n" + b"x" * 1_000_000 + b"\n",
            "\nThe line has 1000000 bytes; a line of at most 65536 is taken.\n",
        ),
        (b"destconfig\n\xff\xfe\n", "\nThe line is not UTF-8 text (byte 1).\n"),
        (b"\xc3(\n", "\nThe line is not UTF-8 text (byte 1).\n"),
        (b"destconfig\n\x1b[A\n", "\nControl characters are not accepted.\n"),
        (b"destconfig\nnew\na\x00b.example\n", "\nControl characters are not accepted.\n"),
        (b"destconfig\nnew\n" + b"a" * 60_000 + b"\n", "it is longer than 253 characters.\n"),
        (
            b"destconfig",
            "\nThe input ended inside a command; finished operations are kept, ",
        ),
        (
            b"destconfig\nnew\na.exa",
            "\nThe input ended inside a command; finished operations are kept, ",
        ),
        (b"\x00\n", "Unknown command or missing feature key: \\x00\n"),
        (b"\x04\n", "Unknown command or missing feature key: \\x04\n"),
        (b"", "mail.example.com> \n"),
    ],
)
def test_whatever_is_typed_gets_a_clear_line(person: Any, data: bytes, sentence: str) -> None:
    shown = typed(person, data)
    assert sentence in shown
    assert "Traceback" not in shown
    assert all(line.isprintable() for line in shown.split("\n"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it only makes new people
@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_conversation_that_ends(person: Any, data: bytes) -> None:
    shown = typed(person, b"destconfig\n" + data)
    assert "Internal error" not in shown


def test_one_line_prints_its_answer_and_its_status(person: Any) -> None:
    for line, status, out, error in [
        ("version", 0, "Current Version\n", ""),
        ("destconfig detail default", 0, "(Default)\n  Maximum messages per connection: 50\n", ""),
        ("destconfig", 1, "", "This would still ask: Choose the operation you want to perform:\nNothing was staged."),
        (
            "destconfig new a.example",
            1,
            "",
            "This would still ask: Do you wish to configure a concurrency limit for a.ex",
        ),
        ("certconfig certificate new", 1, "", "This would still ask: Enter a name for this certificate profile:\n"),
        ("foo", 2, "", "Unknown command or missing feature key: foo\n"),
        ("", 0, "", ""),
    ]:
        shown, errors = io.StringIO(), io.StringIO()
        assert run_line(person().session, line, shown, errors) == status
        assert shown.getvalue().startswith(out)
        assert errors.getvalue().startswith(error)
        assert bool(out) == bool(shown.getvalue())


def run(asyncsh: str, state: Path, *words: str, data: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "ASYNCSH_STATE": str(state)}
    return subprocess.run(
        [asyncsh, *words], input=data, capture_output=True, timeout=60, env=environment, check=False, **more
    )


def test_the_program_on_a_pipe_commits_what_lasts(asyncsh: str, tmp_path: Path) -> None:
    first = run(asyncsh, tmp_path, data=b"destconfig new a.example --tls required\ncommit\nfirst\n\n")
    assert (first.returncode, first.stderr) == (0, b"")
    assert b"Changes committed: " in first.stdout
    listed = run(asyncsh, tmp_path, "-c", "destconfig list")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert listed.stdout.splitlines()[3].split()[:3] == [b"a.example", b"Default", b"Required"]


def test_staged_work_waits_for_the_next_session(asyncsh: str, tmp_path: Path) -> None:
    run(asyncsh, tmp_path, "-c", "destconfig new a.example --tls required")
    assert b"a.example" not in (tmp_path / "config.toml").read_bytes()
    assert b"a.example" in run(asyncsh, tmp_path, "-c", "destconfig list").stdout
    assert b"a.example" not in run(asyncsh, tmp_path, "--user", "other", "-c", "destconfig list").stdout
    assert run(asyncsh, tmp_path, "-c", "commit 'a'").returncode == 0
    assert b"a.example" in (tmp_path / "config.toml").read_bytes()


def test_a_broken_file_is_refused_at_the_start_with_every_problem(asyncsh: str, tmp_path: Path) -> None:
    run(asyncsh, tmp_path, "-c", "destconfig list")
    (tmp_path / "config.toml").write_text("hostname = mail\n[destinations.default]\ntls = 'x'\nnone = 1\n")
    for words in ((), ("-c", "destconfig list")):
        refused = run(asyncsh, tmp_path, *words)
        assert refused.returncode == 1
        assert refused.stdout == b""
        assert [line.split(b": ")[:2] for line in refused.stderr.splitlines() if line.startswith(b"line")] == [
            [b"line 1", b"hostname"],
            [b"line 3", b"destinations.default.tls"],
            [b"line 4", b"destinations.default.none"],
        ]
        assert b"Traceback" not in refused.stderr


def test_a_reader_that_goes_away_is_no_traceback(asyncsh: str, tmp_path: Path) -> None:
    environment = {**os.environ, "ASYNCSH_STATE": str(tmp_path)}
    program = subprocess.Popen(
        [asyncsh], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert program.stdin
    assert program.stdout
    assert program.stderr
    program.stdout.close()
    program.stdin.write(b"help\n" * 1000)
    program.stdin.close()
    program.wait(timeout=30)
    assert b"Traceback" not in program.stderr.read()
    program.stderr.close()


@pytest.mark.parametrize("place", ["a file", "a folder nobody may write"])
def test_a_state_that_cannot_be_used_is_said(asyncsh: str, tmp_path: Path, place: str) -> None:
    if place == "a file":
        (tmp_path / "state").write_text("x")
        state = tmp_path / "state"
    else:
        state = Path("/proc/nothing/here")
    for words in ((), ("-c", "destconfig list")):
        refused = run(asyncsh, state, *words)
        assert refused.returncode == 1
        assert b"The appliance directory cannot be used: " in refused.stderr
        assert b"Traceback" not in refused.stderr


def test_a_terminal_that_echoes_ends_the_line_itself(asyncsh: str, tmp_path: Path) -> None:
    words = ["-c", f"{asyncsh} --state {tmp_path / 'state'} | cat"]
    child = pexpect.spawn("bash", words, encoding="utf-8", timeout=20)
    child.expect_exact("mail.example.com> ")
    child.sendline("commit")
    child.expect_exact("commit\r\n\r\nThere is no data to commit.\r\n")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
