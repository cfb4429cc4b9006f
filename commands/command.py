"""What the table of commands is made of: a command, its batch forms, their options and flags."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Option:
    """`--name VALUE` of a batch form.

    Attributes:
        name: without the dashes.
        values: the words that are accepted, a (low, high) pair for a whole number, or the name of what is
            meant (`NAME`) where the command itself checks it.
        sentence: what it sets.
        also: words that are accepted beside a number.
    """

    __slots__ = ("also", "name", "sentence", "values")

    def __init__(
        self,
        name: str,
        values: tuple[str, ...] | tuple[int, int] | str,
        sentence: str,
        also: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.values = values
        self.sentence = sentence
        self.also = also

    @property
    def accepted(self) -> str:
        """What it takes, as help shows it: `1-1000|default`."""
        if isinstance(self.values, str):
            return self.values
        if isinstance(self.values[0], int):
            return "|".join((f"{self.values[0]}-{self.values[1]}", *self.also))
        return "|".join(str(word) for word in self.values)


class Flag:
    """`--name` of a batch form.

    Attributes:
        name: without the dashes.
        sentence: what it does.
        optional: False for one that must stand there, and says that the operator means it; an optional one is handed
            to the function as True.
        short: a letter that may stand for it, as in `-i`; where a form has such flags, `-e` comes before a value
            that begins with a dash itself.
    """

    __slots__ = ("name", "optional", "sentence", "short")

    def __init__(self, name: str, sentence: str, optional: bool = False, short: str = "") -> None:
        self.name = name
        self.short = short
        self.sentence = sentence
        self.optional = optional


class Form:
    """One batch form of a command: a line that fits runs without asking anything.

    Attributes:
        words: what follows the command; capitals stand for a value, the rest are keywords.
        sentence: what it does.
        options: what may follow the words, in any order; where there are any, at least one must stand there.
        flags: what must or may follow the words.
        function: "module:function", called with the session, the terminal, the values in order, and the
            options by name, those not given left out.
    """

    __slots__ = ("flags", "function", "options", "sentence", "words")

    def __init__(
        self,
        words: tuple[str, ...],
        function: str,
        sentence: str,
        options: tuple[Option, ...] = (),
        flags: tuple[Flag, ...] = (),
    ) -> None:
        self.words = words
        self.function = function
        self.sentence = sentence
        self.options = options
        self.flags = flags

    def complete(self, rest: Sequence[str]) -> bool:
        """Tell whether the form needs nothing more than its words, and nothing more is there."""
        return not rest and not self.options and all(flag.optional for flag in self.flags)


class Command:
    """A command: its function `async def f(session, terminal)` as "module:function", and what help says.

    Attributes:
        area: the heading under which `help` lists it.
        role: who may run it; every user is an administrator until there are others.
        forms: its batch forms.
        alias: a second name.
        asks: whether it has questions that words behind its name could answer.
        menu: the operations of its menu as "module:NAME", where it has one.
        related: commands that an operator needs with it.
        rules: numbers of the engine's rules that it keeps to (`commands.rule_texts`).
    """

    __slots__ = (
        "alias", "area", "asks", "forms", "function", "menu", "name", "related", "role", "rules", "summary",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        function: str,
        summary: str,
        area: str,
        forms: tuple[Form, ...] = (),
        alias: str | None = None,
        role: str = "administrator",
        asks: bool = True,
        menu: str | None = None,
        related: tuple[str, ...] = (),
        rules: tuple[str, ...] = (),
    ) -> None:
        self.asks = asks
        self.menu = menu
        self.related = related
        self.rules = rules
        self.name = name
        self.function = function
        self.summary = summary
        self.area = area
        self.forms = forms
        self.alias = alias
        self.role = role


def synopsis(command: Command, form: Form) -> Iterator[str]:
    """Yield the lines that show how a batch form is typed, and what each option takes."""
    letters = [f"[-{flag.short}]" for flag in form.flags if flag.short]
    words = " ".join((command.name, *letters, *(["[-e]"] if letters else []), *form.words))
    flags = "".join(
        f" [--{flag.name}]" if flag.optional else f" --{flag.name}" for flag in form.flags if not flag.short
    )
    yield f"{words}{flags}{' OPTION...' if form.options else ''}"
    yield f"    {form.sentence}"
    for flag in form.flags:
        if flag.short:
            yield f"    -{flag.short}, --{flag.name}"
            yield f"        {flag.sentence}"
    for option in form.options:
        yield f"    --{option.name} {option.accepted}"
        yield f"        {option.sentence}"
