"""The lines of `deliver`: what holds for each host, and what happens on the way."""

from __future__ import annotations

from commands.destconfig.views import DANE_WORDS, TLS_WORDS
from gateway.delivery import (
    Answered,
    Closed,
    Connected,
    Connecting,
    Decided,
    HopsFound,
    NotConnected,
    PolicyFound,
    Sending,
    TlsBegun,
)
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.terminal import Terminal
    from gateway.delivery import Event, Message, Plan
    from gateway.destinations import DeliverySettings
    from gateway.host_policy import HostPolicy


class StepLines:
    """Prints what happens, a line each."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __call__(self, event: Event) -> None:
        """Print the lines of an event."""
        for line in _lines(event):
            self._terminal.say(line)


def policy_lines(message: Message, settings: DeliverySettings, plan: Plan, staged: bool) -> Iterator[str]:
    """Yield what would hold for a message."""
    which = "the staged configuration" if staged else "the committed configuration"
    yield f"Mail for {message.domain} under {which}; nothing is sent."
    yield f"Destination entry: {settings.key}"
    yield f"TLS: {TLS_WORDS[settings.tls]}, DANE: {DANE_WORDS[settings.dane]}, MTA-STS: {_switch(settings.mta_sts)}"
    yield plan.hops.sentence
    for host in plan.hosts:
        yield ""
        yield from _host_lines(host)


def _lines(event: Event) -> Iterator[str]:
    if isinstance(event, HopsFound):
        yield event.hops.sentence
    elif isinstance(event, PolicyFound):
        yield from _host_lines(event.policy)
    elif isinstance(event, Connecting):
        yield f"Connecting to {event.address} on port {event.port}."
    elif isinstance(event, Connected):
        yield f"Connected to {event.address} from interface {event.source}."
    elif isinstance(event, NotConnected):
        yield event.attempt.sentence
    elif isinstance(event, Closed):
        if event.attempt.decision is None:
            yield event.attempt.sentence
    elif isinstance(event, TlsBegun):
        done = event.handshake
        yield f"TLS connection established: protocol {done.protocol}, cipher {done.cipher}."
    elif isinstance(event, Decided):
        decision = event.attempt.decision
        if decision is not None and not decision.delivered:
            yield f"Not sent to {event.attempt.host.hop.host.host}: {event.attempt.sentence}"
        elif decision is not None:
            yield event.attempt.sentence
    elif isinstance(event, Sending):
        yield f"Sending the message to {event.host}."
    elif isinstance(event, Answered):
        yield f"{event.host} answered: {event.sent.reply}"


def _host_lines(host: HostPolicy) -> Iterator[str]:
    hop = host.hop
    yield f"Host {hop.host.host} port {hop.port}, preference {hop.host.preference}"
    if not host.addresses:
        yield host.fault
        return
    yield f"{counted(len(host.addresses), 'address', 'addresses')}: {', '.join(host.addresses[:5])}"
    if host.search is not None:
        yield host.search.sentence
    if host.sts != "off":
        yield f"MTA-STS: {STS_WORDS[host.sts]}"
    yield host.policy.sentence
    if host.policy.sts_skipped:
        yield "MTA-STS is skipped, since DANE decides."


STS_WORDS = {
    "absent": "no policy can be had.",
    "none": "the policy's mode is none.",
    "testing": "the policy lists the host, in testing mode.",
    "testing-unlisted": "the policy does not list the host, in testing mode.",
    "enforce": "the policy lists the host and is enforced.",
    "enforce-unlisted": "the policy does not list the host and is enforced.",
}


def _switch(on: bool) -> str:
    return "On" if on else "Off"
