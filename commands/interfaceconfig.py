"""interfaceconfig: the IP interfaces of the system, their addresses and the services on them."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, name_or_number, named, read_new_name, read_number
from commands.certificate_choice import ask_certificate
from commands.dialog import Operation, full_host_name, menu, say, text, yes_no
from commands.terminal import Choice, Refused, Terminal
from state.addresses import ipv4_address, ipv4_with_prefix, ipv6_with_prefix, prefix
from state.model import Https, Interface
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.session import Session
    from state.model import Configuration

NONE = "There are no interfaces configured."
DEMO_IN_FORCE = (
    'The "Demo" certificate is currently configured. You may use "Demo", but this will not be secure. '
    'To assure privacy, run "certconfig" first.\n'
)


async def interfaceconfig(session: Session, terminal: Terminal) -> None:
    """Show the interfaces and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=lambda session: state_lines(session.staged))


def state_lines(configuration: Configuration) -> Iterator[str]:
    """Yield the numbered list."""
    if not configuration.interfaces:
        yield NONE
        return
    yield "Currently configured interfaces:"
    for number, (name, interface) in enumerate(configuration.interfaces.items(), 1):
        addresses = interface.address + (f", {interface.ipv6}" if interface.ipv6 else "")
        yield f"{number}. {name} ({addresses}: {interface.hostname or configuration.hostname})"


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for a name and everything about a new interface."""
    name = await _ask_name(session, terminal, 'Please enter a name for this IP interface (Ex: "InternalNet"):', None)
    interface = await _ask_interface(session, terminal, name, None)
    _put(session, {**session.staged.interfaces, name: interface})


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask everything again with the present values; listeners follow an interface that gets another name."""
    before = await _existing(session, terminal, "Enter the number of the interface you wish to edit.")
    if before is None:
        return
    name = await _ask_name(session, terminal, 'IP interface name (Ex: "InternalNet"):', before)
    interface = await _ask_interface(session, terminal, before, session.staged.interfaces[before])
    entries = session.staged.interfaces.items()
    users = listeners_on(session.staged, before)
    _put(session, {name if key == before else key: interface if key == before else one for key, one in entries})
    if name != before and users:
        listeners = {
            key: replace(one, interface=name) if key in users else one for key, one in session.staged.listeners.items()
        }
        session.staged = replace(session.staged, listeners=listeners)
        say(terminal, f"{quoted(name)} is now the interface of {_named(users)}.")


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove an interface that no listener uses."""
    interfaces = session.staged.interfaces
    if interfaces and all(listeners_on(session.staged, name) for name in interfaces):
        say(terminal, "Every interface is used by a listener; listenerconfig gives a listener another one.")
        return
    name = await _existing(session, terminal, "Enter the number of the interface you wish to delete.", unused=True)
    if name is not None:
        _put(session, {key: one for key, one in interfaces.items() if key != name})


async def show_list(session: Session, terminal: Terminal) -> None:
    """`interfaceconfig list`."""
    say(terminal, "\n".join(state_lines(session.staged)))


async def delete_batch(session: Session, terminal: Terminal, name: str) -> None:
    """`interfaceconfig delete NAME`."""
    try:
        found = _found(session.staged, name)
        _refuse_used(session.staged, found)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    _put(session, {key: one for key, one in session.staged.interfaces.items() if key != found})


def listeners_on(configuration: Configuration, interface: str) -> list[str]:
    """Return the listeners on an interface."""
    return [name for name, listener in configuration.listeners.items() if listener.interface == interface]


async def _ask_name(session: Session, terminal: Terminal, question: str, present: str | None) -> str:
    taken = set(session.staged.interfaces) - {present}
    hint = "A name that is not taken yet, like InternalNet."
    return await text(terminal, question, read=lambda answer: read_new_name(answer, taken), default=present, hint=hint)


async def _ask_interface(session: Session, terminal: Terminal, name: str, present: Interface | None) -> Interface:
    """Ask for the addresses, the host name and the services; `present` is the interface under EDIT."""
    address = await _ask_ipv4(session, terminal, name, present)
    ipv6 = None
    had_ipv6 = present is not None and present.ipv6 is not None
    if await yes_no(terminal, "Do you want to configure an IPv6 address for this interface?", default=had_ipv6):
        ipv6 = await text(
            terminal,
            "IPv6 Address (Ex: 2001:db8::1/64):",
            read=lambda answer: _own_address(
                session, name, named(answer, ipv6_with_prefix, "IPv6 address with its prefix")
            ),
            default=present.ipv6 if present else None,
            hint="An IPv6 address with its prefix like 2001:db8::1/64.",
        )
    own = present.hostname if present else None
    hostname: str | None = await full_host_name(terminal, "Hostname:", own or session.staged.hostname)
    if present and own is None and hostname == session.staged.hostname:
        hostname = None  # it goes on following that of the system
    ports: dict[int, str] = {}
    ssh = await _ask_service(terminal, "SSH", present.ssh if present else None, 22, ports)
    http = await _ask_service(terminal, "HTTP", present.http if present else None, 80, ports)
    secure = present.https if present else None
    port = await _ask_service(terminal, "HTTPS", secure.port if secure else None, 443, ports)
    https = None
    if port is not None:
        https = Https(
            port=port,
            certificate=await ask_certificate(session, terminal, (secure or Https()).certificate, DEMO_IN_FORCE),
        )
    return Interface(address=address, ipv6=ipv6, hostname=hostname, ssh=ssh, http=http, https=https)


async def _ask_ipv4(session: Session, terminal: Terminal, name: str, present: Interface | None) -> str:
    """Ask for the address; where it came without its prefix, ask for that too."""
    kind = "IPv4 address"

    def read(answer: str) -> str:
        return _own_address(session, name, named(answer, ipv4_with_prefix if "/" in answer else ipv4_address, kind))

    address = await text(
        terminal,
        "IPv4 Address (Ex: 192.168.1.2 or 192.168.1.2/24):",
        read=read,
        default=present.address if present else None,
        hint="An IPv4 address with its prefix, like 192.0.2.7/24 or like 192.0.2.8/255.255.255.0, or without it.",
    )
    if "/" in address:
        return address

    def with_mask(answer: str) -> str:
        length = named(answer, lambda mask: str(prefix(mask)), "netmask")
        return named(f"{address}/{length}", ipv4_with_prefix, kind)

    return await text(
        terminal,
        'Netmask (Ex: "24", "255.255.255.0" or "0xffffff00"):',
        read=with_mask,
        default="255.255.255.0",
        hint="A netmask like 255.255.255.0, or its length like 24.",
    )


async def _ask_service(
    terminal: Terminal, service: str, present: int | None, usual: int, taken: dict[int, str]
) -> int | None:
    """Ask whether a service is on and on which port; None where it is off. `taken` are ports of the others."""
    if not await yes_no(terminal, f"Do you want to enable {service} on this interface?", default=present is not None):
        return None
    default = present or usual

    def read(answer: str) -> int:
        port = read_number(answer, 1, 65535)
        if port in taken:
            raise NotAccepted(f"Port {port} is taken by {taken[port]} on this interface; enter another one.")
        return port

    port = await text(
        terminal,
        f"Which port do you want to use for {service}?",
        read=read,
        default=str(default),
        hint="A whole number from 1 to 65535.",
    )
    taken[port] = service
    return port


async def _existing(session: Session, terminal: Terminal, question: str, unused: bool = False) -> str | None:
    """Ask for an interface; None, and said so, where there is none."""
    if not session.staged.interfaces:
        say(terminal, NONE)
        return None

    def read(answer: str) -> str:
        name = _found(session.staged, answer)
        if unused:
            _refuse_used(session.staged, name)
        return name

    return await text(
        terminal,
        question,
        read=read,
        choices=lambda: [Choice(name) for name in session.staged.interfaces],
        hint="A number of the list or a name.",
    )


def _found(configuration: Configuration, typed: str) -> str:
    """Return the name of an interface, typed as itself or as its number in the list.

    Raises:
        NotAccepted: there is no such interface.
    """
    names = list(configuration.interfaces)
    if (index := name_or_number(typed, names)) is not None:
        return names[index]
    there = "is" if len(names) < 2 else "are"
    raise NotAccepted(f"There is no interface {quoted(typed)}; there {there} {listed(names, 'and') or 'none'}.")


def _refuse_used(configuration: Configuration, name: str) -> None:
    """Refuse to remove what a listener stands on.

    Raises:
        NotAccepted: there is such a listener.
    """
    users = listeners_on(configuration, name)
    if users:
        them = "it" if len(users) == 1 else "them"
        instead = f"give {them} another one with listenerconfig first"
        raise NotAccepted(f"{quoted(name)} is the interface of {_named(users)}; {instead}.")


def _named(listeners: list[str]) -> str:
    return f"the listener{'s' * (len(listeners) > 1)} {listed([quoted(name) for name in listeners], 'and')}"


def _own_address(session: Session, name: str, address: str) -> str:
    """Return an address that no other interface has.

    Raises:
        NotAccepted: one has it.
    """
    plain = address.partition("/")[0]
    for other, interface in session.staged.interfaces.items():
        if other != name and plain in (interface.address.partition("/")[0], (interface.ipv6 or "").partition("/")[0]):
            raise NotAccepted(f"{plain} is the address of the interface {quoted(other)}; enter another one.")
    return address


def _put(session: Session, interfaces: dict[str, Interface]) -> None:
    session.staged = replace(session.staged, interfaces=interfaces)


OPERATIONS = (
    Operation("NEW", "Create a new interface.", new),
    Operation("EDIT", "Modify an interface.", edit),
    Operation("DELETE", "Remove an interface.", delete),
)
