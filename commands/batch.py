"""A line that fits a batch form of its command: recognized, read, and run without a question."""

from __future__ import annotations

from commands.answers import NotAccepted, read_number
from commands.command import Command, Flag, Form, Option
from commands.terminal import Refused, WrongUse
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Call:
    """A batch form with the values of a line."""

    __slots__ = ("form", "options", "values")

    def __init__(self, form: Form, values: list[str], options: dict[str, object]) -> None:
        self.form = form
        self.values = values
        self.options = options


def batch_call(command: Command, words: Sequence[str]) -> Call | None:
    """Return the batch form that a line's words fit, with their values; None where they are type-ahead.

    Raises:
        WrongUse: there are options, but no form takes them so.
        Refused: an option's value is not accepted.
    """
    if command.forms:
        plain, rest = _split(command, words)
        for form in command.forms:
            if _words_fit(form, plain) and (bool(rest) == bool(form.options or form.flags) or form.complete(rest)):
                return Call(
                    form, [w for w, part in zip(plain, form.words, strict=True) if part.isupper()], _read(form, rest)
                )
        if rest:
            _refuse_options(command, plain, rest)
    return None


def _split(command: Command, words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the words of a line and the options behind them; letters are written out as the flags that they mean."""
    letters = {flag.short: f"--{flag.name}" for form in command.forms for flag in form.flags if flag.short}
    if not letters:
        first = next((index for index, word in enumerate(words) if word.startswith("--")), len(words))
        return words[:first], words[first:]
    plain: list[str] = []
    rest: list[str] = []
    remaining = list(words)
    while remaining and not remaining[0].startswith("--"):
        word = remaining.pop(0)
        named = word[1:].removesuffix("e") if word[:1] == "-" else ""
        if word[:1] == "-" and word[1:] and set(named) <= letters.keys():
            rest += [letters[letter] for letter in named]
            if word.endswith("e") and remaining:
                plain.append(remaining.pop(0))
        elif word[:1] == "-" and word[1:]:
            known = listed([f"-{letter}" for letter in (*letters, "e")], "and")
            raise WrongUse(f"{quoted(word)} is not an option here; there are {known}. -e comes before a value like it.")
        else:
            plain.append(word)
    return plain, [*rest, *remaining]


def _words_fit(form: Form, words: Sequence[str]) -> bool:
    return len(words) == len(form.words) and all(
        part.isupper() or word.lower() == part for word, part in zip(words, form.words, strict=True)
    )


def _read(form: Form, words: Sequence[str]) -> dict[str, object]:
    known: dict[str, Option | Flag] = {option.name: option for option in form.options}
    known.update({flag.name: flag for flag in form.flags})
    optional = [flag for flag in form.flags if flag.optional]
    read: dict[str, object] = {}
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        option = known.get(name.lower()) if word.startswith("--") else None
        if option is None:
            raise WrongUse(_unknown(word, known))
        if option.name in read:
            raise WrongUse(f"--{option.name} is given twice.")
        if isinstance(option, Flag):
            if equals:
                raise WrongUse(f"--{option.name} takes no value.")
            read[option.name] = True
            continue
        if not equals:
            if not remaining or remaining[0].startswith("--"):
                named = isinstance(option.values, str)
                what = f", {option.values}: {option.sentence}" if named else f": {_accepted(option)}."
                raise WrongUse(f"--{option.name} needs a value{what}")
            value = remaining.pop(0)
        read[option.name] = _value(option, value)
    for flag in form.flags:
        if flag.name not in read and not flag.optional:
            raise WrongUse(f"--{flag.name} is needed here.")
    handed = [name for name in read if isinstance(known[name], Option) or known[name] in optional]
    return {name.replace("-", "_"): read[name] for name in handed}


def _value(option: Option, typed: str) -> object:
    if isinstance(option.values, str):
        return typed
    low, high = option.values[0], option.values[-1]
    if isinstance(low, int) and isinstance(high, int):
        if typed.lower() in option.also:
            return typed.lower()
        try:
            return read_number(typed, low, high)
        except NotAccepted as error:
            also = f", or {listed(option.also)}." if option.also and typed else "."
            raise Refused(f"--{option.name}: {str(error).removesuffix('.')}{also}") from None
    if typed.lower() not in option.values:
        raise Refused(f"--{option.name}: {quoted(typed)} is not accepted; it takes {_accepted(option)}.")
    return typed.lower()


def _accepted(option: Option) -> str:
    if isinstance(option.values, str):
        return option.values
    if isinstance(option.values[0], int):
        return listed([f"a whole number from {option.values[0]} to {option.values[1]}", *option.also])
    return listed([str(word) for word in option.values])


def _unknown(word: str, known: dict[str, Option | Flag]) -> str:
    if not word.startswith("--"):
        return f"{quoted(word)} is not expected here; options begin with --."
    near = nearest(word.lower().removeprefix("--"), known)
    hint = f"did you mean --{near}?" if near else "it takes " + listed([f"--{name}" for name in known], "and") + "."
    return f"{quoted(word)} is not an option here; {hint}"


def refuse_words(command: Command, words: Sequence[str]) -> None:
    """Say which forms there are, where words follow a command that asks nothing and fit none of them.

    Raises:
        WrongUse: always.
    """
    raise WrongUse(f"{quoted(' '.join(words))} does not fit here. Batch forms: {_forms(command, command.forms)}.")


def _refuse_options(command: Command, plain: Sequence[str], rest: Sequence[str]) -> None:
    """Say which forms there are, where a line has options that its words take none of."""
    same = [form for form in command.forms if form.words and plain and form.words[0] == plain[0].lower()]
    keywords = [form.words[0] for form in command.forms if form.words and not form.words[0].isupper()]
    if keywords and not same:
        before = f"{listed(keywords)} comes before it; 'help {command.name}' explains them"
        raise WrongUse(f"{quoted(rest[0])} does not fit here; {before}.")
    raise WrongUse(f"{quoted(rest[0])} does not fit here. Batch forms: {_forms(command, same or command.forms)}.")


def _forms(command: Command, forms: Iterable[Form]) -> str:
    """Return how batch forms are typed, in a row."""
    return "; ".join(
        " ".join(
            (
                command.name,
                *form.words,
                *(f"--{flag.name}" for flag in form.flags),
                *_options_shown(form),
            )
        )
        for form in forms
    )


def _options_shown(form: Form) -> Sequence[str]:
    if len(form.options) == 1:
        return (f"--{form.options[0].name} {form.options[0].accepted}",)
    return ("--OPTION VALUE",) if form.options else ()
