"""The session: what is kept, what is undone, and that every error is one clear line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from commands.command import Command
from commands.registry import COMMANDS
from commands.session import Session
from commands.terminal import Terminal
from state.folder import Disk, Memory
from state.staging import Staging
from state.store import CONFIG, Store

NEW = ("n", "", "", "", "", "")  # the shortest way through NEW behind its domain
MENU = "\nChoose the operation you want to perform:\n"


def domains(someone: Any) -> list[str]:
    return list(someone.session.staged.destinations.domains)


def test_a_command_is_found_in_any_case_and_by_its_alias(person: Any) -> None:
    assert "Version: " in person().type("VERSION")
    assert person().type("ClearChanges") == "\nThere are no uncommitted changes.\n"


def test_an_unknown_command_gets_the_documented_line(person: Any) -> None:
    someone = person()
    assert someone.type("foo bar") == "Unknown command or missing feature key: foo\n"
    assert someone.status == 2


def test_an_empty_line_does_nothing(person: Any) -> None:
    someone = person()
    assert someone.type("   ") == ""
    assert someone.status == 0


@pytest.mark.parametrize("key", ["^C", "^D"])
def test_leaving_a_command_undoes_what_it_staged_and_keeps_what_was_staged_before(person: Any, key: str) -> None:
    someone = person()
    someone.type("destconfig new before.example --tls required")
    shown = someone.type("destconfig", "new", "a.example", *NEW, "new", "b.example", key)
    assert shown.endswith(f"{key}\nCommand cancelled.\n")
    assert domains(someone) == ["before.example"]
    assert someone.status == 1


def test_what_is_taken_back_stands_where_it_stood(person: Any) -> None:
    """The numbers of LIST are the entries' places: a deletion that is cancelled changes none."""
    ada = person()
    for name in ("a.example", "b.example"):
        ada.type(f"destconfig new {name} --tls required")
    before = ada.session.staging.text
    ada.type("destconfig", "DELETE", "a.example", "^C")
    assert list(ada.session.staged.destinations.domains) == ["a.example", "b.example"]
    assert ada.session.staging.text == before


def test_the_end_of_the_input_keeps_finished_operations(person: Any, disk: Disk) -> None:
    someone = person(folder=disk)
    shown = someone.type("destconfig", "new", "a.example", *NEW, "new", "b.example", "^EOF")
    assert shown.endswith(
        "The input ended inside a command; finished operations are kept, an unfinished one is dropped.\n"
    )
    assert domains(someone) == ["a.example"]
    assert list(Staging(Store(disk, lambda: datetime.now(UTC)), "admin").configuration.destinations.domains) == [
        "a.example"
    ]


def test_a_finished_operation_is_on_the_disk_before_the_next_question(person: Any, disk: Disk) -> None:
    someone = person(folder=disk)
    seen = []
    running = someone.session.run("destconfig", someone.terminal)
    running.send(None)
    for answer in ("new", "a.example", *NEW):
        seen.append("a.example" in (disk.read("staged/admin.toml") or b"").decode())
        running.send(answer)
    assert not any(seen)
    assert "a.example" in (disk.read("staged/admin.toml") or b"").decode()
    running.close()


def test_a_word_ahead_that_is_refused_changes_nothing(person: Any) -> None:
    someone = person()
    shown = someone.type("destconfig -> new -> a.example -> n -> n -> n -> n -> n -> n -> list -> nonsense")
    assert shown.endswith(
        '"nonsense" is not one of the operations: '
        "SETUP, NEW, EDIT, DELETE, DEFAULT, LIST, DETAIL, CLEAR, IMPORT, EXPORT.\n"
    )
    assert domains(someone) == []
    assert someone.status == 1


def test_what_operations_print_is_shown_though_their_menus_are_not(person: Any) -> None:
    shown = person().type("destconfig -> list -> list", "")
    assert shown.count("(Default)  On") == 2
    assert shown.count(MENU) == 1


def test_where_nobody_can_answer_the_line_is_refused_and_undone(person: Any) -> None:
    someone = person()
    someone.type("destconfig -> new -> a.example -> n -> n -> n -> n -> n -> n", "^ASKS")
    assert domains(someone) == []
    assert someone.status == 1


def test_batch_and_type_ahead_are_told_apart(person: Any) -> None:
    someone = person()
    assert "Do you wish to configure" in someone.type("destconfig new a.example", "^C")
    assert someone.type("destconfig new a.example --tls required") == "\nThere are currently 2 entries configured.\n"
    assert "[2]> ^C" not in someone.type("destconfig -> list", "^C")


@pytest.mark.parametrize(
    ("line", "status", "sentence"),
    [
        ("destconfig new a.example --tls", 2, "--tls needs a value: no, preferred, required, "),
        ("destconfig new a.example --tls no --tls no", 2, "--tls is given twice."),
        ("destconfig new a.example --zzz 1", 2, '"--zzz" is not an option here; it takes --tls, --dane, --mta-sts, '),
        ("destconfig new a.example --tls no extra", 2, '"extra" is not expected here; options begin with --.'),
        ("destconfig new --tls no", 2, '"--tls" does not fit here. Batch forms: destconfig new DOMAIN --OPTION VALUE.'),
        (
            "destconfig --tls no",
            2,
            '"--tls" does not fit here; setup, new, edit, delete, default, list, detail, clear, import or export comes',
        ),
        ("destconfig list --tls no", 2, '"--tls" does not fit here. Batch forms: destconfig list.'),
        ("destconfig clear --no", 2, '"--no" is not an option here; it takes --yes.'),
        ("destconfig clear --yes=1", 2, "--yes takes no value."),
        ("destconfig new a..example --tls no", 1, '"a..example" is not a valid domain name: '),
        ("destconfig new a.example --mta-sts yes", 1, '--mta-sts: "yes" is not accepted; it takes on or off.'),
        ("destconfig new a.example --recipients -1", 1, "--recipients: Enter a whole number from 0 to 1000000000."),
        ("destconfig new a.example --minutes 5", 1, "--minutes: there is no recipient limit; give --recipients too."),
        (
            "destconfig new a.example --bounce-profile X",
            1,
            '--bounce-profile: "X" is not accepted; it takes Default or ',
        ),
        ("destconfig edit default --tls no", 1, "The default entry is changed with DEFAULT."),
        ("destconfig delete default", 1, "The default entry cannot be deleted; change it with DEFAULT."),
        ("destconfig delete 7", 1, "There is no entry number 7; there are none besides the default entry."),
        ("destconfig detail nobody.example", 1, 'There is no entry for "nobody.example"; LIST shows the entries.'),
        ("destconfig default --dane mandatory", 1, "DANE is Mandatory, but TLS is No: "),
        ("help destcnofig", 2, 'There is no command "destcnofig"; did you mean destconfig?'),
        ("help zzzzzz", 2, 'There is no command "zzzzzz"; help lists the commands.'),
        ("version --short", 2, '"--short" is not expected here; end the line before it.'),
        ('commit "' + "x" * 1001 + '"', 1, "Enter at most 1000 characters."),
        ('commit "a\x1bb"', 1, "Control characters are not accepted."),
        ("sethostname mx", 1, '"mx" is not a valid host name: it has only one label'),
        ("sethostname mx.example --force", 2, '"--force" is not expected here; end the line before it.'),
        ("clear maybe", 1, "There are no uncommitted changes."),
        ("exit now", 2, '"now" is not expected here; end the line before it.'),
        ("\x1b[A", 2, "Unknown command or missing feature key: \\x1b[A"),
        ("\u202e" * 100, 2, "Unknown command or missing feature key: \\u202e"),
        ("destconfig new \u202ea.example --tls no", 1, '"\\u202ea.example" is not a valid domain name: '),
        ("x" * 1_000_000, 2, "Unknown command or missing feature key: xxxx"),
        ("destconfig new " + "x." * 500_000 + "example --tls no", 1, "it is longer than 253 characters."),
        ('commit "', 2, "The quotation mark at column 8 is not closed."),
    ],
)
def test_a_wrong_line_gets_a_sentence_and_a_status_and_changes_nothing(
    person: Any, line: str, status: int, sentence: str
) -> None:
    someone = person()
    shown = someone.type(line)
    assert sentence in shown
    assert (someone.status == status) or line == "clear maybe"
    assert not someone.session.staging.dirty
    assert len(shown) < 700
    assert all(part.isprintable() for part in shown.split("\n"))


def broken(commands: dict[str, Command], monkeypatch: pytest.MonkeyPatch, raising: Exception) -> dict[str, Command]:
    async def toy(session: Session, terminal: Terminal) -> None:
        session.staged = session.staged.with_destinations(send_tls_alert=True)
        raise raising

    module = ModuleType("toys")
    module.toy = toy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "toys", module)
    return {**commands, "toy": Command("toy", "toys:toy", "Fail.", "Toys")}


def test_an_error_that_nobody_foresaw_is_one_line_undone_and_noted(
    person: Any, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = person(folder=disk, commands=broken(COMMANDS, monkeypatch, ValueError("secret text")))
    shown = someone.type("toy")
    assert shown == (
        "Internal error (ValueError); what the command staged is undone. Where it happened is in logs/errors.\n"
    )
    assert not someone.session.staging.dirty
    log = (disk.read("logs/errors") or b"").decode()
    assert "test_session.py" in log
    assert "secret text" not in log


def test_a_full_disk_is_one_line_and_the_work_stays(person: Any, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = person(folder=disk)
    someone.type("destconfig new a.example --tls required")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "config.toml")

    monkeypatch.setattr(disk, "write", full)
    shown = someone.type('commit "x"')
    assert shown == (
        "The appliance directory cannot be used: No space left on device (config.toml). "
        "Nothing of this command was kept; what was staged before is still staged.\n"
    )
    monkeypatch.undo()
    assert "Changes committed" in someone.type('commit "x"')
    assert b"a.example" in (disk.read(CONFIG) or b"")


def test_a_conflict_is_said_with_both_values(person: Any) -> None:
    folder = Memory()
    ours, theirs = person(folder=folder, user="ours"), person(folder=folder, user="theirs")
    ours.type("destconfig default --tls required")
    theirs.type("destconfig default --tls preferred")
    theirs.type('commit "theirs"')
    assert ours.type('commit "ours"') == (
        'destinations.default.tls: you staged "required", but theirs committed "preferred" (revision 3).\n'
    ).replace("revision 3", "revision 2")
    assert ours.session.staging.dirty


def converse(person: Any, *lines: str, folder: Any = None) -> str:
    someone = person(folder=folder)
    running = someone.session.converse(someone.terminal)
    shown: list[str] = []
    someone.terminal._sink = lambda parts: shown.extend(parts)
    try:
        question = running.send(None)
        for line in lines:
            shown += [question.text, question.prompt, line, "\n"]
            question = running.send(line)
        shown += [question.text, question.prompt]
    except StopIteration:
        shown.append("(ended)")
    return "".join(shown)


def test_the_prompt_is_the_committed_host_name(person: Any) -> None:
    shown = converse(person, "sethostname mx.example.com", 'commit "n"', "exit")
    assert [line.split("> ")[0] for line in shown.split("\n") if "> " in line] == [
        "mail.example.com", "mail.example.com", "mx.example.com",
    ]  # fmt: skip


def test_a_broken_hand_edit_is_said_before_the_next_prompt(person: Any, disk: Disk) -> None:
    someone = person(folder=disk)
    someone.type("version")
    running = someone.session.converse(someone.terminal)
    running.send(None)
    Path(disk.path, CONFIG).write_text("hostname = 5\n")
    someone._shown.clear()
    running.send("")
    assert "".join(someone._shown) == (
        "config.toml was edited and cannot be taken in:\nline 1: hostname: must be a text in quotes, not 5\n"
    )
    running.close()


def test_what_two_terminals_of_one_user_stage_is_one_work(person: Any, disk: Disk) -> None:
    one, two = person(folder=disk), person(folder=disk)
    one.type("destconfig new one.example --tls required")
    two.type("destconfig new two.example --tls required")
    one.session.staging.refresh()
    assert sorted(domains(one)) == ["one.example", "two.example"]


def test_a_question_mark_at_the_prompt_is_help(person: Any) -> None:
    assert person().type("?") == person().type("help")
