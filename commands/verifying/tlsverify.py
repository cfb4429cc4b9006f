"""tlsverify: is TLS to this host as good as Required - Verify asks for?"""

from __future__ import annotations

from commands.online import run
from commands.terminal import Terminal, Unsuccessful, Volatile
from commands.verifying.as_json import tls_json
from commands.verifying.lines import chain_lines, connection_lines, reason_text, say_ending
from commands.verifying.remedies import say_advice
from commands.verifying.revocation_lists import with_due_lists
from commands.verifying.target import Target, ask_domain, ask_target, read_domain, read_target, typed_in_line
from gateway.fields import shown
from gateway.tls_check import Judged, check_tls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.session import Session
    from gateway.tls_check import TlsResult

MARKS = {"sent": "C:", "received": "S:", "note": "--"}
DOMAIN_QUESTION = "Enter the TLS domain to verify against:"


async def tlsverify(session: Session, terminal: Terminal) -> None:
    """Ask for domain and host, and verify."""
    domain = await ask_domain(terminal, DOMAIN_QUESTION)
    target = await ask_target(terminal, domain)
    terminal.no_more_words()
    verify(session, terminal, domain, target)


async def verify_batch(
    session: Session, terminal: Terminal, domain: str, host: str, chain: bool = False, json: bool = False
) -> None:
    """Verify without asking."""
    name, target = typed_in_line(read_domain, domain), typed_in_line(read_target, host)
    if json:
        engine = session.engine
        found = run(terminal, with_due_lists(engine, terminal.say_error, lambda: check_tls(engine, name, *target)))
        terminal.say(tls_json(found))
        if not found.good:
            raise Unsuccessful
        return
    verify(session, terminal, name, target, chain)


def verify(session: Session, terminal: Terminal, domain: str, target: Target, chain: bool = False) -> None:
    """Verify a host and say each step.

    Raises:
        Unsuccessful: it did not pass; all is said.
    """
    terminal.say("")
    engine, tell = session.engine, _teller(terminal)
    found = run(terminal, with_due_lists(engine, terminal.say, lambda: check_tls(engine, domain, *target, tell)))
    say_end(terminal, found, chain)
    if not found.good:
        raise Unsuccessful


def say_end(terminal: Terminal, found: TlsResult, chain: bool) -> None:
    """Say how it ended, and show what was presented where that is wanted."""
    if chain and found.certificates:
        terminal.say("")
        terminal.say("\n".join(["Presented certificates:", *chain_lines(found.certificates)]))
        terminal.say("")
    if chain and found.probes:
        terminal.say("Session:")
        for line in found.probes[-1].transcript:
            terminal.say(Volatile("any", f"{line.seconds:7.3f}"), f" {MARKS[line.direction]} {line.text}")
        terminal.say("")
    say_ending(terminal, found.probes)
    address = found.probes[-1].address if found.probes else ""
    if found.good:
        terminal.say(f"TLS connection to {address} succeeded.")
        terminal.say("")
        terminal.say(f"TLS successfully connected to {found.host}.")
    else:
        terminal.say(f"TLS connection to {address or found.host} failed: {reason_text(found.verdict)}")
        say_advice(terminal, found.verdict.outcome, found.probes)
        terminal.say("")
        terminal.say(f"TLS was not successfully connected to {found.host}.")
    terminal.say("TLS verification completed.")


def _teller(terminal: Terminal) -> Callable[[object], None]:
    connection = connection_lines(terminal)

    def tell(event: object) -> None:
        connection(event)
        if isinstance(event, Judged):
            _say_judgment(terminal, event)

    return tell


def _say_judgment(terminal: Terminal, judged: Judged) -> None:
    terminal.say("Verifying peer certificate.")
    names = judged.trust.names
    about_names = judged.trust.verdict.good or judged.trust.verdict.reason == "certificate-host-mismatch"
    if judged.matched or (about_names and any(names)):
        kind, name = ("common name", names.common_names[-1]) if names.common_names else ("alternative names", "")
        text = shown(name, 64) if name else ", ".join(shown(one, 64) for one in names.dns_names[:5])
        terminal.say(f"Verifying certificate {kind} {text}.")
    if judged.trust.verdict.good:
        terminal.say(f"TLS certificate match {shown(judged.matched, 253)}")
        terminal.say("TLS certificate verified.")
    else:
        terminal.say("TLS certificate not verified.")
