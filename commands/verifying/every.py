"""tlsverify --all: every destination that has a TLS setting, in parallel, and a table of how they stand."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from commands.destconfig.views import TLS_WORDS
from commands.online import run
from commands.table import table
from commands.terminal import Terminal, Unsuccessful
from commands.verifying.as_json import as_line, tls_values
from commands.verifying.lines import reason_text
from commands.verifying.revocation_lists import with_due_lists
from gateway.host_probe import as_address
from gateway.next_hops import next_hops
from gateway.tls_check import TlsResult, check_tls, shown_host
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.session import Session
    from gateway.engine import Engine
    from gateway.next_hops import Hop
    from state.model import TlsSetting

AT_ONCE = 20
"""Hosts that are connected to at the same time."""
MOST_HOSTS = 10
"""Hosts of one domain that are looked at, the most preferred ones."""
NO_HOSTS = {"451 4.4.3": "dns-error", "550 5.1.2": "no-such-domain", "556 5.1.10": "null-mx"}
"""A word for each reply that stands for a domain without hosts."""
MOST_TOLD = 20
"""Failing hosts that are told about in a sentence each, beside their rows."""
SHRINKS = [(2, 20), (4, 25), (2, 12), (4, 18), (0, 20), (4, 12), (0, 12)]
"""How columns give way: the sentences below name a failing host in full, and a domain that is cut could be any."""


class Line(NamedTuple):
    """One row: a host of a destination, or why there is none to connect to.

    Attributes:
        domain: the destination.
        tls: its TLS setting.
        found: what tlsverify found; None where there was no host.
        outcome: why there was none, as a word; "" where there was one.
        sentence: the same for people.
    """

    domain: str
    tls: TlsSetting
    found: TlsResult | None
    outcome: str = ""
    sentence: str = ""

    @property
    def fails(self) -> bool:
        """Whether mail would not be delivered with the setting; Preferred - Verify only logs what is not verified."""
        if self.found is None:
            return bool(self.sentence)
        if self.tls.startswith("required-verify"):
            return not self.found.good
        return not self.encrypted and not self.clear

    @property
    def encrypted(self) -> bool:
        """Whether TLS was established, and did not break behind the handshake."""
        last = self.found.probes[-1] if self.found is not None and self.found.probes else None
        return last is not None and last.handshake is not None and last.failure is None

    @property
    def clear(self) -> bool:
        """Whether mail would go in the clear: TLS is only preferred, and the session goes on without (rule S1)."""
        failure = self.found.probes[-1].failure if self.found is not None and self.found.probes else None
        if failure is None or not self.tls.startswith("preferred"):
            return False
        closes = failure.reply is not None and failure.reply.code == 421
        return failure.reason == "starttls-not-supported" and not closes


async def verify_all(session: Session, terminal: Terminal, json: bool = False) -> None:
    """Verify every destination with a TLS setting of its own; partial domains have no hosts and are named.

    Raises:
        Unsuccessful: one fails; all is said.
    """
    entries = session.engine.configuration.destinations.domains.items()
    set_here: list[tuple[str, TlsSetting]] = [
        (domain, entry.tls) for domain, entry in entries if entry.tls is not None and entry.tls != "no"
    ]
    asked = [(domain, tls) for domain, tls in set_here if not domain.startswith(".")]
    partial = [domain for domain, _ in set_here if domain.startswith(".")]

    def progress(done: int) -> None:
        terminal.show_progress(done, len(asked), "Verifying destinations")

    engine, tell = session.engine, terminal.say_error if json else terminal.say
    more: list[str] = []

    def passed_over(domain: str, number: int) -> None:
        more.append(f"Only the {MOST_HOSTS} most preferred of the {number} hosts of {domain} were verified.")

    found = run(terminal, with_due_lists(engine, tell, lambda: verify_each(engine, asked, progress, passed_over)))
    if json:
        for sentence in more:
            tell(sentence)
        terminal.say(as_line([_values(line) for line in found]))
    else:
        _say_table(terminal, found)
        _say_failing(terminal, [line for line in found if line.fails])
        for sentence in more:
            tell(sentence)
        if partial:
            terminal.say(f"Not verified, since partial domains have no hosts of their own: {', '.join(partial)}")
        failing = sum(line.fails for line in found)
        terminal.say(f"{counted(len(asked), 'destination')}, {counted(len(found), 'host')}, {failing} failing.")
    if any(line.fails for line in found):
        raise Unsuccessful


async def verify_each(
    engine: Engine,
    asked: list[tuple[str, TlsSetting]],
    progress: Callable[[int], None],
    passed_over: Callable[[str, int], object],
) -> list[Line]:
    """Verify all hosts of all destinations, and return them in the order of the destinations.

    Args:
        engine: the appliance at work.
        asked: domains with their TLS settings.
        progress: told how many destinations are done, whenever that changes.
        passed_over: told of a destination that has more hosts than are verified, and how many.

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read.
    """
    done = 0
    turns, connections = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE)

    async def one(domain: str, tls: TlsSetting) -> list[Line]:
        nonlocal done
        async with turns:
            hops, *reason = await _hops(engine, domain)
            # A domain whose hosts do not answer takes no longer than one of them.
            tasks = [group.create_task(verified(domain, tls, hop)) for hop in hops[:MOST_HOSTS]]
            found = [await task for task in tasks] or [Line(domain, tls, None, *reason)]
            if len(hops) > MOST_HOSTS:
                passed_over(domain, len(hops))
        done += 1
        progress(done)
        return found

    async def verified(domain: str, tls: TlsSetting, hop: Hop) -> Line:
        host = as_address(hop.host.host) or hop.host.host
        references = [name for name in (host, domain, hop.route) if name] if tls == "required-verify-hosted" else []
        literal = hop.host.origin == "address-literal"
        async with connections:
            found = await check_tls(engine, domain, host, hop.port, literal=literal, references=references)
        return Line(domain, tls, found)

    progress(done)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(domain, tls)) for domain, tls in asked]
    except ExceptionGroup as failed:  # what is wrong here is wrong with the appliance, for all of them
        raise failed.exceptions[0] from None
    return [line for task in tasks for line in task.result()]


async def _hops(engine: Engine, domain: str) -> tuple[tuple[Hop, ...], str, str]:
    """Return the hosts that a delivery to a destination tries; without any, a word and a sentence of why."""
    found = await next_hops(engine, engine.configuration, domain)
    if found.discard:
        return (), "discarded", found.sentence
    return found.hops, NO_HOSTS.get(found.reply, "no-host"), found.sentence


def _values(line: Line) -> dict[str, object]:
    found = tls_values(line.found) if line.found else _without(line)
    return {"tls": line.tls, "fails": line.fails, **found}


def _without(line: Line) -> dict[str, object]:
    return {"domain": line.domain, "outcome": line.outcome, "sentence": line.sentence}


def _say_table(terminal: Terminal, found: list[Line]) -> None:
    heads = ["Domain", "TLS", "Host", "Result", "Reason"]
    rows = [[line.domain, TLS_WORDS[line.tls], *_cells(line)] for line in found]
    terminal.say("")
    terminal.say("\n".join(table([heads], rows, [6, 3, 4, 6, 6], "-", terminal.width, SHRINKS)))
    terminal.say("")


def _say_failing(terminal: Terminal, failing: list[Line]) -> None:
    """Say in full what is wrong; a row has no room for it, and is one of many."""
    for line in failing[:MOST_TOLD]:
        if line.found is None:
            terminal.say(f"{line.domain}: {line.sentence}")
        else:
            host = shown_host(line.found.host, line.found.port)
            terminal.say(f"{line.domain} at {host}: {reason_text(line.found.verdict)}")
    if len(failing) > MOST_TOLD:
        terminal.say(f"and {len(failing) - MOST_TOLD} more; tlsverify --all --json says of each what is wrong.")
    if failing:
        terminal.say("")


def _cells(line: Line) -> list[str]:
    if line.found is None:
        return ["-", "no host", line.outcome]
    host = shown_host(line.found.host, line.found.port)
    if line.found.good:
        return [host, "verified", line.found.probes[-1].handshake.protocol if line.found.probes[-1].handshake else ""]
    verdict = line.found.verdict
    result = "in the clear" if line.clear else "no TLS"
    if line.encrypted:
        result = "not verified" if line.fails else "encrypted"
    return [host, result, verdict.reason or verdict.outcome]
