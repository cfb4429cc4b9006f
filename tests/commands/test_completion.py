"""What Tab offers on a command line."""

from __future__ import annotations

from typing import Any

import pytest

from commands.completion import completions
from commands.registry import COMMANDS

CONFIG = """\
[destinations.domains."a.example"]
[destinations.domains."b.example"]
[bounce_profiles.Patient]
max_retries = 5
[certificates.partner]
certificate = "x"
private_key = "masked"
[[dns.resolvers]]
address = "127.0.0.1"
port = 5353
[dns.domains.test]
servers = [{ address = "::1", port = 53000 }]
[smtp_routes."a.example"]
to = "dns"
[smtp_routes.ALL]
to = "dns"
"""
OPERATIONS = ["setup", "new", "edit", "delete", "default", "list", "detail", "clear", "import", "export"]
SETTINGS = ["--tls", "--dane", "--mta-sts", "--concurrency", "--messages-per-connection", "--recipients", "--minutes"]


@pytest.mark.parametrize(
    ("line", "typing", "offered"),
    [
        ("", "", list(COMMANDS)),
        ("com", "com", ["commit", "commitdetail"]),
        ("COMMITD", "COMMITD", ["commitdetail"]),
        ("zzz", "zzz", []),
        ("zzz ", "", []),
        ("destconfig ", "", OPERATIONS),
        ("destconfig -> de", "de", ["delete", "default", "detail"]),
        ("destconfig->", "", OPERATIONS),
        ("destconfig edit ", "", ["a.example", "b.example"]),
        ("destconfig edit a", "a", ["a.example"]),
        ("destconfig import ", "", ["table.txt"]),
        ("destconfig edit a.example --d", "--d", ["--dane"]),
        ("destconfig edit a.example --tls ", "", ["no", "preferred", "required", "preferred-verify", "required-verify",
                                                  "required-verify-hosted", "default"]),
        ("destconfig edit a.example --tls no --t", "--t", []),
        ("destconfig edit a.example --tls=required-v", "--tls=required-v",
         ["--tls=required-verify", "--tls=required-verify-hosted"]),
        ("commitdetail ", "", ["1"]),
        ("rollbackconfig --to ", "", ["1"]),
        ("destconfig edit a.example --concurrency ", "", ["default"]),
        ("destconfig edit a.example --bounce-profile ", "", ["Default", "Patient"]),
        ("destconfig setup --certificate ", "", ["partner", "Demo"]),
        ("destconfig clear ", "", ["--yes"]),
        ("help ver", "ver", ["version"]),
        ("help p", "p", ["prompt"]),
        ("dnsconfig edit ", "", ["127.0.0.1:5353", "test"]),
        ("dnsconfig delete test ", "", ["[::1]:53000"]),
        ("dnsconfig new 192.0.2.53 --t", "--t", ["--trusted"]),
        ("smtproutes delete ", "", ["a.example", "ALL"]),
        ("smtproutes new b.example ", "", ["USEDNS", "/dev/null"]),
        ("smtpconfig setup --encryption ", "", ["none", "starttls", "smtps"]),
        ("smtpconfig setup --server ", "", []),
        ("smtpconfig test ", "", []),
        ("tail ", "", ["mail_logs"]),
        ("tail mail_logs ", "", ["--lines"]),
        ("grep TLS ", "", ["mail_logs"]),
        ("grep TLS mail_logs --", "--", ["--ignore-case", "--count"]),
        ("logconfig edit mail_logs --level ", "", ["information", "debug"]),
        ("commit x ", "", ["confirm"]),
        ("version ", "", []),
    ],
)  # fmt: skip
def test_what_may_come_next(person: Any, line: str, typing: str, offered: list[str]) -> None:
    someone = person(CONFIG)
    someone.session.store.folder.write("configuration/table.txt", b"")
    found = completions(someone.session, line)
    assert (found[0], [choice.word for choice in found[1]]) == (typing, offered)


def test_options_come_with_their_sentences(person: Any) -> None:
    _, offered = completions(person(CONFIG).session, "destconfig new c.example --")
    assert [choice.word for choice in offered][: len(SETTINGS)] == SETTINGS
    assert all(choice.sentence.endswith(".") for choice in offered)
