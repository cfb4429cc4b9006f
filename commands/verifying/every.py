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
from gateway.routes import route_for
from gateway.tls_check import TlsResult, check_tls, shown_host
from gateway.tlsa_search import mail_hosts
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.session import Session
    from gateway.engine import Engine
    from state.model import TlsSetting

AT_ONCE = 20
"""Hosts that are connected to at the same time."""
MOST_HOSTS = 10
"""Hosts of one domain that are looked at, the most preferred ones."""
SMTP_PORT = 25
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
        """Whether mail would not be delivered: verified as far as the setting asks for it."""
        if self.found is None:
            return bool(self.sentence)
        if self.tls.endswith(("verify", "hosted")):
            return not self.found.good
        return not self.found.probes or self.found.probes[-1].handshake is None


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
    found = run(terminal, with_due_lists(engine, tell, lambda: verify_each(engine, asked, progress)))
    if json:
        terminal.say(as_line([_values(line) for line in found]))
    else:
        _say_table(terminal, found)
        _say_failing(terminal, [line for line in found if line.fails])
        if partial:
            terminal.say(f"Not verified, since partial domains have no hosts of their own: {', '.join(partial)}")
        failing = sum(line.fails for line in found)
        terminal.say(f"{counted(len(asked), 'destination')}, {counted(len(found), 'host')}, {failing} failing.")
    if any(line.fails for line in found):
        raise Unsuccessful


async def verify_each(
    engine: Engine, asked: list[tuple[str, TlsSetting]], progress: Callable[[int], None]
) -> list[Line]:
    """Verify all hosts of all destinations, and return them in the order of the destinations.

    Args:
        engine: the appliance at work.
        asked: domains with their TLS settings.
        progress: told how many destinations are done, whenever that changes.

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
            hosts, literal, *reason = await _hosts(engine, domain)
            # A domain whose hosts do not answer takes no longer than one of them.
            tasks = [group.create_task(verified(domain, tls, *place, literal)) for place in hosts[:MOST_HOSTS]]
            found = [await task for task in tasks] or [Line(domain, tls, None, *reason)]
        done += 1
        progress(done)
        return found

    async def verified(domain: str, tls: TlsSetting, host: str, port: int, literal: bool) -> Line:
        async with connections:
            return Line(domain, tls, await check_tls(engine, domain, host, port, literal=literal))

    progress(done)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(domain, tls)) for domain, tls in asked]
    except ExceptionGroup as failed:  # what is wrong here is wrong with the appliance, for all of them
        raise failed.exceptions[0] from None
    return [line for task in tasks for line in task.result()]


async def _hosts(engine: Engine, domain: str) -> tuple[list[tuple[str, int]], bool, str, str]:
    """Return the hosts that mail for a destination goes to: of its route, the address literal itself, or its MX.

    Then whether a host may be an address, and where there are no hosts a word and a sentence of why.
    """
    if (address := as_address(domain)) is not None:
        return [(address, SMTP_PORT)], True, "", ""
    route = route_for(engine.configuration, domain)
    if route is not None:
        return [(hop.host, hop.port) for hop in route.hosts], True, "discarded", "The route discards its mail."
    found = mail_hosts(domain, await engine.dns.mx(domain))
    outcome = "dns-error" if found.outcome == "error" else found.outcome
    return [(host.host, SMTP_PORT) for host in found.hosts], False, outcome, found.sentence


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
    over_tls = line.found.probes and line.found.probes[-1].handshake is not None
    result = "no TLS" if not over_tls else "not verified" if line.fails else "encrypted"
    return [host, result, verdict.reason or verdict.outcome]
