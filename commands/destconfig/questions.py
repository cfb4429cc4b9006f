"""The questions of NEW, EDIT and DEFAULT: what is asked about one entry, in which order, with which default."""

from __future__ import annotations

from msgspec.structs import replace

from commands.destconfig import entries
from commands.destconfig.entries import DEFAULT_NAME
from commands.dialog import choose, new_name, number, yes_no
from commands.terminal import Terminal
from state.model import DANE_SETTINGS, TLS_SETTINGS, DefaultDestination, Destination, Recipients
from state.section import DEFAULT_PROFILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from commands.session import Session
    from state.model import DaneSetting, TlsSetting

    T = TypeVar("T")
    Entry = TypeVar("Entry", Destination, DefaultDestination)

TLS_TEXTS = (
    "No",
    "Preferred",
    "Required",
    "Preferred - Verify",
    "Required - Verify",
    "Required - Verify Hosted Domains",
)
DANE_TEXTS = ("None", "Opportunistic", "Mandatory")
ABOUT_CERTIFICATES = """\
You have chosen to enable TLS. Please use the 'certconfig' command to
ensure that there is a valid certificate configured."""
ABOUT_DEFAULT_MTA_STS = (
    "MTA-STS on the default entry asks DNS and HTTPS of every destination and can slow delivery; "
    "setting it per domain is recommended."
)


async def ask_entry(session: Session, terminal: Terminal, name: str, present: Destination | None) -> Destination:
    """Ask everything about one domain's entry; `present` is the entry under EDIT, None under NEW."""
    entry = present or Destination()
    concurrency = messages = recipients = None
    if await yes_no(
        terminal,
        f"Do you wish to configure a concurrency limit for {name}?",
        default=present is None or present.concurrency is not None,
    ):
        concurrency = await _concurrency(terminal, name, entry.concurrency or 500)
    if await yes_no(
        terminal,
        "Do you wish to apply a messages-per-connection limit to this domain?",
        default=entry.messages_per_connection is not None,
    ):
        messages = await _messages(terminal, name, entry.messages_per_connection or 50)
    if await yes_no(
        terminal,
        "Do you wish to apply a recipient limit to this domain?",
        default=entry.recipients is not None,
    ):
        recipients = await _recipients(terminal, name, entry.recipients)
    entry = replace(entry, concurrency=concurrency, messages_per_connection=messages, recipients=recipients)
    if concurrency is None and recipients is None:
        entry = replace(entry, limits_apply_to="domain", limits_enforced="system")
    else:
        entry = await _limits(terminal, name, entry)
    entry = await _own_tls(terminal, entry)
    if (entry.tls or session.staged.destinations.default.tls) != "no" and session.staged.dialogs == "current":
        entry = await _own_dane(terminal, entry)
        entry = await _own_mta_sts(terminal, entry)
    return await _own_bounces(session, terminal, entry)


async def ask_default(session: Session, terminal: Terminal) -> DefaultDestination:
    """Ask everything about the default entry, which always has a value."""
    entry = session.staged.destinations.default
    concurrency = await _concurrency(terminal, DEFAULT_NAME, entry.concurrency)
    messages = DefaultDestination().messages_per_connection
    if await yes_no(terminal, "Do you wish to apply a messages-per-connection limit to this domain?", default=True):
        messages = await _messages(terminal, DEFAULT_NAME, entry.messages_per_connection)
    recipients = None
    if await yes_no(
        terminal, "Do you wish to apply a recipient limit to this domain?", default=entry.recipients is not None
    ):
        recipients = await _recipients(terminal, DEFAULT_NAME, entry.recipients)
    entry = replace(entry, concurrency=concurrency, messages_per_connection=messages, recipients=recipients)
    entry = await _limits(terminal, DEFAULT_NAME, entry)
    entry = replace(entry, tls=await _tls(terminal, entry))
    if entry.tls != "no" and session.staged.dialogs == "current":
        entry = replace(entry, dane=await _dane(terminal, entry.dane))
        before = entry.mta_sts
        entry = replace(entry, mta_sts=await _mta_sts(terminal, before))
        if entry.mta_sts and not before:
            terminal.say("")
            terminal.say(ABOUT_DEFAULT_MTA_STS)
    entry = replace(entry, bounce_verification=await _tagging(terminal, entry.bounce_verification))
    return replace(entry, bounce_profile=await ask_bounce_profile(session, terminal, entry.bounce_profile))


async def _concurrency(terminal: Terminal, name: str, present: int) -> int:
    return await number(terminal, f'Enter the max concurrency limit for "{name}".', 1, 1000, present)


async def _messages(terminal: Terminal, name: str, present: int) -> int:
    return await number(terminal, f'Enter the max number of messages per connection for "{name}".', 1, 1000, present)


async def _recipients(terminal: Terminal, name: str, present: Recipients | None) -> Recipients | None:
    """Ask minutes and number; 0 recipients is no limit."""
    minutes = await number(
        terminal,
        "Enter the number of minutes used to measure the recipient limit.",
        1,
        60,
        present.minutes if present else 60,
    )
    limit = await number(
        terminal,
        f'Enter the max number of recipients per {minutes} minutes for "{name}".',
        0,
        1_000_000_000,
        present.limit if present else None,
    )
    return Recipients(limit=limit, minutes=minutes) if limit else None


async def _limits(terminal: Terminal, name: str, entry: Entry) -> Entry:
    apply_to = await choose(
        terminal,
        (
            f"One limit applies to the entire domain for {name}",
            "Separate limit for each mail exchanger IP address",
        ),
        default=int(entry.limits_apply_to == "mail-exchanger"),
        above=f"Select how you want to apply the limits for {name}:",
    )
    enforced = await choose(
        terminal,
        ("System Wide", "Per Virtual Gateway(tm)"),
        default=int(entry.limits_enforced == "virtual-gateway"),
        above="Select how the limits will be enforced:",
    )
    return replace(
        entry,
        limits_apply_to=("domain", "mail-exchanger")[apply_to],
        limits_enforced=("system", "virtual-gateway")[enforced],
    )


async def _own_tls(terminal: Terminal, entry: Destination) -> Destination:
    if not await yes_no(
        terminal, "Do you wish to apply a specific TLS setting for this domain?", default=entry.tls is not None
    ):
        return replace(entry, tls=None)
    return replace(entry, tls=await _tls(terminal, entry))


async def _tls(terminal: Terminal, entry: Destination | DefaultDestination) -> TlsSetting:
    """Ask the TLS setting; No is refused while the entry has DANE or MTA-STS of its own (rule P7)."""
    chosen = TLS_SETTINGS[
        await choose(
            terminal,
            TLS_TEXTS,
            default=TLS_SETTINGS.index(entry.tls or "no"),
            above="Do you want to use TLS support?",
            check=lambda index: entries.refuse_without_tls(TLS_SETTINGS[index], entry.dane, entry.mta_sts),
        )
    ]
    if chosen != "no":
        terminal.say("")
        terminal.say(ABOUT_CERTIFICATES)
    return chosen


async def _own_dane(terminal: Terminal, entry: Destination) -> Destination:
    if not await yes_no(
        terminal, "Do you wish to apply a specific DANE setting for this domain?", default=entry.dane is not None
    ):
        return replace(entry, dane=None)
    return replace(entry, dane=await _dane(terminal, entry.dane or "none"))


async def _dane(terminal: Terminal, present: DaneSetting) -> DaneSetting:
    above = "Select the DANE support for this domain:"
    return DANE_SETTINGS[await choose(terminal, DANE_TEXTS, default=DANE_SETTINGS.index(present), above=above)]


async def _own_mta_sts(terminal: Terminal, entry: Destination) -> Destination:
    if not await yes_no(
        terminal, "Do you wish to apply a specific MTA-STS setting for this domain?", default=entry.mta_sts is not None
    ):
        return replace(entry, mta_sts=None)
    return replace(entry, mta_sts=await _mta_sts(terminal, bool(entry.mta_sts)))


async def _mta_sts(terminal: Terminal, present: bool) -> bool:
    return await yes_no(terminal, "Do you want to enable MTA-STS support for this domain?", default=present)


async def _own_bounces(session: Session, terminal: Terminal, entry: Destination) -> Destination:
    tagging = profile = None
    if await yes_no(
        terminal,
        "Do you wish to apply a specific bounce verification address tagging setting for this domain?",
        default=entry.bounce_verification is not None,
    ):
        tagging = await _tagging(terminal, bool(entry.bounce_verification))
    if await yes_no(
        terminal,
        "Do you wish to apply a specific bounce profile to this domain?",
        default=entry.bounce_profile is not None,
    ):
        profile = await ask_bounce_profile(session, terminal, entry.bounce_profile or DEFAULT_PROFILE)
    return replace(entry, bounce_verification=tagging, bounce_profile=profile)


async def _tagging(terminal: Terminal, present: bool) -> bool:
    return await yes_no(terminal, "Perform bounce verification address tagging?", default=present)


async def ask_bounce_profile(session: Session, terminal: Terminal, present: str) -> str:
    """Ask which bounce profile; the last choice makes a new one."""
    profiles = entries.bounce_profiles(session.staged)
    chosen = await choose(
        terminal,
        (*profiles, "New Profile"),
        default=_index(profiles, present),
        above="Please choose a bounce profile to apply:",
    )
    if chosen < len(profiles):
        return profiles[chosen]
    name = await new_name(terminal, "Please create a name for the profile:", taken=profiles)
    session.staged = entries.with_bounce_profile(session.staged, name)
    return name


def _index(words: Sequence[T], wanted: T) -> int:
    return words.index(wanted) if wanted in words else 0
