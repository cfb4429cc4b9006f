"""daneverify: does DANE protect mail to this domain, and do its hosts pass?"""

from __future__ import annotations

from commands.online import run
from commands.terminal import Terminal
from commands.verifying.as_json import dane_json
from commands.verifying.lines import connection_lines, reason_text, say_ending
from commands.verifying.remedies import say_advice
from commands.verifying.target import read_domain, typed_in_line
from commands.verifying.whole_domain import ask_and_verify, end
from gateway.dane_check import HostBegun, HostJudged, HostsFound, TlsaFound, check_dane
from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.session import Session

DOMAIN_QUESTION = "Enter the DANE domain to verify against:"
LAST_WORDS = {"success": "DANE SUCCESS", "failed": "DANE FAILED", "missing": "DANE missing"}


async def daneverify(session: Session, terminal: Terminal) -> None:
    """Ask for a domain, and verify it."""
    await ask_and_verify(session, terminal, DOMAIN_QUESTION, verify, "DANE verification completed.")


async def verify_batch(session: Session, terminal: Terminal, domain: str, json: bool = False) -> None:
    """Verify without asking."""
    name = typed_in_line(read_domain, domain)
    if not json:
        terminal.say("")
        verify(session, terminal, name)
        return
    found = run(terminal, check_dane(session.engine, name))
    end(terminal, found.outcome, dane_json(found))


def verify(session: Session, terminal: Terminal, domain: str, last: str = "") -> None:
    """Verify a domain and say each step.

    Raises:
        Unsuccessful: a host failed and none passed; all is said.
    """
    found = run(terminal, check_dane(session.engine, domain, _teller(terminal, domain)))
    if found.outcome == "success" and (failed := [one for one in found.results if one.outcome == "failed"]):
        hosts = ", ".join(one.host.host for one in failed)
        terminal.say(f"Failed, so that mail goes to another host: {hosts}")
    if found.outcome == "failed" and any(one.outcome == "success" for one in found.results):
        terminal.say("Hosts passed by records that nobody vouches for; that is no success.")
    end(terminal, found.outcome, f"{LAST_WORDS[found.outcome]} for {domain}", last)


def _teller(terminal: Terminal, domain: str) -> Callable[[object], None]:
    connection = connection_lines(terminal)

    def tell(event: object) -> None:
        connection(event)
        if isinstance(event, Verdict):
            terminal.say(event.sentence)
            say_advice(terminal, event.outcome)
        elif isinstance(event, HostsFound):
            _say_hosts(terminal, event, domain)
        elif isinstance(event, HostBegun):
            _say_host(terminal, event, domain)
        elif isinstance(event, TlsaFound):
            _say_tlsa(terminal, event, domain)
        elif isinstance(event, HostJudged):
            _say_result(terminal, event, domain)

    return tell


def _say_hosts(terminal: Terminal, event: HostsFound, domain: str) -> None:
    hosts = event.hosts
    if hosts.outcome == "error":
        terminal.say(f"BOGUS MX record found for {domain}")
    if hosts.outcome != "found" or hosts.hosts[0].origin != "mx":
        terminal.say(hosts.sentence)
    if hosts.outcome == "error":
        say_advice(terminal, "look-up-failed")


def _say_host(terminal: Terminal, event: HostBegun, domain: str) -> None:
    host = event.host
    if host.origin == "mx":
        terminal.say(f"{host.security.upper()} MX record({host.host}) found for {domain}")
    for kind, answer in (("A", event.addresses.a), ("AAAA", event.addresses.aaaa)):
        if answer is not None and answer.security == "error":
            terminal.say(f"BOGUS {kind} record found for MX({host.host}) in {domain}")
            if event.addresses.addresses:  # else it is why the host fails, and said there
                terminal.say(answer.fault)
        for address in answer.records if answer is not None else ():
            word = answer.security.upper() if answer is not None else ""
            terminal.say(f"{word} {kind} record ({address}) found for MX({host.host}) in {domain}")


def _say_tlsa(terminal: Terminal, event: TlsaFound, domain: str) -> None:
    where = f"MX({event.host.host}) in {domain}"
    if event.search.state in ("usable", "unusable"):
        terminal.say(f"SECURE TLSA record found for {where}")
    elif event.search.state == "error" and event.answers:
        terminal.say(f"BOGUS TLSA record found for {where}")
    elif any(answer.records for answer in event.answers):
        terminal.say(f"INSECURE TLSA record found for {where}")
    elif event.answers:
        terminal.say(f"No TLSA record found for {where}")


def _say_result(terminal: Terminal, event: HostJudged, domain: str) -> None:
    result = event.result
    say_ending(terminal, result.probes)
    if result.outcome == "success":
        terminal.say("Certificate verification successful")
        terminal.say(f"TLS connection succeeded {domain}.")
        return
    if result.probes and result.probes[-1].handshake is not None:
        terminal.say("Certificate verification failed")
    terminal.say(reason_text(result.verdict))
    if result.outcome == "failed":
        say_advice(terminal, result.verdict.outcome, result.probes)
        if result.probes:
            terminal.say(f"TLS connection failed {domain}.")
