"""LIST and DETAIL as operations: which entries are shown."""

from __future__ import annotations

from commands.destconfig import entries
from commands.destconfig.views import details, summary
from commands.dialog import say, text
from commands.terminal import Choice, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from commands.session import Session
    from state.model import Configuration, DefaultDestination, Destination

WHICH_TO_VIEW = (
    "Enter the domain to view, or enter DEFAULT to view details for the default, or enter ALL to view details for all:"
)


async def show_list(session: Session, terminal: Terminal) -> None:
    """Print the summary table."""
    say(terminal, "\n".join(summary(session.staged.destinations, terminal.width)))


async def detail(session: Session, terminal: Terminal) -> None:
    """Print one entry, the default one or all."""
    shown = await text(
        terminal,
        WHICH_TO_VIEW,
        read=lambda answer: viewed(session.staged, answer),
        choices=lambda: [*domain_choices(session), Choice("DEFAULT"), Choice("ALL")],
        hint="A domain that has an entry, its number in LIST, DEFAULT or ALL.",
    )
    for name, entry in shown:
        say(terminal, "\n".join(details(name, entry, session.staged.destinations.default)))


def viewed(configuration: Configuration, typed: str) -> list[tuple[str, Destination | DefaultDestination]]:
    """Return the entries that an answer to DETAIL names.

    Raises:
        NotAccepted: there is no such entry.
    """
    destinations = configuration.destinations
    of_default = (entries.DEFAULT_NAME, destinations.default)
    if typed.upper() == "ALL":
        return [*destinations.domains.items(), of_default]
    if typed.upper() in ("DEFAULT", entries.DEFAULT_NAME.upper()):
        return [of_default]
    name = entries.existing(configuration, typed, "")
    return [(name, destinations.domains[name])]


def domain_choices(session: Session) -> Iterable[Choice]:
    """Return the domains that have an entry."""
    return [Choice(name) for name in session.staged.destinations.domains]
