"""Is a certificate of a path revoked? Asked where a list of its issuer is configured, and nowhere else (rule V1).

A list counts as `gateway.crl.verdict` says: 7 days longer than it promises, then checking fails. Whether it is really
its issuer's, covers the certificate and revokes it, OpenSSL says, link by link. A list that somebody else signed never
counts; where no other is left for an issuer, the certificate cannot be judged and is not taken (fail closed).
"""

from __future__ import annotations

from contextlib import suppress

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
"""Stores, and checks of lists' signatures, that are kept."""


class Revocation:
    """The revocation lists of the configuration, by their issuers."""

    def __init__(self, lists: Iterable[RevocationList]) -> None:
        self._lists = list(lists)
        self._issued: dict[CanonicalName, list[int]] = {}
        for number, one in enumerate(self._lists):
            if (name := _issuer(one)) is not None:
                self._issued.setdefault(name, []).append(number)
        self._stores: dict[tuple[x509.Certificate, tuple[int, ...]], crypto.X509Store | None] = {}
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
        strangers = [one for one in others if one not in path]
        for number, child in enumerate(path[:-1]):
            if fault := self._link(child, path[number + 1 :], strangers, now):
                return fault
        return None

    def _link(
        self, child: x509.Certificate, above: Path, others: Sequence[x509.Certificate], now: datetime
    ) -> Fault | None:
        configured = [number for name in _list_issuers(child) for number in self._issued.get(name, ())]
        if not configured:
            return None
        cannot = f"Whether {named(child)} is revoked cannot be told."
        verdicts = {number: verdict(self._lists[number], now) for number in configured}
        current = [number for number in configured if verdicts[number].counts]
        if not current:
            of = quoted(self._lists[configured[-1]].issuer)
            sentence = f"{cannot} {verdicts[configured[-1]].sentence} It is the revocation list of {of}."
            return Fault("revocation-list-too-old", sentence)
        signed = [number for number in current if self._has_signer(number, above, others, now)]
        if not signed:
            of = quoted(self._lists[current[-1]].issuer)
            return Fault("revocation-list-refused", f"{cannot} {of} did not sign the list of its name.")
        faults = [self._asked((number,), child, above, others) for number in signed]
        if revoked := next((one for one in faults if one is not None and one.outcome == "revoked"), None):
            return revoked
        if None in faults:
            return None
        # Lists for some reasons each, or for some certificates each, only cover a certificate together.
        together = self._asked(tuple(signed), child, above, others) if len(signed) > 1 else faults[0]
        return together and together._replace(sentence=f"{cannot} {together.sentence}")

    def _asked(
        self, lists: tuple[int, ...], child: x509.Certificate, above: Path, others: Sequence[x509.Certificate]
    ) -> Fault | None:
        """Return what OpenSSL says with some of the lists: None where they cover the certificate and spare it."""
        store = self._store(above[-1], lists)
        if store is None:
            return Fault("revocation-list-refused", f"The revocation list for {named(child)} cannot be read.")
        own, *between = [native(one) for one in (child, *above[:-1], *others)]
        found = checked(store, own, between)
        # OpenSSL asks for names last, and those of the whole path are good already: a certificate in its middle may be
        # exempt from what binds one at its end (RFC 5280 s6.1.3 b).
        return found if isinstance(found, Fault) and found.outcome != "name-constraints" else None

    def _has_signer(self, number: int, above: Path, others: Sequence[x509.Certificate], now: datetime) -> bool:
        """Tell whether an authority above, or another certificate that is not revoked itself, signed a list."""
        if any(self._signed_by(number, one) for one in above):
            return True
        for signer in others:
            if self._signed_by(number, signer):
                # Lists about the signer must be signed above it: signers that vouch for each other have no end.
                parents = [place for place, one in enumerate(above) if subject(one) == issuer(signer)]
                if not parents or self._link(signer, above[parents[0] :], (), now) is None:
                    return True
        return False

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

    def _store(self, anchor: x509.Certificate, lists: tuple[int, ...]) -> crypto.X509Store | None:
        """Return the store with an anchor and some lists; kept, for OpenSSL reads a list of ten megabytes slowly."""
        if (anchor, lists) not in self._stores:
            if len(self._stores) >= MOST_STORES:
                self._stores.clear()
            store = None
            with suppress(Unreadable):
                store = store_of([native(anchor)], REVOCATION_FLAGS, [self._lists[number].crl for number in lists])
            self._stores[anchor, lists] = store
        return self._stores[anchor, lists]


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
