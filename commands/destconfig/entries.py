"""The table of destination entries as values: counted, found, added, replaced, removed, checked."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, named
from state.model import BounceProfile, Configuration, Destination
from state.names import destination_domain
from state.rules import tls_conflict
from state.section import DEFAULT_PROFILE
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.model import DaneSetting, TlsSetting

DEFAULT_NAME = "(Default)"
"""The default entry's name in tables and questions."""


def count_line(configuration: Configuration) -> str:
    """Return the state line; the default entry counts."""
    return f"There are currently {len(configuration.destinations.domains) + 1} entries configured."


def refuse_taken(configuration: Configuration, name: str) -> None:
    """Refuse a domain that has an entry.

    Raises:
        NotAccepted: it has one.
    """
    if name in configuration.destinations.domains:
        raise NotAccepted(f"An entry for {quoted(name)} already exists; use EDIT.")


def existing(configuration: Configuration, typed: str, instead: str) -> str:
    """Return the domain of an entry, typed as its name or as its number in LIST.

    Args:
        configuration: whose entries.
        typed: what the operator typed.
        instead: the sentence about the default entry, which this operation does not take.

    Raises:
        NotAccepted: there is no such entry.
    """
    domains = configuration.destinations.domains
    if typed.lower() in ("default", DEFAULT_NAME.lower()):
        raise NotAccepted(instead)
    if typed.isascii() and typed.isdigit():
        if 1 <= int(typed[:9]) <= len(domains) and len(typed) < 9:
            return list(domains)[int(typed) - 1]
        there = {0: "there are none besides the default entry", 1: "enter 1 or the domain"}.get(
            len(domains), f"enter a number from 1 to {len(domains)} or a domain"
        )
        raise NotAccepted(f"There is no entry number {quoted(typed)[1:-1]}; {there}.")
    name = named(typed, destination_domain, "domain name")
    if name not in domains:
        raise NotAccepted(f"There is no entry for {quoted(name)}; LIST shows the entries.")
    return name


def refuse_without_tls(tls: TlsSetting | None, dane: DaneSetting | None, mta_sts: bool | None) -> None:
    """Refuse DANE or MTA-STS beside TLS No (rule P7).

    Raises:
        NotAccepted: the entry would have both of its own.
    """
    if reason := tls_conflict(tls, dane, mta_sts):
        raise NotAccepted(f"{reason}.")


def with_entry(configuration: Configuration, name: str, entry: Destination) -> Configuration:
    """Return the configuration with an entry added or replaced."""
    return configuration.with_destinations(domains={**configuration.destinations.domains, name: entry})


def without_entry(configuration: Configuration, name: str) -> Configuration:
    """Return the configuration without an entry."""
    domains = {key: entry for key, entry in configuration.destinations.domains.items() if key != name}
    return configuration.with_destinations(domains=domains)


def bounce_profiles(configuration: Configuration) -> list[str]:
    """Return the names of the bounce profiles, Default first."""
    return [DEFAULT_PROFILE, *(name for name in configuration.bounce_profiles if name != DEFAULT_PROFILE)]


def with_bounce_profile(configuration: Configuration, name: str) -> Configuration:
    """Return the configuration with a new bounce profile, a copy of Default."""
    profiles = configuration.bounce_profiles
    copy = profiles.get(DEFAULT_PROFILE, BounceProfile())
    return replace(configuration, bounce_profiles={**profiles, name: copy})
