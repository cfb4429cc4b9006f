"""The last good revocation list of each source, and how the last attempt to get a newer one ended.

Lists are data, not configuration: they are kept in the appliance directory (`crl/NAME.json`) as soon as they are taken,
are never staged, and count for whatever source of that name is committed. The file of a source that is gone is ignored,
and overwritten should the name come back. Whoever judges a certificate checks a list's signature again, by the
authorities in force then: a list taken here stands for nothing more than that it was once good.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from gateway.crl import RevocationList, find_issuer, read_crl, verdict
from gateway.custom_list import custom_list
from gateway.refusals import CertificateRefused
from gateway.system_list import system_list
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from cryptography import x509

    from state.model import Authorities, RefreshInterval
    from state.store import Store

INTERVALS: dict[RefreshInterval, timedelta] = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
}
RETRY = timedelta(minutes=15)
"""How long a source that gave no list, or one that is out of date, is left alone."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt to get a list ended: when (aware, UTC), whether the list was taken, and a sentence."""

    time: datetime
    taken: bool
    sentence: str


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one source; `der` is the last good list, `taken` how it was taken."""

    source: str
    der: bytes | None = None
    taken: Attempt | None = None
    last: Attempt | None = None


class Kept(NamedTuple):
    """What is known of a source's list.

    Attributes:
        found: the last good list; None before there is one.
        last: the last attempt; None before the first.
        taken: the attempt that brought the last good list.
        problem: why the kept list cannot be read; "" where it can be.
    """

    found: RevocationList | None = None
    last: Attempt | None = None
    taken: Attempt | None = None
    problem: str = ""


def kept_list(store: Store, source: str) -> Kept:
    """Return what is kept for a source; a file that cannot be read is a sentence, never an error."""
    try:
        file = _read(store, source)
        found = read_crl(file.der) if file.der is not None else None
    except OSError as error:
        return Kept(problem=f"The kept list cannot be read: {error.strerror}.")
    except (msgspec.MsgspecError, UnicodeDecodeError, CertificateRefused):
        return Kept(problem="The kept list is damaged.")
    return Kept(found, file.last, file.taken)


def kept_marks(store: Store, sources: Iterable[str]) -> list[Hashable]:
    """Return a value for each source that is another one as soon as something else is kept for it.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    return [store.folder.stamp(_place(source)) for source in sources]


def next_fetch(kept: Kept, refresh: RefreshInterval) -> datetime | None:
    """Return the time from which on a new list is due; None where one has been from the beginning.

    It is when the interval since the last good list is over, or earlier, when that list is out of date; not sooner than
    `RETRY` after the last attempt.
    """
    if kept.last is None:
        return None
    soonest = kept.last.time + RETRY
    if kept.taken is None or kept.found is None:
        return soonest
    return max(soonest, min(kept.taken.time + INTERVALS[refresh], kept.found.next_update))


def issuers(store: Store, authorities: Authorities) -> tuple[list[x509.Certificate], dict[str, list[x509.Certificate]]]:
    """Return the certificates of the lists of authorities in force, and those of each disabled list by its name.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    lists = {"custom": custom_list(authorities), "system": system_list(store).authorities}
    enabled = {"custom": authorities.custom, "system": authorities.system}
    certificates = {name: [one.certificate for one in lists[name]] for name in lists}
    in_force = [one for name in certificates if enabled[name] for one in certificates[name]]
    return in_force, {name: found for name, found in certificates.items() if not enabled[name]}


def take_list(
    store: Store,
    source: str,
    data: bytes,
    certificates: Iterable[x509.Certificate],
    disabled: Mapping[str, Iterable[x509.Certificate]],
    origin: str,
) -> RevocationList:
    """Keep a list in place of the last good one, once its issuer is found and has signed it, and it still counts.

    Either way it is noted how the attempt ended; a list that is refused never replaces one that was good.

    Args:
        store: whose clock and directory.
        source: the name of the source.
        data: the list: PEM, DER or base64.
        certificates: the authorities among which its issuer must be.
        disabled: the authorities of lists that are not in force, by the list's name; only for the reason.
        origin: where it comes from, for the note: `the file "partner.crl"`.

    Raises:
        CertificateRefused: it is not taken; the reason.
        OSError: the appliance directory cannot be written.
    """
    with store.folder.lock("crl"):
        kept = kept_list(store, source)
        try:
            found = _good(data, certificates, disabled)
            _refuse_useless(found, kept.found, store.now())
        except CertificateRefused as refused:
            note_failure(store, source, f"Not taken from {origin}: {refused}")
            raise
        from cryptography.hazmat.primitives.serialization import Encoding

        note = Attempt(time=_now(store), taken=True, sentence=f"Taken from {origin}.")
        _write(store, _File(source=source, der=found.crl.public_bytes(Encoding.DER), taken=note, last=note))
    return found


def note_failure(store: Store, source: str, sentence: str) -> None:
    """Note that an attempt brought no list; one that cannot be noted is still told to the operator."""
    with store.folder.lock("crl"), suppress(OSError):
        if not kept_list(store, source).problem:
            note = Attempt(time=_now(store), taken=False, sentence=sentence)
            _write(store, msgspec.structs.replace(_read(store, source), last=note))


def _now(store: Store) -> datetime:
    return store.now().replace(microsecond=0)


def _good(
    data: bytes, certificates: Iterable[x509.Certificate], disabled: Mapping[str, Iterable[x509.Certificate]]
) -> RevocationList:
    """Return the list of `data`, which one of the certificates has signed.

    Raises:
        CertificateRefused: it is none, or none of them has.
    """
    found = read_crl(data)
    try:
        find_issuer(found, certificates)
    except CertificateRefused:
        for name, others in disabled.items():
            if _is_issued_by_one_of(found, others):
                where = f"only in the {name} list of authorities, which is disabled"
                raise CertificateRefused(f"The issuer of the list, {quoted(found.issuer)}, is {where}.") from None
        raise
    return found


def _is_issued_by_one_of(found: RevocationList, certificates: Iterable[x509.Certificate]) -> bool:
    try:
        find_issuer(found, certificates)
    except CertificateRefused:
        return False
    return True


def _refuse_useless(found: RevocationList, kept: RevocationList | None, now: datetime) -> None:
    """Refuse a list that does not count at `now`, or is older than the kept one of its issuer.

    Raises:
        CertificateRefused: it is.
    """
    judged = verdict(found, now)
    if not judged.counts:
        raise CertificateRefused(judged.sentence)
    if kept is not None and kept.crl.issuer == found.crl.issuer and found.this_update < kept.this_update:
        # Whoever could make us go back to an older list could have a revoked certificate accepted again.
        old, new = (f"{one.this_update:%Y-%m-%d %H:%M} GMT" for one in (kept, found))
        raise CertificateRefused(f"It was issued on {new}, before the list that is kept ({old}).")


def _read(store: Store, source: str) -> _File:
    content = store.folder.read(_place(source))
    if content is None:
        return _File(source=source)
    file = msgspec.json.decode(content, type=_File)
    # A disk that ignores case gives the file of another name.
    return file if file.source == source else _File(source=source)


def _write(store: Store, file: _File) -> None:
    store.folder.write(_place(file.source), msgspec.json.encode(file))


def _place(source: str) -> str:
    from urllib.parse import quote

    # A name that was not checked yet (staged from a text) may have anything in it.
    return f"crl/{quote(source, safe=' ')}.json"
