"""DANE for SMTP: does the certificate that a server presents match a TLSA record (RFC 6698, 7671, 7672)?

Who only wants that question answered needs no more than this:

    from gateway.dane import TLSA, judge

    records = [TLSA.from_text("3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922")]
    verdict = judge(records, presented, ["mx.example.net"], datetime.now(UTC))
    print(verdict.good, verdict.sentence)

where `presented` are the server's certificates, its own first. `gateway.tlsa` has the record itself, and
`gateway.tlsa_search` says where records are looked for and what their absence means.
"""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from gateway.chain import judge_anchored
from gateway.chain_order import MOST_LINKS
from gateway.names import dane_identity, presented_names
from gateway.refusals import CertificateRefused
from gateway.tlsa import (
    DANE_EE,
    DANE_TA,
    FULL,
    STRONGEST_FIRST,
    TLSA,
    WHOLE_CERTIFICATE,
    fault,
    strongest,
    trust_anchor,
)
from gateway.verdict import Reason, Verdict
from state.wording import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cryptography import x509

__all__ = ["TLSA", "DaneVerdict", "fault", "judge", "strongest", "usable"]

MOST_RECORDS = 100
"""Records of one owner that are looked at; real ones have one to six."""


class DaneVerdict(NamedTuple):
    """Whether a certificate matches a TLSA record.

    Attributes:
        good: whether the server is authenticated.
        outcome: `matched-dane-ee`, `matched-dane-ta`; `no-usable-record`, `no-certificate`, `no-match`,
            `anchor-is-leaf`; what the path lacks, as `gateway.chain` calls it; `name-mismatch`, `no-name-presented`.
        reason: why it failed; None where it passed.
        sentence: the same for people; printable.
        record: the record that matched, or that came nearest; None where none did.
    """

    good: bool
    outcome: str
    reason: Reason | None
    sentence: str
    record: TLSA | None

    @property
    def verdict(self) -> Verdict:
        """What is left for those who do not ask for the record."""
        return Verdict(self.good, self.outcome, self.reason, self.sentence)


def usable(records: Iterable[TLSA]) -> list[TLSA]:
    """Return the records that SMTP can use (rule T5), each once; no more than MOST_RECORDS."""
    return list(islice((record for record in dict.fromkeys(records) if fault(record) is None), MOST_RECORDS))


def judge(
    records: Iterable[TLSA],
    presented: Sequence[x509.Certificate],
    references: Sequence[str],
    now: datetime,
    order: Sequence[int] = STRONGEST_FIRST,
) -> DaneVerdict:
    """Return whether a server is authenticated by its TLSA records.

    One match is enough (rule T15). A DANE-EE record is compared with the server's own certificate and asks for nothing
    else, neither a name nor a date (T10); a DANE-TA record needs a path and a name too (T11), so it comes second.

    Args:
        records: the secure TLSA records of the server; those that SMTP cannot use are passed over.
        presented: the server's certificates as it sent them, its own first.
        references: the names of which a certificate below a trust anchor has to present one (rule T17).
        now: an aware time.
        order: the matching types of digests, the strongest first (rule T16).
    """
    candidates = usable(records)
    if not candidates:
        return _bad("no-usable-record", "tlsa-invalid", "No TLSA record of the server is usable.")
    if not presented:
        return _bad("no-certificate", "validation-failure", "The server presented no certificate.")
    kept = strongest(candidates, order)
    leaf = presented[0]
    if (found := _matching(kept, DANE_EE, leaf)) is not None:
        return DaneVerdict(True, "matched-dane-ee", None, f"The {found.shown} matches the server's certificate.", found)
    nearest = None
    for record in kept:
        if record.usage == DANE_TA and (verdict := _judge_anchor(record, presented, references, now)) is not None:
            if verdict.good:
                return verdict
            nearest = nearest or verdict
    if nearest is not None:
        return nearest
    counts = f"{counted(len(candidates), 'record')}, {counted(len(presented), 'certificate')}"
    sentence = f"No usable TLSA record matches a certificate of the server ({counts})."
    return _bad("no-match", "validation-failure", sentence)


def _judge_anchor(
    record: TLSA, presented: Sequence[x509.Certificate], references: Sequence[str], now: datetime
) -> DaneVerdict | None:
    """Return what a DANE-TA record says (rules T11 to T14, T18, RFC 7671 s5.2); None where it matches nothing.

    The server's own certificate is never its own trust anchor: one that is no authority by rule T12, and an authority
    as in OpenSSL, whose senders are most of those that know DANE (which still takes one that its own bare key, `2 1 0`,
    signed). A record that means the server itself has the usage 3.
    """
    leaf, issuers = presented[0], presented[1 : 1 + MOST_LINKS]
    own = _matching([record], DANE_TA, leaf) is not None
    anchors = [issuer for issuer in issuers if issuer != leaf and _matching([record], DANE_TA, issuer) is not None]
    keys: list[bytes] = []
    if record.matching_type == FULL and not own:  # T13: the DNS itself holds the anchor
        if record.selector == WHOLE_CERTIFICATE:
            anchors = anchors or [trust_anchor(record)]
        else:
            keys = [record.data]
    if not anchors and not keys:
        sentence = f"The {record.shown} matches the server's own certificate; it has to match an issuer of it."
        return _bad("anchor-is-leaf", "certificate-not-trusted", sentence, record) if own else None
    path = judge_anchored(presented, anchors, keys, now)
    if not path.good:
        return DaneVerdict(False, path.outcome, path.reason, f"{path.sentence} ({record.shown})", record)
    identity = dane_identity(presented_names(leaf), references)
    if not identity.good:
        sentence = f"The {record.shown} matches. {identity.sentence}"
        return DaneVerdict(False, identity.outcome, identity.reason, sentence, record)
    return DaneVerdict(True, "matched-dane-ta", None, f"The {record.shown} matches. {identity.sentence}", record)


def _matching(records: Sequence[TLSA], usage: int, certificate: x509.Certificate) -> TLSA | None:
    """Return the first kind of record of a usage that names a certificate; each digest is made once."""
    kinds = dict.fromkeys((record.selector, record.matching_type) for record in records if record.usage == usage)
    for selector, matching_type in kinds:
        try:
            record = TLSA.of(certificate, usage, selector, matching_type)
        except CertificateRefused:
            continue
        if record in records:
            return record
    return None


def _bad(outcome: str, reason: Reason, sentence: str, record: TLSA | None = None) -> DaneVerdict:
    return DaneVerdict(False, outcome, reason, sentence, record)
