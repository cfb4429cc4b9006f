"""Every command in one table: where its function is, what it is for, and its batch forms.

Help, completion, `?`, the manual and the batch reader come from this table. A function is imported when its
command is typed, so that a new command costs nothing at the start.
"""

from __future__ import annotations

from commands.areas import configuration, diagnosis, listeners, mail, network, shell, system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from commands.command import Command

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in sorted(
        (
            *configuration.COMMANDS,
            *diagnosis.COMMANDS,
            *listeners.COMMANDS,
            *mail.COMMANDS,
            *network.COMMANDS,
            *shell.COMMANDS,
            *system.COMMANDS,
        ),
        key=lambda command: command.name,
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
