"""Listeners: listed, asked for, added, replaced, renamed, removed."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, name_or_number
from commands.dialog import say, text
from commands.terminal import Choice, Refused, Terminal
from state.wording import nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.model import Configuration
    from state.model_listeners import HostAccess, Listener

NONE = "There are no listeners; NEW creates one."


class Edited:
    """The listener that a menu is about; its name changes under NAME.

    Attributes:
        name: its present name.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def listener(self, session: Session) -> Listener:
        """Return the listener as it is staged now."""
        return staged(session, self.name)

    def change(self, session: Session, **changes: object) -> None:
        """Stage other values of it."""
        session.staged = with_listener(session.staged, self.name, replace(self.listener(session), **changes))


def staged(session: Session, name: str) -> Listener:
    """Return a staged listener.

    Raises:
        Refused: another session of the user has removed it meanwhile.
    """
    found = session.staged.listeners.get(name)
    if found is None:
        raise Refused(f"There is no listener {quoted(name)} any more; another session removed it.")
    return found


def state_lines(session: Session) -> list[str]:
    """Return the lines above the menu."""
    configuration = session.staged
    if not configuration.listeners:
        return ["There are no listeners configured."]
    listed = enumerate(configuration.listeners, 1)
    return [
        "Currently configured listeners:",
        *(f"{number}. {line(configuration, name)}" for number, name in listed),
    ]


def line(configuration: Configuration, name: str) -> str:
    """Return a listener in one line."""
    listener = configuration.listeners[name]
    interface = configuration.interfaces.get(listener.interface)
    address = interface.address.partition("/")[0] if interface else "no such interface"
    where = f"(on {listener.interface}, {address}) {listener.protocol.upper()} TCP Port {listener.port}"
    return f"{name} {where} {listener.type.capitalize()}"


def existing(configuration: Configuration, typed: str) -> str:
    """Return the name of a listener that was typed as its name or number.

    Raises:
        NotAccepted: there is no such listener.
    """
    names = list(configuration.listeners)
    if (index := name_or_number(typed, names)) is not None:
        return names[index]
    if typed.isascii() and typed.isdigit():
        expected = "enter 1 or the name" if len(names) == 1 else f"enter a number from 1 to {len(names)} or a name"
        raise NotAccepted(f"There is no listener number {quoted(typed)[1:-1]}; {expected}.")
    near = nearest(typed, names)
    shown = f"did you mean {quoted(near)}?" if near else "names are told apart by their case."
    if not near and typed.lower() not in map(str.lower, names):
        shown = f"there {'is' if len(names) == 1 else 'are'} {', '.join(map(quoted, names[:5]))}."
    raise NotAccepted(f"There is no listener {quoted(typed)}; {shown}")


def name_choices(session: Session) -> list[Choice]:
    """Return the listeners with their lines."""
    return [Choice(name, line(session.staged, name)) for name in session.staged.listeners]


def refuse_taken_socket(configuration: Configuration, interface: str, port: int, own: str | None) -> None:
    """Refuse an address and port on which another listener is.

    Raises:
        NotAccepted: another than `own` is.
    """
    interfaces = configuration.interfaces
    address = interfaces[interface].address.partition("/")[0]
    for name, other in configuration.listeners.items():
        there = interfaces.get(other.interface)
        if name != own and there and there.address.partition("/")[0] == address and other.port == port:
            raise NotAccepted(f"{address} port {port} is taken by the listener {quoted(name)}.")


def with_listener(configuration: Configuration, name: str, listener: Listener) -> Configuration:
    """Return the configuration with a listener added or replaced."""
    return replace(configuration, listeners={**configuration.listeners, name: listener})


def without_listener(configuration: Configuration, name: str) -> Configuration:
    """Return the configuration without a listener."""
    return replace(configuration, listeners={key: one for key, one in configuration.listeners.items() if key != name})


def renamed(configuration: Configuration, name: str, new: str) -> Configuration:
    """Return the configuration with another name for a listener, which keeps its place."""
    listeners = {new if key == name else key: one for key, one in configuration.listeners.items()}
    return replace(configuration, listeners=listeners)


def with_host_access(session: Session, name: str, **changes: object) -> None:
    """Stage other values of a listener's Host Access Table."""
    listener = staged(session, name)
    table: HostAccess = replace(listener.host_access, **changes)
    session.staged = with_listener(session.staged, name, replace(listener, host_access=table))


async def ask_existing(session: Session, terminal: Terminal, verb: str) -> str | None:
    """Ask for a listener and return its name; None, and said so, where there is none."""
    if not session.staged.listeners:
        say(terminal, NONE)
        return None
    return await text(
        terminal,
        f"Enter the name or number of the listener you wish to {verb}.",
        read=lambda answer: existing(session.staged, answer),
        choices=lambda: name_choices(session),
        hint="The name of a listener, or its number of the list.",
    )
