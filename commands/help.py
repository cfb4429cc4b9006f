"""help: what the table of commands says about them."""

from __future__ import annotations

from commands.registry import find, synopsis
from commands.terminal import Terminal, WrongUse
from state.wording import nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

HOW_TO_TYPE = """\
A command asks for what it needs. The words behind its name answer its first questions:
    destconfig -> new -> partner.example
? at any question tells what can be answered; Ctrl-C abandons the command.
Changes are staged until commit. "help COMMAND" tells more about one command."""


async def show_help(session: Session, terminal: Terminal) -> None:
    """List the commands by area, or explain the one that was typed ahead."""
    if terminal.ahead:
        await explain(session, terminal, terminal.ahead.popleft())
        return
    commands = session.commands.values()
    width = max(len(command.name) for command in commands)
    for area in sorted({command.area for command in commands}):
        terminal.say("")
        terminal.say(f"{area}:")
        for command in commands:
            if command.area == area:
                terminal.say(f"  {command.name.ljust(width)}  {command.summary}")
    terminal.say("")
    terminal.say(HOW_TO_TYPE)


async def explain(session: Session, terminal: Terminal, name: str) -> None:
    """Explain one command: its summary, its second name, its batch forms."""
    command = find(name, session.commands)
    if command is None:
        near = nearest(name.lower(), session.commands)
        hint = f"did you mean {near}?" if near else "help lists the commands."
        raise WrongUse(f"There is no command {quoted(name)}; {hint}")
    terminal.say("")
    terminal.say(f"{command.name} - {command.summary}")
    if command.alias:
        terminal.say(f"Also typed as {command.alias}.")
    if not command.forms:
        return
    terminal.say("")
    terminal.say("Without a question:")
    for form in command.forms:
        for line in synopsis(command, form):
            terminal.say(f"  {line}")
