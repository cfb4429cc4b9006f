"""Commands about the system on which all this runs."""

from __future__ import annotations

from commands.command import Command, Form

COMMANDS = (
    Command(
        "adminaccessconfig",
        "commands.adminaccessconfig:adminaccessconfig",
        "Configure how the shell may be used.",
        "System",
        forms=(
            Form(
                ("timeout", "MINUTES"),
                "commands.adminaccessconfig:timeout_batch",
                "End an idle session after so many minutes, 5 to 1440.",
            ),
        ),
        menu="commands.adminaccessconfig:OPERATIONS",
        related=("exit", "commit"),
    ),
    Command(
        "sethostname",
        "commands.sethostname:sethostname",
        "Change the name of this system.",
        "System",
        related=("commit",),
    ),
    Command("version", "commands.version:version", "Show which program this is.", "System", asks=False),
)
