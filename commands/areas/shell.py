"""Commands about the shell itself."""

from __future__ import annotations

from commands.command import Command, Flag, Form

COMMANDS = (
    Command(
        "exit",
        "commands.leave:leave",
        "Leave the shell.",
        "Shell",
        alias="quit",
        related=("commit", "adminaccessconfig"),
    ),
    Command(
        "help",
        "commands.help:show_help",
        "List the commands, or explain one.",
        "Shell",
        forms=(
            Form((), "commands.help:show_help", "List the commands."),
            Form(("COMMAND",), "commands.help:explain", "Explain a command, or how to type (prompt)."),
            Form(
                (),
                "commands.help:print_manual",
                "Print the whole manual as Markdown.",
                flags=(Flag("markdown", "As Markdown."),),
            ),
        ),
    ),
)
