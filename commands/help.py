"""help: what there is, what one command does, the whole manual."""

from __future__ import annotations

from commands import manual
from commands.registry import find
from commands.terminal import Terminal, WrongUse
from state.wording import nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

HOW_TO_TYPE = """\
A command asks for what it needs; ? at any question tells what can be answered, Ctrl-C abandons the command. \
Changes are staged until commit. "help COMMAND" explains one command, "help prompt" how to type."""


async def show_help(session: Session, terminal: Terminal) -> None:
    """List the commands by area, or explain the one that was typed ahead."""
    if terminal.ahead:
        await explain(session, terminal, terminal.ahead.popleft())
        return
    commands = session.commands.values()
    size = max(len(command.name) for command in commands)
    for area in sorted({command.area for command in commands}):
        terminal.say("")
        terminal.say(f"{area}:")
        listed = [(command.name.ljust(size), command.summary) for command in commands if command.area == area]
        for line in manual.rows(listed, terminal.width):
            terminal.say(line)
    terminal.say("")
    for line in manual.wrapped(HOW_TO_TYPE, terminal.width):
        terminal.say(line)


async def explain(session: Session, terminal: Terminal, name: str) -> None:
    """Explain a command or a topic."""
    terminal.no_more_words()
    command = find(name, session.commands)
    if command is not None:
        lines = manual.explained(command, session.commands, terminal.width)
    elif name.lower() in manual.TOPICS:
        lines = manual.topic(name.lower(), terminal.width)
    else:
        near = nearest(name.lower(), [*session.commands, *manual.TOPICS])
        hint = f"did you mean {near}?" if near else "help lists the commands."
        raise WrongUse(f"There is no command {quoted(name)}; {hint}")
    terminal.say("")
    for line in lines:
        terminal.say(line)


async def print_manual(session: Session, terminal: Terminal) -> None:
    """`help --markdown`: the whole manual, to be kept in a file."""
    for line in manual.as_markdown(session.commands):
        terminal.say(line)
