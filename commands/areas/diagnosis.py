"""Commands that show how this system and others stand, and what became of mail; they change nothing here."""

from __future__ import annotations

from commands.command import Command, Flag, Form, Option

_VERIFYING = "commands.verifying."
_LOGS = "commands.logs."
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
        "grep",
        _LOGS + "grep:grep",
        "Search a log for a regular expression.",
        "Diagnosis",
        forms=(
            Form(
                ("PATTERN", "LOG"),
                _LOGS + "grep:grep_batch",
                "Print the lines in which a pattern is found, or only how many there are.",
                flags=(
                    Flag("ignore-case", "Capital and small letters are the same.", optional=True, short="i"),
                    Flag("count", "Print how many lines match.", optional=True, short="c"),
                ),
            ),
        ),
        related=("tail", "logconfig"),
    ),
    Command(
        "logconfig",
        _LOGS + "logconfig:logconfig",
        "Configure what is logged, and how much is kept.",
        "Diagnosis",
        forms=(
            Form(("list",), _LOGS + "logconfig:show_list", "List the logs."),
            Form(
                ("edit", "LOG"),
                _LOGS + "logconfig:edit_batch",
                "Change settings of a log.",
                options=(
                    Option("level", ("information", "debug"), "What is written: Debug too, or not."),
                    Option("max-size", "SIZE", "How large a file gets, like 10M or 500k."),
                    Option("max-files", (2, 100), "How many files there are, the one in use included."),
                ),
            ),
        ),
        menu=_LOGS + "logconfig:OPERATIONS",
        related=("tail", "grep", "commit"),
    ),
    Command(
        "displayalerts",
        "commands.displayalerts:displayalerts",
        "Show the alerts that are kept, and what became of each.",
        "Diagnosis",
        asks=False,
        related=("alertconfig",),
    ),
    Command(
        "hoststatus",
        "commands.hoststatus:hoststatus",
        "Show how mail to a domain stands: policy in force, last attempts.",
        "Diagnosis",
        forms=(Form(("DNS-DOMAIN",), "commands.hoststatus:status_batch", "Show how mail to a domain stands."),),
        related=("deliver", "tlsverify", "daneverify", "mtastsverify", "destconfig"),
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
        "tail",
        _LOGS + "tail:tail",
        "Show the newest lines of a log.",
        "Diagnosis",
        forms=(
            Form(("LOG",), _LOGS + "tail:tail_batch", "Print the last 10 lines; on a terminal go on with new ones."),
            Form(
                ("LOG",),
                _LOGS + "tail:tail_batch",
                "The same with more lines, or fewer.",
                options=(Option("lines", (1, 10_000), "How many lines are printed first."),),
            ),
        ),
        related=("grep", "logconfig"),
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
