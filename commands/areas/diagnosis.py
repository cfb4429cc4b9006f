"""Commands that ask other systems how they stand; they change nothing."""

from __future__ import annotations

from commands.command import Command, Flag, Form, Option

_VERIFYING = "commands.verifying."
_JSON = Flag("json", "Print what was found as one line of JSON.", optional=True)

_MESSAGE = (
    Option("from", "ADDRESS", "The sender."),
    Option("subject", "TEXT", "The subject of the text."),
    Option("file", "FILE", "A file of the configuration directory: a whole message, or its text."),
)
_PLAN = (
    Flag("dry-run", "Send nothing.", optional=True),
    Flag("staged", "Go by the staged configuration.", optional=True),
)

COMMANDS = (
    Command(
        "daneverify",
        _VERIFYING + "daneverify:daneverify",
        "Verify DANE for a domain: MX, addresses, TLSA records and certificates.",
        "Diagnosis",
        forms=(
            Form(
                ("DNS-DOMAIN",),
                _VERIFYING + "daneverify:verify_batch",
                "Verify each MX host of a domain.",
                flags=(_JSON,),
            ),
        ),
        related=("tlsverify", "mtastsverify", "destconfig", "dnsconfig", "tlsarecord"),
    ),
    Command(
        "deliver",
        "commands.deliver:deliver",
        "Deliver one message under the committed configuration, and say each step.",
        "Diagnosis",
        forms=(
            Form(("ADDRESS",), "commands.deliver:deliver_batch", "Deliver a short text."),
            Form(
                ("ADDRESS",),
                "commands.deliver:deliver_batch",
                "Deliver a message of one's own, or only say which policy would hold and why.",
                options=_MESSAGE,
                flags=_PLAN,
            ),
        ),
        related=("tlsverify", "daneverify", "mtastsverify", "destconfig", "smtproutes"),
        rules=("P7",),
    ),
    Command(
        "mtastsverify",
        _VERIFYING + "mtastsverify:mtastsverify",
        "Verify MTA-STS for a domain: record, policy and certificates.",
        "Diagnosis",
        forms=(
            Form(
                ("DNS-DOMAIN",),
                _VERIFYING + "mtastsverify:verify_batch",
                "Fetch the policy of a domain and hold each of its MX hosts against it.",
                flags=(_JSON,),
            ),
        ),
        related=("tlsverify", "daneverify", "destconfig"),
    ),
    Command(
        "tlsverify",
        _VERIFYING + "tlsverify:tlsverify",
        "Verify TLS to a host as Required - Verify does.",
        "Diagnosis",
        forms=(
            Form(
                ("DNS-DOMAIN", "HOST"),
                _VERIFYING + "tlsverify:verify_batch",
                "Verify a host, with :PORT behind it if that is not 25, for a domain.",
                flags=(
                    Flag("chain", "Print the presented certificates and the session too.", optional=True),
                    _JSON,
                ),
            ),
            Form(
                (),
                _VERIFYING + "every:verify_all",
                "Verify all hosts of every destination that has a TLS setting.",
                flags=(Flag("all", "Means all of them."), _JSON),
            ),
        ),
        related=("daneverify", "mtastsverify", "destconfig", "certconfig", "sslconfig"),
        rules=("V4", "V6", "V8"),
    ),
)
