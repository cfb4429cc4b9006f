"""A TLSA record (RFC 6698 s2): read, written, made of a certificate; whether SMTP may use it (T5), which one (T16)."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256, sha512
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from gateway.guarded import Unreadable, attempt
from gateway.pem import der_length
from gateway.refusals import CertificateRefused, TlsaRefused
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DANE_TA, DANE_EE = 2, 3
USAGES = ("PKIX-TA", "PKIX-EE", "DANE-TA", "DANE-EE")
"""The names of the certificate usages 0 to 3 (RFC 7218 s2.1)."""

WHOLE_CERTIFICATE, PUBLIC_KEY = 0, 1
FULL, SHA2_256, SHA2_512 = 0, 1, 2
DIGEST_BYTES = {SHA2_256: 32, SHA2_512: 64}
STRONGEST_FIRST = (SHA2_512, SHA2_256)

MOST_DATA = 65_532
"""Bytes that fit into a record beside its three numbers."""
SHOWN_DATA = 8
"""Bytes of the data that a sentence repeats."""
KEPT = 64
"""Certificates and full contents whose reading is kept: the search, each record and each issuer ask for it again."""


class TLSA(NamedTuple):
    """A TLSA record; it may be one that no rule allows, as the DNS may hold anything.

    Attributes:
        usage: the certificate usage, 0 to 3.
        selector: 0 the whole certificate, 1 its SubjectPublicKeyInfo.
        matching_type: 0 the content itself, 1 its SHA-256, 2 its SHA-512.
        data: the certificate association data.
    """

    usage: int
    selector: int
    matching_type: int
    data: bytes

    @classmethod
    def from_text(cls, text: str) -> TLSA:
        """Return the record of a zone file's `3 1 1 5f0e…`; blanks may stand between the hexadecimal digits.

        Raises:
            TlsaRefused: it is not of that form.
        """
        if len(text) > 4 * MOST_DATA:
            raise TlsaRefused(f"The TLSA record is too long; its data has at most {MOST_DATA} bytes.")
        fields = text.split(None, 3)
        if len(fields) < 4:
            raise TlsaRefused(
                f"{quoted(text)} is no TLSA record: usage, selector, matching type and hexadecimal data are expected, "
                "like 3 1 1 5f0e..."
            )
        numbers = [
            _octet(name, field) for name, field in zip(("usage", "selector", "matching type"), fields, strict=False)
        ]
        digits = "".join(fields[3].split())
        if not re.fullmatch("(?:[0-9A-Fa-f]{2})+", digits):
            raise TlsaRefused(f"The data {quoted(digits)} of the TLSA record are no pairs of hexadecimal digits.")
        if len(digits) > 2 * MOST_DATA:
            raise TlsaRefused(f"The TLSA record is too long; its data has at most {MOST_DATA} bytes.")
        return cls(numbers[0], numbers[1], numbers[2], bytes.fromhex(digits))

    @classmethod
    def from_wire(cls, rdata: bytes) -> TLSA:
        """Return the record of its RDATA (RFC 6698 s2.1); the data may be missing, which makes it unusable.

        Raises:
            TlsaRefused: it is shorter than its three numbers, or longer than RDATA can be.
        """
        if not 3 <= len(rdata) <= 3 + MOST_DATA:
            raise TlsaRefused(f"A TLSA record has 3 to {3 + MOST_DATA} bytes; this one has {len(rdata)}.")
        return cls(rdata[0], rdata[1], rdata[2], rdata[3:])

    @classmethod
    def of(cls, certificate: x509.Certificate, usage: int, selector: int, matching_type: int) -> TLSA:
        """Return the record that names a certificate.

        Raises:
            TlsaRefused: the selector or the matching type is none that is defined.
            CertificateRefused: the certificate has no readable public key.
        """
        if selector not in (WHOLE_CERTIFICATE, PUBLIC_KEY):
            raise TlsaRefused(f"The selector {selector} is not defined; it is 0 or 1.")
        content = public_key_info(certificate) if selector else certificate.public_bytes(Encoding.DER)
        if matching_type == SHA2_256:
            content = sha256(content).digest()
        elif matching_type == SHA2_512:
            content = sha512(content).digest()
        elif matching_type != FULL:
            raise TlsaRefused(f"The matching type {matching_type} is not defined; it is 0, 1 or 2.")
        return cls(usage, selector, matching_type, content)

    def text(self) -> str:
        """Return the record as a zone file has it, without owner, class and type."""
        return f"{self.usage} {self.selector} {self.matching_type} {self.data.hex()}"

    @property
    def shown(self) -> str:
        """The record as a sentence names it: `DANE-EE record 3 1 1 5f0e1d2c3b4a5968...`."""
        kind = f"{USAGES[self.usage]} record" if 0 <= self.usage < len(USAGES) else "TLSA record"
        dots = "..." if len(self.data) > SHOWN_DATA else ""
        return f"{kind} {self._replace(data=self.data[:SHOWN_DATA]).text()}{dots}"


def fault(record: TLSA) -> str | None:
    """Return why SMTP cannot use a record (rule T5, RFC 7672 s3.1), as the end of a sentence; None if it can."""
    usage, selector, matching_type, data = record
    if min(usage, selector, matching_type) < 0:
        return "it is cut off"
    if usage in (0, 1):
        return f"its usage {usage} ({USAGES[usage]}) is not for SMTP, which knows 2 and 3"
    if usage not in (DANE_TA, DANE_EE):
        return f"its usage {usage} is not defined"
    if selector not in (WHOLE_CERTIFICATE, PUBLIC_KEY):
        return f"its selector {selector} is not defined"
    if not data:
        return "it has no data"
    if matching_type in DIGEST_BYTES:
        size = DIGEST_BYTES[matching_type]
        return None if len(data) == size else f"its digest has {len(data)} bytes and not {size}"
    if matching_type != FULL:
        return f"its matching type {matching_type} is not defined"
    return _content_fault(record)


def strongest(records: Iterable[TLSA], order: Sequence[int] = STRONGEST_FIRST) -> list[TLSA]:
    """Return what digest agility leaves (rule T16, RFC 7671 s9), in the order given.

    Of each usage and selector stay the records with the full content, and of those with a digest the ones with the
    strongest. So a weak digest counts nowhere where its owner publishes a strong one too.

    Args:
        records: usable ones.
        order: the matching types of digests, the strongest first; records with another one are left out.
    """
    records = list(records)
    best: dict[tuple[int, int], int] = {}
    for usage, selector, matching_type, _ in records:
        if matching_type in order:
            rank = order.index(matching_type)
            best[usage, selector] = min(rank, best.get((usage, selector), rank))
    return [
        record
        for record in records
        if record.matching_type == FULL
        or (record.matching_type in order and order.index(record.matching_type) == best[record.usage, record.selector])
    ]


@lru_cache(maxsize=KEPT)
def public_key_info(certificate: x509.Certificate) -> bytes:
    """Return the SubjectPublicKeyInfo of a certificate (RFC 5280 s4.1) as it is encoded, whatever kind of key it is.

    Writing a key anew could change its octets, and a digest with them; a kind that is not supported could not be
    written at all.

    Raises:
        CertificateRefused: there is none where it has to be.
    """
    encoded = certificate.tbs_certificate_bytes
    at = 2 + (encoded[1] & 0x7F if encoded[1] & 0x80 else 0)
    fields = 5 + (encoded[at : at + 1] == b"\xa0")  # version; serial number, algorithm, issuer, validity, subject
    for _ in range(fields):
        at += der_length(encoded[at : at + 6]) or len(encoded)
    size = der_length(encoded[at : at + 6])
    if size is None or at + size > len(encoded):
        raise CertificateRefused("The certificate's public key cannot be read.")
    return encoded[at : at + size]


def trust_anchor(record: TLSA) -> x509.Certificate:
    """Return the certificate that a record with the full content (`2 0 0`) holds.

    Raises:
        Unreadable: it holds none.
    """
    return attempt(lambda: x509.load_der_x509_certificate(record.data))


@lru_cache(maxsize=KEPT)
def _content_fault(record: TLSA) -> str | None:
    """Return why the full content of a record is none; a leaf is only compared, an anchor's key has to be known."""
    try:
        if record.selector == WHOLE_CERTIFICATE:
            certificate = trust_anchor(record)
            if record.usage == DANE_TA:
                attempt(certificate.public_key)
        else:
            attempt(lambda: load_der_public_key(record.data))
    except Unreadable as error:
        if isinstance(error.cause, UnsupportedAlgorithm):
            return None if record.usage == DANE_EE else "the kind of its public key is not supported"
        what = "certificate" if record.selector == WHOLE_CERTIFICATE else "public key"
        return f"its data are no {what} (X.509, DER)" if what == "certificate" else f"its data are no {what} (DER)"
    return None


def _octet(name: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) > 255:
        known = listed(["0", "1", "2", "3"][: {"usage": 4, "selector": 2}.get(name, 3)])
        raise TlsaRefused(
            f"The {name} {quoted(text)} of the TLSA record is no number from 0 to 255 (defined: {known})."
        )
    return int(text)
