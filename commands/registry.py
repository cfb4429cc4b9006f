"""Every command in one table: where its function is, what it is for, and its batch forms.

Help, completion, `?` and the batch reader come from this table. A function is imported when its command is
typed, so that a new command costs nothing at the start.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from typing import Any


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
    """`--name` of a batch form: it must stand there, and says that the operator means it."""

    __slots__ = ("name", "sentence")

    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        self.sentence = sentence


class Form:
    """One batch form of a command: a line that fits runs without asking anything.

    Attributes:
        words: what follows the command; capitals stand for a value, the rest are keywords.
        sentence: what it does.
        options: what may follow the words, in any order; where there are any, at least one must stand there.
        flags: what must follow the words.
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


class Command:
    """A command: its function `async def f(session, terminal)` as "module:function", and what help says.

    Attributes:
        area: the heading under which `help` lists it.
        role: who may run it; every user is an administrator until there are others.
        forms: its batch forms.
        alias: a second name.
        asks: whether it has questions that words behind its name could answer.
    """

    __slots__ = ("alias", "area", "asks", "forms", "function", "name", "role", "summary")

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
    ) -> None:
        self.asks = asks
        self.name = name
        self.function = function
        self.summary = summary
        self.area = area
        self.forms = forms
        self.alias = alias
        self.role = role


SWITCH = ("on", "off")
_OWN = ("default",)
_DESTCONFIG = "commands.destconfig.batch:"
_TLS = ("no", "preferred", "required", "preferred-verify", "required-verify", "required-verify-hosted")
_DANE = ("none", "opportunistic", "mandatory")


def _settings(own: tuple[str, ...]) -> tuple[Option, ...]:
    """Return the options of an entry; `own` are words that take an entry's own setting back."""
    return (
        Option("tls", (*_TLS, *own), "TLS on delivery."),
        Option("dane", (*_DANE, *own), "DANE support."),
        Option("mta-sts", (*SWITCH, *own), "MTA-STS support."),
        Option("concurrency", (1, 1000), "Connections to the domain at one time.", also=own),
        Option("messages-per-connection", (1, 1000), "Messages on one connection.", also=own),
        Option("recipients", (0, 1_000_000_000), "Recipients in the measured minutes; 0 is no limit.", also=own),
        Option("minutes", (1, 60), "Minutes in which recipients are counted."),
        Option("limits-apply-to", ("domain", "mail-exchanger"), "What a limit counts for."),
        Option("limits-enforced", ("system", "virtual-gateway"), "Where a limit is enforced; stored only."),
        Option("bounce-verification", (*SWITCH, *own), "Bounce verification address tagging; stored only."),
        Option("bounce-profile", "NAME", "A bounce profile" + (", or default." if own else ".")),
    )


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(
            "clear",
            "commands.commit:clear",
            "Drop all changes since the last commit.",
            "Configuration",
            alias="clearchanges",
        ),
        Command(
            "commit",
            "commands.commit:commit",
            "Make the staged changes the configuration in force.",
            "Configuration",
            forms=(
                Form(("COMMENT",), "commands.commit:commit_batch", "Commit with this comment."),
                Form(
                    ("COMMENT", "confirm", "MINUTES"),
                    "commands.commit:commit_confirm_batch",
                    "Commit; what is not confirmed by another commit within so many minutes is undone.",
                ),
            ),
        ),
        Command(
            "commitdetail",
            "commands.history:commit_detail",
            "Tell what a commit changed.",
            "Configuration",
            forms=(
                Form((), "commands.history:commit_detail", "Tell about the newest commit."),
                Form(("NUMBER",), "commands.history:commit_detail_of", "Tell about this revision."),
            ),
            asks=False,
        ),
        Command(
            "destconfig",
            "commands.destconfig.menu:destconfig",
            "Control delivery to other domains: TLS, DANE, MTA-STS, limits.",
            "Mail",
            forms=(
                Form(
                    ("setup",),
                    _DESTCONFIG + "setup",
                    "Change global settings.",
                    options=(
                        Option("certificate", "NAME", "The certificate offered on outgoing TLS connections."),
                        Option("alert", SWITCH, "Whether an alert is sent when a required TLS connection fails."),
                    ),
                ),
                Form(("new", "DOMAIN"), _DESTCONFIG + "new", "Create an entry.", options=_settings(())),
                Form(("edit", "DOMAIN"), _DESTCONFIG + "edit", "Modify an entry.", options=_settings(_OWN)),
                Form(("delete", "DOMAIN"), _DESTCONFIG + "delete", "Remove an entry."),
                Form(("default",), _DESTCONFIG + "default", "Change the default entry.", options=_settings(())),
                Form(("list",), "commands.destconfig.show:show_list", "Display a summary list of all entries."),
                Form(("detail", "DOMAIN"), _DESTCONFIG + "detail", "Display one entry, DEFAULT or ALL."),
                Form(
                    ("clear",),
                    _DESTCONFIG + "clear",
                    "Remove all entries.",
                    flags=(Flag("yes", "Remove them without asking."),),
                ),
                Form(("import", "FILE"), _DESTCONFIG + "import_file", "Replace the table with that of a file."),
                Form(
                    ("export", "FILE"), _DESTCONFIG + "export_file", "Write the table to a file that is not there yet."
                ),
            ),
        ),
        Command("exit", "commands.leave:leave", "Leave the shell.", "Shell", alias="quit"),
        Command(
            "help",
            "commands.help:show_help",
            "List the commands, or explain one.",
            "Shell",
            forms=(
                Form((), "commands.help:show_help", "List the commands."),
                Form(("COMMAND",), "commands.help:explain", "Explain a command."),
            ),
        ),
        Command(
            "loadconfig",
            "commands.configuration_files:load_config",
            "Stage a configuration that is pasted or read from a file.",
            "Configuration",
            forms=(
                Form(
                    (),
                    "commands.configuration_files:load_config_batch",
                    "Stage the configuration of a file.",
                    options=(Option("file", "FILE", "A file in the configuration directory."),),
                ),
            ),
        ),
        Command(
            "rollbackconfig",
            "commands.history:rollback_config",
            "Go back to a former commit.",
            "Configuration",
            forms=(
                Form(
                    (),
                    "commands.history:rollback_config_batch",
                    "Stage a former commit.",
                    options=(Option("to", "NUMBER", "The revision, as commitdetail and showchanges number it."),),
                ),
            ),
        ),
        Command(
            "saveconfig",
            "commands.configuration_files:save_config",
            "Write the committed configuration to a file.",
            "Configuration",
            forms=(
                Form(
                    ("MASK", "NAMING"),
                    "commands.configuration_files:save_config_batch",
                    "y masks passphrases, n encrypts them; 1 has the file name chosen.",
                ),
            ),
        ),
        Command(
            "sethostname",
            "commands.sethostname:sethostname",
            "Change the name of this system.",
            "System",
        ),
        Command(
            "showchanges",
            "commands.history:show_changes",
            "Show what is staged, or what one revision changed against another.",
            "Configuration",
            forms=(
                Form((), "commands.history:show_changes", "Show what is staged."),
                Form(("OLD", "NEW"), "commands.history:show_changes_between", "Compare two revisions."),
            ),
            asks=False,
        ),
        Command(
            "showconfig",
            "commands.configuration_files:show_config",
            "Print the committed configuration.",
            "Configuration",
            forms=(
                Form(
                    (),
                    "commands.configuration_files:show_config_batch",
                    "Print it without a question.",
                    options=(Option("passphrases", ("mask", "encrypt"), "How secrets are shown."),),
                ),
            ),
        ),
        Command("version", "commands.version:version", "Show which program this is.", "System", asks=False),
    )
}
"""The table, sorted by name."""


def find(name: str, commands: Mapping[str, Command] = COMMANDS) -> Command | None:
    """Return the command of a name or alias, in any case."""
    wanted = name.lower()
    found = commands.get(wanted)
    if found is None:
        return next((command for command in commands.values() if command.alias == wanted), None)
    return found


def load(function: str) -> Callable[..., Awaitable[Any]]:
    """Return the function of a "module:function" text."""
    from importlib import import_module

    module, _, name = function.partition(":")
    found: Callable[..., Awaitable[Any]] = getattr(import_module(module), name)
    return found


def synopsis(command: Command, form: Form) -> Iterator[str]:
    """Yield the lines that show how a batch form is typed, and what each option takes."""
    words = " ".join((command.name, *form.words))
    flags = "".join(f" --{flag.name}" for flag in form.flags)
    yield f"{words}{flags}{' OPTION...' if form.options else ''}"
    yield f"    {form.sentence}"
    for option in form.options:
        yield f"    --{option.name} {option.accepted}"
        yield f"        {option.sentence}"
