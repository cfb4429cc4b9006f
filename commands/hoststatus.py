"""hoststatus: how mail to a domain stands: the policy in force, what the last attempts found, DANE and MTA-STS."""

from __future__ import annotations

from commands.deliver_lines import STS_WORDS
from commands.destconfig.views import DANE_WORDS, TLS_WORDS
from commands.online import run
from commands.terminal import Terminal, Volatile
from commands.verifying.target import ask_domain, read_domain, typed_in_line
from commands.wording import time_text
from gateway.delivery import planned
from gateway.destinations import delivery_settings
from gateway.host_status import kept
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.session import Session
    from gateway.host_policy import HostPolicy
    from gateway.host_status import AttemptRecord

DOMAIN_QUESTION = "Enter the domain whose status you want to see:"
WORDS = {
    "delivered-verified": "Delivered over TLS, the host verified",
    "delivered-encrypted": "Delivered over TLS, the host not verified",
    "delivered-clear": "Delivered in the clear",
    "next-host": "Not delivered: TLS is not what is asked for",
    "no-session": "Not delivered: no session",
    "not-taken": "Not delivered: not taken now",
    "refused": "Not delivered: refused",
}


async def hoststatus(session: Session, terminal: Terminal) -> None:
    """Ask for a domain, and show how it stands."""
    domain = await ask_domain(terminal, DOMAIN_QUESTION)
    terminal.no_more_words()
    _show(session, terminal, domain)


async def status_batch(session: Session, terminal: Terminal, domain: str) -> None:
    """Show how a domain stands."""
    _show(session, terminal, typed_in_line(read_domain, domain))


def _show(session: Session, terminal: Terminal, domain: str) -> None:
    engine = session.engine
    settings = delivery_settings(engine.configuration, domain)
    terminal.say("")
    plan = run(terminal, planned(engine, engine.configuration, settings, domain))
    terminal.say(f"Host mail status for: {domain}")
    terminal.say("Status as of: ", time_text(engine.now()))
    terminal.say("")
    terminal.say(f"Destination entry: {settings.key}")
    switch = "On" if settings.mta_sts else "Off"
    terminal.say(f"TLS: {TLS_WORDS[settings.tls]}, DANE: {DANE_WORDS[settings.dane]}, MTA-STS: {switch}")
    terminal.say(plan.hops.sentence)
    for host in plan.hosts:
        terminal.say("")
        terminal.say("\n".join(_host_lines(host)))
    attempts = kept(session.store.folder, domain)
    terminal.say("")
    if not attempts:
        terminal.say("No delivery to this domain was tried yet.")
        return
    terminal.say(f"Last {counted(len(attempts), 'attempt')}, the newest first:")
    for attempt in attempts:
        _say_attempt(terminal, attempt)


def _host_lines(host: HostPolicy) -> Iterator[str]:
    yield f"Host {host.hop.host.host} port {host.hop.port}, preference {host.hop.host.preference}"
    if not host.addresses:
        yield host.fault
        return
    yield f"    Addresses: {', '.join(host.addresses[:5])}"
    if host.search is not None:
        yield f"    DANE: {host.search.sentence}"
    if host.sts != "off":
        yield f"    MTA-STS: {STS_WORDS[host.sts]}"
    yield f"    In force: {host.policy.sentence}"


def _say_attempt(terminal: Terminal, attempt: AttemptRecord) -> None:
    address = f" ({attempt.address})" if attempt.address else ""
    time: Volatile = time_text(attempt.time)
    terminal.say(time, f"  {attempt.host}{address}")
    terminal.say(f"    {WORDS.get(attempt.outcome, attempt.outcome)}")
    if attempt.protocol:
        terminal.say(f"    TLS: protocol {attempt.protocol}, cipher {attempt.cipher}")
    if attempt.reason:
        terminal.say(f"    Reason: {attempt.reason}")
    terminal.say(f"    {attempt.sentence}")
