"""Waiting for the network on every front end: what is said is seen at once, and Ctrl-C ends it and its sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell.screen import PATIENCE, PROMPT, Screen

ROOT = Path(__file__).parents[2]
MODULE = "tests.shell.waiting"


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        yield listening


def port(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def accepted(server: socket.socket) -> socket.socket:
    connection, _ = server.accept()
    connection.settimeout(PATIENCE)
    return connection


# S7
@pytest.mark.parametrize("front_end", ["screen", "dumb"])
def test_control_c_on_a_terminal(front_end: str, server: socket.socket) -> None:
    screen = Screen(sys.executable, ["-m", MODULE, front_end], environment={"PYTHONPATH": str(ROOT)})
    try:
        screen.until(PROMPT)
        screen.child.send(f"wait {port(server)}\r")
        with accepted(server) as connection:
            screen.see("Connected.")
            connection.send(b"one")
            screen.see("Got b'one'.")
            seen = screen.key("c", PROMPT)
            assert connection.recv(1) == b""
        assert seen.split("\n")[-2].removeprefix("^C" if front_end == "dumb" else "") == "Command cancelled."
        screen.clear()
        screen.child.send(f"wait {port(server)}\r")
        with accepted(server) as connection:
            connection.send(b"two")
            screen.see("Got b'two'.")
        assert "Ended with b'two'." in screen.until(PROMPT)
        assert "Traceback" not in screen.raw
        screen.child.send("exit\r")
        assert screen.ended() == 0
    finally:
        screen.child.close(force=True)


def piped(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def lines_until(program: subprocess.Popen[str], last: str) -> list[str]:
    """Read lines until one that ends so; they come while the program waits."""
    assert program.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].endswith(last):
        line = program.stdout.readline()
        assert line, lines
        lines.append(line.rstrip("\n"))
    return lines


# S7
@pytest.mark.parametrize("arguments", [("plain",), ("line", "wait {port}")], ids=["pipe", "one line"])
def test_control_c_at_a_pipe(arguments: tuple[str, ...], server: socket.socket) -> None:
    with piped(*(argument.format(port=port(server)) for argument in arguments)) as program:
        assert program.stdin is not None
        if arguments == ("plain",):
            program.stdin.write(f"wait {port(server)}\n")
            program.stdin.flush()
        with accepted(server) as connection:
            assert lines_until(program, "Connected.")[-2] == "Begun."
            connection.send(b"one")
            assert lines_until(program, "Got b'one'.") == ["Got b'one'."]
            program.send_signal(signal.SIGINT)
            assert connection.recv(1) == b""
        rest, errors = program.communicate("", timeout=PATIENCE)
    assert "Command cancelled." in rest + errors
    assert "Traceback" not in rest + errors
    assert program.returncode == (0 if arguments == ("plain",) else 1)


def test_a_reader_that_goes_ends_the_waiting(server: socket.socket) -> None:
    with piped("line", f"wait {port(server)}") as program:
        assert program.stdin is not None
        assert program.stdout is not None
        with accepted(server) as connection:
            lines_until(program, "Connected.")
            program.stdout.close()
            connection.send(b"one")
            assert connection.recv(1) == b""
        program.wait(PATIENCE)
        assert program.stderr is not None
        assert "Traceback" not in program.stderr.read()
