"""Commands about mail: where it goes, and how it is protected on the way."""

from __future__ import annotations

from commands.command import Command, Flag, Form, Option

SWITCH = ("on", "off")
_OWN = ("default",)
_BOUNCECONFIG = "commands.bounceconfig.batch:"
_DESTCONFIG = "commands.destconfig.batch:"
_TLS = ("no", "preferred", "required", "preferred-verify", "required-verify", "required-verify-hosted")
_DANE = ("none", "opportunistic", "mandatory")


def _settings(own: tuple[str, ...]) -> tuple[Option, ...]:
    """Return the options of an entry; `own` are words that take an entry's own setting back."""
    return (
        Option("tls", (*_TLS, *own), "TLS on delivery."),
        Option("dane", (*_DANE, *own), "DANE support."),
        Option("mta-sts", (*SWITCH, *own), "MTA-STS support."),
        Option("concurrency", (1, 1000), "Connections to the domain at one time.", also=own),
        Option("messages-per-connection", (1, 1000), "Messages on one connection.", also=own),
        Option("recipients", (0, 1_000_000_000), "Recipients in the measured minutes; 0 is no limit.", also=own),
        Option("minutes", (1, 60), "Minutes in which recipients are counted."),
        Option("limits-apply-to", ("domain", "mail-exchanger"), "What a limit counts for."),
        Option("limits-enforced", ("system", "virtual-gateway"), "Where a limit is enforced; stored only."),
        Option("bounce-verification", (*SWITCH, *own), "Bounce verification address tagging; stored only."),
        Option("bounce-profile", "NAME", "A bounce profile" + (", or default." if own else ".")),
    )


_CERTCONFIG = "commands.certconfig."
_TLSARECORD = "commands.tlsarecord:record_batch"
_PROFILE = (
    Option("max-retries", (0, 10_000), "Times that a message is tried again."),
    Option("max-queue-time", (0, 31_536_000), "Seconds that a message stays in the queue before it bounces."),
    Option("initial-wait", (0, 31_536_000), "Seconds to wait before the first retry."),
    Option("max-wait", (0, 31_536_000), "Seconds to wait between two retries at most."),
    Option("send-bounces", SWITCH, "Whether the sender gets a bounce message."),
    Option("send-delay-warnings", SWITCH, "Whether the sender is warned while a message waits."),
)

COMMANDS = (
    Command(
        "bounceconfig",
        "commands.bounceconfig.profiles:bounceconfig",
        "Configure bounce profiles: how often undeliverable mail is tried again.",
        "Mail",
        forms=(
            Form(("new", "NAME"), _BOUNCECONFIG + "new", "Create a profile.", options=_PROFILE),
            Form(("edit", "BOUNCE-PROFILE"), _BOUNCECONFIG + "edit", "Modify a profile.", options=_PROFILE),
            Form(("delete", "BOUNCE-PROFILE"), _BOUNCECONFIG + "delete", "Remove a profile."),
            Form(("print",), _BOUNCECONFIG + "show", "Display the profiles."),
            Form(("import", "FILE"), _BOUNCECONFIG + "import_file", "Replace the profiles with those of a file."),
            Form(
                ("export", "FILE"), _BOUNCECONFIG + "export_file", "Write the profiles to a file that is not there yet."
            ),
            Form(
                ("clear",),
                _BOUNCECONFIG + "clear",
                "Remove all profiles but Default.",
                flags=(Flag("yes", "Remove them without asking."),),
            ),
        ),
        menu="commands.bounceconfig.profiles:OPERATIONS",
        related=("destconfig", "commit"),
    ),
    Command(
        "certconfig",
        _CERTCONFIG + "menu:certconfig",
        "Configure certificates, authorities and revocation lists.",
        "Mail",
        forms=(
            Form(("certificate", "list"), _CERTCONFIG + "menu:show_list", "List the certificate profiles."),
            Form(
                ("certificate", "print"),
                _CERTCONFIG + "menu:show_uses",
                "List them, and which one each service uses.",
            ),
            Form(
                ("certificate", "view", "CERTIFICATE"),
                _CERTCONFIG + "menu:view_batch",
                "Print what a certificate says.",
            ),
            Form(
                ("certificate", "csr", "CERTIFICATE"),
                _CERTCONFIG + "edit:request_batch",
                "Print the signing request of a profile.",
            ),
            Form(("certificate", "delete", "CERTIFICATE"), _CERTCONFIG + "menu:delete_batch", "Remove a profile."),
            Form(
                ("certauthority", "list"),
                _CERTCONFIG + "authorities:list_authorities",
                "Display how both lists of authorities stand.",
            ),
            Form(
                ("certauthority", "update"),
                _CERTCONFIG + "authorities:update",
                "Take the newest installed bundle as the system list, at once.",
            ),
            Form(("crl", "list"), _CERTCONFIG + "revocation:show_list", "Display the sources and their lists."),
            Form(
                ("crl", "import", "NAME", "FILE"),
                _CERTCONFIG + "revocation:import_batch",
                "Import the list of a source from a file, at once.",
            ),
            Form(("crl", "update"), _CERTCONFIG + "revocation:update_batch", "Fetch the lists of all sources now."),
            Form(
                ("crl", "update", "NAME"),
                _CERTCONFIG + "revocation:update_batch",
                "Fetch the list of a source now.",
            ),
        ),
        menu="commands.certconfig.menu:OPERATIONS",
        related=("destconfig", "listenerconfig", "commit"),
        rules=("V4", "V6", "V8"),
    ),
    Command(
        "destconfig",
        "commands.destconfig.menu:destconfig",
        "Control delivery to other domains: TLS, DANE, MTA-STS, limits.",
        "Mail",
        forms=(
            Form(
                ("setup",),
                _DESTCONFIG + "setup",
                "Change global settings.",
                options=(
                    Option("certificate", "NAME", "The certificate offered on outgoing TLS connections."),
                    Option("alert", SWITCH, "Whether an alert is sent when a required TLS connection fails."),
                ),
            ),
            Form(("new", "DOMAIN"), _DESTCONFIG + "new", "Create an entry.", options=_settings(())),
            Form(("edit", "DOMAIN"), _DESTCONFIG + "edit", "Modify an entry.", options=_settings(_OWN)),
            Form(("delete", "DOMAIN"), _DESTCONFIG + "delete", "Remove an entry."),
            Form(("default",), _DESTCONFIG + "default", "Change the default entry.", options=_settings(())),
            Form(("list",), "commands.destconfig.show:show_list", "Display a summary list of all entries."),
            Form(("detail", "DOMAIN"), _DESTCONFIG + "detail", "Display one entry, DEFAULT or ALL."),
            Form(
                ("clear",),
                _DESTCONFIG + "clear",
                "Remove all entries.",
                flags=(Flag("yes", "Remove them without asking."),),
            ),
            Form(("import", "FILE"), _DESTCONFIG + "import_file", "Replace the table with that of a file."),
            Form(("export", "FILE"), _DESTCONFIG + "export_file", "Write the table to a file that is not there yet."),
        ),
        menu="commands.destconfig.menu:OPERATIONS",
        related=("bounceconfig", "certconfig", "tlsverify", "daneverify", "commit"),
        rules=("P7",),
    ),
    Command(
        "tlsarecord",
        "commands.tlsarecord:tlsarecord",
        "Print the DNS record that publishes a certificate for DANE.",
        "Mail",
        forms=(
            Form(
                ("CERTIFICATE", "HOST"),
                _TLSARECORD,
                "Print the record of a certificate for mail: port 25, usage 3, selector 1, matching type 1.",
            ),
            Form(
                ("CERTIFICATE", "HOST"),
                _TLSARECORD,
                "Print another record.",
                options=(
                    Option("port", (1, 65535), "The TCP port of the service."),
                    Option("usage", (0, 3), "The certificate usage: 2 and 3 are for mail."),
                    Option("selector", (0, 1), "The whole certificate, or its public key."),
                    Option("type", (0, 2), "The content itself, its SHA-256, or its SHA-512."),
                ),
            ),
        ),
        related=("certconfig", "daneverify"),
        rules=("T5", "T10", "T12"),
    ),
)
