"""Does a presented chain lead to what is trusted? The judgment of certificate chains (rules V1, V8, T11 to T14).

Pure: certificates, lists and a time come in, a verdict goes out. OpenSSL finds and checks a path, the rules of
`gateway.path_rules` and the revocation lists are laid upon it, and where that path fails the others are tried: one bad
certificate among those that were sent along never spoils a good path.

Trusted are the authorities of the lists in force, self-signed or not. A certificate without a CA flag in a list
authenticates exactly itself and nothing that it signed (rule V8).

Who only wants a chain checked needs no more than this:

    from gateway.chain import TrustStore, read_presented
    from gateway.loading import read_certificates

    store = TrustStore(read_certificates(Path("authorities.pem").read_bytes()).certificates)
    verdict = store.judge(read_presented(ders), datetime.now(UTC))
    print(verdict.good, verdict.sentence)

where `ders` are the certificates of a handshake, the server's own first. Whether the first one names that server,
`gateway.names` says.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from cryptography import x509

from gateway.chain_order import distinct, is_authority
from gateway.guarded import Unreadable, attempt, guarded, silently
from gateway.links import read_link
from gateway.openssl_path import Fault, Path, checked, named, native, store_of
from gateway.path_rules import link_fault, path_fault
from gateway.path_search import by_name, other_paths
from gateway.policies import policy_fault
from gateway.refusals import CertificateRefused
from gateway.revocation import Revocation
from gateway.trust_keys import same_key, signed_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from OpenSSL import crypto

    from gateway.crl import RevocationList
    from gateway.path_rules import TrustedAs
    from gateway.verdict import Reason

MOST_PRESENTED = 64
"""Certificates that are taken from a handshake; real servers send two to five, one below a bridge with all that it
certified some dozens (RFC 4158 s2.4)."""
LARGEST, LARGEST_TOGETHER = 64 * 1024, 256 * 1024
"""Octets of one certificate, and of all."""
UNDECIDED = {
    "no-certificate",
    "too-many-certificates",
    "unreadable",
    "revocation-list-too-old",
    "revocation-list-refused",
    "revocation-unknown",
}
"""Outcomes that say nothing against the certificate itself: it could not be judged (RFC 8460 s4.3.2.5)."""
SHORT_OF_AN_ANCHOR = {"issuer-missing", "self-signed"}
"""Outcomes that tell less than the fault of another path that does reach an anchor."""


class ChainVerdict(NamedTuple):
    """The end of the judgment of a chain; the first four as in `gateway.verdict.Verdict`.

    Attributes:
        good: whether the chain is trusted.
        outcome: what was found: `trusted`, `expired`, `issuer-missing`.
        reason: why it failed; None where it did not.
        sentence: the same for people, with names and dates; printable.
        path: the leaf, its issuers, the anchor; () where no path was found or none was good.
        missing_issuer: the printable name of the issuer that is in no list; "".
    """

    good: bool
    outcome: str
    reason: Reason | None
    sentence: str
    path: Path = ()
    missing_issuer: str = ""


class _Anchors(NamedTuple):
    """What is trusted in one judgment.

    Attributes:
        store: the anchors in OpenSSL's form.
        named: the same by their subjects.
        trusted_as: what one of them is.
        revocation: the revocation lists.
    """

    store: crypto.X509Store
    named: dict[x509.Name, list[x509.Certificate]]
    trusted_as: Callable[[x509.Certificate], TrustedAs]
    revocation: Revocation


class TrustStore:
    """The authorities of the lists in force and the revocation lists, built once and used for many checks.

    An authority that OpenSSL cannot read is left out, and breaks none of the others (rule V8).

    Args:
        authorities: the certificates of the lists.
        revocation: the lists of sources that are configured; a list out of date counts 7 days more.
    """

    def __init__(self, authorities: Iterable[x509.Certificate], revocation: Iterable[RevocationList] = ()) -> None:
        self._listed = dict.fromkeys(authorities)
        with silently():
            self._anchors = _anchors(self._listed, lambda _: "listed", Revocation(revocation))

    def judge(self, presented: Sequence[x509.Certificate], now: datetime) -> ChainVerdict:
        """Return whether the first of the presented certificates is trusted at a time.

        Args:
            presented: what the server sent: its certificate, then others in any order, strangers among them.
            now: an aware time.
        """
        if fault := _unfit(presented):
            return _failed(fault)
        leaf = presented[0]
        if leaf in self._listed:  # V8: by itself, whoever signed it
            return _judged((leaf,), path_fault((leaf,), now, "listed") or _alone(leaf), "listed")
        return _search(leaf, presented[1:], self._anchors, now)


def judge_anchored(
    presented: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    keys: Sequence[bytes],
    now: datetime,
) -> ChainVerdict:
    """Return whether a chain leads to a trust anchor of DANE, usage 2 (RFC 7671 s5.2); no list counts beside it.

    Args:
        presented: what the server sent, its certificate first.
        anchors: certificates that TLSA records match or hold; any authority (rule T14), also one that the server did
            not send (rule T13). A leaf that is no CA is none (rule T12). Their own dates do not count (rule T11).
        keys: public keys of such records (SubjectPublicKeyInfo, DER): a presented authority that has such a key is
            trusted, and so is what the key signed where no issuer with it was presented (rule T13).
        now: an aware time.
    """
    if fault := _unfit(presented):
        return _failed(fault)
    leaf = presented[0]
    holders = [one for one in presented if is_authority(one) and same_key(one, keys)]
    authorities = (one for one in (*anchors, *holders) if is_authority(one))
    undated = dict.fromkeys(one for one in authorities if not isinstance(read_link(one), Fault))
    if leaf in undated:
        return _judged((leaf,), path_fault((leaf,), now, "anchor") or _alone(leaf), "anchor")
    signed = [one for one in signed_by(presented, keys) if one not in undated]
    if leaf in signed:
        return _judged((leaf,), path_fault((leaf,), now, "link") or _alone(leaf), "link")
    trusted = [*undated, *(one for one in signed if one != leaf)]
    anchors_found = _anchors(trusted, lambda one: "link" if one in signed else "anchor", Revocation(()))
    verdict = _search(leaf, presented[1:], anchors_found, now)
    if verdict.outcome in SHORT_OF_AN_ANCHOR:
        return verdict._replace(sentence=f"The chain of {named(leaf)} leads to no trust anchor of the TLSA records.")
    return verdict


def read_presented(ders: Sequence[bytes]) -> list[x509.Certificate]:
    """Return the certificates of a TLS handshake, the server's own first.

    Others that cannot be read are left out: they may be of no use, and never spoil the first (RFC 8446 s4.4.2).

    Raises:
        CertificateRefused: there is none, there are too many or too large ones, or the first cannot be used.
    """
    if not ders:
        raise CertificateRefused("The server sent no certificate.")
    if len(ders) > MOST_PRESENTED:
        raise CertificateRefused(f"The server sent {len(ders)} certificates; at most {MOST_PRESENTED} are taken.")
    if max(map(len, ders)) > LARGEST or sum(map(len, ders)) > LARGEST_TOGETHER:
        raise CertificateRefused(
            f"The server sent certificates of {sum(map(len, ders))} octets; at most {LARGEST} are taken of one and"
            f" {LARGEST_TOGETHER} of all."
        )
    found = []
    for number, der in enumerate(ders):
        try:
            certificate = attempt(partial(x509.load_der_x509_certificate, der))
        except Unreadable:
            if number == 0:
                raise CertificateRefused("The server's certificate cannot be read: its content is damaged.") from None
            continue
        link = read_link(certificate)
        if not isinstance(link, Fault):
            found.append(certificate)
        elif number == 0:
            raise CertificateRefused(link.sentence)
    return found


def _search(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], anchors: _Anchors, now: datetime
) -> ChainVerdict:
    """Return the verdict on the first good path, or on the one that came furthest."""
    readable = {one: _native(one) for one in distinct(others) if one != leaf and not isinstance(read_link(one), Fault)}
    between = [one for one, found in readable.items() if found is not None]
    natives = [found for found in readable.values() if found is not None]
    own = _native(leaf)
    if own is None:
        return _failed(Fault("unreadable", f"The certificate {named(leaf)} cannot be read."))

    def judged(result: Path | Fault) -> ChainVerdict:
        if isinstance(result, Fault):
            return _failed(result)
        trusted_as = anchors.trusted_as(result[-1])
        fault = path_fault(result, now, trusted_as) or policy_fault(result)
        fault = fault or anchors.revocation.fault(result, between, now)
        return _judged(result, fault, trusted_as)

    first = judged(checked(anchors.store, own, natives))
    if first.good or link_fault(leaf, now, leaf=True):
        return first
    usable = by_name(one for one in between if link_fault(one, now, leaf=False) is None)
    for path in other_paths(leaf, usable, anchors.named):
        *below, anchor = [native(one) for one in path]
        verdict = judged(checked(store_of([anchor]), own, below[1:]))
        if verdict.good:
            return verdict
        if first.outcome in SHORT_OF_AN_ANCHOR:
            first = verdict
    return first


def _unfit(presented: Sequence[x509.Certificate]) -> Fault | None:
    """Return why a chain is not even looked at."""
    if not presented:
        return Fault("no-certificate", "The server sent no certificate.")
    if len(presented) > MOST_PRESENTED:
        sentence = f"The server sent {len(presented)} certificates; at most {MOST_PRESENTED} are taken."
        return Fault("too-many-certificates", sentence)
    link = read_link(presented[0])
    return link if isinstance(link, Fault) else None


def _alone(leaf: x509.Certificate) -> Fault | None:
    """Return what OpenSSL has against a leaf that is trusted by itself, such as an unknown critical extension."""
    own = _native(leaf)
    if own is None:
        return Fault("unreadable", f"The certificate {named(leaf)} cannot be read.")
    found = checked(store_of([own]), own, ())
    return found if isinstance(found, Fault) else None


def _anchors(
    certificates: Iterable[x509.Certificate],
    trusted_as: Callable[[x509.Certificate], TrustedAs],
    revocation: Revocation,
) -> _Anchors:
    """Return those of the certificates that are authorities and that OpenSSL reads, as anchors."""
    natives = {one: found for one in certificates if is_authority(one) and (found := _native(one)) is not None}
    return _Anchors(store_of(natives.values()), by_name(natives), trusted_as, revocation)


def _native(certificate: x509.Certificate) -> crypto.X509 | None:
    return guarded(lambda: native(certificate), None)


def _judged(path: Path, fault: Fault | None, trusted_as: TrustedAs) -> ChainVerdict:
    if fault is not None:
        return _failed(fault)
    way = "itself" if len(path) == 1 else f"way of {named(path[-1])}"
    if trusted_as == "link":
        way = "a trusted key" if len(path) == 1 else f"{way}, which a trusted key signed"
    return ChainVerdict(True, "trusted", None, f"{named(path[0])} is trusted by {way}.", path)


def _failed(fault: Fault) -> ChainVerdict:
    reason: Reason = "certificate-not-trusted"
    if fault.outcome == "expired":
        reason = "certificate-expired"
    elif fault.outcome in UNDECIDED:
        reason = "validation-failure"
    return ChainVerdict(False, fault.outcome, reason, fault.sentence, (), fault.missing_issuer)
