"""What holds for mail to a domain: the entry that is its own, the longest partial one, else the default entry."""

from __future__ import annotations

from typing import NamedTuple

from state.section import DEFAULT_PROFILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.model import Configuration, DaneSetting, Destination, TlsSetting

DEFAULT_ENTRY = "DEFAULT"


class DeliverySettings(NamedTuple):
    """The settings of a destination, what it does not set taken from the default entry.

    Attributes:
        key: how the entry stands in destconfig: the domain, a partial domain, or DEFAULT.
        tls: the TLS setting.
        dane: none where the entry's own TLS setting is No (rule P7).
        mta_sts: off where the entry's own TLS setting is No.
        retry_after: seconds after which a delayed message is tried again (the bounce profile's initial wait).
    """

    key: str
    tls: TlsSetting
    dane: DaneSetting
    mta_sts: bool
    retry_after: int


def delivery_settings(configuration: Configuration, domain: str) -> DeliverySettings:
    """Return what holds for mail to a domain.

    Args:
        configuration: committed or staged.
        domain: of a recipient, an A-label in lower case, or an address literal in brackets.
    """
    default = configuration.destinations.default
    key, entry = _entry(configuration, domain)
    profile_name = default.bounce_profile if entry is None or entry.bounce_profile is None else entry.bounce_profile
    profile = configuration.bounce_profiles.get(profile_name)
    if profile is None:
        from state.model import BounceProfile

        profile = configuration.bounce_profiles.get(DEFAULT_PROFILE) or BounceProfile()
    tls = default.tls if entry is None or entry.tls is None else entry.tls
    dane = default.dane if entry is None or entry.dane is None else entry.dane
    mta_sts = default.mta_sts if entry is None or entry.mta_sts is None else entry.mta_sts
    if tls == "no":
        dane, mta_sts = "none", False
    return DeliverySettings(key, tls, dane, mta_sts, profile.initial_wait)


def _entry(configuration: Configuration, domain: str) -> tuple[str, Destination | None]:
    entries = configuration.destinations.domains
    if (entry := entries.get(domain)) is not None:
        return domain, entry
    dot = -1 if domain.startswith("[") else domain.find(".")
    while dot >= 0:
        if (entry := entries.get(domain[dot:])) is not None:
            return domain[dot:], entry
        dot = domain.find(".", dot + 1)
    return DEFAULT_ENTRY, None
