"""Is a certificate of a path revoked? Asked where a list of its issuer is configured, and nowhere else (rule V1).

A list counts as `gateway.crl.verdict` says: 7 days longer than it promises, then checking fails. Whether it is really
its issuer's, covers the certificate and revokes it, OpenSSL says, link by link. A list that somebody else signed never
counts; where no other is left for an issuer, the certificate cannot be judged and is not taken (fail closed).
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography import x509

from gateway.crl import verdict
from gateway.fields import extension, issuer, subject
from gateway.guarded import Unreadable, guarded
from gateway.openssl_path import REVOCATION_FLAGS, Fault, checked, named, native, store_of
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from OpenSSL import crypto

    from gateway.crl import RevocationList
    from gateway.openssl_path import Path

    CanonicalName = tuple[frozenset[tuple[str, str]], ...]

MOST_STORES = 64
"""Stores that are kept; OpenSSL reads a list of ten megabytes for half a second, so once for each authority."""


class _Link(NamedTuple):
    """What the store of one link is kept under."""

    anchors: frozenset[x509.Certificate]
    lists: tuple[int, ...]


class Revocation:
    """The revocation lists of the configuration, by their issuers."""

    def __init__(self, lists: Iterable[RevocationList]) -> None:
        self._lists = list(lists)
        self._issued: dict[CanonicalName, list[int]] = {}
        for number, one in enumerate(self._lists):
            if (name := _issuer(one)) is not None:
                self._issued.setdefault(name, []).append(number)
        self._stores: dict[_Link, crypto.X509Store | None] = {}
        self._signed: dict[tuple[int, x509.Certificate], bool] = {}

    def fault(self, path: Path, others: Sequence[x509.Certificate], now: datetime) -> Fault | None:
        """Return why a path is not taken: a certificate below its anchor is revoked, or that cannot be told.

        Args:
            path: leaf to anchor, good in all else.
            others: further certificates that were sent along, among which the signer of a list may be.
            now: an aware time.
        """
        if not self._issued:
            return None
        for number, child in enumerate(path[:-1]):
            if fault := self._link(child, path[number + 1 :], others, now):
                return fault
        return None

    def _link(
        self, child: x509.Certificate, above: Path, others: Sequence[x509.Certificate], now: datetime
    ) -> Fault | None:
        configured = [number for name in _list_issuers(child) for number in self._issued.get(name, ())]
        if not configured:
            return None
        verdicts = {number: verdict(self._lists[number], now) for number in configured}
        current = [number for number in configured if verdicts[number].counts]
        if not current:
            of = quoted(self._lists[configured[-1]].issuer)
            sentence = f"Whether {named(child)} is revoked cannot be told. {verdicts[configured[-1]].sentence}"
            return Fault("revocation-list-too-old", f"{sentence} It is the revocation list of {of}.")
        signers = [one for one in (*above, *others) if subject(one) is not None]
        signed = tuple(number for number in current if any(self._signed_by(number, one) for one in signers))
        if not signed:
            of = quoted(self._lists[current[-1]].issuer)
            sentence = f"Whether {named(child)} is revoked cannot be told: {of} did not sign the list of its name."
            return Fault("revocation-list-refused", sentence)
        store = self._store(_Link(frozenset((above[-1],)), signed))
        if store is None:
            return Fault("revocation-list-refused", f"The revocation list for {named(child)} cannot be read.")
        own, *between = [native(one) for one in (child, *above[:-1], *others)]
        found = checked(store, own, between)
        return found if isinstance(found, Fault) else None

    def _signed_by(self, number: int, signer: x509.Certificate) -> bool:
        """Tell whether a certificate's key signed a list; kept, for a list may have ten megabytes."""
        if (number, signer) not in self._signed:
            crl = self._lists[number].crl
            holds = guarded(lambda: canonical(crl.issuer) == canonical(signer.subject), False) and guarded(
                lambda: crl.is_signature_valid(signer.public_key()),  # type: ignore[arg-type] # other kinds fail
                False,
            )
            if len(self._signed) >= MOST_STORES:
                self._signed.clear()
            self._signed[number, signer] = holds
        return self._signed[number, signer]

    def _store(self, link: _Link) -> crypto.X509Store | None:
        if link not in self._stores:
            if len(self._stores) >= MOST_STORES:
                self._stores.clear()
            try:
                anchors = [native(one) for one in link.anchors]
                lists = [self._lists[number].crl for number in link.lists]
                self._stores[link] = store_of(anchors, REVOCATION_FLAGS, lists)
            except Unreadable:
                self._stores[link] = None
        return self._stores[link]


def canonical(name: x509.Name) -> CanonicalName:
    """Return a name as it is compared: without regard to case and to blanks at the ends or repeated (RFC 5280 s7.1)."""
    return tuple(
        frozenset((one.oid.dotted_string, " ".join(str(one.value).split()).casefold()) for one in rdn)
        for rdn in name.rdns
    )


def _list_issuers(child: x509.Certificate) -> list[CanonicalName]:
    """Return whose lists cover a certificate: its issuer's, and those that its distribution points name."""
    points = extension(child, x509.CRLDistributionPoints) or ()
    named_there = [
        entry.value for point in points for entry in point.crl_issuer or () if isinstance(entry, x509.DirectoryName)
    ]
    own = issuer(child)
    names = [*([own] if own is not None else []), *named_there]
    return list(dict.fromkeys(found for name in names if (found := _canonical(name)) is not None))


def _issuer(found: RevocationList) -> CanonicalName | None:
    return guarded(lambda: canonical(found.crl.issuer), None)


def _canonical(name: x509.Name) -> CanonicalName | None:
    return guarded(lambda: canonical(name), None)
