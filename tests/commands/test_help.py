"""help: every command has a page, the page is true, and the manual is what help prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commands import manual
from commands.registry import COMMANDS
from commands.rule_texts import RULES
from shell.transcript.appliance import open_appliance
from shell.transcript.parse import parse
from shell.transcript.play import play
from shell.transcript.report import Mismatch
from tests.conftest import Person

ROOT = Path(__file__).parents[2]
EXAMPLES = [(name, number) for name in COMMANDS for number in range(len(manual.page(name).examples))]


def test_there_is_a_page_for_every_command_and_topic_and_no_other() -> None:
    pages = {path.stem for path in (ROOT / "commands" / "pages").iterdir()}
    assert pages == {*COMMANDS, *manual.TOPICS}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_says_what_the_command_is_for_and_names_only_what_there_is(name: str) -> None:
    command, written = COMMANDS[name], manual.page(name)
    assert len(written.purpose.split()) >= 10
    assert list(written.sections) == [heading for heading in manual.SECTIONS if heading in written.sections]
    assert {*command.related} <= {*COMMANDS}
    assert {*command.rules} <= {*RULES}
    assert written.examples or name in ("exit", "version")
    stored = any("stored only" in option.sentence for form in command.forms for option in form.options)
    assert not stored or "Stored only" in written.sections


@pytest.mark.parametrize(("name", "number"), EXAMPLES)
def test_an_example_plays(name: str, number: int) -> None:
    outcome = play(parse(f"# {name}\n{manual.page(name).examples[number]}", f"{name}.md"), open_appliance)
    assert not isinstance(outcome, Mismatch), str(outcome)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("width", [40, 80, None])
def test_help_fits_the_screen_and_says_everything(person: Callable[..., Person], name: str, width: int | None) -> None:
    shown = person(width=width).type(f"help {name}")
    command = COMMANDS[name]
    prose = shown.partition("\nExamples:\n")[0]
    assert max(map(len, prose.splitlines())) <= (width or 80)
    together = " ".join(shown.split())
    for form in command.forms:
        assert form.sentence in together
        for option in form.options:
            assert f"--{option.name} " in together
            assert option.sentence in together
    for keyword, sentence in manual.entries(command):
        assert f"{keyword} " in shown
        assert sentence in together


def test_the_manual_in_the_repository_is_what_help_prints(person: Callable[..., Person]) -> None:
    assert (ROOT / "MANUAL.md").read_text() == person().type("help --markdown")


def test_the_list_has_every_command_under_its_area(person: Callable[..., Person]) -> None:
    shown = person(width=80).type("help")
    for command in COMMANDS.values():
        area = shown.index(f"\n{command.area}:\n")
        assert shown.index(f"\n  {command.name} ") > area
    assert max(map(len, shown.splitlines())) <= 80


def test_a_topic_and_what_is_neither(person: Callable[..., Person]) -> None:
    assert "Ctrl-C abandons the command" in person().type("help prompt")
    assert person().type("help promt") == 'There is no command "promt"; did you mean prompt?\n'
