"""CERTAUTHORITY: which lists of certificate authorities are in force, and where the system's comes from.

Whether a list is in force and what the custom list holds is configuration, staged like everything else. The system list
itself is data of the appliance: UPDATE takes effect at once, and no commit or rollback touches it.
"""

from __future__ import annotations

import re

from commands.certconfig.authority_views import counted
from commands.certconfig.custom_list import custom
from commands.certconfig.force import nothing_in_force
from commands.certconfig.system_list import system
from commands.dialog import Operation, menu, say
from commands.terminal import Terminal, Volatile
from commands.wording import time_text
from gateway.custom_list import custom_entries
from gateway.system_list import system_list
from gateway.system_list import update as take_installed
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.session import Session

MOST_NAMED = 10
"""Authorities that UPDATE names; of more it tells how many others there are."""


async def certauthority(session: Session, terminal: Terminal) -> None:
    """Show both lists and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=lambda session: ["".join(line) for line in state_lines(session)])


async def update(session: Session, terminal: Terminal) -> None:
    """`certconfig certauthority update`: take the installed bundle, at once, and tell what it changed."""
    terminal.no_more_words()
    done = take_installed(session.store)
    if not done.changed:
        say(terminal, "The system list is the newest installed bundle already (", _version(done.after), ").")
        return
    say(terminal, "The system list was updated from bundle ", _version(done.before), " to ", _version(done.after), ".")
    for what, names in (("New", done.came), ("No longer there", done.went)):
        terminal.say(f"{what}: ", *([_named(names)] if names else ["none."]))


async def list_authorities(session: Session, terminal: Terminal) -> None:
    """`certconfig certauthority list`: print how both lists stand."""
    terminal.say("")
    for line in state_lines(session):
        terminal.say(*line)


def state_lines(session: Session) -> list[Sequence[str]]:
    """Return the lines above the menu, each in parts: both lists, and whatever is wrong with them."""
    authorities = session.staged.authorities
    installed = system_list(session.store)
    entries = custom_entries(authorities)
    problems = [*installed.problems, *(one.problem for one in entries if one.problem)]
    if fails := nothing_in_force(session):
        problems.append(fails)
    return [
        ["Certificate Authorities"],
        [
            f"System List: {_switch(authorities.system)} ({counted(len(installed.authorities))}, bundle ",
            _version(installed.bundle.version),
            ", last updated ",
            time_text(installed.bundle.updated),
            ")",
        ],
        [f"Custom List: {_switch(authorities.custom)} ({counted(len(entries))})"],
        *([problem] for problem in problems),
    ]


def _switch(on: bool) -> str:
    return "Enabled" if on else "Disabled"


def _version(version: str) -> Volatile:
    """Return a version of the bundle, which is the date of its making."""
    return Volatile("date" if re.fullmatch(r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}", version) else "any", version)


def _named(names: Sequence[str]) -> Volatile:
    shown = [quoted(name) for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        shown.append(f"{len(names) - MOST_NAMED} more")
    return Volatile("any", f"{listed(shown, 'and')}.")


OPERATIONS = (
    Operation("CUSTOM", "Manage Custom Certificate Authorities", custom),
    Operation("SYSTEM", "Manage System Certificate Authorities", system),
    Operation("UPDATE", "Update the system list to the newest installed bundle", update),
)
