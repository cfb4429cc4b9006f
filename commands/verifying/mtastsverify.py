"""mtastsverify: does MTA-STS protect mail to this domain, and do its MX hosts pass?"""

from __future__ import annotations

from commands.online import run
from commands.terminal import Terminal
from commands.verifying.as_json import sts_json
from commands.verifying.lines import connection_lines, reason_text, say_ending
from commands.verifying.remedies import say_advice
from commands.verifying.revocation_lists import with_due_lists
from commands.verifying.target import read_domain, typed_in_line
from commands.verifying.whole_domain import ask_and_verify, end
from gateway.mta_sts import Record
from gateway.sts_check import MxBegun, MxFound, MxJudged, PolicyBegun, PolicyFound, RecordFound, check_sts
from gateway.verdict import Verdict
from state.wording import counted, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.session import Session
    from gateway.sts_check import StsResult

DOMAIN_QUESTION = "Enter the MTA-STS domain to verify against:"
LAST_WORDS = {"success": "MTA-STS SUCCESS", "failed": "MTA-STS FAILED", "missing": "MTA-STS missing"}


async def mtastsverify(session: Session, terminal: Terminal) -> None:
    """Ask for a domain, and verify it."""
    await ask_and_verify(session, terminal, DOMAIN_QUESTION, verify, "MTA-STS verification completed.")


async def verify_batch(session: Session, terminal: Terminal, domain: str, json: bool = False) -> None:
    """Verify without asking."""
    name = typed_in_line(read_domain, domain)
    if not json:
        terminal.say("")
        verify(session, terminal, name)
        return
    engine = session.engine
    found = run(terminal, with_due_lists(engine, terminal.say_error, lambda: check_sts(engine, name)))
    end(terminal, found.outcome, sts_json(found))


def verify(session: Session, terminal: Terminal, domain: str, last: str = "") -> None:
    """Verify a domain and say each step.

    Raises:
        Unsuccessful: record, policy or a host failed; all is said.
    """
    engine, tell = session.engine, _teller(terminal, domain)
    found = run(terminal, with_due_lists(engine, terminal.say, lambda: check_sts(engine, domain, tell)))
    if found.outcome != "success" and not found.results:
        _say_end(terminal, found)
    end(terminal, found.outcome, f"{LAST_WORDS[found.outcome]} for {domain}", last)


def _teller(terminal: Terminal, domain: str) -> Callable[[object], None]:
    connection = connection_lines(terminal)

    def tell(event: object) -> None:
        connection(event)
        if isinstance(event, RecordFound):
            if isinstance(event.record, Record):
                terminal.say(f"MTA-STS record found for {domain}: id {event.record.id}")
        elif isinstance(event, PolicyBegun):
            terminal.say(f"Fetching {event.url}")
        elif isinstance(event, PolicyFound):
            _say_policy(terminal, event)
        elif isinstance(event, MxFound):
            # Why there are none is said at the end.
            if event.hosts.outcome == "found" and event.hosts.hosts[0].origin != "mx":
                terminal.say(event.hosts.sentence)
        elif isinstance(event, MxBegun):
            listed = "listed in the policy" if event.listed.good else "not listed in the policy"
            if event.host.origin == "mx":
                terminal.say(f"MX record({event.host.host}) found for {domain}, {listed}")
            else:
                terminal.say(f"The host {event.host.host} is {listed}.")
        elif isinstance(event, MxJudged):
            _say_host(terminal, event)

    return tell


def _say_policy(terminal: Terminal, event: PolicyFound) -> None:
    policy = event.policy
    if isinstance(policy, Verdict):
        return
    terminal.say(f"MTA-STS policy: mode {policy.mode}, {counted(policy.max_age, 'second')}, mx {_names(policy.mx)}")
    if event.media_type:
        terminal.say(f"The policy is of the media type {quoted(event.media_type)}; text/plain is expected.")
    if policy.mode == "testing":
        terminal.say("In testing mode failures are only reported; mail is delivered all the same.")


def _names(mx: tuple[str, ...]) -> str:
    return ", ".join(mx[:10]) + (f" and {len(mx) - 10} more" if len(mx) > 10 else "") if mx else "none"


def _say_host(terminal: Terminal, event: MxJudged) -> None:
    verdict = event.result.verdict
    say_ending(terminal, event.result.probes)
    if verdict.good:
        terminal.say("Certificate verification successful")
        return
    if event.result.probes and event.result.probes[-1].handshake is not None:
        terminal.say("Certificate verification failed")
    terminal.say(reason_text(verdict))
    say_advice(terminal, verdict.outcome, event.result.probes)


def _say_end(terminal: Terminal, found: StsResult) -> None:
    terminal.say(reason_text(found.verdict))
    policy_host = isinstance(found.policy, Verdict)
    say_advice(terminal, f"policy-{found.verdict.outcome}" if policy_host else found.verdict.outcome)
