"""Revocation lists fetched from where their sources say (RFC 5280 s4.2.1.13); in the clear too, for they are signed.

A list that comes is judged as one from a file is (`gateway.revocation_lists`), and what fails leaves the last good one.
Nothing is fetched by itself: an operator has it done, or something is about to be checked against a list that is due.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from gateway.alert_events import list_not_refreshed
from gateway.crl import LARGEST
from gateway.https import FetchFailed, Limits
from gateway.refusals import CertificateRefused
from gateway.revocation_lists import issuers, kept_list, next_fetch, note_failure, take_list
from state.problems import disk_trouble
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from cryptography import x509

    from gateway.crl import RevocationList
    from gateway.engine import Engine
    from gateway.https import Content
    from state.model import Authorities, RevocationSource
    from state.store import Store

LIST_LIMITS = Limits(LARGEST, 300.0)
BRIEF_LIMITS = Limits(LARGEST, 10.0, 5.0)
"""Where somebody waits for something else than the list."""


class Fetched(NamedTuple):
    """What came of fetching the list of a source.

    Attributes:
        source: its name.
        found: the list that was taken; None where none was.
        before: the list that was kept until then; None where there was none. It stays where `found` is None.
        reason: a sentence, why none was taken; "" where one was.
    """

    source: str
    found: RevocationList | None
    before: RevocationList | None
    reason: str = ""


async def fetch_list(
    store: Store,
    source: str,
    url: str,
    get: Callable[[str, Limits], Awaitable[Content]],
    certificates: Iterable[x509.Certificate],
    disabled: Mapping[str, Iterable[x509.Certificate]],
    limits: Limits = LIST_LIMITS,
) -> RevocationList:
    """Fetch the list of a source and keep it in place of the last good one; either way it is noted how that ended.

    Args:
        store: whose clock and directory.
        source: the name of the source.
        url: its address, http or https.
        get: fetches it, as `gateway.https.Web.get` does.
        certificates: the authorities among which its issuer must be.
        disabled: the authorities of lists that are not in force, by the list's name; only for the reason.
        limits: how long it may take.

    Raises:
        FetchFailed: it cannot be fetched.
        CertificateRefused: what was fetched is not taken; the reason.
        OSError: the appliance directory cannot be written.
    """
    try:
        content = await get(url, limits)
    except FetchFailed as failed:
        note_failure(store, source, f"Not fetched from {quoted(url)}: {failed}")
        raise
    return take_list(store, source, content.body, certificates, disabled, origin=quoted(url))


async def fetch_lists(
    engine: Engine,
    sources: Mapping[str, RevocationSource],
    authorities: Authorities,
    limits: Limits = LIST_LIMITS,
) -> list[Fetched]:
    """Fetch the lists of sources, at the same time, and return what came of each in their order.

    Args:
        engine: the appliance at work.
        sources: by name.
        authorities: the lists of authorities; those that are enabled hold whoever may have issued a list.
        limits: for each list.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    if not sources:
        return []
    certificates, disabled = issuers(engine.store, authorities)

    async def one(name: str, source: RevocationSource) -> Fetched:
        before = kept_list(engine.store, name).found
        try:
            found = await fetch_list(
                engine.store, name, source.url, engine.web.get, certificates, disabled, limits=limits
            )
        except (FetchFailed, CertificateRefused) as refused:
            return Fetched(name, None, before, str(refused))
        except OSError as error:
            return Fetched(name, None, before, disk_trouble(error))
        return Fetched(name, found, before)

    return list(await asyncio.gather(*(one(name, source) for name, source in sources.items())))


async def fetch_due(engine: Engine) -> list[Fetched]:
    """Fetch the lists that certificates of servers are about to be checked against, where they are due (rule V1).

    Nobody has asked for these, so one that does not come is worth an alert.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    configuration = engine.configuration
    revocation, now = configuration.revocation, engine.now()
    due = {
        name: source
        for name, source in (revocation.sources if revocation.delivery else {}).items()
        if (when := next_fetch(kept_list(engine.store, name), source.refresh)) is None or when <= now
    }
    found = await fetch_lists(engine, due, configuration.authorities, BRIEF_LIMITS)
    for one in found:
        if one.found is None:
            url, kept = due[one.source].url, one.before is not None
            engine.alerts.raise_alert(list_not_refreshed(one.source, url, one.reason, kept=kept))
    return found
