"""Commands about the system on which all this runs."""

from __future__ import annotations

from commands.command import Command, Form, Option

_TLS = (
    Option("methods", "METHODS", "TLS versions separated by commas, like TLSv1.2,TLSv1.3."),
    Option("ciphers", "STRING", "An OpenSSL cipher string, like ECDHE+AESGCM; DEFAULT is OpenSSL's own choice."),
)

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
        "alertconfig",
        "commands.alertconfig:alertconfig",
        "Configure who is told about what, by mail.",
        "System",
        forms=(
            Form(("list",), "commands.alertconfig:show_list", "Show who is told about what."),
            Form(
                ("new", "ADDRESS"),
                "commands.alertconfig:new_batch",
                "Add an address; without one of the options it is told about all.",
                options=(
                    Option("classes", "CLASSES", "Alert classes separated by commas, like System."),
                    Option("severities", "SEVERITIES", "Severities separated by commas, like Critical,Warning."),
                ),
            ),
            Form(("delete", "ADDRESS"), "commands.alertconfig:delete_batch", "Remove an address."),
        ),
        menu="commands.alertconfig:OPERATIONS",
        related=("displayalerts", "smtpconfig", "destconfig", "commit"),
    ),
    Command(
        "interfaceconfig",
        "commands.interfaceconfig:interfaceconfig",
        "Configure IP interfaces and the services on them.",
        "System",
        forms=(
            Form(("list",), "commands.interfaceconfig:show_list", "List the interfaces."),
            Form(("delete", "INTERFACE"), "commands.interfaceconfig:delete_batch", "Remove an interface."),
        ),
        menu="commands.interfaceconfig:OPERATIONS",
        related=("listenerconfig", "certconfig", "sslconfig", "commit"),
    ),
    Command(
        "sethostname",
        "commands.sethostname:sethostname",
        "Change the name of this system.",
        "System",
        related=("commit",),
    ),
    Command(
        "smtpconfig",
        "commands.smtpconfig.menu:smtpconfig",
        "Configure the relay for notifications: server, AUTH and encryption.",
        "System",
        forms=(
            Form(("show",), "commands.smtpconfig.batch:show", "Show the relay."),
            Form(
                ("setup",),
                "commands.smtpconfig.batch:setup_batch",
                "Configure the relay; a password is never taken from the line.",
                options=(
                    Option("server", "RELAY-HOST", "Its host name, like relay.example.net."),
                    Option("port", (1, 65535), "Its port; 25, 587 and 2587 for STARTTLS, 465 and 2465 for SMTPS."),
                    Option("from", "MAILBOX", "Who the mail is from, like alerts@example.com."),
                    Option("user", "NAME", "The user name for AUTH; NONE removes it and the password."),
                    Option("encryption", ("none", "starttls", "smtps"), "How the session is encrypted."),
                ),
            ),
            Form(("test", "MAILBOX"), "commands.smtpconfig.batch:test_batch", "Send a test email to this address."),
            Form(("clear",), "commands.smtpconfig.batch:clear_batch", "Remove the relay."),
        ),
        menu="commands.smtpconfig.menu:OPERATIONS",
        related=("alertconfig", "certconfig", "sslconfig", "commit"),
        rules=("S6",),
    ),
    Command(
        "sslconfig",
        "commands.sslconfig:sslconfig",
        "Configure TLS versions and ciphers.",
        "System",
        forms=(
            Form(("list",), "commands.sslconfig:show_list", "Show the settings."),
            Form(("verify", "STRING"), "commands.sslconfig:verify_batch", "Show what a cipher string stands for."),
            Form(("gui",), "commands.sslconfig:gui_batch", "Edit GUI HTTPS ssl settings.", options=_TLS),
            Form(("inbound",), "commands.sslconfig:inbound_batch", "Edit Inbound SMTP ssl settings.", options=_TLS),
            Form(("outbound",), "commands.sslconfig:outbound_batch", "Edit Outbound SMTP ssl settings.", options=_TLS),
        ),
        menu="commands.sslconfig:OPERATIONS",
        related=("destconfig", "tlsverify", "certconfig", "commit"),
    ),
    Command("version", "commands.version:version", "Show which program this is.", "System", asks=False),
)
