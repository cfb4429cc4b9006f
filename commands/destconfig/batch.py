"""The batch forms of destconfig: the same changes as in the dialog, without a question.

A value that is not accepted refuses the line, and nothing is changed. `default` takes an entry's own
setting back, so that the default entry's holds.
"""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, named
from commands.destconfig import entries, exchange, show
from commands.destconfig.menu import KEEPS_DEFAULT, NO_ENTRIES, USE_DEFAULT
from commands.destconfig.questions import ABOUT_DEFAULT_MTA_STS
from commands.destconfig.views import details
from commands.dialog import say
from commands.table_text import BadLines, NotText
from commands.terminal import Refused, Terminal
from state.exchange import FileRefused, exists, file_name
from state.model import Destination, Recipients, certificate_choices
from state.names import destination_domain
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from commands.session import Session
    from state.model import DefaultDestination

    Entry = TypeVar("Entry", Destination, DefaultDestination)

_SWITCHES = {"on": True, "off": False, "default": None}
_LIMITS_APPLY = ("limits_apply_to", "limits_enforced")


async def setup(session: Session, terminal: Terminal, certificate: str | None = None, alert: str | None = None) -> None:
    """`destconfig setup --certificate NAME --alert on|off`."""
    changes: dict[str, object] = {}
    if certificate is not None:
        known = certificate_choices(session.staged)
        found = next((name for name in known if name.lower() == certificate.lower()), None)
        if found is None:
            raise Refused(f"--certificate: {quoted(certificate)} is not accepted; it takes {listed(known)}.")
        changes["certificate"] = found
    if alert is not None:
        changes["send_tls_alert"] = _SWITCHES[alert]
    session.staged = session.staged.with_destinations(**changes)


async def new(session: Session, terminal: Terminal, domain: str, **options: Any) -> None:
    """`destconfig new DOMAIN OPTION...`."""
    try:
        name = named(domain, destination_domain, "domain name")
        entries.refuse_taken(session.staged, name)
        entry = _changed(session, Destination(), options)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    session.staged = entries.with_entry(session.staged, name, entry)
    session.finish_operation()
    say(terminal, entries.count_line(session.staged))


async def edit(session: Session, terminal: Terminal, domain: str, **options: Any) -> None:
    """`destconfig edit DOMAIN OPTION...`: what is not named keeps its value."""
    try:
        name = entries.existing(session.staged, domain, USE_DEFAULT)
        entry = _changed(session, session.staged.destinations.domains[name], options)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    session.staged = entries.with_entry(session.staged, name, entry)


async def default(session: Session, terminal: Terminal, **options: Any) -> None:
    """`destconfig default OPTION...`: what is not named keeps its value."""
    before = session.staged.destinations.default
    try:
        entry = _changed(session, before, options)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    session.staged = session.staged.with_destinations(default=entry)
    if entry.mta_sts and not before.mta_sts:
        say(terminal, ABOUT_DEFAULT_MTA_STS)


async def delete(session: Session, terminal: Terminal, domain: str) -> None:
    """`destconfig delete DOMAIN`."""
    try:
        name = entries.existing(session.staged, domain, KEEPS_DEFAULT)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    session.staged = entries.without_entry(session.staged, name)
    session.finish_operation()
    say(terminal, entries.count_line(session.staged))


async def detail(session: Session, terminal: Terminal, domain: str) -> None:
    """`destconfig detail DOMAIN|DEFAULT|ALL`."""
    try:
        shown = show.viewed(session.staged, domain)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    for name, entry in shown:
        say(terminal, "\n".join(details(name, entry, session.staged.destinations.default)))


async def clear(session: Session, terminal: Terminal) -> None:
    """`destconfig clear --yes`."""
    if not session.staged.destinations.domains:
        say(terminal, NO_ENTRIES)
        return
    session.staged = session.staged.with_destinations(domains={})
    session.finish_operation()
    say(terminal, entries.count_line(session.staged))


async def import_file(session: Session, terminal: Terminal, file: str) -> None:
    """`destconfig import FILE`."""
    try:
        exchange.take_table(session, terminal, exchange.read_import(session, file_name(file)))
    except (FileRefused, NotText, BadLines) as error:
        raise Refused(str(error)) from None


async def export_file(session: Session, terminal: Terminal, file: str) -> None:
    """`destconfig export FILE`; an existing file is overwritten only in the dialog, where it is asked."""
    name = file_name(file)
    if exists(session.store.folder, name):
        raise Refused(f"The file {quoted(name)} already exists; export it in the dialog to overwrite it.")
    exchange.write_table(session, terminal, name)


def _changed(session: Session, entry: Entry, options: dict[str, Any]) -> Entry:
    """Return the entry with the options of a line.

    Raises:
        NotAccepted: a value is not accepted, or does not go with another (rule P7).
    """
    changes: dict[str, Any] = {name: options[name] for name in _LIMITS_APPLY if name in options}
    for name in ("tls", "dane", "concurrency", "messages_per_connection"):
        if name in options:
            changes[name] = None if options[name] == "default" else options[name]
    for name in ("mta_sts", "bounce_verification"):
        if name in options:
            changes[name] = _SWITCHES[options[name]]
    if "recipients" in options or "minutes" in options:
        changes["recipients"] = _recipients(entry, options)
    if "bounce_profile" in options:
        changes["bounce_profile"] = _bounce_profile(session, entry, options["bounce_profile"])
    changed = replace(entry, **changes)
    if changed.concurrency is None and changed.recipients is None:
        for name in _LIMITS_APPLY:
            if name in options:
                option = name.replace("_", "-")
                raise NotAccepted(f"--{option}: there is no limit; give --concurrency or --recipients too.")
        changed = replace(changed, limits_apply_to="domain", limits_enforced="system")
    entries.refuse_without_tls(changed.tls, changed.dane, changed.mta_sts)
    return changed


def _recipients(entry: Destination | DefaultDestination, options: dict[str, Any]) -> Recipients | None:
    present = entry.recipients
    limit = options.get("recipients", present.limit if present else None)
    if limit == "default":
        return None
    if limit is None:
        raise NotAccepted("--minutes: there is no recipient limit; give --recipients too.")
    minutes = options.get("minutes", present.minutes if present else 60)
    return Recipients(limit=limit, minutes=minutes) if limit else None


def _bounce_profile(session: Session, entry: Destination | DefaultDestination, typed: str) -> str | None:
    """Return the profile that was typed; for a domain's entry `default` in lower case takes its own back."""
    if typed == "default" and isinstance(entry, Destination):
        return None
    known = entries.bounce_profiles(session.staged)
    own = ["default (in small letters) for that of the default entry"] if isinstance(entry, Destination) else []
    found = next((name for name in known if name.lower() == typed.lower()), None)
    if found is None:
        raise NotAccepted(f"--bounce-profile: {quoted(typed)} is not accepted; it takes {listed([*known, *own])}.")
    return found
