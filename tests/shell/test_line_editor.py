"""What a menu of completions offers where more begins so than a person can read."""

from __future__ import annotations

from commands.terminal import Choice
from shell.line_editor import MOST_CHOICES, fewer


def test_of_many_names_a_menu_has_some_and_what_all_have_in_common() -> None:
    names = [f"mail-{number:05}.example" for number in range(9_000)] + ["mail.example", "mail-a.example"]
    shown = [choice.word for choice in fewer([Choice(name) for name in names])]
    assert len(shown) == MOST_CHOICES == len(set(shown))
    assert {*shown} <= {*names}
    assert not all(name.startswith("mail-") for name in shown)  # else Tab would insert a letter too many


def test_what_is_left_out_is_counted() -> None:
    assert fewer([Choice(str(number)) for number in range(1_000)])[-1].sentence == "and 700 more: type another letter"


def test_few_are_all_offered() -> None:
    choices = [Choice("a"), Choice("b")]
    assert fewer(choices) == choices
