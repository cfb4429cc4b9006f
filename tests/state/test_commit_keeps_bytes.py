"""A hand-edited config.toml through edits and commits: what should not change keeps every byte."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from state.folder import Memory
from state.model import Configuration, Destination, Recipients
from state.staging import Staging
from state.store import CONFIG, Store
from state.validation import read_configuration

DOMAINS = ("a.example", ".b.example", "xn--bcher-kva.example", "[10.0.0.1]")
ENDS = ("\n", "\r\n")


RECIPIENTS = ("recipients = { limit = 10, minutes = 5 }", "recipients.limit = 10", "recipients={limit=10}")
TABLES = (
    """\
[interfaces]
P = { address = "10.0.0.1/24", ssh = 22 } # one line""",
    """\
[[alerts.recipients]]
address = "a@b.example"
classes = [
  "System", # first
]

# the second
[[alerts.recipients]]
address = "c@d.example\"""",
    """\
[tls.outbound]
methods = ["TLSv1.3"]
require_fqdn = true""",
    """\
[destinations.default] # all others
tls = "preferred"
concurrency = 0x1F""",
    '''\
[certificates.partner]
certificate = """
-----BEGIN CERTIFICATE-----
[x]
a = 1
-----END CERTIFICATE-----
"""
private_key = "masked"''',
)


def entry_text(random: Random, domain: str) -> list[str]:
    """Return the lines of one entry in one of the forms that TOML has for it; no two comments are alike."""
    head = f'destinations.domains."{domain}"'
    note = random.choice(["", "  # why", "\t# [not.a.header]"])
    forms = (
        [f'[ destinations . domains . "{domain}" ]{note}', f'tls = "required"{note}', random.choice(RECIPIENTS)],
        [f"[{head}]", f"# only a comment {random.random()}", "", f"[{head}.recipients]{note}", "limit = 10"],
        [f"[{head}]{note}", "tls = '''required'''", "mta_sts   =   true", f"# at the end {random.random()}"],
        [f"[{head}]", 'bounce_profile = """\\', '   Default"""'],
    )
    return random.choice(forms)


def config_text(seed: int) -> str:
    """Return a configuration as people write them: comments, blank lines, all forms of tables, either line end."""
    random = Random(seed)
    lines = ["# our gateway", "hostname = 'mail.example.com' # the name", 'dialogs="classic"'][: random.randrange(4)]
    if random.random() < 0.3:
        lines.append("alerts.initial_wait = 60")
    entries = [entry_text(random, domain) for domain in random.sample(DOMAINS, random.randrange(len(DOMAINS) + 1))]
    others = [table.split("\n") for table in random.sample(TABLES, random.randrange(len(TABLES) + 1))]
    mixed = random.sample(entries + others, len(entries) + len(others))
    for block in mixed:
        lines += [""] * random.randrange(3) + [f"# {random.random()}" for _ in range(random.randrange(3))] + block
    end = random.choice(ENDS)
    return end.join(lines) + end * random.randrange(3)


def changed(random: Random, configuration: Configuration) -> tuple[Configuration, str]:
    """Return the configuration with one change, and the word that marks the statements it may touch."""
    domains = dict(configuration.destinations.domains)
    kind = random.randrange(6)
    if kind == 0:
        return replace(configuration, hostname=f"mx{random.randrange(9)}.example.com"), "hostname"
    if kind == 1 and domains:
        name = random.choice(list(domains))
        del domains[name]
        return configuration.with_destinations(domains=domains), name
    name = random.choice(DOMAINS) if kind < 5 else f"new{random.randrange(99)}.example"
    entry = domains.get(name, Destination())
    fields: dict[str, object] = random.choice(
        [
            {"tls": "preferred"},
            {"tls": None, "concurrency": 7},
            {"recipients": Recipients(limit=11, minutes=9)},
            {"recipients": None},
            {"mta_sts": False, "dane": "mandatory", "tls": "required"},
            {"messages_per_connection": 3, "limits_apply_to": "mail-exchanger"},
        ]
    )
    domains[name] = replace(entry, **fields)
    return configuration.with_destinations(domains=domains), name


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_edits_and_commits_change_the_values_and_nothing_else(seed: int, steps: int) -> None:
    folder = Memory()
    text = config_text(seed)
    tomllib.loads(text)
    folder.write(CONFIG, text.encode())
    store = Store(folder, lambda: datetime.now(UTC))
    staging = Staging(store, "admin")
    random = Random(steps)
    for _ in range(random.randrange(1, 5)):
        before = store.committed.text
        touched = set()
        for _ in range(random.randrange(1, 4)):
            staging.configuration, word = changed(random, staging.configuration)
            touched.add(word)
            staging.save()
        wanted = staging.configuration
        staging.commit("", rollback=True)
        after = (folder.read(CONFIG) or b"").decode()
        assert read_configuration(after) == wanted
        assert_kept(before, after, touched)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return (header, text) of each table, cut where a line that is no part of a string or list begins with [."""
    cut: list[tuple[str, str]] = [("", "")]
    for line in text.splitlines(keepends=True):
        header = line.startswith("[") and line.rstrip() != "[x]"
        if header:
            cut.append((line.split("#")[0].strip(), ""))
        cut[-1] = (cut[-1][0], cut[-1][1] + line)
    return cut


def assert_kept(before: str, after: str, touched: set[str]) -> None:
    """Every table that was not named by a change stands in the new text as it was, in the same order."""
    position = 0
    for header, block in blocks(before):
        if any(f'"{word}"' in header for word in touched):
            continue
        for line in block.splitlines(keepends=True):
            if not line.strip() or ("hostname" in touched and "hostname" in line):
                continue
            found = after.find(line.rstrip("\r\n"), position)
            assert found >= 0 or comment_of_a_removed_table(line, before, touched), (line, before, after)
            position = max(position, found)
    if "\r\n" in before:
        assert after.count("\n") == after.count("\r\n") or before.count("\n") != before.count("\r\n")


def comment_of_a_removed_table(line: str, before: str, touched: set[str]) -> bool:
    """Comment lines directly above a header that a change named may go with it."""
    below = before.split(line, 1)[1].lstrip("\r\n") if line.startswith("#") else ""
    for follower in below.splitlines():
        if follower.startswith("#"):
            continue
        return follower.startswith("[") and any(f'"{word}"' in follower for word in touched)
    return False


def test_the_generated_texts_are_configurations() -> None:
    for seed in range(300):
        read_configuration(config_text(seed))
