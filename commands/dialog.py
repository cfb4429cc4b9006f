"""The words of a dialog: what a command asks, how an answer is read, what a wrong one gets.

Every word asks until the answer is good: a wrong one gets one line that says what is wrong and what is
accepted, and the same question again. A wrong word that was typed ahead refuses the whole line.
"""

from __future__ import annotations

import re
from functools import partial

from commands.answers import (
    REQUIRED,
    NotAccepted,
    OfAnotherKind,
    keyword,
    named,
    read_choice,
    read_choices,
    read_new_name,
    read_number,
    read_yes_no,
    refuse_control_characters,
)
from commands.registry import load
from commands.terminal import Choice, Question, Refused, Terminal
from state.wording import printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import TypeVar

    from commands.session import Session

    T = TypeVar("T")


MOST_EXPLAINED = 50
"""Answers that `?` lists; of more it tells how many others there are."""

LONGEST_PASTE = 8 * 1024 * 1024
"""Characters of a pasted text."""


class Operation:
    """One entry of an operations menu: the keyword, its sentence, and what it runs.

    What is rarely used may be a "module:function", imported when it is chosen.
    """

    __slots__ = ("function", "keyword", "sentence")

    def __init__(self, keyword: str, sentence: str, function: Callable[..., Awaitable[None]] | str) -> None:
        self.keyword = keyword
        self.sentence = sentence
        self.function = function

    async def run(self, session: Session, terminal: Terminal, *about: object) -> None:
        """Run the operation's dialog; `about` names what its menu is about."""
        function = load(self.function) if isinstance(self.function, str) else self.function
        await function(session, terminal, *about)


def say(terminal: Terminal, *parts: str) -> None:
    """Print a block of output under a blank line."""
    terminal.say("")
    terminal.say(*parts)


async def menu(
    session: Session,
    terminal: Terminal,
    operations: Sequence[Operation],
    state: Callable[[Session], Iterable[str]] = lambda session: (),
    offered: Callable[[Session, Operation], bool] = lambda session, operation: True,
    about: tuple[object, ...] = (),
) -> None:
    """Show state lines and the operations, run what is chosen, until Enter leaves.

    After each operation the staged work is kept, so that a lost connection loses no finished operation.

    Args:
        session: whose.
        terminal: where to ask.
        operations: all that the menu can have.
        state: the lines above it.
        offered: whether an operation is shown now (ENABLE or DISABLE).
        about: what each operation's function gets behind the terminal: the object that the menu is about, or its name.
    """

    def question(above: str, now: Sequence[Operation]) -> Question:
        lines = "".join(f"- {operation.keyword} - {operation.sentence}\n" for operation in now)
        return Question(
            "[]> ",
            f"{above}\nChoose the operation you want to perform:\n{lines}",
            choices=lambda: [Choice(operation.keyword, operation.sentence) for operation in now],
            hint="Type a keyword or its beginning; Enter goes back.",
        )

    while True:
        now = [operation for operation in operations if offered(session, operation)]
        keywords = {operation.keyword: operation for operation in now}
        again = question("", now)
        shown = "".join(f"{line}\n" for line in state(session))
        first = question(f"\n{shown}", now) if shown else again
        chosen = await _answer(terminal, first, partial(_keyword_or_nothing, keywords), again)
        if not chosen:
            return
        await keywords[chosen].run(session, terminal, *about)
        session.finish_operation()


def _keyword_or_nothing(keywords: Iterable[str], answer: str) -> str:
    return answer and keyword(answer, keywords)


async def yes_no(terminal: Terminal, question: str, default: bool, above: str = "", gap: bool = True) -> bool:
    """Ask a question on one line, `... [Y]> `.

    Args:
        terminal: where to ask.
        question: the question.
        default: what Enter takes.
        above: lines that lead to it.
        gap: whether a blank line stands before it.
    """
    return await _answer(
        terminal,
        Question(
            f"{question} [{'Y' if default else 'N'}]> ",
            f"\n{above}" if gap else above,
            choices=lambda: [Choice("Y", "Yes"), Choice("N", "No")],
            hint="Y or N; Enter takes the one in brackets.",
        ),
        lambda answer: read_yes_no(answer, default),
    )


async def choose(
    terminal: Terminal,
    options: Sequence[str],
    default: int | None,
    above: str = "",
    below: str = "",
    check: Callable[[int], None] = lambda index: None,
) -> int:
    """Ask for one of numbered options and return its index, counted from 0.

    Args:
        terminal: where to ask.
        options: their texts; the number or the text is accepted.
        default: index of the option that Enter takes.
        above: lines over the list, the question among them.
        below: the question, where it stands under the list.
        check: raises `NotAccepted` for an option that cannot be taken now.
    """
    listing = _numbered(options)
    shown = f"\n{above}\n{listing}" if above else f"\n{listing}"

    def read(answer: str) -> int:
        index = read_choice(answer, options, default)
        check(index)
        return index

    return await _answer(
        terminal,
        Question(
            _bracket(None if default is None else default + 1),
            shown + (f"{below}\n" if below else ""),
            choices=lambda: _number_choices(options),
            hint="The number or the text of one of these.",
        ),
        read,
    )


async def choose_many(terminal: Terminal, options: Sequence[str], default: Sequence[int], above: str = "") -> list[int]:
    """Ask for several numbered options, `1,3` or `2-4`, and return their indexes in ascending order."""
    return await _answer(
        terminal,
        Question(
            _bracket(",".join(str(index + 1) for index in default) or None),
            (f"\n{above}\n" if above else "\n") + _numbered(options),
            choices=lambda: _number_choices(options),
            hint="Numbers separated by commas; 1-3 means 1, 2 and 3.",
        ),
        lambda answer: read_choices(answer, len(options), default),
    )


async def number(terminal: Terminal, question: str, low: int, high: int, default: int | None) -> int:
    """Ask for a whole number within bounds, both included."""
    return await _answer(
        terminal,
        Question(_bracket(default), f"\n{question}\n", hint=f"A whole number from {low} to {high}."),
        lambda answer: read_number(answer, low, high, default),
    )


async def text(
    terminal: Terminal,
    question: str,
    read: Callable[[str], T],
    default: str | None = None,
    required: bool = True,
    choices: Callable[[], Iterable[Choice]] | None = None,
    hint: str = "A line of text.",
    brackets: bool = True,
) -> T:
    """Ask for a line of text and return what `read` makes of it.

    Args:
        terminal: where to ask.
        question: the lines over the prompt; "" for none.
        read: turns the answer into a value; raises `NotAccepted`.
        default: what Enter takes, shown in the brackets.
        required: whether an empty answer is refused where there is no default.
        choices: what Tab completes.
        hint: what `?` says.
        brackets: whether the prompt is `[]> `; a few documented questions have `> `.
    """

    def reading(answer: str) -> T:
        answer = answer or default or ""
        if required and not answer:
            raise OfAnotherKind(REQUIRED)
        return read(answer)

    above = f"\n{question}\n" if question else "\n"
    prompt = _bracket(default) if brackets else "> "
    return await _answer(terminal, Question(prompt, above, choices=choices, hint=hint), reading)


async def domain(terminal: Terminal, question: str, check: Callable[[str], None] = lambda name: None) -> str:
    """Ask for a destination domain and return it as it is stored; `check` may raise `NotAccepted`."""
    from state.names import destination_domain

    def read(answer: str) -> str:
        name = named(answer, destination_domain, "domain name")
        check(name)
        return name

    return await text(
        terminal, question, read=read, hint="A domain, a partial domain like .example.com, or [10.0.0.1]."
    )


async def full_host_name(terminal: Terminal, question: str, default: str) -> str:
    """Ask for a host name and return it as it is stored."""
    from state.names import host_name

    return await text(
        terminal,
        question,
        default=default,
        read=lambda answer: named(answer, host_name, "host name"),
        hint="A full host name like mail.example.com.",
    )


async def new_name(terminal: Terminal, question: str, taken: Iterable[str]) -> str:
    """Ask for the name of something new that has a name of its own."""
    known = set(taken)
    return await text(
        terminal, question, read=lambda answer: read_new_name(answer, known), hint="A name that is not taken yet."
    )


async def secret(
    terminal: Terminal,
    question: str,
    read: Callable[[str], T],
    twice: bool = False,
    required: bool = True,
) -> T:
    """Ask for a secret and return what `read` makes of it; nothing is echoed.

    Args:
        terminal: where to ask.
        question: the line above it.
        read: turns it into a value; raises `NotAccepted`, and the question is asked again.
        twice: ask again, until both are the same; an empty answer is not asked for again.
        required: whether an empty answer is refused.
    """
    if terminal.ahead:
        raise Refused("A secret is not taken from the line, where everybody sees it; it is asked for without echo.")
    asked = Question(
        "", f"\n{question}\n", kind="hidden", hint="What you type is not shown; Ctrl-C abandons the command."
    )
    while True:
        typed = await terminal.ask(asked)
        if typed == "?":
            _explain(terminal, asked)
            continue
        if required and not typed:
            terminal.say_error(REQUIRED)
            continue
        try:
            value = read(typed)
        except NotAccepted as error:
            terminal.say_error(str(error))
            continue
        if not twice or not typed or typed == await terminal.ask(Question("", "\nEnter it again:\n", kind="hidden")):
            return value
        terminal.say_error("The two are not the same.")


async def paste(terminal: Terminal, question: str, read: Callable[[str], T]) -> T:
    """Ask for lines up to one that holds only `.`, and return what `read` makes of them, joined by newlines.

    Where `read` raises `NotAccepted` the question is asked again.
    """
    asked = Question("", f"\n{question}\n", kind="paste", hint="Lines, and then a line with only a dot.")
    more = Question("", "", kind="paste")
    while True:
        lines: list[str] = []
        size = 0
        shown = True
        while (line := await terminal.ask(asked if shown else more)) != ".":
            if shown and line.strip() == "?":
                _explain(terminal, asked)
                continue
            size += len(line) + 1
            if size <= LONGEST_PASTE:
                lines.append(line)
            shown = False
        try:
            if size > LONGEST_PASTE:
                raise NotAccepted(f"That is more than {LONGEST_PASTE >> 20} MiB; nothing of it was taken.")
            return read("\n".join(lines))
        except NotAccepted as error:
            terminal.say_error(str(error))


async def _answer(terminal: Terminal, question: Question, read: Callable[[str], T], again: Question | None = None) -> T:
    """Ask until the answer can be read; `again` is the question after a wrong answer, where it is shorter."""
    while True:
        ahead = bool(terminal.ahead)
        typed = await terminal.ask(question)
        question = again or question
        if typed.strip() == "?":
            _explain(terminal, question)
            continue
        try:
            refuse_control_characters(typed)
            return read(typed.strip())
        except NotAccepted as error:
            if ahead:  # the question was not shown
                asked = printable(re.sub(r" \[[YN]\]>$|[.:]$", "", question.asked))
                where = f"{quoted(typed)} does not answer '{asked}': "
                raise Refused(f"{where if isinstance(error, OfAnotherKind) else ''}{error}") from None
            terminal.say_error(str(error))


def _explain(terminal: Terminal, question: Question) -> None:
    """Print what `?` asks for: the hint, and the answers with their sentences."""
    say(terminal, question.hint)
    choices = list(question.choices()) if question.choices else []
    shown = choices[:MOST_EXPLAINED]
    width = max((len(choice.word) for choice in shown), default=0)
    for choice in shown:
        terminal.say(f"  {choice.word.ljust(width)}  {choice.sentence}".rstrip())
    if len(choices) > len(shown):
        terminal.say(f"  and {len(choices) - len(shown)} more; Tab completes them.")


def _bracket(default: object) -> str:
    return f"[{'' if default is None else default}]> "


def _numbered(options: Sequence[str]) -> str:
    return "".join(f"{index}. {option}\n" for index, option in enumerate(options, 1))


def _number_choices(options: Sequence[str]) -> list[Choice]:
    return [Choice(str(index), option) for index, option in enumerate(options, 1)]
