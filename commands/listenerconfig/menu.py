"""The operations of listenerconfig."""

from __future__ import annotations

from commands.dialog import Operation, menu, number, say
from commands.listenerconfig import listeners
from commands.listenerconfig.edit import edit
from commands.listenerconfig.listeners import ask_existing
from commands.listenerconfig.new import new
from commands.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

MOST_CONNECTIONS = 10_000
LONGEST_TIMEOUT = 86_400


async def listenerconfig(session: Session, terminal: Terminal) -> None:
    """Show the listeners and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=listeners.state_lines)


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove a listener."""
    name = await ask_existing(session, terminal, "delete")
    if name is not None:
        session.staged = listeners.without_listener(session.staged, name)
        say(terminal, f"Listener {name} deleted.")


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask what holds for all listeners together."""
    from msgspec.structs import replace

    receiving = session.staged.receiving
    connections = await number(
        terminal,
        "Enter the global limit for concurrent connections across all listeners.",
        1,
        MOST_CONNECTIONS,
        receiving.max_connections,
    )
    tls_connections = await number(
        terminal,
        "Enter the global limit for concurrent TLS connections across all listeners.",
        1,
        MOST_CONNECTIONS,
        receiving.max_tls_connections,
    )
    unsuccessful = await number(
        terminal,
        "Enter the timeout for unsuccessful inbound connections, in seconds.",
        1,
        LONGEST_TIMEOUT,
        receiving.unsuccessful_timeout,
    )
    longest = await number(
        terminal,
        "Enter the maximum connection time for inbound connections, in seconds.",
        1,
        LONGEST_TIMEOUT,
        receiving.connection_timeout,
    )
    receiving = replace(
        receiving,
        max_connections=connections,
        max_tls_connections=tls_connections,
        unsuccessful_timeout=unsuccessful,
        connection_timeout=longest,
    )
    session.staged = replace(session.staged, receiving=receiving)


OPERATIONS = (
    Operation("NEW", "Create a new listener.", new),
    Operation("EDIT", "Modify a listener.", edit),
    Operation("DELETE", "Remove a listener.", delete),
    Operation("SETUP", "Change global settings.", setup),
)
