"""The batch forms of bounceconfig: the same changes as in the dialog, without a question."""

from __future__ import annotations

from msgspec.structs import replace

from commands import table_batch
from commands.answers import NotAccepted
from commands.bounceconfig.profiles import TABLE, NamedProfile, default_profile, new_profile_name
from commands.terminal import Refused, Terminal
from state.rules import waits_conflict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from commands.session import Session
    from state.model import BounceProfile

_SWITCHES = {"on": True, "off": False}


async def new(session: Session, terminal: Terminal, name: str, **options: Any) -> None:
    """`bounceconfig new NAME OPTION...`: what is not named is as in Default."""
    try:
        row = NamedProfile(new_profile_name(session, name), _changed(default_profile(session), options))
    except NotAccepted as error:
        raise Refused(str(error)) from None
    TABLE.put(session, [*TABLE.rows(session), row])


async def edit(session: Session, terminal: Terminal, name: str, **options: Any) -> None:
    """`bounceconfig edit NAME OPTION...`: what is not named keeps its value."""
    rows = list(TABLE.rows(session))
    try:
        index = TABLE.index(session, name)
        TABLE.refuse_edit(rows[index])
        rows[index] = NamedProfile(rows[index].name, _changed(rows[index].profile, options))
    except NotAccepted as error:
        raise Refused(str(error)) from None
    TABLE.put(session, rows)


async def delete(session: Session, terminal: Terminal, name: str) -> None:
    """`bounceconfig delete NAME`."""
    table_batch.delete(TABLE, session, name)


async def import_file(session: Session, terminal: Terminal, file: str) -> None:
    """`bounceconfig import FILE`."""
    table_batch.import_file(TABLE, session, terminal, file)


async def export_file(session: Session, terminal: Terminal, file: str) -> None:
    """`bounceconfig export FILE`."""
    table_batch.export_file(TABLE, session, terminal, file)


async def clear(session: Session, terminal: Terminal) -> None:
    """`bounceconfig clear --yes`."""
    table_batch.clear(TABLE, session)


async def show(session: Session, terminal: Terminal) -> None:
    """`bounceconfig print`."""
    await TABLE.show(session, terminal)


def _changed(profile: BounceProfile, options: dict[str, Any]) -> BounceProfile:
    values = {name: _SWITCHES.get(value, value) for name, value in options.items()}
    changed = replace(profile, **values)
    if reason := waits_conflict(changed):
        raise NotAccepted(f"{reason}.")
    return changed
