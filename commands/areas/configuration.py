"""Commands about the configuration as a whole: commit it, compare it, go back, carry it elsewhere."""

from __future__ import annotations

from commands.command import Command, Form, Option

COMMANDS = (
    Command(
        "clear",
        "commands.commit:clear",
        "Drop all changes since the last commit.",
        "Configuration",
        alias="clearchanges",
        related=("commit", "showchanges"),
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
        related=("showchanges", "clear", "rollbackconfig"),
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
        related=("showchanges", "rollbackconfig"),
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
        related=("saveconfig", "showconfig", "commit"),
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
        related=("commitdetail", "showchanges", "commit"),
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
        related=("loadconfig", "showconfig"),
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
        related=("commit", "clear", "commitdetail"),
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
        related=("saveconfig", "showchanges"),
    ),
)
