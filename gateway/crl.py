"""Certificate revocation lists (RFC 5280 s5): read, whose they are, and whether they still count.

A list that is out of date counts until 7 days past its nextUpdate, for a distribution point may be down; after that
checking fails with that reason.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, NamedTuple

from cryptography import x509

from gateway.fields import extension, short_name, subject
from gateway.guarded import Unreadable, attempt, guarded
from gateway.pem import open_envelope
from gateway.refusals import CertificateRefused
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

EXPECTED = "a certificate revocation list"
LARGEST = 32 * 1024 * 1024
"""Bytes; large public authorities publish lists of ten megabytes and more."""
GRACE = timedelta(days=7)
"""How long a list that is out of date still counts."""

Reason = Literal["current", "out of date", "too old", "not yet valid"]


class RevocationList(NamedTuple):
    """A list that could be read; its signature is not checked yet.

    Attributes:
        crl: the list.
        issuer: the short name of its issuer, printable.
        revoked: how many certificates it revokes.
        this_update: when it was issued; aware, UTC.
        next_update: by when the next one is issued; aware, UTC.
    """

    crl: x509.CertificateRevocationList
    issuer: str
    revoked: int
    this_update: datetime
    next_update: datetime


class Verdict(NamedTuple):
    """Whether a list counts at a time, and why, as a code and as a sentence."""

    counts: bool
    reason: Reason
    sentence: str


def read_crl(data: bytes | str) -> RevocationList:
    """Return a list from PEM, DER, or base64 without a BEGIN line.

    Raises:
        CertificateRefused: it is none, cannot be read, has no nextUpdate (RFC 5280 s5.1.2.5), or is a delta of another.
    """
    block = open_envelope(data, EXPECTED, LARGEST).blocks[0]
    if block.label and block.noun != EXPECTED:
        raise CertificateRefused(f"This is {block.noun}; {EXPECTED} is expected.")
    try:
        crl = attempt(lambda: x509.load_der_x509_crl(block.der))
        issuer, revoked = attempt(lambda: short_name(crl.issuer)), attempt(lambda: len(crl))
        begin, end = attempt(lambda: (crl.last_update_utc, crl.next_update_utc))
        extensions = attempt(lambda: list(crl.extensions))
    except Unreadable:
        raise CertificateRefused("The certificate revocation list cannot be read: its content is damaged.") from None
    if end is None:
        raise CertificateRefused("The certificate revocation list does not say when the next one comes (nextUpdate).")
    if any(isinstance(one.value, x509.DeltaCRLIndicator) for one in extensions):
        raise CertificateRefused("It is a delta of another certificate revocation list; a complete one is expected.")
    return RevocationList(crl, issuer, revoked, begin, end)


def find_issuer(found: RevocationList, certificates: Iterable[x509.Certificate]) -> x509.Certificate:
    """Return the certificate that signed a list: its name, its key identifier and the signature itself agree.

    Raises:
        CertificateRefused: none of the certificates has the issuer's name, or none of those that have it signed it.
    """
    named = [one for one in certificates if subject(one) is not None and subject(one) == found.crl.issuer]
    if not named:
        raise CertificateRefused(f"The issuer of the list, {quoted(found.issuer)}, is in no list of authorities.")
    for candidate in named:
        if _has_key_identifier(found.crl, candidate) and _may_sign(candidate) and _signed(found.crl, candidate):
            return candidate
    raise CertificateRefused(f"The signature of the list is not one of its issuer, {quoted(found.issuer)}.")


def verdict(found: RevocationList, now: datetime) -> Verdict:
    """Return whether a list counts at `now`, an aware time."""
    if now < found.this_update:
        return Verdict(False, "not yet valid", f"The list is not valid before {_moment(found.this_update)}.")
    if now <= found.next_update:
        return Verdict(True, "current", f"The list is current until {_moment(found.next_update)}.")
    until = found.next_update + GRACE
    if now <= until:
        sentence = f"The list is out of date since {_moment(found.next_update)}; it counts until {_moment(until)}."
        return Verdict(True, "out of date", sentence)
    since = _moment(found.next_update)
    return Verdict(False, "too old", f"The list is out of date since {since}, more than {GRACE.days} days.")


def _has_key_identifier(crl: x509.CertificateRevocationList, candidate: x509.Certificate) -> bool:
    wanted = guarded(lambda: crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value, None)
    held = extension(candidate, x509.SubjectKeyIdentifier)
    if wanted is None or wanted.key_identifier is None or held is None:
        return True
    return wanted.key_identifier == held.digest


def _may_sign(candidate: x509.Certificate) -> bool:
    """Tell whether the key usage, where there is one, allows to sign lists (RFC 5280 s6.3.3 f)."""
    usage = extension(candidate, x509.KeyUsage)
    return usage is None or usage.crl_sign


def _signed(crl: x509.CertificateRevocationList, candidate: x509.Certificate) -> bool:
    return guarded(lambda: crl.is_signature_valid(candidate.public_key()), False)  # type: ignore[arg-type] # other kinds fail


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} GMT"
