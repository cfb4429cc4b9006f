"""The batch forms of listenerconfig: what is set is shown, a client is judged, a certificate is chosen."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.dialog import say
from commands.listenerconfig import listeners
from commands.listenerconfig.host_access import HOST_ACCESS
from commands.listenerconfig.parameters import BEHAVIOR_WORDS, TLS_WORDS, block
from commands.listenerconfig.summary import summary
from commands.terminal import Refused, Terminal
from state.model import certificate_choices
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session


async def show_list(session: Session, terminal: Terminal) -> None:
    """`listenerconfig list`."""
    say(terminal, "\n".join(listeners.state_lines(session)))


async def show(session: Session, terminal: Terminal, name: str) -> None:
    """`listenerconfig show NAME`."""
    found = _existing(session, name)
    say(terminal, "\n".join(summary(session, found)))
    say(terminal, "\n".join(block(session.staged.listeners[found].host_access.default)))


async def hat(session: Session, terminal: Terminal, name: str) -> None:
    """`listenerconfig hat NAME`."""
    await HOST_ACCESS.show(session, terminal, _existing(session, name))


async def decide(session: Session, terminal: Terminal, name: str, address: str, host: str | None = None) -> None:
    """`listenerconfig decide NAME ADDRESS [HOST]`: what the staged table says of a client."""
    from gateway.host_access import HostAccessTable

    table = session.staged.listeners[_existing(session, name)].host_access
    unknown = [group.policy for group in table.groups if group.policy not in table.every_policy]
    if unknown:
        raise Refused(f"There is no policy {quoted(unknown[0])}, which a sender group names; create it first.")
    try:
        decision = HostAccessTable(table).decide(address, host)
    except ValueError:
        raise Refused(f"{quoted(address)} is not a valid IP address.") from None
    say(terminal, f"Sender Group: {decision.group or '(none)'}")
    terminal.say(f"Policy: {decision.policy or '(Default)'}")
    terminal.say(f"Behavior: {BEHAVIOR_WORDS[decision.behavior]}")
    terminal.say(f"TLS: {TLS_WORDS[decision.tls]}")


async def certificate(session: Session, terminal: Terminal, name: str, profile: str) -> None:
    """`listenerconfig edit NAME certificate PROFILE`."""
    found = _existing(session, name)
    known = certificate_choices(session.staged)
    chosen = next((one for one in known if one.lower() == profile.lower()), None)
    if chosen is None:
        raise Refused(f"There is no certificate {quoted(profile)} with a key; there is {listed(known, 'and')}.")
    listener = replace(session.staged.listeners[found], certificate=chosen)
    session.staged = listeners.with_listener(session.staged, found, listener)


def _existing(session: Session, typed: str) -> str:
    if not session.staged.listeners:
        raise Refused(listeners.NONE)
    try:
        return listeners.existing(session.staged, typed)
    except NotAccepted as error:
        raise Refused(str(error)) from None
