"""Secrets that stand in clear text in a configuration, sealed before anything keeps it."""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace

from state.secrets import SecretUnavailable, Vault, is_clear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from state.model import Configuration
    from state.snapshot import Snapshot


def sealed(snapshot: Snapshot, vault: Vault, known: Configuration | None) -> Snapshot:
    """Return a snapshot with its secrets sealed; one that `known` has, the same key, keeps its token.

    Raises:
        OSError: the appliance's key cannot be read or made.
    """
    configuration = snapshot.configuration
    profiles = dict(configuration.certificates)
    for name, profile in profiles.items():
        if profile.private_key and is_clear(profile.private_key):
            before = known.certificates.get(name) if known else None
            token = _token(vault, profile.private_key, before.private_key if before else None)
            profiles[name] = replace(profile, private_key=token)
    relay = configuration.smtp_relay
    if relay is not None and relay.password and is_clear(relay.password):
        former = known.smtp_relay if known else None
        relay = replace(relay, password=_token(vault, relay.password, former.password if former else None))
    if profiles == configuration.certificates and relay is configuration.smtp_relay:
        return snapshot
    return snapshot.changed_to(replace(configuration, certificates=profiles, smtp_relay=relay))


def _token(vault: Vault, clear: str, known: str | None) -> str:
    """Return the sealed form of a secret: the one it has, where that opens to the same."""
    with suppress(SecretUnavailable):
        if known and vault.open(known) == clear:
            return known
    return vault.seal(clear)
