"""What an operator's fingers do on a terminal: complete, search, paste, resize, wait, leave in the middle."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest

from tests.shell.every_question import KINDS
from tests.shell.loaded_program import LoadedProgram
from tests.shell.screen import PROMPT, Screen

ASKED = {
    "menu": "[]>",
    "yes_no": "[Y]>",
    "choose": "[1]>",
    "choose_many": "[1]>",
    "number": "[5]>",
    "text": "[]>",
    "domain": "[]>",
    "host": "[mail.example.com]>",
    "name": "[]>",
    "secret": "Enter pass phrase:",
    "paste": "(end with '.'):",
}
PEM = "\n".join(["-----BEGIN PRIVATE KEY-----", *["MIIhush" + "A" * 57] * 20, "-----END PRIVATE KEY-----"])

Start = Callable[..., Screen]


@pytest.fixture
def start(asyncsh: str, loaded: LoadedProgram, tmp_path: Path) -> Iterator[Start]:
    """Return a starter of terminals on one appliance.

    `every` has the command that asks every kind of question, `installed` is the program as it is started by its path.
    """
    screens = []

    def make(
        every: bool = False,
        installed: bool = False,
        idle: float = 60,
        columns: int = 100,
        rows: int = 40,
        **environment: str,
    ) -> Screen:
        state = str(tmp_path / "state")
        module, arguments = "shell.app", ["--state", state]
        if every:
            module, arguments = "tests.shell.every_question", [state, str(idle)]
        screen = Screen(asyncsh if installed else loaded, arguments, columns, rows, environment, module)
        screens.append(screen)
        screen.until(PROMPT)
        return screen

    yield make
    for screen in screens:
        screen.child.close(force=True)


def test_the_toolbar_tells_user_changes_and_a_waiting_confirm(start: Start) -> None:
    screen = start()
    assert screen.see_below("changes") == "admin | no uncommitted changes"
    screen.type("destconfig new a.example --tls required", PROMPT)
    assert screen.see_below("1 ") == "admin | 1 uncommitted change"
    screen.type("destconfig edit a.example --tls no", PROMPT)
    screen.type("destconfig new b.example --tls required", PROMPT)
    screen.type("sethostname other.example.com", PROMPT)
    assert screen.see_below("3 ") == "admin | 3 uncommitted changes"
    screen.type('commit "try" confirm 5', "other.example.com>")
    told = "admin | no uncommitted changes | revision 2 waits for commit to confirm it: 5 min left"
    assert screen.see_below("revision") == told
    screen.resize(80, 40)  # too narrow for all these words
    assert screen.see_below("confirm 2") == "admin | no uncommitted changes | confirm 2: 5 min"
    screen.resize(60, 40)
    screen.see_below("admin | confirm 2: 5 min")


def test_tab_shows_a_menu_with_sentences_and_takes_what_is_chosen(start: Start) -> None:
    screen = start()
    screen.child.send("destconfig -> de\t")
    menu = screen.see_below("detail")
    assert re.search(r"^ *delete +Remove an entry\.$", menu, re.MULTILINE)
    assert re.search(r"^ *detail +Display one entry, DEFAULT or ALL\.$", menu, re.MULTILINE)
    screen.child.send("\t\t")
    screen.until("destconfig -> default")
    screen.type("", "[500]>")


def test_control_r_searches_commands_and_answers_each_by_themselves(start: Start) -> None:
    screen = start()
    screen.type("destconfig new", "[]>")
    screen.type("needle.example", "[Y]>")
    screen.key("c", PROMPT)
    screen.clear()
    screen.child.send("\x12need")
    screen.until("need':")
    assert "needle.example" not in "\n".join(screen.lines())
    screen.child.send("\x07\x15")  # Ctrl-G leaves the search, Ctrl-U the line
    screen.type("destconfig -> new", "[]>")
    screen.clear()
    screen.child.send("\x12need")
    screen.see("needle.example")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_secret_is_nowhere(start: Start, tmp_path: Path, term: str) -> None:
    screen = start(every=True, TERM=term)
    screen.child.send("every secret\r")
    screen.see("Enter pass phrase:")
    screen.child.send("hush-hush\r")
    screen.see("Enter it again:")
    screen.child.send("hush-hush\r")
    screen.see("secret: 9")
    assert "hush" not in screen.raw
    assert "*" not in screen.raw  # not even how long it is
    assert not any(b"hush" in path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())


def test_neither_search_nor_the_clipboard_shows_a_secret(start: Start) -> None:
    screen = start(every=True)
    screen.child.send("every secret\r")
    screen.see("Enter pass phrase:")
    screen.child.send("\x12hush\x15\x13hush\r")  # Ctrl-R, Ctrl-U, Ctrl-S
    screen.see("Enter it again:")
    screen.child.send("hush\r")
    screen.see("secret: 4")
    screen.until(PROMPT)
    screen.child.send("\x19version\r")  # Ctrl-Y
    screen.see("Product: asyncsh")
    assert "hush" not in screen.raw


@pytest.mark.parametrize("kind", KINDS)
def test_control_c_at_any_kind_of_question_undoes_the_command(start: Start, kind: str) -> None:
    screen = start(every=True)
    screen.child.send(f"every {kind}\r")
    screen.see(ASKED[kind])
    assert screen.see_below("1 uncommitted change")
    assert "Command cancelled." in screen.key("c", PROMPT)
    assert screen.see_below("no uncommitted changes")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_control_c_at_any_moment_does_not_end_the_session(start: Start, term: str) -> None:
    screen = start(TERM=term)
    for number in range(150):
        if number % 10 == 0:
            screen.child.send("nonsense\r")
        screen.child.kill(signal.SIGINT)
        with suppress(pexpect.TIMEOUT):
            screen.take(0.002 + number % 7 / 1000)
    screen.child.send("\x15version\r")
    screen.see("Product: asyncsh")


def test_a_pasted_pem_block_is_one_answer(start: Start) -> None:
    screen = start(every=True)
    screen.child.send("every paste\r")
    screen.see("(end with '.'):")
    screen.paste(PEM + "\n.")
    screen.see("paste: 22")
    screen.clear()
    screen.child.send("every paste\r")
    screen.see("(end with '.'):")
    screen.child.send(PEM.replace("\n", "\r") + "\r.\r")  # a terminal that does not put a paste in brackets
    screen.see("paste: 22")


def test_a_paste_of_200_lines_is_taken_line_by_line(start: Start) -> None:
    screen = start(rows=300)
    lines = [f"destconfig new d{number:03}.example --tls required" for number in range(200)]
    screen.paste("\n".join([*lines, 'commit "pasted"', "destconfig list"]))
    shown = screen.see("(Default)  ")
    assert "Changes committed: " in shown
    screen.until(PROMPT)
    assert "There are currently 201 entries configured." in screen.type("destconfig", "[]>")


def test_a_paste_does_not_run_ahead_of_a_question_that_refused_an_answer(start: Start) -> None:
    screen = start()
    screen.clear()
    screen.paste("destconfig -> new\nnot a domain\ny\n7\ndestconfig list")
    shown = screen.until("[]> y")
    assert "is not a valid domain name" in shown
    assert "2 pasted left, Ctrl-C drops them" in screen.see_below("pasted left")
    assert "Command cancelled." in screen.key("c", PROMPT)
    assert "pasted" not in screen.see_below("admin")


def test_a_paste_does_not_go_on_at_the_main_prompt_after_a_refused_command(start: Start) -> None:
    screen = start()
    screen.type("destconfig new a.example --tls required", PROMPT)
    screen.clear()
    screen.paste("destconfig -> edti\nclear\ny")  # CLEAR of destconfig is meant, not the command
    shown = screen.until(f"{PROMPT} clear")
    assert "is not one of the operations" in shown
    assert "1 pasted left, Ctrl-C drops them" in screen.see_below("pasted left")
    screen.child.send("\x03version\r")
    screen.see("Product: asyncsh")
    assert screen.see_below("admin") == "admin | 1 uncommitted change"


def test_the_end_of_a_pasted_line_answers_no_further_question(start: Start) -> None:
    screen = start()
    screen.clear()
    screen.paste("destconfig -> new\na.example\n")
    screen.until("Do you wish to configure a concurrency limit for a.example? [Y]>")
    assert screen.see_below("admin") == "admin | no uncommitted changes"
    screen.paste("n\n\n")
    screen.until("Do you wish to apply a recipient limit to this domain? [N]>")


def test_pasted_lines_are_in_no_history(start: Start, tmp_path: Path) -> None:
    screen = start()
    screen.clear()
    screen.paste("loadconfig -> 1\nprivate_key = 'hush'\n.")
    screen.see("is not a known key")
    screen.key("c", PROMPT)
    screen.paste("destconfig -> new\nnot a domain\nhush.example")
    screen.until("[]> hush.example")
    screen.child.send("\r")
    screen.until("[Y]>")
    screen.key("c", PROMPT)
    screen.paste("version")
    screen.see("Product: asyncsh")
    screen.until(PROMPT)
    kept = "".join(path.read_text() for path in (tmp_path / "state" / "prompt").iterdir())
    assert "hush" not in kept
    assert "+version\n" in kept


def test_a_key_that_a_terminal_types_line_by_line_is_in_no_history(start: Start, tmp_path: Path) -> None:
    """Without bracketed paste a key comes as typed lines, after Ctrl-C in its middle at the main prompt."""
    screen = start()
    screen.child.send("loadconfig -> 1\r")
    screen.see("Paste the configuration")
    screen.child.send("-----BEGIN PRIVATE KEY-----\r")
    screen.see("BEGIN PRIVATE")
    screen.key("c", PROMPT)
    for line in (f"{'MC4CAQAwBQYDK2VwBCIEIJCY' * 2}aB+/", "8XKnkYOu8=", "-----END PRIVATE KEY-----"):
        screen.clear()
        screen.type(line, PROMPT)
    screen.clear()
    screen.type("version", PROMPT)
    kept = "".join(path.read_text() for path in (tmp_path / "state" / "prompt").iterdir())
    assert not any(part in kept for part in ("MC4C", "8XKn", "KEY"))
    assert "+version\n" in kept


def test_a_window_that_changes_its_size_keeps_what_is_typed(start: Start) -> None:
    screen = start(columns=120)
    long = "a-long-name-of-a-partner-that-has-many-words.and-another-label.example"
    screen.type(f"destconfig new {long} --tls required", PROMPT)
    screen.child.send("destconfig li")
    screen.until("destconfig li")
    screen.resize(70, 24)
    screen.see_below("admin | 1 change")
    shown = screen.type("st", PROMPT)
    rows = [line for line in shown.splitlines() if line.startswith("a-long")]
    assert len(rows) == 1
    assert "…" in rows[0]
    screen.resize(160, 24)
    screen.see_below("admin | 1 uncommitted change")
    assert long in screen.type("destconfig list", PROMPT)


@pytest.mark.parametrize("columns", [40, 300])
def test_a_dialog_on_a_narrow_and_on_a_wide_screen(start: Start, columns: int) -> None:
    screen = start(columns=columns, rows=300)
    screen.type("destconfig new", "[]>")
    screen.type("partner.example", "[Y]>")
    screen.type("n", "[N]>")
    for _ in range(4):
        screen.type("", "[N]>")
    asked = "".join(screen.lines()).strip()  # a prompt wider than the screen goes on in the next row
    assert asked.endswith("Do you wish to apply a specific bounce profile to this domain? [N]>")
    screen.key("c", PROMPT)
    shown = screen.type("help destconfig", PROMPT)
    assert max(map(len, shown.splitlines())) <= columns
    assert "--bounce-profile NAME" in shown


def test_no_color_is_honoured(start: Start) -> None:
    screen = start(NO_COLOR="1")
    screen.child.send("des\t\t")
    screen.until("destconfig")
    codes = set(";".join(re.findall(r"\x1b\[([0-9;]*)m", screen.raw)).split(";")) - {""}
    assert codes <= {"0", "1", "2", "4", "7"}, f"colours: {codes}"


def test_a_dumb_terminal_gets_plain_lines(start: Start) -> None:
    screen = start(installed=True, TERM="dumb")
    screen.type("destconfig -> new", "[]>")
    screen.child.send("\x03")
    screen.see("Command cancelled.")
    screen.until(PROMPT)
    screen.type("destconfig new a.example --tls required", PROMPT)
    screen.child.send("\x04")
    screen.until("Are you sure you wish to exit? [N]>")
    screen.child.send("y\r")
    assert screen.ended() == 0
    assert "\x1b" not in screen.raw


def test_an_idle_session_says_so_ends_and_keeps_what_is_staged(start: Start) -> None:
    screen = start(every=True, idle=0.05)  # 30 minutes in 1.5 seconds
    screen.type("destconfig new a.example --tls required", PROMPT)
    assert "Nobody is typing: this session ends within " in screen.see_below("Nobody")
    assert screen.ended() == 0
    assert "This session was idle for 30 minutes and ends here. Staged changes are kept." in screen.raw
    again = start(installed=True)
    assert again.see_below("1 uncommitted change")


def test_an_idle_session_ends_at_the_pager_too(start: Start) -> None:
    screen = start(every=True, idle=0.1, rows=8)
    screen.child.send("help\r")
    screen.until("-Press Any Key For More-")
    assert screen.ended() == 0
    assert "This session was idle for 30 minutes and ends here." in screen.raw


def test_lines_typed_ahead_answer_the_questions_to_come(start: Start) -> None:
    screen = start()
    screen.child.send("destconfig\rsetup\r1\ry\r\r")
    screen.see("Choose the operation")
    screen.until(PROMPT)
    assert screen.see_below("1 uncommitted change")
