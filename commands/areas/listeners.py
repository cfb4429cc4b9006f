"""Commands about receiving mail."""

from __future__ import annotations

from commands.command import Command, Form

_BATCH = "commands.listenerconfig.batch:"

COMMANDS = (
    Command(
        "listenerconfig",
        "commands.listenerconfig.menu:listenerconfig",
        "Configure listeners: who may send mail here, on which terms, with which TLS.",
        "Mail",
        forms=(
            Form(("list",), _BATCH + "show_list", "Display the listeners."),
            Form(("show", "LISTENER"), _BATCH + "show", "Display one listener and its default policy."),
            Form(("hat", "LISTENER"), _BATCH + "hat", "Display its Host Access Table as EXPORT writes it."),
            Form(
                ("decide", "LISTENER", "IP-ADDRESS"),
                _BATCH + "decide",
                "Display which sender group, policy and TLS setting hold for a client.",
            ),
            Form(
                ("decide", "LISTENER", "IP-ADDRESS", "HOST"),
                _BATCH + "decide",
                "The same for a client whose host name is known.",
            ),
            Form(
                ("edit", "LISTENER", "certificate", "CERTIFICATE"),
                _BATCH + "certificate",
                "Choose the certificate of a listener.",
            ),
        ),
        menu="commands.listenerconfig.menu:OPERATIONS",
        related=("certconfig", "destconfig", "commit"),
    ),
)
