"""One path of certificates checked by OpenSSL: signatures, CA flags, path lengths, name constraints, revocation.

Nothing here looks at dates: OpenSSL keeps the time inside of its store and never takes a second one, so that a store
would have to be built for every check. Dates are one of our own rules (`gateway.path_rules`). What OpenSSL would take
and RFC 5280 does not, and what a server's certificate needs, stands there as well.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

from OpenSSL import crypto

from gateway.fields import issuer, short_name, subject
from gateway.guarded import Unreadable, attempt, guarded
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL does not name."""
EXTENDED_CRL_SUPPORT = 0x1000
"""X509_V_FLAG_EXTENDED_CRL_SUPPORT: a list may be signed by another key of its issuer, or be an indirect one."""
KEPT = 512
"""Certificates whose form for OpenSSL is kept: the intermediates that are seen every day."""
FLAGS = crypto.X509StoreFlags.PARTIAL_CHAIN | NO_CHECK_TIME
REVOCATION_FLAGS = FLAGS | crypto.X509StoreFlags.CRL_CHECK | EXTENDED_CRL_SUPPORT

Path = tuple["x509.Certificate", ...]


class Fault(NamedTuple):
    """Why a path is not taken.

    Attributes:
        outcome: one word or several joined by `-`.
        sentence: which certificate, and what about it; printable.
        missing_issuer: the printable name of the issuer that is in no list; "".
    """

    outcome: str
    sentence: str
    missing_issuer: str = ""


class _Meaning(NamedTuple):
    """What a number of OpenSSL's means; `{name}` is the certificate's name and `{issuer}` its issuer's, quoted."""

    outcome: str
    sentence: str


_MISSING = _Meaning("issuer-missing", "The issuer of {name}, {issuer}, is in no list and was not sent along.")
_SIGNATURE = _Meaning("bad-signature", "The signature of {name} is not one of its issuer, {issuer}.")
_CONSTRAINTS = _Meaning("name-constraints", "A name in {name} lies outside of what an authority above it may certify.")
_CONSTRAINTS_FORM = _Meaning(
    "name-constraints", "The name constraints above {name} are of a form that is not supported."
)
_NO_AUTHORITY = _Meaning("not-an-authority", "{name} signed another certificate, but has not the right to sign any.")
_FORM = _Meaning("unreadable", "The content of {name} breaks the format of certificates.")
_NO_LIST = _Meaning("revocation-unknown", "No revocation list of {issuer} covers {name}.")
_BAD_LIST = _Meaning("revocation-list-refused", "The revocation list of {issuer} cannot be used: {openssl}.")

_TOO_MUCH = _Meaning("too-complex", "There are too many names and constraints in the chain of {leaf} to compare them.")

MEANINGS = {
    1: _TOO_MUCH,
    2: _MISSING,
    3: _NO_LIST,
    4: _SIGNATURE,
    5: _BAD_LIST,
    6: _SIGNATURE,
    7: _SIGNATURE,
    8: _BAD_LIST,
    13: _FORM,
    14: _FORM,
    17: _TOO_MUCH,
    18: _Meaning("self-signed", "{name} is signed by itself and is in no list."),
    19: _Meaning("issuer-missing", "The chain ends at {issuer}, which is in no list of authorities."),
    20: _MISSING,
    21: _MISSING,
    22: _Meaning("path-too-long", "The chain above {name} is too long."),
    23: _Meaning("revoked", "{name} is revoked by its issuer, {issuer}."),
    24: _SIGNATURE,
    25: _Meaning("path-too-long", "There are more authorities below {name} than its path length allows."),
    32: _Meaning("not-an-authority", "The key usage of {name} does not allow it to sign certificates."),
    33: _BAD_LIST,
    34: _Meaning("unknown-critical-extension", "{name} has a critical extension that is not known."),
    35: _BAD_LIST,
    36: _BAD_LIST,
    37: _NO_AUTHORITY,
    40: _Meaning("not-for-servers", "{name} is a proxy certificate, which no server has."),
    41: _FORM,
    42: _FORM,
    44: _NO_LIST,
    47: _CONSTRAINTS,
    48: _CONSTRAINTS,
    49: _CONSTRAINTS_FORM,
    51: _CONSTRAINTS_FORM,
    52: _CONSTRAINTS_FORM,
    53: _CONSTRAINTS,
    54: _BAD_LIST,
    76: _SIGNATURE,
    77: _SIGNATURE,
    78: _SIGNATURE,
    79: _NO_AUTHORITY,
    94: _FORM,
}
"""What the numbers X509_V_ERR_* of OpenSSL's x509_vfy.h say; these are of OpenSSL 3 and newer."""
NAMELESS = {1, 17}
"""Numbers that come without a certificate."""


@lru_cache(maxsize=KEPT)
def native(certificate: x509.Certificate) -> crypto.X509:
    """Return OpenSSL's form of a certificate; nobody ever changes it.

    Raises:
        Unreadable: OpenSSL does not read what `cryptography` read.
    """
    try:
        return attempt(lambda: crypto.X509.from_cryptography(certificate))
    except Unreadable:
        drain()
        raise


def store_of(
    certificates: Iterable[crypto.X509], flags: int = FLAGS, lists: Iterable[x509.CertificateRevocationList] = ()
) -> crypto.X509Store:
    """Return a store that trusts the certificates, each by itself; it holds no time and is never changed again.

    Raises:
        Unreadable: OpenSSL does not read one of the revocation lists.
    """
    store = crypto.X509Store()
    store.set_flags(flags)
    for certificate in certificates:
        store.add_cert(certificate)
    for one in lists:
        try:
            attempt(partial(store.add_crl, one))
        except Unreadable:
            drain()
            raise
    return store


def checked(store: crypto.X509Store, leaf: crypto.X509, others: Sequence[crypto.X509]) -> Path | Fault:
    """Return the path that OpenSSL found from a leaf to a certificate of the store, or why it found none.

    Args:
        store: what is trusted; see `store_of`.
        leaf: the certificate to check.
        others: certificates that may stand between.
    """
    try:
        found = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
        return attempt(lambda: tuple(one.to_cryptography() for one in found))
    except crypto.X509StoreContextError as error:
        return _fault(error, leaf)
    except (crypto.Error, Unreadable):
        return Fault("unreadable", "A certificate of the chain cannot be read.")
    finally:
        drain()


def drain() -> None:
    """Empty OpenSSL's queue of errors, so that nothing of this check appears in a later one.

    A failed read takes all that waits in the queue with it; there is no other public way.
    """
    try:
        crypto.load_certificate(crypto.FILETYPE_ASN1, b"")
    except crypto.Error:
        return


def named(certificate: x509.Certificate | None) -> str:
    """Return the name of a certificate as sentences have it: quoted and printable."""
    return quoted(short_name(subject(certificate))) if certificate is not None else "a certificate"


def _fault(error: crypto.X509StoreContextError, leaf: crypto.X509) -> Fault:
    number = error.errors[0]
    own = guarded(leaf.to_cryptography, None)
    about = own if number in NAMELESS or number not in MEANINGS else guarded(error.certificate.to_cryptography, own)
    meaning = MEANINGS.get(number, _Meaning("refused", "The chain of {leaf} is refused: {openssl}."))
    above = short_name(issuer(about)) if about is not None else ""
    sentence = meaning.sentence.format(name=named(about), issuer=quoted(above), leaf=named(own), openssl=error)
    return Fault(meaning.outcome, sentence, above if meaning.outcome == "issuer-missing" else "")
