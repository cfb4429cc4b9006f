"""NEW: everything that a listener needs, asked in the documented order."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import named
from commands.dialog import choose, new_name, number, say, text, yes_no
from commands.listenerconfig.edit import NO_INTERFACE, ask_interface, ask_port
from commands.listenerconfig.host_access_text import read_senders
from commands.listenerconfig.listeners import with_listener
from commands.listenerconfig.policy_questions import ask_parameters
from commands.terminal import Terminal
from state.mail_patterns import recipient
from state.model_listeners import (
    MOST_AN_HOUR,
    HostAccess,
    Listener,
    ListenerProtocol,
    ListenerType,
    Policy,
    RecipientRow,
    SenderGroup,
)
from state.senders import ALL, KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

TYPES: tuple[ListenerType, ...] = ("private", "public", "blackhole")
PROTOCOLS: tuple[ListenerProtocol, ...] = ("smtp", "qmqp")
ABOUT_DEMO = 'It uses the "Demo" certificate; choose another with EDIT -> CERTIFICATE.'


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for a listener and create it."""
    if not session.staged.interfaces:
        say(terminal, NO_INTERFACE)
        return
    kind = TYPES[
        await choose(
            terminal,
            ("Private", "Public", "Blackhole"),
            default=1,
            above="Please select the type of listener you want to create.",
        )
    ]
    name = await new_name(
        terminal,
        'Please create a name for this listener (Ex: "InboundMail"):',
        taken=session.staged.listeners,
    )
    interface = await ask_interface(session, terminal, None)
    protocol = PROTOCOLS[await choose(terminal, ("SMTP", "QMQP"), default=0, above="Choose a protocol.")]
    port = await ask_port(session, terminal, interface, 25, None)
    listener = Listener(type=kind, interface=interface, protocol=protocol, port=port)
    if kind == "public":
        listener = await _accepting(terminal, listener)
    elif kind == "private":
        listener = replace(listener, host_access=await _relaying(terminal))
    if await yes_no(terminal, "Would you like to change the default host access policy?", default=False):
        table = listener.host_access
        default = await ask_parameters(session, terminal, table.default)
        listener = replace(listener, host_access=replace(table, default=default))
    session.staged = with_listener(session.staged, name, listener)
    say(terminal, f"Listener {name} created.")
    terminal.say(ABOUT_DEMO)


async def _accepting(terminal: Terminal, listener: Listener) -> Listener:
    """Ask a public listener's recipients, and how many of them one host may have an hour."""
    rows = await text(
        terminal,
        "Enter the domain names or specific email addresses you want to accept mail for.",
        _read_recipients,
        hint="Domains like example.com, all below one like .example.com, or addresses like ops@example.com, "
        "separated by commas.",
    )
    table = listener.host_access
    if await yes_no(terminal, "Do you want to enable rate limiting per host?", default=False):
        limit = await number(
            terminal, "Enter the maximum number of recipients per hour from a remote host.", 1, MOST_AN_HOUR, None
        )
        table = replace(table, default=replace(table.default, max_recipients_per_hour=limit))
    return replace(listener, host_access=table, recipient_access=rows)


def _read_recipients(answer: str) -> list[RecipientRow]:
    """Return the rows that accept mail for what was typed, each once."""
    addresses = [named(part, recipient, "recipient") for part in answer.split(",") if part.strip()]
    return [RecipientRow(address=address) for address in dict.fromkeys(addresses)]


async def _relaying(terminal: Terminal) -> HostAccess:
    """Ask who may relay through a private listener; everybody else is refused."""
    senders = await text(
        terminal,
        "Please specify the systems allowed to relay email through this listener, separated by commas.",
        read_senders,
        hint=f"Each is {KINDS}; like 10.0.0.0/8, or .example.com",
    )
    return HostAccess(
        policies={"RELAYED": Policy(behavior="relay")},
        groups=[
            SenderGroup(name="RELAYLIST", policy="RELAYED", senders=senders),
            SenderGroup(name=ALL, policy="BLOCKED", senders=[ALL]),
        ],
    )
