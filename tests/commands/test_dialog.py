"""The words of a dialog: what is shown, what is accepted, what a wrong answer gets."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

from commands import answers, dialog
from commands.command import Command
from commands.session import Session
from commands.terminal import Terminal

Ask = Callable[..., str]


@pytest.fixture
def ask(person: Any, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that runs one dialog word as a command and gives back all that was shown."""

    def run(word: Callable[[Terminal], Awaitable[object]], *answers: str, line: str = "toy") -> str:
        async def toy(session: Session, terminal: Terminal) -> None:
            terminal.say(f"= {await word(terminal)!r}")

        module = ModuleType("toys")
        module.toy = toy  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "toys", module)
        someone = person(commands={"toy": Command("toy", "toys:toy", "Ask.", "Toys")})
        shown: str = someone.type(line, *answers)
        return shown

    return run


def last(shown: str) -> str:
    return shown.rstrip("\n").split("\n")[-1]


def test_yes_no_stands_on_one_line(ask: Ask) -> None:
    assert ask(lambda t: dialog.yes_no(t, "Do you wish to?", default=True), "") == "\nDo you wish to? [Y]> \n= True\n"
    assert ask(lambda t: dialog.yes_no(t, "Do you wish to?", default=False), "") == "\nDo you wish to? [N]> \n= False\n"


@pytest.mark.parametrize(
    ("typed", "meant"), [("y", True), ("Y", True), ("yes", True), ("YES", True), ("n", False), (" No ", False)]
)
def test_yes_no_is_read_in_any_case(ask: Ask, typed: str, meant: bool) -> None:
    assert last(ask(lambda t: dialog.yes_no(t, "?", default=not meant), typed)) == f"= {meant}"


@pytest.mark.parametrize("typed", ["ja", "0", "yy", "true", "Y N"])
def test_another_answer_to_yes_no_is_asked_again(ask: Ask, typed: str) -> None:
    shown = ask(lambda t: dialog.yes_no(t, "Go?", default=True), typed, "n")
    assert shown == f"\nGo? [Y]> {typed}\nEnter Y or N.\n\nGo? [Y]> n\n= False\n"


def choose(terminal: Terminal) -> Awaitable[int]:
    return dialog.choose(terminal, ("No", "Preferred", "Required"), default=1, above="Use TLS?")


def test_a_choice_shows_question_and_numbered_lines(ask: Ask) -> None:
    assert ask(choose, "") == "\nUse TLS?\n1. No\n2. Preferred\n3. Required\n[2]> \n= 1\n"


@pytest.mark.parametrize(("typed", "index"), [("1", 0), ("3", 2), ("required", 2), ("NO", 0), ("02", 1)])
def test_a_choice_takes_number_or_text(ask: Ask, typed: str, index: int) -> None:
    assert last(ask(choose, typed)) == f"= {index}"


@pytest.mark.parametrize("typed", ["0", "4", "-1", "1.5", "requ", "1,2", "١", "9" * 5000])
def test_another_choice_is_refused(ask: Ask, typed: str) -> None:
    assert "\nEnter a number from 1 to 3.\n\nUse TLS?\n" in ask(choose, typed, "1")


def test_the_question_may_stand_under_the_list(ask: Ask) -> None:
    shown = ask(lambda t: dialog.choose(t, ("a", "b"), default=None, below="Which one:"), "", "2")
    assert (
        shown == "\n1. a\n2. b\nWhich one:\n[]> \nEnter a number from 1 to 2.\n\n1. a\n2. b\nWhich one:\n[]> 2\n= 1\n"
    )


def several(terminal: Terminal) -> Awaitable[list[int]]:
    return dialog.choose_many(terminal, tuple("abcdefghi"), default=(0,), above="Which?")


@pytest.mark.parametrize(
    ("typed", "indexes"),
    [("", [0]), ("2,9", [1, 8]), (" 9 , 2 ", [1, 8]), ("1-3", [0, 1, 2]), ("3,1-2,2", [0, 1, 2]), ("7 - 9", [6, 7, 8])],
)
def test_several_choices(ask: Ask, typed: str, indexes: list[int]) -> None:
    assert last(ask(several, typed)) == f"= {indexes}"


@pytest.mark.parametrize("typed", ["0", "10", "3-1", "1-10", "1,,2", "a", "1;2", ",", "1-2-3", "-"])
def test_several_choices_refused(ask: Ask, typed: str) -> None:
    assert "Enter numbers from 1 to 9, separated by commas.\n" in ask(several, typed, "1")


@pytest.mark.parametrize(("typed", "value"), [("", 500), ("0", 0), ("1000", 1000), ("007", 7)])
def test_a_number(ask: Ask, typed: str, value: int) -> None:
    assert last(ask(lambda t: dialog.number(t, "How many?", 0, 1000, 500), typed)) == f"= {value}"


@pytest.mark.parametrize("typed", ["-1", "1001", "1.0", "1e3", "five", "١٢", "1_000", "9" * 10_000])
def test_another_number_is_refused(ask: Ask, typed: str) -> None:
    shown = ask(lambda t: dialog.number(t, "How many?", 0, 1000, 500), typed, "5")
    assert "\nEnter a whole number from 0 to 1000.\n\nHow many?\n[500]> 5\n" in shown


def test_a_number_without_a_default_is_required(ask: Ask) -> None:
    shown = ask(lambda t: dialog.number(t, "How many?", 1, 9, None), "", "3")
    assert shown == "\nHow many?\n[]> \nA value is required.\n\nHow many?\n[]> 3\n= 3\n"


def test_a_text_shows_its_default_and_takes_it(ask: Ask) -> None:
    assert ask(lambda t: dialog.text(t, "Name?", answers.free_text, default="x y"), "") == "\nName?\n[x y]> \n= 'x y'\n"
    assert last(ask(lambda t: dialog.text(t, "Name?", answers.free_text, required=False), "")) == "= ''"
    assert "A value is required." in ask(lambda t: dialog.text(t, "Name?", answers.free_text), " ", "x")
    assert "at most 1000" in ask(lambda t: dialog.text(t, "Name?", answers.free_text), "x" * 1001, "x")


@pytest.mark.parametrize("typed", ["\x1b[A", "a\x00b", "\x7f", "\x9b31m", "a\u2028b", "\udcff"])
def test_control_characters_are_refused_and_never_repeated(ask: Ask, typed: str) -> None:
    shown = ask(lambda t: dialog.text(t, "Name?", answers.free_text), typed, "x")
    assert "\nControl characters are not accepted.\n\nName?\n[]> x\n" in shown


def test_a_new_name_is_not_taken_yet(ask: Ask) -> None:
    shown = ask(lambda t: dialog.new_name(t, "Name?", ["Default"]), "Default", "-", "Patient")
    assert '"Default" already exists; enter another name.\n' in shown
    assert '"-" is not a valid name: ' in shown
    assert last(shown) == "= 'Patient'"


def test_a_secret_is_asked_twice_where_it_is_set(ask: Ask) -> None:
    shown = ask(lambda t: dialog.secret(t, "Pass phrase:", str, twice=True), "", "one", "two", "three", "three")
    assert "A value is required.\n" in shown
    assert "The two are not the same.\n" in shown
    assert last(shown) == "= 'three'"


def test_a_paste_takes_every_line_up_to_the_dot(ask: Ask) -> None:
    shown = ask(lambda t: dialog.paste(t, "Paste it (end with '.'):", str), "a", "", " ..", "?", ".")
    assert shown.startswith("\nPaste it (end with '.'):\n")
    assert last(shown) == "= 'a\\n\\n ..\\n?'"


def test_a_question_mark_explains_and_asks_again(ask: Ask) -> None:
    shown = ask(choose, "?", "1")
    assert "\nThe number or the text of one of these.\n  1  No\n  2  Preferred\n  3  Required\n\nUse TLS?\n" in shown


def test_a_word_ahead_is_not_printed_again(ask: Ask) -> None:
    assert ask(choose, line="toy 3") == "= 2\n"
    assert ask(choose, line='toy -> ""') == "= 1\n"


def test_a_wrong_word_ahead_refuses_the_line(ask: Ask) -> None:
    assert ask(choose, line="toy -> 4") == "\"4\" does not answer 'Use TLS?': Enter a number from 1 to 3.\n"
    assert ask(choose, line="toy 3 more") == '= 2\n"more" is not expected here; end the line before it.\n'


@pytest.mark.parametrize("key", ["^C", "^D"])
@pytest.mark.parametrize(
    "word",
    [
        choose,
        several,
        lambda t: dialog.yes_no(t, "?", default=True),
        lambda t: dialog.number(t, "?", 1, 9, None),
        lambda t: dialog.text(t, "?", answers.free_text),
        lambda t: dialog.secret(t, "?", str),
        lambda t: dialog.paste(t, "?", str),
    ],
)
def test_every_question_can_be_left(ask: Ask, word: Any, key: str) -> None:
    assert ask(word, key).endswith(f"{key}\nCommand cancelled.\n")


def test_a_secret_is_not_taken_from_the_line_and_a_question_mark_explains_it(ask: Ask) -> None:
    shown = ask(lambda t: dialog.secret(t, "Pass phrase:", str), "?", "hush")
    assert "What you type is not shown; Ctrl-C abandons the command.\n\nPass phrase:\n" in shown
    refused = ask(lambda t: dialog.secret(t, "Pass phrase:", str), line="toy hush")
    assert refused.startswith("A secret is not taken from the line")


def test_a_question_mark_explains_a_paste_before_its_first_line(ask: Ask) -> None:
    shown = ask(lambda t: dialog.paste(t, "Paste it:", str), "?", "a", "?", ".")
    assert shown.count("Lines, and then a line with only a dot.") == 1
    assert last(shown) == "= 'a\\n?'"
