"""Commands about the way of mail: who is asked about names, and which hosts get it whatever the DNS says."""

from __future__ import annotations

from commands.command import Command, Flag, Form, Option

_DNSCONFIG = "commands.dnsconfig.batch:"
_SMTPROUTES = "commands.smtproutes.batch:"
_SERVER = (
    Option("port", (1, 65535), "The port of its DNS service."),
    Option("trusted", ("on", "off"), "Whether it is believed when it says that it validated an answer."),
)
_RESOLVER = (*_SERVER, Option("priority", (0, 10_000), "0 is the highest priority."))

COMMANDS = (
    Command(
        "dnsconfig",
        "commands.dnsconfig.menu:dnsconfig",
        "Configure DNS servers: which are asked, and which are trusted to validate DNSSEC.",
        "System",
        forms=(
            Form(("list",), _DNSCONFIG + "show_list", "Show the DNS servers."),
            Form(("new", "IP-ADDRESS"), _DNSCONFIG + "new", "Add a server that is asked about everything."),
            Form(("new", "IP-ADDRESS"), _DNSCONFIG + "new", "The same with settings.", options=_RESOLVER),
            Form(
                ("new", "DNS-DOMAIN", "IP-ADDRESS"),
                _DNSCONFIG + "new_alternate",
                "Add a server that is asked about one domain and what is below it.",
            ),
            Form(
                ("new", "DNS-DOMAIN", "IP-ADDRESS"),
                _DNSCONFIG + "new_alternate",
                "The same with settings.",
                options=_SERVER,
            ),
            Form(("edit", "SERVER"), _DNSCONFIG + "edit", "Change settings of a server.", options=_RESOLVER),
            Form(
                ("edit", "DNS-DOMAIN", "ALTERNATE"),
                _DNSCONFIG + "edit_alternate",
                "Change settings of a server of one domain.",
                options=_SERVER,
            ),
            Form(("delete", "SERVER"), _DNSCONFIG + "delete", "Remove a server."),
            Form(
                ("delete", "DNS-DOMAIN", "ALTERNATE"),
                _DNSCONFIG + "delete_alternate",
                "Remove a server of one domain.",
            ),
            Form(
                ("setup",),
                _DNSCONFIG + "setup",
                "Configure general settings.",
                options=(
                    Option("servers", ("system",), "Use those of the operating system; the local ones are removed."),
                    Option("reverse-timeout", (1, 300), "Seconds to wait for the name of an address."),
                    Option("minimum-ttl", (0, 86_400), "Seconds for which an answer is kept at least."),
                ),
            ),
        ),
        menu="commands.dnsconfig.menu:OPERATIONS",
        related=("destconfig", "smtproutes", "daneverify", "commit"),
        rules=("D4",),
    ),
    Command(
        "smtproutes",
        "commands.smtproutes.routes:smtproutes",
        "Configure SMTP routes: hosts that get the mail of a domain, whatever the DNS says.",
        "Mail",
        forms=(
            Form(
                ("new", "DOMAIN", "HOSTS"),
                _SMTPROUTES + "new",
                "Create a route; HOSTS are separated by commas, or USEDNS, or /dev/null.",
            ),
            Form(("edit", "ROUTE", "HOSTS"), _SMTPROUTES + "edit", "Give a route other destinations."),
            Form(("delete", "ROUTE"), _SMTPROUTES + "delete", "Remove a route."),
            Form(("decide", "DOMAIN"), _SMTPROUTES + "decide", "Display where mail for a domain goes."),
            Form(("list",), _SMTPROUTES + "show", "Display all routes."),
            Form(("print",), _SMTPROUTES + "show", "The same."),
            Form(("import", "FILE"), _SMTPROUTES + "import_file", "Replace the routes with those of a file."),
            Form(("export", "FILE"), _SMTPROUTES + "export_file", "Write the routes to a file that is not there yet."),
            Form(
                ("clear",),
                _SMTPROUTES + "clear",
                "Remove all routes.",
                flags=(Flag("yes", "Remove them without asking."),),
            ),
        ),
        menu="commands.smtproutes.routes:OPERATIONS",
        related=("destconfig", "dnsconfig", "commit"),
        rules=("D17", "M17"),
    ),
)
