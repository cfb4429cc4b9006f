"""Who types in the fuzz test: answers that a question offers, batch forms of the registry, and hostile ones.

What is valid is taken from what an operator is told: choices, the default in the brackets, bounds and examples
in the hint, the kind of value that hint and question name. A new command is typed into by the same rules.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

from commands.completion import completions
from commands.terminal import Cancelled, Disconnected, EndOfInput, StillAsks

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from typing import Protocol, TypeVar

    from hypothesis.strategies import SearchStrategy

    from commands.command import Command, Form, Option
    from commands.dialog import Operation
    from commands.session import Session
    from commands.terminal import Question

    T = TypeVar("T")

    class Draw(Protocol):
        """Hypothesis draws a value."""

        def __call__(self, strategy: SearchStrategy[T]) -> T: ...


KEYS: tuple[type[Exception], ...] = (Cancelled, EndOfInput, Disconnected, StillAsks)
FILES = (
    "table.txt",
    "hat.txt",
    "routes.txt",
    "bad.txt",
    "latin.txt",
    "mail.toml",
    "foreign.toml",
    "masked.toml",
    "new.txt",
    "other name.txt",
)
DOMAINS = ("a.example", "b.example", ".example.org", "[10.0.0.1]", "[IPv6:2001:db8::1]", "Grün.example", "c.example.")
HOSTS = ("mx1.example.com", "Mail.Example.NET", "mäil.example.org")
NAMES = ("Gold", "silver_2", "Very Long Name-3")
TEXTS = ("first", "two words", 'a "quoted" word', "Zoë's list", "x" * 1000)
ADDRESSES = ("10.0.0.1", "192.0.2.0/24", "2001:db8::1")
MAIL = ("ada@example.com", "bob.b@mail.example.org")

KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\bdomain", DOMAINS),
    (r"\bhost ?name|\bhost\b", HOSTS),
    (r"\be-?mail address|\bmailbox|^address$", MAIL),
    (r"\bip[ -](address|interface)|\bipv[46]|\bnetwork", ADDRESSES),
    (r"\bfile", FILES),
    (r"\b(name|profile|group)\b", NAMES),
    (r"\b(url|https)\b", ("https://example.com/x",)),
    (r"\bport\b", ("25", "2525")),
    (r"\b(comment|text|descri|history|passphrase|password)", TEXTS),
    (r"\b(number|revision|old|new)\b", ("1", "2", "3", "4")),
    (r"\b(minutes|seconds|days|size)\b", ("1", "5", "60")),
)
"""What a value may be called in a hint, a question or a batch form, and values of that kind."""

BARE, BARE_BESIDE_FORMS = 8, 3
"""Of twenty lines those that are a command's name alone; fewer where no menu entry is the goal but its batch forms."""

HOSTILE = (
    "?",
    " ? ",
    "-1",
    "0",
    "99999999999999999999999",
    "1.5",
    "１",
    "1,2-",
    "3-1",
    "..",
    "../config.toml",
    "/etc/passwd",
    "a\\b",
    ".",
    "\x1b[2Jgone",
    "a\rb",
    "a\nb",
    "\x00",
    "\x7f",
    "\u202eevil",
    "\udcff",
    "\t",
    "ALL",
    "(Default)",
    "default",
    "DEFAULT",
    "Demo",
    "New Profile",
    "{}",
    "%s%n",
    '"',
    "'''",
    "]]",
    "a = 1\n[x]",
    "sealed:nothing",
    "masked",
    "xn--a.example",
    "x" * 5000,
    "ä" * 300 + ".example",
    "1" * 5000,
    "quit",
    "-> new",
    "--yes",
)


@lru_cache(maxsize=2000)
def one_of(choices: tuple[Hashable, ...]) -> SearchStrategy[Any]:
    """Return the strategy of some choices, made once: Hypothesis works out much about every new one."""
    return st.sampled_from(choices)


@cache
def hostile() -> SearchStrategy[str]:
    """Return what nobody should type: known troublemakers, and any characters at all."""
    return st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=40))


class Answer(NamedTuple):
    """What is typed at a question, or the key that is pressed; `good` where the question itself offers it."""

    typed: str | type[Exception]
    good: bool


class Typist:
    """Draws lines and answers; one for each example.

    Attributes:
        session: whose names and files are typed.
        goal: the menu entry that is chosen wherever a menu has it; elsewhere menus are walked at random.
        way: the entries through inner menus to the goal, the goal last.
        unknown: questions that do not say what they take.
    """

    def __init__(self, draw: Draw, session: Session, way: Sequence[Operation], pastes: dict[str, list[str]]) -> None:
        self._draw = draw
        self.session = session
        self._pastes = pastes
        self._pasting: list[str | type[Exception]] = []
        self._secret = ""
        self._reached = False
        self.way = way
        self.goal = way[-1] if way else None
        self.unknown: list[Question] = []

    def _one(self, choices: Sequence[T]) -> T:
        one: T = self._draw(one_of(tuple(choices)))
        return one

    def answer(self, question: Question, output: str) -> Answer | None:
        """Return what to do at a question; None is one more line of a paste that was counted already."""
        if question.kind == "paste" and self._pasting:
            return None
        dice = self._one(range(40))
        if dice == 39:
            return Answer(self._one(KEYS), good=False)
        good = dice < 34
        if question.kind == "paste":
            self._pasting = self._paste(question, good)
            return Answer(self._pasting.pop(0), good)
        return Answer(self._offered(question, output) if good else self._draw(hostile()), good)

    def next_pasted(self) -> str | type[Exception]:
        """Return the next line of the paste that was begun, or a key pressed inside it."""
        return self._pasting.pop(0)

    def line(self, command: Command, ahead: bool) -> Answer:
        """Return a line for a command: bare, with words typed ahead, as one of its batch forms, or wrong.

        `ahead`: the goal may stand behind its name, since the command has a menu with it.
        """
        dice = self._one(range(20))
        self._pasting = []
        self._reached = False
        name = self._one([command.name, command.alias or command.name, command.name.upper()])
        if dice < (BARE if self.way or not command.menu else BARE_BESIDE_FORMS):
            return Answer(name, good=True)
        if dice < 10 and ahead and self.goal is not None:
            arrow = self._one([" -> ", " ", ">"])
            return Answer(arrow.join([name, *(one.keyword.lower() for one in self.way)]), good=True)
        if dice < 17:
            words = self._form(command)
            return Answer(" ".join([name, *words]) if words else name, good=True)
        if dice == 17:
            return Answer(self._draw(hostile()), good=False)
        words = [*self._form(command), self._draw(hostile()), self._one(SCRAPS)]
        order = self._one(["as is", "reversed", "cut"])
        words = words[::-1] if order == "reversed" else words[1:] if order == "cut" else words
        return Answer(" ".join([name, *words]), good=False)

    def _offered(self, question: Question, output: str) -> str:
        """Return an answer that the question says it takes."""
        if question.kind == "hidden":
            if "again" not in question.text:
                self._secret = self._one(NAMES)
            return self._secret
        choices = list(question.choices()) if question.choices else []
        words = [choice.word for choice in choices]
        there = {(one.word, one.sentence) for one in choices}
        step = next((one for one in reversed(self.way) if (one.keyword, one.sentence) in there), None)
        if step is not None and not self._reached:
            wanted = [step.keyword, step.keyword.lower()] * max(1, len(words) // 2)  # a long menu is no hindrance
            word = self._one([*wanted, *words, ""])
            self._reached = step is self.goal and word.upper() == step.keyword
            return word
        found = list(words)
        if "1-3 means" in question.hint and len(words) > 1:
            found += [f"1-{len(words)}", f"{words[-1]},1"]
        if re.search(r"\[.+\]> $", question.prompt) or re.search(r"\bEnter (goes|for|takes)", question.hint):
            found = ["", "", "", "", *found]
        found += self._told(question, output, bool(words))
        if not found:
            self.unknown.append(question)
            found.append("word")
        return self._one(found)

    def _told(self, question: Question, output: str, chosen: bool) -> list[str]:
        """Return answers of the kind that hint and question tell about."""
        if bounds := re.search(r"from ([0-9]+) to ([0-9]+)", question.hint):
            low, high = int(bounds[1]), int(bounds[2])
            return [str(number) for number in sorted({low, (low + high) // 2, high, min(low + 7, high)})]
        found = [example.rstrip(".,;") for example in re.findall(r"\blike (\S+)", question.hint)]
        if re.search(r"number (of the list|in LIST)", question.hint):
            found += re.findall(r"(?m)^([0-9]+)\. ", output[-3000:]) or ["1"]
        return found if chosen or found else of_kind(f"{question.hint} {question.text}")

    def _paste(self, question: Question, good: bool) -> list[str | type[Exception]]:
        kinds = [kind for kind in self._pastes if kind in question.text] or list(self._pastes)
        text = self._one(self._pastes[kinds[0]])
        lines: list[str | type[Exception]] = [*text.splitlines(), "."]
        if not good:
            wrong = self._draw(st.one_of(hostile(), st.sampled_from(KEYS)))
            lines.insert(self._one(range(len(lines))), wrong)
        return lines

    def _form(self, command: Command) -> list[str]:
        """Return the words behind a command's name that make one of its batch forms."""
        if not command.forms:
            return []
        form = self._one(command.forms)
        words: list[str] = []
        for word in form.words:
            words.append(self._value(command, form, words, word) if word.isupper() else word)
        if form.options:
            for option in self._draw(st.lists(st.sampled_from(form.options), min_size=1, max_size=4, unique=True)):
                words += [f"--{option.name}", self._option(command, words, option)]
        return [*words, *(f"--{flag.name}" for flag in form.flags)]

    def _value(self, command: Command, form: Form, before: Sequence[str], word: str) -> str:
        completed = self._completed(command, before)
        found = [one for one in completed if not one.startswith("--")] + of_kind(word)
        found = found or re.findall(r"(?:^|[,;] )(\w+) \w", form.sentence) or ["1"]
        return typed(self._one(found))

    def _option(self, command: Command, before: Sequence[str], option: Option) -> str:
        if isinstance(option.values, str):
            found = self._completed(command, [*before, f"--{option.name}"]) or of_kind(option.values)
            return typed(self._one(found or ["1"]))
        low, high = option.values[0], option.values[-1]
        if isinstance(low, int) and isinstance(high, int):
            return self._one([str(low), str(high), str((low + high) // 2), *option.also])
        return self._one([str(word) for word in option.values])

    def _completed(self, command: Command, before: Sequence[str]) -> list[str]:
        return [choice.word for choice in completions(self.session, " ".join([command.name, *before, ""]))[1]]


SCRAPS = (
    "",
    "--",
    "--tls",
    "--tls=",
    "--tls=required",
    "--nothing=1",
    "->",
    ">",
    '"',
    "new",
    "y",
    "--yes",
    "--yes=1",
    "1",
)


def of_kind(text: str) -> list[str]:
    """Return values of the kind that a text names, empty where it names none."""
    return next((list(values) for name, values in KINDS if re.search(name, text.lower())), [])


def typed(value: str) -> str:
    """Return a value as one word of a line."""
    if not re.search(r"""[\s"'>]""", value):
        return value
    return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'
