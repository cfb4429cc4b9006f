"""tail and grep: what an edited log shows, what a pattern may cost, what scripts see."""

from __future__ import annotations

from typing import Any

import pytest

from commands.answers import NotAccepted
from commands.logs import grep
from commands.logs.pattern import Pattern

STAMP = b"Wed Jul 20 19:47:40 2005 Info: "


def with_log(person: Any, content: bytes) -> Any:
    someone = person()
    someone.session.store.folder.write("logs/mail_logs", content)
    return someone


def test_an_edited_log_cannot_move_the_cursor(person: Any) -> None:
    someone = with_log(person, STAMP + b"\x1b[2J\xff gone\r\n\n")
    assert someone.type("tail mail_logs") == STAMP.decode() + "\\x1b[2J\ufffd gone\\r\n\n"
    assert someone.type("grep gone mail_logs") == STAMP.decode() + "\\x1b[2J\ufffd gone\\r\n"


STATUSES = [
    ("grep close mail_logs", 0),
    ("grep open mail_logs", 1),
    ("grep -c close mail_logs", 0),
    ("grep -c open mail_logs", 1),
    ("tail mail_logs", 0),
]


@pytest.mark.parametrize(("line", "status"), STATUSES)
def test_a_script_sees_whether_something_was_found(person: Any, line: str, status: int) -> None:
    someone = with_log(person, STAMP + b"DCID 30 close\n")
    someone.type(line)
    assert someone.status == status


PATTERNS = [
    ("DCID 30 .*close", False, True),
    ("dcid", False, False),
    ("dcid", True, True),
    ("^Wed Jul 20", False, True),
    ("close$", False, True),
    ("ZO\u00cb", True, True),
    ("a.c", False, False),
    ("-3", False, False),
]


@pytest.mark.parametrize(("typed", "ignore_case", "found"), PATTERNS)
def test_a_pattern_is_found_anywhere_in_a_line(typed: str, ignore_case: bool, found: bool) -> None:
    assert Pattern(typed, ignore_case).found_in(STAMP + "zo\u00eb DCID 30 close".encode()) is found


@pytest.mark.parametrize("typed", ["(a+)+$", "^(a|a)*$", "(a?){30}a{30}$", "(.*.*.*)*x"])
def test_no_pattern_takes_exponentially_long(typed: str) -> None:
    assert not Pattern(typed).found_in(b"a" * 1999 + b"b")  # Python's own would not come back from these


@pytest.mark.parametrize("typed", [r"(a)\1", "(?<=a)b", "(?:.{0,900}){900}", "(?:[a-z]{0,1000}){20}", "\udcff"])
def test_a_pattern_that_cannot_be_bounded_is_refused(typed: str) -> None:
    with pytest.raises(NotAccepted, match=r"."):
        Pattern(typed)


def test_a_search_has_an_end(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = with_log(person, (STAMP + b"DCID 30 close\n") * 3)
    monkeypatch.setattr(grep, "LONGEST_SEARCH", -1)
    shown = someone.type("grep close mail_logs")
    assert shown.splitlines()[1:] == ["The search took too long with this pattern and was ended; type a simpler one."]
    assert someone.status == 1
