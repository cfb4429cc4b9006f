"""The table of commands: sorted, complete, and every function takes what its form gives."""

from __future__ import annotations

import inspect

import pytest

from commands.command import Command, Form
from commands.registry import COMMANDS, find, load

FORMS = [(command, form) for command in COMMANDS.values() for form in command.forms]


def test_the_table_is_sorted_and_names_are_unique() -> None:
    assert list(COMMANDS) == sorted(COMMANDS)
    aliases = [command.alias for command in COMMANDS.values() if command.alias]
    assert not set(aliases) & set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_has_an_async_function_and_a_sentence(command: Command) -> None:
    function = load(command.function)
    assert inspect.iscoroutinefunction(function)
    assert list(inspect.signature(function).parameters) == ["session", "terminal"]
    assert command.summary.endswith(".")


@pytest.mark.parametrize(
    ("command", "form"), FORMS, ids=lambda part: getattr(part, "name", None) or " ".join(part.words)
)
def test_a_batch_form_fits_its_function(command: Command, form: Form) -> None:
    function = load(form.function)
    values = ["x" for word in form.words if word.isupper()]
    options = {option.name.replace("-", "_"): "x" for option in form.options}
    inspect.signature(function).bind("session", "terminal", *values, **options)
    assert form.sentence.endswith(".")
    for option in form.options:
        assert option.sentence.endswith(".")


def test_a_command_is_found_by_name_and_alias_in_any_case() -> None:
    assert find("QUIT") is COMMANDS["exit"]
    assert find("nothing") is None
