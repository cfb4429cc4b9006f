"""LIST and DETAIL: how destination entries are shown."""

from __future__ import annotations

from commands.destconfig.entries import DEFAULT_NAME
from commands.table import table
from state.model import DefaultDestination, Destination, Destinations
from state.section import DEFAULT_PROFILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

TLS_WORDS = {
    None: "Default",
    "no": "Off",
    "preferred": "Preferred",
    "required": "Required",
    "preferred-verify": "Pref-Vrfy",
    "required-verify": "Req-Vrfy",
    "required-verify-hosted": "Req-Vrfy-H",
}
DANE_WORDS = {None: "Default", "none": "None", "opportunistic": "Opportunistic", "mandatory": "Mandatory"}
SWITCH_WORDS = {None: "Default", True: "On", False: "Off"}

_ABOVE = ("", "Rate", "", "", "", "Bounce", "Bounce")
_HEADS = ("Domain", "Limiting", "TLS", "DANE", "MTA-STS", "Verification", "Profile")
_WIDTHS = (9, 8, 11, 9, 8, 12, 9)
"""The least width of each column."""

_SHORTEST_NAME = 11
"""A domain is never cut below this on a narrow screen: so the table fits 80 columns."""


def summary(destinations: Destinations, width: int | None) -> list[str]:
    """Return the lines of LIST: the entries in their order, the default entry last.

    Args:
        destinations: what is listed.
        width: columns of the screen, where there is one: then long names are cut with `…`.
    """
    rows = [_row(name, entry) for name, entry in destinations.domains.items()]
    rows.append(_row(DEFAULT_NAME, destinations.default))
    shrinks = ((0, _SHORTEST_NAME), (6, _WIDTHS[6]), (3, _WIDTHS[3]))  # domain first, then bounce profile, then DANE
    return table((_ABOVE, _HEADS), rows, _WIDTHS, "=", width, shrinks)


def details(name: str, entry: Destination | DefaultDestination, default: DefaultDestination) -> Iterator[str]:
    """Yield the lines of DETAIL for one entry; limits that are not its own show the default entry's value."""
    yield name
    yield f"  Maximum messages per connection: {_or_default(entry.messages_per_connection)}"
    recipients = entry.recipients
    if entry.concurrency is None and recipients is None:
        yield "  Rate Limiting: Default"
    else:
        yield "  Rate Limiting:"
        yield f"    {entry.concurrency or default.concurrency} concurrent connections"
        recipients = recipients or default.recipients
        if recipients:
            yield f"    {recipients.limit} recipients per {recipients.minutes} minutes"
        else:
            yield "    No recipient limit"
        what = "entire domain" if entry.limits_apply_to == "domain" else "each mail exchanger IP address"
        where = "across all virtual gateways" if entry.limits_enforced == "system" else "per virtual gateway"
        yield f"    Limits applied to {what}, {where}"
    yield f"  TLS: {TLS_WORDS[entry.tls]}"
    yield f"  DANE: {DANE_WORDS[entry.dane]}"
    yield f"  MTA-STS: {SWITCH_WORDS[entry.mta_sts]}"
    yield f"  Bounce Verification Tagging: {SWITCH_WORDS[entry.bounce_verification]}"
    yield f"  Bounce Profile: {_profile(entry)}"


def _row(name: str, entry: Destination | DefaultDestination) -> tuple[str, ...]:
    limited = entry.concurrency is not None or entry.recipients is not None
    return (
        name,
        "On" if limited else "Default",
        TLS_WORDS[entry.tls],
        DANE_WORDS[entry.dane],
        SWITCH_WORDS[entry.mta_sts],
        SWITCH_WORDS[entry.bounce_verification],
        _profile(entry),
    )


def _profile(entry: Destination | DefaultDestination) -> str:
    if isinstance(entry, DefaultDestination) and entry.bounce_profile == DEFAULT_PROFILE:
        return DEFAULT_NAME
    return entry.bounce_profile or "Default"


def _or_default(value: int | None) -> str:
    return "Default" if value is None else str(value)
