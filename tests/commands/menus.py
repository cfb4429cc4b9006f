"""Every menu entry and batch form that the code has, found without knowing any, and whether it was reached."""

from __future__ import annotations

import gc
import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import commands.batch
from commands.command import Command, Form
from commands.dialog import Operation
from commands.registry import COMMANDS, load
from commands.table_dialog import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

    from commands.session import Session
    from commands.terminal import Terminal


class Menus:
    """The menu entries and batch forms there are, and those that ran.

    Attributes:
        entered: names of entries that ran, with how often.
        existing: entries by name.
        fitted: batch forms that a line was.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Find the entries that modules hold, and note from now on what is made and what runs."""
        for module in pkgutil.walk_packages(commands.__path__, "commands."):
            importlib.import_module(module.name)
        self.entered: dict[str, int] = {}
        self.existing = {named(one): one for one in gc.get_objects() if type(one) is Operation}
        for table in gc.get_objects():
            if isinstance(table, Table) and type(table).__module__.startswith("commands."):
                for one in table.operations():
                    self.existing.setdefault(named(one), one)
        make, run = Operation.__init__, Operation.run
        menus = self

        def made(self: Operation, *arguments: object, **named_arguments: object) -> None:
            make(self, *arguments, **named_arguments)  # type: ignore[arg-type]  # whatever it takes
            menus.existing.setdefault(named(self), self)

        async def ran(self: Operation, session: Session, terminal: Terminal, *about: str) -> None:
            menus.entered[named(self)] = menus.entered.get(named(self), 0) + 1
            await run(self, session, terminal, *about)

        monkeypatch.setattr(Operation, "__init__", made)
        monkeypatch.setattr(Operation, "run", ran)
        self.fitted: set[Form] = set()
        read = commands.batch.batch_call

        def fits(command: Command, words: Sequence[str]) -> commands.batch.Call | None:
            call = read(command, words)
            if call is not None:
                menus.fitted.add(call.form)
            return call

        monkeypatch.setattr(commands.batch, "batch_call", fits)

    @property
    def never_entered(self) -> list[str]:
        """Names of the entries that nothing has entered."""
        return sorted(set(self.existing) - set(self.entered))

    @property
    def never_fitted(self) -> list[str]:
        """The batch forms that no line was."""
        return [
            " ".join([command.name, *form.words, *(f"--{option.name}" for option in form.options)])
            for command in COMMANDS.values()
            for form in command.forms
            if form not in self.fitted
        ]

    def way(self, goal: Operation | None) -> list[Operation]:
        """Return the entries that lead from a command's own menu to an entry of an inner one, that entry last.

        A menu is a tuple of entries in a module, or a table; a function that names it shows it.
        """
        way: list[Operation] = []
        while goal is not None and goal not in way:
            way.insert(0, goal)
            name = named(goal)
            goal = next((one for one in self.existing.values() if name in map(named, _menu_of(one))), None)
        return way

    def goals(self, command: Command) -> list[Operation]:
        """Return the entries that stand in the folder or module of a command; those of none belong to all."""
        homes = {home_of(one.function) for one in COMMANDS.values()}
        own = home_of(command.function)
        return [
            one for name, one in sorted(self.existing.items()) if home_of(name) == own or home_of(name) not in homes
        ]


def _menu_of(operation: Operation) -> list[Operation]:
    """Return the entries of the menus that the function of an entry shows."""
    function = load(operation.function) if isinstance(operation.function, str) else operation.function
    module = vars(inspect.getmodule(function))
    menus = [module.get(name) for name in function.__code__.co_names]
    menus = [menu.operations() if isinstance(menu, Table) else menu for menu in menus]
    return [one for menu in menus if isinstance(menu, tuple) for one in menu if isinstance(one, Operation)]


def named(operation: Operation) -> str:
    """Return a name for an entry, the same in every run: its function and its keyword.

    A method is that of its object's class: the dialog of each table is its own, though all share the functions.
    """
    function = operation.function
    owner = type(function.__self__) if hasattr(function, "__self__") else function
    place = owner if isinstance(owner, str) else f"{owner.__module__}:{owner.__qualname__}"
    return f"{place} {operation.keyword}"


def home_of(function: str) -> str:
    """Return the folder of a "module:function" where it has one below `commands`, else its module."""
    parts = function.partition(":")[0].split(".")
    return ".".join(parts[:2])


def loaded(table: Iterable[Command]) -> None:
    """Import every function that a table names; one that is not there is an error of the table."""
    for command in table:
        load(command.function)
        for form in command.forms:
            load(form.function)
