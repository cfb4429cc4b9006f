"""EDIT: the menu about one listener, and what is asked under its shorter entries."""

from __future__ import annotations

from commands.answers import named, read_new_name, read_number
from commands.certificate_choice import ask_certificate
from commands.destconfig.questions import ask_bounce_profile
from commands.dialog import Operation, choose, menu, number, say, text, yes_no
from commands.listenerconfig.domain_map import TABLE as DOMAIN_MAP
from commands.listenerconfig.host_access import HOST_ACCESS
from commands.listenerconfig.listeners import Edited, ask_existing, refuse_taken_socket, renamed
from commands.listenerconfig.masquerade import TABLE as MASQUERADE
from commands.listenerconfig.recipient_access import TABLE as RECIPIENT_ACCESS
from commands.listenerconfig.summary import summary
from commands.terminal import Choice, Terminal
from state.names import host_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

MOST_CONNECTIONS = 10_000
NO_DOMAIN = "none"
NO_INTERFACE = "There is no IP interface; create one first."


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask for a listener, show the block about it and the operations, until Enter leaves."""
    chosen = await ask_existing(session, terminal, "edit")
    if chosen is None:
        return
    edited = Edited(chosen)
    await menu(session, terminal, OPERATIONS, state=lambda session: summary(session, edited.name), about=(edited,))


async def name(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Give the listener another name; everything else stays."""
    taken = {*session.staged.listeners} - {edited.name}
    new = await text(
        terminal,
        "Enter the new name for this listener:",
        lambda answer: read_new_name(answer, taken),
        default=edited.name,
        hint="A name that is not taken yet.",
    )
    edited.listener(session)
    session.staged = renamed(session.staged, edited.name, new)
    edited.name = new


async def interface(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Ask for the interface and the port, which no other listener may have together."""
    if not session.staged.interfaces:
        say(terminal, NO_INTERFACE)
        return
    listener = edited.listener(session)
    chosen = await ask_interface(session, terminal, listener.interface)
    port = await ask_port(session, terminal, chosen, listener.port, edited.name)
    edited.change(session, interface=chosen, port=port)


async def ask_interface(session: Session, terminal: Terminal, present: str | None) -> str:
    """Ask for an IP interface."""
    interfaces = session.staged.interfaces
    names = list(interfaces)
    chosen = await choose(
        terminal,
        [f"{name} ({interfaces[name].address})" for name in names],
        default=names.index(present) if present in names else 0,
        above="Please choose an IP interface for this Listener.",
    )
    return names[chosen]


async def ask_port(session: Session, terminal: Terminal, interface: str, present: int, own: str | None) -> int:
    """Ask for a TCP port on which no other listener is at this address."""

    def read(answer: str) -> int:
        port = read_number(answer, 1, 65535)
        refuse_taken_socket(session.staged, interface, port, own)
        return port

    return await text(
        terminal,
        "Please enter the TCP port for this listener.",
        read,
        default=str(present),
        hint="A whole number from 1 to 65535.",
    )


async def certificate(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Choose among the certificate profiles that have a key."""
    chosen = await ask_certificate(session, terminal, edited.listener(session).certificate)
    edited.change(session, certificate=chosen)


async def limits(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Ask for the connections at one time and the length of the queue before them."""
    listener = edited.listener(session)
    concurrency = await number(
        terminal,
        "Enter the maximum number of concurrent connections for this listener.",
        1,
        MOST_CONNECTIONS,
        listener.concurrency,
    )
    queue = await number(
        terminal, "Enter the TCP listen queue size for this listener.", 1, MOST_CONNECTIONS, listener.tcp_queue
    )
    usual = concurrency == listener.concurrency and listener.max_concurrency is None
    edited.change(session, max_concurrency=None if usual else concurrency, tcp_queue=queue)


async def setup(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Ask the general options."""
    listener = edited.listener(session)

    def read(answer: str) -> str | None:
        if answer.lower() == NO_DOMAIN:
            return None
        return named(answer, host_name, "domain name")

    domain = await text(
        terminal,
        "Enter the default domain for addresses without one, or none.",
        read,
        default=listener.default_domain or NO_DOMAIN,
        choices=lambda: [Choice(NO_DOMAIN, "No default domain")],
        hint="A domain like example.com, or none.",
    )
    received = await yes_no(
        terminal, "Would you like to add a Received: header to each message?", default=listener.received_header
    )
    newlines = await yes_no(
        terminal,
        "Would you like to change messages containing bare CR and LF characters to CRLF?",
        default=listener.clean_bare_newlines,
    )
    senderbase = await yes_no(
        terminal,
        "Would you like to enable SenderBase Reputation Filters and IP Profiling support?",
        default=listener.senderbase,
    )
    edited.change(
        session,
        default_domain=domain,
        received_header=received,
        clean_bare_newlines=newlines,
        senderbase=senderbase,
    )


async def host_access(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Show the Host Access Table's menu."""
    await HOST_ACCESS.dialog(session, terminal, edited.name)


async def recipient_access(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Show the Recipient Access Table's menu."""
    await RECIPIENT_ACCESS.dialog(session, terminal, edited.name)


async def masquerade(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Show the Domain Masquerading Table's menu."""
    await MASQUERADE.dialog(session, terminal, edited.name)


async def domain_map(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Show the domain map's menu."""
    await DOMAIN_MAP.dialog(session, terminal, edited.name)


async def bounce_profile(session: Session, terminal: Terminal, edited: Edited) -> None:
    """Choose the bounce profile; the last choice makes a new one."""
    chosen = await ask_bounce_profile(session, terminal, edited.listener(session).bounce_profile)
    edited.change(session, bounce_profile=chosen)


OPERATIONS = (
    Operation("NAME", "Change the name of the listener.", name),
    Operation("INTERFACE", "Change the interface.", interface),
    Operation("CERTIFICATE", "Choose the certificate.", certificate),
    Operation("LIMITS", "Change the injection limits.", limits),
    Operation("SETUP", "Configure general options.", setup),
    Operation("HOSTACCESS", "Modify the Host Access Table.", host_access),
    Operation("RCPTACCESS", "Modify the Recipient Access Table.", recipient_access),
    Operation(
        "BOUNCECONFIG",
        "Choose the bounce profile to use for messages injected on this listener.",
        bounce_profile,
    ),
    Operation("MASQUERADE", "Configure the Domain Masquerading Table.", masquerade),
    Operation("DOMAINMAP", "Configure domain mappings.", domain_map),
)
