"""What a path of certificates must keep to beside what OpenSSL checks (rule V1): the first fault that is found.

Dates, what keys are for, how strong keys and signatures are, and the names that OpenSSL does not look at.

Strength is level 1 of OpenSSL's security levels, which its verification has only inside of a TLS connection: RSA and
DSA from 1024 bits, curves from 160, no digest weaker than SHA-224. SHA-1 and MD5 are gone with it, for whoever finds a
collision can make a certificate that an authority never signed. An authority of a list counts as it is: its signature
is not what it is trusted for, and roots with RSA-1024 are still in use.
"""

from __future__ import annotations

from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.certificates import signature_algorithm, validity
from gateway.chain_order import is_authority
from gateway.fields import common_names, dns_names, extension, extensions_fault, issuer, subject
from gateway.guarded import Unreadable, attempt, guarded
from gateway.openssl_path import Fault, Path, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

FEWEST_BITS, FEWEST_CURVE_BITS = 1024, 160
MOST_BITS = 8192
"""Of an RSA or DSA key; larger ones cost a verifier more than they are worth (Go refuses them too)."""
MOST_SERIAL_OCTETS = 20
MOST_COMPARISONS = 20_000
"""Common names times name constraints; honest chains have less than a hundred."""
FORGED = ("md2", "md4", "md5", "sha1")
TrustedAs = Literal["listed", "anchor", "link"]
"""The end of a path: of a list; a trust anchor of DANE, whose own dates do not count (rule T11); or one that a trusted
key signed, which has nothing above it and is a link like the others (rule T13)."""
PURPOSES = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
"""An authority that does not wish to restrict the use of a key writes anyExtendedKeyUsage (RFC 5280 s4.2.1.12): such a
certificate is for servers too. An application may ask for more; V1 asks for certificates that are meant for something
else to be refused, and this one is not."""


def path_fault(path: Path, now: datetime, trusted_as: TrustedAs) -> Fault | None:
    """Return the first fault of a path that OpenSSL has taken; None for a good one.

    Args:
        path: leaf to anchor; the leaf alone where it is trusted by itself.
        now: an aware time.
        trusted_as: what the last of the path is.
    """
    links = path if trusted_as == "link" else path[:-1]
    for number, certificate in enumerate(links):
        if fault := link_fault(certificate, now, leaf=number == 0):
            return fault
    return (None if trusted_as == "link" else _anchor_fault(path, now, trusted_as)) or _common_name_fault(path)


def _anchor_fault(path: Path, now: datetime, trusted_as: TrustedAs) -> Fault | None:
    anchor, alone = path[-1], len(path) == 1
    fault = form_fault(anchor) or (None if alone else authority_fault(anchor))
    fault = fault or (date_fault(anchor, now) if trusted_as == "listed" else None)
    return fault or purpose_fault(anchor, leaf=alone)


def link_fault(certificate: x509.Certificate, now: datetime, leaf: bool) -> Fault | None:
    """Return what is wrong with a certificate below the anchor, whatever stands above it."""
    fault = form_fault(certificate) or _contradiction(certificate) or strength_fault(certificate)
    fault = fault or date_fault(certificate, now) or purpose_fault(certificate, leaf)
    return fault or (None if leaf else authority_fault(certificate))


def form_fault(certificate: x509.Certificate) -> Fault | None:
    """Return why a certificate cannot be used at all: it is unreadable, or its key is one that none should check."""
    if damage := extensions_fault(certificate):
        return Fault("unreadable", f"The extensions of {named(certificate)} cannot be read: {damage}.")
    if (
        subject(certificate) is None
        or issuer(certificate) is None
        or guarded(lambda: validity(certificate), None) is None
    ):
        return Fault("unreadable", f"The names or dates of {named(certificate)} cannot be read.")
    try:
        key = attempt(certificate.public_key)
    except Unreadable:
        return Fault("unreadable", f"The public key of {named(certificate)} is of no kind that is supported.")
    if isinstance(key, (rsa.RSAPublicKey, dsa.DSAPublicKey)) and key.key_size > MOST_BITS:
        return Fault(
            "key-too-large", f"The key of {named(certificate)} has {key.key_size} bits; at most {MOST_BITS} are taken."
        )
    return None


def strength_fault(certificate: x509.Certificate) -> Fault | None:
    """Return whether key or signature of a certificate below the anchor are too weak."""
    key = guarded(certificate.public_key, None)
    if isinstance(key, (rsa.RSAPublicKey, dsa.DSAPublicKey, ec.EllipticCurvePublicKey)):
        fewest = FEWEST_CURVE_BITS if isinstance(key, ec.EllipticCurvePublicKey) else FEWEST_BITS
        if key.key_size < fewest:
            sentence = f"The key of {named(certificate)} has {key.key_size} bits; at least {fewest} are needed."
            return Fault("weak-key", sentence)
    digest = guarded(lambda: certificate.signature_hash_algorithm, None)
    name = digest.name if digest is not None else signature_algorithm(certificate).lower()
    if any(forged in name for forged in FORGED):
        return Fault("weak-signature", f"The signature of {named(certificate)} uses {name}, which can be forged.")
    return None


def date_fault(certificate: x509.Certificate, now: datetime) -> Fault | None:
    """Return whether a certificate is expired or not valid yet; first and last second count (RFC 5280 s4.1.2.5)."""
    begin, end = validity(certificate)
    moment = now.replace(microsecond=0)
    if moment > end:
        return Fault("expired", f"{named(certificate)} expired on {end:%Y-%m-%d %H:%M} GMT.")
    if moment < begin:
        return Fault("not-yet-valid", f"{named(certificate)} is not valid before {begin:%Y-%m-%d %H:%M} GMT.")
    return None


def authority_fault(certificate: x509.Certificate) -> Fault | None:
    """Return whether a certificate may have signed others.

    OpenSSL also takes old roots of version 1 and authorities that only have a key usage; here they sign nothing, as the
    operator who adds one to the custom list is told.
    """
    if not is_authority(certificate):
        return Fault("not-an-authority", f"{named(certificate)} signed another certificate, but has no CA flag.")
    if not guarded(lambda: certificate.subject.rdns, []):
        return Fault("malformed", "An authority of the chain has no name (RFC 5280 s4.1.2.6).")
    return None


def purpose_fault(certificate: x509.Certificate, leaf: bool) -> Fault | None:
    """Return whether the extended key usage, and for a leaf the key usage, is for something else than servers."""
    extended = extension(certificate, x509.ExtendedKeyUsage)
    if extended is not None and not PURPOSES.intersection(extended):
        return Fault("not-for-servers", f"The extended key usage of {named(certificate)} is not for servers.")
    usage = extension(certificate, x509.KeyUsage) if leaf else None
    if usage is not None and not (usage.digital_signature or usage.key_encipherment or usage.key_agreement):
        return Fault("not-for-servers", f"The key usage of {named(certificate)} is not for servers.")
    return None


def _contradiction(certificate: x509.Certificate) -> Fault | None:
    """Return where a certificate says what RFC 5280 forbids; what is only left out is taken."""
    name = named(certificate)
    usage = extension(certificate, x509.KeyUsage)
    if not guarded(lambda: certificate.issuer.rdns, []):
        return Fault("malformed", f"{name} names no issuer (RFC 5280 s4.1.2.4).")
    if certificate.serial_number.bit_length() // 8 + 1 > MOST_SERIAL_OCTETS:
        return Fault(
            "malformed", f"The serial number of {name} has more than {MOST_SERIAL_OCTETS} octets (RFC 5280 s4.1.2.2)."
        )
    if not is_authority(certificate):
        if usage is not None and usage.key_cert_sign:
            return Fault(
                "malformed", f"{name} has no CA flag, but may sign certificates by its key usage (RFC 5280 s4.2.1.9)."
            )
        if extension(certificate, x509.NameConstraints) is not None:
            return Fault("malformed", f"{name} has no CA flag, but constrains names (RFC 5280 s4.2.1.10).")
    return None


def _common_name_fault(path: Path) -> Fault | None:
    """Return whether a CN of the leaf, read as a DNS name, lies outside of the name constraints above it.

    OpenSSL looks at the CN only where there is no SAN dNSName, and RFC 5280 constrains SANs alone. But the CN counts as
    a name of the server even beside SANs (rule V2): so it is constrained wherever it reads as one.
    The same holds for wildcards: `*.example.com` reaches into an excluded `mail.example.com`.
    """
    leaf = path[0]
    names = [name.lower().rstrip(".") for name in common_names(leaf) if "." in name and " " not in name]
    wild = [name.lower().rstrip(".") for name in dns_names(leaf) if name.startswith("*.")]
    compared = 0
    for certificate in path[1:]:
        permitted, excluded = _dns_subtrees(certificate)
        compared += (len(names) + len(wild)) * (len(permitted) + len(excluded))
        if compared > MOST_COMPARISONS:
            return Fault("name-constraints", f"{named(leaf)} has too many names for the name constraints above it.")
        for name in names:
            if permitted and not any(_within(name, subtree) for subtree in permitted):
                return _outside(leaf, certificate)
        for name in (*names, *wild):
            if any(_within(name, subtree) or _reaches(name, subtree) for subtree in excluded):
                return _outside(leaf, certificate)
    return None


def _dns_subtrees(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    constraints = extension(certificate, x509.NameConstraints)
    if constraints is None:
        return [], []
    return list(_dns_values(constraints.permitted_subtrees)), list(_dns_values(constraints.excluded_subtrees))


def _dns_values(subtrees: list[x509.GeneralName] | None) -> Iterator[str]:
    for subtree in subtrees or ():
        if isinstance(subtree, x509.DNSName):
            yield subtree.value.lower().strip(".")


def _within(name: str, subtree: str) -> bool:
    """Tell whether a name is a subtree's, or below it (RFC 5280 s4.2.1.10); all names are in an empty one."""
    return not subtree or name == subtree or name.endswith(f".{subtree}")


def _reaches(name: str, subtree: str) -> bool:
    """Tell whether a wildcard stands for a name of the subtree."""
    return name.startswith("*.") and subtree.partition(".")[2] == name[2:]


def _outside(leaf: x509.Certificate, authority: x509.Certificate) -> Fault:
    sentence = f"A name in {named(leaf)} lies outside of what {named(authority)} may certify."
    return Fault("name-constraints", sentence)
