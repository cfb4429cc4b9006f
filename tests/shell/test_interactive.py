"""The front end on a real terminal: a person types, looks at the screen, leaves."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.log_line import LogLine
from gateway.mail_log import MailLog
from state.folder import Disk
from state.store import Store
from tests.shell.loaded_program import LoadedProgram
from tests.shell.screen import PROMPT, ROWS, Screen


def at(program: str | LoadedProgram, state: Path, columns: int = 100, **environment: str) -> Screen:
    """Return a terminal with the program at its first prompt."""
    screen = Screen(program, ["--state", str(state)], columns=columns, environment=environment)
    screen.until(PROMPT)
    return screen


@pytest.fixture
def screen(loaded: LoadedProgram, tmp_path: Path) -> Iterator[Screen]:
    """Return a terminal with the program at its first prompt."""
    seen = at(loaded, tmp_path / "state")
    yield seen
    seen.child.close(force=True)


@pytest.fixture
def installed(asyncsh: str, tmp_path: Path) -> Iterator[Screen]:
    """Return the same with the program as it is started by its path."""
    seen = at(asyncsh, tmp_path / "state")
    yield seen
    seen.child.close(force=True)


def test_the_banner_names_this_program_and_is_true(installed: Screen) -> None:
    shown = "\n".join(installed.lines())
    assert re.match(r"asyncsh, version [0-9.]+ build [0-9]+\n\nWelcome to", shown)
    assert "NOTE: This session will expire if left idle for 30 minutes. Uncommitted\n" in shown


def test_a_dialog_and_a_commit(installed: Screen) -> None:
    screen = installed
    assert 'The "Demo" certificate is currently configured.' in screen.type("destconfig -> setup", "[1]>")
    screen.type("1", "fails? [N]>")
    assert "Choose the operation you want to perform:" in screen.type("y", "[]>")
    screen.type("", PROMPT)
    assert "Changes committed: " in screen.type('commit "Alert"', PROMPT)
    screen.child.send("exit\r")
    assert screen.ended() == 0


def test_control_c_abandons_the_command_and_the_prompt_follows(screen: Screen) -> None:
    screen.type("destconfig new", "[]>")
    screen.type("a.example", "[Y]>")
    assert "Command cancelled." in screen.key("c", PROMPT)
    assert "There is no data to commit." in screen.type("commit", PROMPT)


def test_control_d_is_control_c_at_a_question_and_exit_at_the_prompt(screen: Screen) -> None:
    screen.type("destconfig new", "[]>")
    assert "Command cancelled." in screen.key("d", PROMPT)
    screen.type("destconfig new a.example --tls required", PROMPT)
    assert "Configuration changes entered but not committed." in screen.key("d", "Are you sure you wish to exit? [N]>")
    screen.child.send("y\r")
    assert screen.ended() == 0


@pytest.mark.parametrize(
    "typed",
    [
        "\x1b[31mred\x1b[0m",  # coloured text: prompt_toolkit reads it as a mouse event
        "\x1b[1;2M",
        "version\r\x1b[31mred\r",
        "destconfig\rnew\r\x1b[31mred.example\x1b[0m\r",
        "\x13version\n\x03\r\r",
        "\x00\x1c\x1a\x1f\x1bOP\x1b[5~",
    ],
)
def test_no_keys_whatever_end_the_shell_or_show_a_traceback(screen: Screen, typed: str) -> None:
    screen.child.send(typed)
    time.sleep(0.5)
    screen.child.send("\r")
    time.sleep(0.2)
    screen.child.sendcontrol("c")
    time.sleep(0.2)
    screen.child.send("\x03version\r")
    shown = screen.see("Product: asyncsh")
    assert "Traceback" not in shown
    assert "Exception" not in shown


def test_a_paste_of_several_lines_answers_the_questions_that_follow(screen: Screen) -> None:
    screen.clear()
    screen.child.send('\x1b[200~destconfig new a.example --tls required\ncommit "pasted"\ndestconfig list\x1b[201~\r')
    shown = screen.see("(Default)  On")
    assert "Changes committed: " in shown
    assert "a.example  Default   Required" in shown


def test_tab_completes_a_command(screen: Screen) -> None:
    screen.child.send("dest\t")
    screen.until(f"{PROMPT} destconfig")
    assert "There are currently 1 entries configured." in screen.type("", "[]>")


def test_tab_completes_names_and_options_from_what_is_configured(screen: Screen) -> None:
    screen.type("destconfig new partner.example --tls required", PROMPT)
    screen.child.send("destconfig edit par\t")
    screen.until("destconfig edit partner.example")
    screen.child.send(" --conc\t")
    screen.until("--concurrency")
    screen.child.send(" 7\r")
    screen.child.send("destconfig detail partner.example\r")
    screen.see("    7 concurrent connections")


def test_what_was_typed_is_there_in_the_next_session_but_no_pasted_line(asyncsh: str, tmp_path: Path) -> None:
    first = at(asyncsh, tmp_path / "state")
    first.type("destconfig -> detail -> all", "[]>")
    first.type("", PROMPT)
    first.child.send("loadconfig -> 1\r")
    first.see("(end with '.'):")
    first.child.send("private_key = 'hush'\r.\r")
    first.see("is not a known key")
    first.until(PROMPT)
    first.child.send("exit\r")
    assert first.ended() == 0
    second = at(asyncsh, tmp_path / "state")
    second.child.send("\x12detail")  # Ctrl-R
    second.see("destconfig -> detail -> all")
    second.child.close(force=True)
    kept = {path.name: path for path in (tmp_path / "state" / "prompt").iterdir()}
    assert set(kept) == {"admin.commands", "admin.answers"}
    for path in kept.values():
        assert path.stat().st_mode & 0o777 == 0o600
        assert "hush" not in path.read_text()


def test_output_taller_than_the_screen_waits_for_a_key(screen: Screen) -> None:
    for number in range(70):
        screen.child.send(f"destconfig new d{number:02}.example --tls required\r")
    screen.see("There are currently 71 entries configured.")
    screen.clear()
    screen.child.send("destconfig list\r")
    shown = screen.until("-Press Any Key For More-")
    assert "d00.example" in shown
    assert "d69.example" not in shown
    screen.child.send(" ")
    assert "-Press Any Key" not in screen.see("(Default)  ")
    screen.until(PROMPT)
    screen.clear()
    screen.child.send("destconfig list\r")
    screen.until("-Press Any Key For More-")
    screen.child.send("q")
    shown = screen.until(PROMPT)
    assert "(Default)" not in shown
    assert "-Press Any Key" not in shown


def test_a_question_mark_tells_what_can_be_answered(screen: Screen) -> None:
    screen.type("destconfig", "[]>")
    assert "  SETUP    Change global settings.\n" in screen.type("?", "[]>")


def test_names_are_cut_only_where_the_screen_is_too_narrow(loaded: LoadedProgram, tmp_path: Path) -> None:
    long = "a-long-name-of-a-partner-that-has-many-words.and-another-label.example"
    for columns, whole in ((100, False), (200, True)):
        screen = at(loaded, tmp_path / str(columns), columns)
        screen.type(f"destconfig new {long} --tls required", PROMPT)
        shown = screen.type("destconfig list", PROMPT)
        assert (f"\n{long}" in shown, "…" in shown) == (whole, not whole)
        screen.child.close(force=True)


def test_a_log_is_followed_until_control_c(screen: Screen, tmp_path: Path) -> None:
    log = MailLog(Store(Disk(tmp_path / "state"), lambda: datetime(2005, 7, 20, 19, 47, 40, tzinfo=UTC)))
    log.write(LogLine("Info", "DCID 30 close"))
    screen.child.send("tail mail_logs\r")
    screen.see("Press Ctrl-C to stop.\nWed Jul 20 19:47:40 2005 Info: DCID 30 close")
    log.write(*(LogLine("Info", f"MID {number} queued for delivery") for number in range(2 * ROWS)))
    screen.see(f"MID {2 * ROWS - 1} queued for delivery")  # no key is waited for
    assert "Command cancelled." not in screen.key("c", PROMPT)
