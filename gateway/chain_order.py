"""A certificate and what came with it, put into the order in which a server sends them.

Intermediates stand nearest first; every link's signature is checked, not only its names (rule V1 without dates and
trust, which belong to whoever verifies). A self-signed root at the end is kept where it was given: a TLS server may
send it (RFC 8446 s4.4.2), and what was imported can be exported again.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from gateway.fields import extension, issuer, short_name, subject
from gateway.guarded import Unreadable, attempt
from gateway.keys import belongs, refuse_foreign_key
from gateway.loading import PrivateKey, read_certificates, read_private_key
from gateway.refusals import CertificateRefused
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LINKS = 20
"""Certificates that are put in order; real chains have two to four."""


class Bundle(NamedTuple):
    """A key, its certificate and the intermediates, nearest first.

    Attributes:
        key: the private key; None where there was none.
        certificate: the end-entity certificate.
        intermediates: each signed the one before it.
        left_out: certificates that came along and sign nothing here; the dialog says so.
    """

    key: PrivateKey | None
    certificate: x509.Certificate
    intermediates: list[x509.Certificate]
    left_out: list[x509.Certificate]

    def __repr__(self) -> str:
        """Return the certificate's name only."""
        return f"<Bundle {short_name(subject(self.certificate))}>"


def issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    """Tell whether `parent` has the issuer's name of `child`, and its key signed it."""
    try:
        attempt(lambda: child.verify_directly_issued_by(parent))
    except Unreadable:
        return False
    return True


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is signed by its own key."""
    return issued(certificate, certificate)


def is_authority(certificate: x509.Certificate) -> bool:
    """Tell whether basic constraints say that it may sign certificates (RFC 5280 s4.2.1.9)."""
    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def distinct(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates without repetitions, in their order."""
    return list(
        {certificate.public_bytes(serialization.Encoding.DER): certificate for certificate in certificates}.values()
    )


def chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return those of `others` that lead from `leaf` upwards, nearest first; repetitions count once.

    Raises:
        CertificateRefused: there are too many certificates, or the issuers form a loop.
    """
    pool = [certificate for certificate in distinct(others) if certificate != leaf]
    if len(pool) > MOST_LINKS:
        raise CertificateRefused(
            f"There are {len(pool)} certificates beside the first; at most {MOST_LINKS} are taken."
        )
    path = [leaf]
    while not is_self_signed(path[-1]):
        parents = [certificate for certificate in pool if issued(path[-1], certificate)]
        onward = next((parent for parent in parents if parent not in path), None)
        if onward is None:
            if any(issued(path[-1], member) for member in path):
                names = [quoted(short_name(subject(member))) for member in path]
                raise CertificateRefused(f"The issuers form a loop among {listed(names, 'and')}.")
            break
        path.append(onward)
    return path[1:]


def intermediates(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the intermediates of `leaf` nearest first, where all that was given must be of its chain.

    A second way to the same authority (a cross certificate) is dropped; it is no mistake.

    Raises:
        CertificateRefused: one is a second end-entity certificate, is unrelated, or did not sign what it should have.
    """
    found = chain(leaf, others)
    path = [leaf, *found]
    for stranger in distinct(others):
        if stranger not in path and not any(issued(member, stranger) for member in path):
            raise _stranger(stranger, path)
    return found


def leaf_of(certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the end-entity certificate of a set: the only one that signs no other.

    Raises:
        CertificateRefused: there are several such, or none.
    """
    pool = distinct(certificates)
    if len(pool) > MOST_LINKS + 1:
        raise CertificateRefused(f"There are {len(pool)} certificates in it; at most {MOST_LINKS + 1} are taken.")
    ends = [one for one in pool if not any(issued(other, one) for other in pool if other != one)]
    if len(ends) > 1:  # an authority that signs nothing here is no end of a chain
        ends = [one for one in ends if not is_authority(one)] or ends[:1]
    if len(ends) > 1:
        names = listed([quoted(short_name(subject(end))) for end in ends], "and")
        raise CertificateRefused(f"There is more than one end-entity certificate: {names}; one is expected.")
    if not ends:
        raise CertificateRefused("The issuers form a loop: each of the certificates signs another of them.")
    return ends[0]


def read_chain(data: bytes | str) -> Bundle:
    """Return the certificate and the intermediates of a PEM text in any order, such as `fullchain.pem`; no key.

    Raises:
        CertificateRefused: it cannot be read, or is no single chain.
    """
    certificates = read_certificates(data).certificates
    leaf = leaf_of(certificates)
    return Bundle(None, leaf, intermediates(leaf, [one for one in certificates if one != leaf]), [])


def read_bundle(data: bytes | str, pass_phrase: str | None = None) -> Bundle:
    """Return key, certificate and intermediates of one PEM text in any order (Let's Encrypt: full chain and key).

    Raises:
        PassPhraseNeeded: the key is encrypted and there is no pass phrase.
        WrongPassPhrase: the pass phrase does not open the key.
        CertificateRefused: it cannot be read, the key belongs to no certificate, or it is no single chain.
    """
    certificates = read_certificates(data).certificates
    key = read_private_key(data, pass_phrase)
    leaf = owner(key, certificates)
    return Bundle(key, leaf, intermediates(leaf, [one for one in certificates if one != leaf]), [])


def owner(key: PrivateKey, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the certificate that a key belongs to; of several, the first that is no authority.

    Raises:
        CertificateRefused: it belongs to none.
    """
    own = [certificate for certificate in certificates if belongs(key, certificate)]
    if not own:
        if len(certificates) == 1:
            refuse_foreign_key(key, certificates[0])
        raise CertificateRefused(f"The private key belongs to none of the {len(certificates)} certificates.")
    return next((certificate for certificate in own if not is_authority(certificate)), own[0])


def _stranger(stranger: x509.Certificate, path: Sequence[x509.Certificate]) -> CertificateRefused:
    name = quoted(short_name(subject(stranger)))
    named = next(
        (member for member in path if issuer(member) is not None and issuer(member) == subject(stranger)), None
    )
    if named is not None and not is_self_signed(named):
        child = quoted(short_name(subject(named)))
        return CertificateRefused(f"{name} has the name of the issuer of {child}, but its key did not sign it.")
    leaf = quoted(short_name(subject(path[0])))
    if not is_authority(stranger):
        return CertificateRefused(f"{name} is a second end-entity certificate beside {leaf}; one is expected.")
    return CertificateRefused(f"{name} is not of the chain of {leaf}: it signed none of its certificates.")
