"""Revocation lists fetched from where their sources say (RFC 5280 s4.2.1.13); in the clear too, for they are signed.

A list that comes is judged as one from a file is (`gateway.revocation_lists`), and what fails leaves the last good one.
"""

from __future__ import annotations

from gateway.crl import LARGEST
from gateway.https import FetchFailed, Limits
from gateway.revocation_lists import note_failure, take_list
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from cryptography import x509

    from gateway.crl import RevocationList
    from gateway.https import Content
    from state.store import Store

LIST_LIMITS = Limits(LARGEST, 300.0)


async def fetch_list(
    store: Store,
    source: str,
    url: str,
    get: Callable[[str, Limits], Awaitable[Content]],
    certificates: Iterable[x509.Certificate],
    disabled: Mapping[str, Iterable[x509.Certificate]],
) -> RevocationList:
    """Fetch the list of a source and keep it in place of the last good one; either way it is noted how that ended.

    Args:
        store: whose clock and directory.
        source: the name of the source.
        url: its address, http or https.
        get: fetches it, as `gateway.https.Web.get` does.
        certificates: the authorities among which its issuer must be.
        disabled: the authorities of lists that are not in force, by the list's name; only for the reason.

    Raises:
        FetchFailed: it cannot be fetched.
        CertificateRefused: what was fetched is not taken; the reason.
        OSError: the appliance directory cannot be written.
    """
    try:
        content = await get(url, LIST_LIMITS)
    except FetchFailed as failed:
        note_failure(store, source, f"Not fetched from {quoted(url)}: {failed}")
        raise
    return take_list(store, source, content.body, certificates, disabled, origin=quoted(url))
