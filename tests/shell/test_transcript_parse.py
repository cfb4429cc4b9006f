"""A transcript's text: what is head, body and end, and what is said about mistakes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shell.transcript.parse import Transcript, TranscriptError, load, parse


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(TranscriptError) as caught:
        parse(text, "a.transcript")
    return [(line, sentence) for line, sentence in caught.value.problems]


def read(text: str) -> Transcript:
    return parse(text, "a.transcript")


EXAMPLE = """\
# destconfig -> setup: alerts
#: config = "two-certificates.toml"
# More about it.
#: clock = 2014-05-23T13:42:12+02:00

mail> destconfig


[]> setup\x20\x20

Done.

#= destinations.send_tls_alert = true
#~ destinations.domains."partner.example".tls = 'required'

#- listeners.Inboundmail.host_access.groups.0
"""


def test_a_transcript_has_prose_settings_body_and_checks() -> None:
    transcript = read(EXAMPLE)
    assert transcript.title == "destconfig -> setup: alerts"
    assert transcript.prose == ("destconfig -> setup: alerts", "More about it.")
    assert transcript.head.config == "two-certificates.toml"
    assert transcript.head.clock == datetime(2014, 5, 23, 11, 42, 12, tzinfo=UTC)
    assert transcript.head.numbers == {"config": 2, "clock": 4}
    assert transcript.source[slice(*transcript.body)][0] == "mail> destconfig"
    assert [tuple(check) for check in transcript.checks] == [
        (13, "committed", "destinations.send_tls_alert", ("destinations", "send_tls_alert"), True),
        (
            14,
            "staged",
            'destinations.domains."partner.example".tls',
            ("destinations", "domains", "partner.example", "tls"),
            "required",
        ),
        (
            16,
            "absent",
            "listeners.Inboundmail.host_access.groups.0",
            ("listeners", "Inboundmail", "host_access", "groups", 0),
            None,
        ),
    ]


def test_expected_lines_are_folded_once_and_know_where_they_came_from() -> None:
    script = read(EXAMPLE).script
    assert script.texts == ["mail> destconfig", "", "[]> setup", "", "Done."]
    assert [start + 1 for start in script.starts] == [6, 7, 9, 10, 11]


def test_blank_lines_are_dropped_where_they_mean_nothing() -> None:
    assert read('#: blank_lines = "ignore"\na\n\nb\n').script.texts == ["a", "b"]


def test_the_defaults() -> None:
    head = read("mail> \n").head
    assert (head.config, head.clock, head.user, head.dialogs, head.world) == (None, None, "admin", None, None)
    assert (head.secrets, head.files, head.vars, head.ignore_blank) == ({}, {}, {}, False)


def test_all_settings() -> None:
    head = read(
        "#: config = 'sub/start.toml'\n"
        "#: user = 'guest'\n"
        "#: dialogs = 'classic'\n"
        "#: vars = { host = 'mail.example.com' }\n"
        "#: files = ['table.txt']\n"
        "#: world = { peers = [] }\n"
        "#: [secrets]\n"
        "#: KEY = '''\n"
        "#: one\n"
        "#:  two\n"
        "#:\n"
        "#: '''\n"
        "mail> \n"
    ).head
    assert head.config == "sub/start.toml"
    assert head.user == "guest"
    assert head.dialogs == "classic"
    assert head.vars == {"host": "mail.example.com"}
    assert head.files == {"table.txt": None}
    assert head.world == {"peers": []}
    assert head.secrets == {"KEY": "one\n two\n\n"}
    assert head.numbers["secrets"] == 7


def test_files_are_names_or_texts() -> None:
    assert read('#: files = { "a.txt" = "one" }\nx\n').head.files == {"a.txt": "one"}


@pytest.mark.parametrize("line", ["# a comment", "#: x = 1", "#-----", "#=====", "#", "#- two words", "#~"])
def test_lines_of_the_body_may_begin_with_a_hash(line: str) -> None:
    assert read(f"# title\nmail> showconfig\n{line}\nmail> \n").script.texts[1] == line


def test_line_ends_and_a_byte_order_mark_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "a.transcript"
    file.write_bytes(b"\xef\xbb\xbf# title\r\nmail> x\r\nout")
    transcript = load(str(file))
    assert transcript.title == "title"
    assert transcript.source == ("# title", "mail> x", "out")


def test_only_newlines_end_lines() -> None:
    assert read("a\x0cb\u2028c\x85d\n").script.texts == ["a\x0cb\u2028c\x85d"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("#: confg = 'x'", (1, "confg is not a key of the head; did you mean config?")),
        ("#: blanklines = 'ignore'", (1, "blanklines is not a key of the head; did you mean blank_lines?")),
        (
            "#: zzz = 1",
            (
                1,
                "zzz is not a key of the head; there are config, clock, secrets, files, logs, user, vars, world, "
                "dialogs, blank_lines",
            ),
        ),
        ("# x\n#: user = 1 2", (2, "not TOML: Expected newline or end of document after a statement")),
        ("#: user = 'a'\n#: vars = {", (2, "not TOML: Invalid initial character for a key part")),
        ("#: secrets = { A = '''\n#: text", (1, """not TOML: Expected "'''\"""")),
        (
            "#: clock = '2014-05-23T11:42:12Z'",
            (1, "clock must be a time with its offset and without quotes, as in 2014-05-23T11:42:12Z"),
        ),
        (
            "#: clock = 2014-05-23T11:42:12",
            (1, "clock must be a time with its offset and without quotes, as in 2014-05-23T11:42:12Z"),
        ),
        (
            "#: clock = 2014-13-23T11:42:12Z",
            (1, "not TOML: Expected newline or end of document after a statement"),
        ),
        ("#: config = ''", (1, "config must be the name of a file beside the transcript")),
        ("#: config = '/etc/passwd'", (1, "config must be the name of a file beside the transcript")),
        ("#: config = '../x.toml'", (1, "config must be the name of a file beside the transcript, without ..")),
        ("#: dialogs = 'new'", (1, 'dialogs must be "current" or "classic"')),
        ("#: blank_lines = true", (1, 'blank_lines can only be "ignore"')),
        (
            "#: user = 'Admin'",
            (1, "user must be a user name: a lower-case letter, then at most 31 of a-z 0-9 _ -"),
        ),
        ("#: secrets = 'x'", (1, 'secrets must be a table of texts, as in { NAME = "text" }')),
        ("#: secrets = { A = 5 }", (1, "secrets must be a table of texts; A is none")),
        ("#: files = ['a/b']", (1, "files must have bare file names; 'a/b' is none")),
        (
            "#: files = 'a'",
            (1, 'files must be names of files beside the transcript, or a table { "NAME" = "its text" }'),
        ),
        ("#: world = 1", (1, "world must be the name of a file beside the transcript, or a table")),
        (
            "#: world = '../x.toml'",
            (1, "world must be the name of a file beside the transcript, without .., or a table"),
        ),
        (
            "#: vars = { int = 'x' }",
            (1, "vars cannot have a name 'int': letters, digits, - and _, and not a placeholder"),
        ),
        ("#: vars = { a = '''x\n#: y''' }", (1, "vars must be texts of one line; a has several")),
        (
            "#= a = 1",
            (
                1,
                "an end check stands before the last line of the body; if the program prints this line, "
                r"write it as a pattern: \#… (re)",
            ),
        ),
    ],
)
def test_mistakes_in_the_head_name_their_line(head: str, expected: tuple[int, str]) -> None:
    assert problems(f"{head}\nmail> \n") == [expected]


def test_all_mistakes_are_reported_together() -> None:
    text = (
        "# title\n"
        "#: usr = 'x'\n"
        "#: clock = noon\n"
        "#: dialogs = 'old'\n"
        "#: user = 'X'\n"
        "mail> one\n"
        "#= a.b = 1\n"
        "mail> two\n"
        "#= a.b = \n"
    )
    assert [line for line, _ in problems(text)] == [2, 3, 4, 5, 7, 9]


def test_what_stands_around_a_bad_statement_is_read() -> None:
    text = "#: [secrets]\n#: A = 1\n#: B = = 2\n#: C = 3\nx\n"
    assert [sentence for _, sentence in problems(text)] == [
        "secrets must be a table of texts; A, C is none",
        "not TOML: Invalid value",
    ]


def test_a_problem_with_secrets_does_not_show_them() -> None:
    with pytest.raises(TranscriptError) as caught:
        parse("#: secrets = { A = 'hunter2', B = ['hunter3'] }\nx\n", "a.transcript")
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ("#= a.b", "an end check reads #= KEY = VALUE"),
        ("#= = 1", "an end check reads #= KEY = VALUE"),
        ("#~ a.b", "an end check reads #~ KEY = VALUE"),
        ("#- a.b = 1", "an end check reads #- KEY"),
        ("#-", "an end check reads #- KEY"),
        ("#= a = yes", "not TOML in an end check: Invalid value"),
        ('#= "\\q" = 1', "not TOML in an end check: Unescaped '\\' in a string"),
    ],
)
def test_mistakes_in_end_checks(check: str, sentence: str) -> None:
    assert problems(f"mail> x\n{check}\n") == [(2, sentence)]


@pytest.mark.parametrize("line", ["#= a = 1", '#~ a."b c" = "x"', "#- a.b"])
def test_an_end_check_in_the_middle_is_a_mistake(line: str) -> None:
    assert [number for number, _ in problems(f"mail> x\n{line}\nmail> y\n")] == [2]


@pytest.mark.parametrize(("text", "line"), [("", 1), ("# title\n", 1), ("# a\n#: user = 'b'\n\n\n", 2)])
def test_a_transcript_without_body_is_a_mistake(text: str, line: int) -> None:
    assert problems(text) == [(line, "the transcript has no body")]


def test_a_file_that_is_not_utf_8_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "a.transcript"
    file.write_bytes(b"# title\nmail> x\nca\xe9\n")
    with pytest.raises(TranscriptError) as caught:
        load(str(file))
    assert str(caught.value) == f"{file}:3: the file is not UTF-8: byte 0xe9"
    assert (caught.value.line, caught.value.sentence) == (3, "the file is not UTF-8: byte 0xe9")


def test_an_error_has_a_line_for_each_problem() -> None:
    with pytest.raises(TranscriptError) as caught:
        parse("#: world = 1\n#: user = ''\n", "b.transcript")
    assert str(caught.value) == (
        "b.transcript:1: world must be the name of a file beside the transcript, or a table\n"
        "b.transcript:2: the transcript has no body\n"
        "b.transcript:2: user must be a user name: a lower-case letter, then at most 31 of a-z 0-9 _ -"
    )
