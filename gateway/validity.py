"""When it is looked whether certificates, custom authorities and revocation lists end, and what is told of them.

There is no process that waits for a day to come. It is looked when the first command of a day has ended, and when a
commit has; `alerts/looked` says for which revision and which day that was done. Where nothing is configured that could
end, nothing is read. What was told of stands in `alerts/ending.json`: each threshold is told of once.
"""

from __future__ import annotations

import msgspec

from gateway.alert_center import LOCK
from gateway.alert_events import Ending, ending, threshold
from state.model import certificate_uses
from state.wording import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.alert_center import AlertCenter
    from state.model import Configuration
    from state.store import Store

LOOKED = "alerts/looked"
TOLD = "alerts/ending.json"


def is_to_be_looked(store: Store) -> bool:
    """Tell whether nobody has looked today, or not since the last commit; this costs one look at a file.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    configuration = store.committed.configuration
    if not (configuration.certificates or configuration.authorities.certificates or configuration.revocation.sources):
        return False
    return store.folder.read(LOOKED) != _mark(store)


def look(store: Store, center: AlertCenter) -> None:
    """Raise an alert for everything that has reached a threshold which it was not told of yet.

    Whoever is killed here looks again: an alert is on the disk before it is noted that it was raised.

    Raises:
        OSError: the appliance directory cannot be read or written.
    """
    now = store.now()
    with store.folder.lock(LOCK):
        before = _told(store)
        told: dict[str, int] = {}
        for thing in endings(store):
            key = f"{thing.kind} {thing.name} {thing.mark}"
            reached = threshold(thing, now)
            if reached is None:
                continue
            last = before.get(key, reached + 1)
            if reached < last:
                center.raise_alert(ending(thing, now))
            told[key] = min(reached, last)
        store.folder.write(TOLD, msgspec.json.encode(told))
        store.folder.write(LOOKED, _mark(store), durable=False)


def endings(store: Store) -> Iterator[Ending]:
    """Yield everything of the committed configuration that is valid until a time and can be read.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    from gateway.revocation_lists import kept_list

    configuration = store.committed.configuration
    yield from _certificates(configuration)
    revocation = configuration.revocation
    users = [name for name, on in (("listeners", revocation.listener), ("deliveries", revocation.delivery)) if on]
    for source in revocation.sources:
        found = kept_list(store, source).found
        if found is not None:
            mark = found.this_update.isoformat()
            yield Ending("list-ends", source, mark, found.this_update, found.next_update, listed(users, "and"))


def _certificates(configuration: Configuration) -> Iterator[Ending]:
    from gateway.certificates import fingerprint, validity
    from gateway.custom_list import custom_entries
    from gateway.loading import read_certificates
    from gateway.refusals import CertificateRefused

    uses = certificate_uses(configuration)
    for name, profile in configuration.certificates.items():
        try:
            certificate = read_certificates(profile.certificate).certificates[0]
        except CertificateRefused:
            continue  # it can neither be used nor end
        users = [use.service for use in uses if use.certificate == name]
        yield Ending("certificate-ends", name, fingerprint(certificate), *validity(certificate), listed(users, "and"))
    used = "the custom list of authorities" if configuration.authorities.custom else ""
    for entry in custom_entries(configuration.authorities):
        if entry.certificate is not None:
            mark = fingerprint(entry.certificate)
            yield Ending("authority-ends", entry.name, mark, *validity(entry.certificate), used)


def _told(store: Store) -> dict[str, int]:
    content = store.folder.read(TOLD)
    try:
        return msgspec.json.decode(content, type=dict[str, int]) if content is not None else {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def _mark(store: Store) -> bytes:
    return f"{store.revision.number} {store.now():%Y-%m-%d}".encode()
