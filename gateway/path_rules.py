"""What a path of certificates must keep to beside what OpenSSL checks (rule V1): the first fault that is found.

Dates, what keys are for, how strong keys and signatures are, and the names that OpenSSL does not look at.

Strength is level 1 of OpenSSL's security levels, which its verification has only inside of a TLS connection: RSA and
DSA from 1024 bits, curves from 160, no digest weaker than SHA-224. SHA-1 and MD5 are gone with it, for whoever finds a
collision can make a certificate that an authority never signed. The signature of an authority of a list is not what it
is trusted for; its key is: roots with RSA-1024 are still in use, and whoever breaks a weaker one signs what he likes.
"""

from __future__ import annotations

from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.fields import common_names, dns_names
from gateway.links import Link, read_link
from gateway.names import can_match
from gateway.openssl_path import Fault, Path, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

FEWEST_BITS, FEWEST_CURVE_BITS = 1024, 160
MOST_SERIAL_OCTETS = 20
MOST_COMPARISONS = 20_000
"""Common names times name constraints; honest chains have less than a hundred."""
FORGED = ("md2", "md4", "md5", "sha1", "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", "1.3.14.3.2.")
"""Parts of what `Link.digest` says; the numbers are MD2 and MD4 with RSA, and old ones for MD5 and SHA-1."""
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
    links: list[Link] = []
    for certificate in path:
        link = read_link(certificate)
        if isinstance(link, Fault):
            return link
        links.append(link)
    for number, link in enumerate(links if trusted_as == "link" else links[:-1]):
        if fault := _below(link, now, leaf=number == 0):
            return fault
    if trusted_as != "link" and (fault := _anchor(links[-1], now, trusted_as, alone=len(links) == 1)):
        return fault
    return _names(links)


def link_fault(certificate: x509.Certificate, now: datetime, leaf: bool) -> Fault | None:
    """Return what is wrong with a certificate below the anchor, whatever stands above it."""
    link = read_link(certificate)
    return link if isinstance(link, Fault) else _below(link, now, leaf)


def _below(link: Link, now: datetime, leaf: bool) -> Fault | None:
    fault = _contradiction(link) or _key(link) or _signature(link) or _dates(link, now) or _purpose(link, leaf)
    return fault or (None if leaf else _authority(link))


def _anchor(link: Link, now: datetime, trusted_as: TrustedAs, alone: bool) -> Fault | None:
    fault = None if alone else _authority(link) or _key(link)
    return fault or (_dates(link, now) if trusted_as == "listed" else None) or _purpose(link, leaf=alone)


def _key(link: Link) -> Fault | None:
    """Return whether a key is too weak."""
    fewest = FEWEST_CURVE_BITS if link.curve else FEWEST_BITS
    if link.bits is not None and link.bits < fewest:
        sentence = f"The key of {named(link.certificate)} has {link.bits} bits; at least {fewest} are needed."
        return Fault("weak-key", sentence)
    return None


def _signature(link: Link) -> Fault | None:
    """Return whether the signature of a certificate below the anchor can be forged."""
    if any(forged in link.digest for forged in FORGED):
        sentence = f"The signature of {named(link.certificate)} uses {link.digest}, which can be forged."
        return Fault("weak-signature", sentence)
    return None


def _dates(link: Link, now: datetime) -> Fault | None:
    """Return whether a certificate is expired or not valid yet; first and last second count (RFC 5280 s4.1.2.5)."""
    moment = now.replace(microsecond=0)
    if moment > link.end:
        return Fault("expired", f"{named(link.certificate)} expired on {link.end:%Y-%m-%d %H:%M} GMT.")
    if moment < link.begin:
        sentence = f"{named(link.certificate)} is not valid before {link.begin:%Y-%m-%d %H:%M} GMT."
        return Fault("not-yet-valid", sentence)
    return None


def _authority(link: Link) -> Fault | None:
    """Return whether a certificate may have signed others.

    OpenSSL also takes old roots of version 1 and authorities that only have a key usage; here they sign nothing, as the
    operator who adds one to the custom list is told.
    """
    if not link.authority:
        return Fault("not-an-authority", f"{named(link.certificate)} signed another certificate, but has no CA flag.")
    if not link.named:
        return Fault("malformed", "An authority of the chain has no name (RFC 5280 s4.1.2.6).")
    return None


def _purpose(link: Link, leaf: bool) -> Fault | None:
    """Return whether the extended key usage, and for a leaf the key usage, is for something else than servers."""
    if link.purposes is not None and not PURPOSES.intersection(link.purposes):
        return Fault("not-for-servers", f"The extended key usage of {named(link.certificate)} is not for servers.")
    usage = link.usage if leaf else None
    if usage is not None and link.authority and usage.key_cert_sign:
        usage = (
            None  # an authority in the place of a server (RFC 5280 s6.1 takes it): it could sign itself a better one
        )
    if usage is not None and not (usage.digital_signature or usage.key_encipherment or usage.key_agreement):
        return Fault("not-for-servers", f"The key usage of {named(link.certificate)} is not for servers.")
    return None


def _contradiction(link: Link) -> Fault | None:
    """Return where a certificate says what RFC 5280 forbids; what it only leaves out is taken."""
    sentence = ""
    if not link.issuer_named:
        sentence = "names no issuer (RFC 5280 s4.1.2.4)"
    elif link.serial.bit_length() // 8 + 1 > MOST_SERIAL_OCTETS:
        sentence = f"has a serial number of more than {MOST_SERIAL_OCTETS} octets (RFC 5280 s4.1.2.2)"
    elif not link.authority and link.usage is not None and link.usage.key_cert_sign:
        sentence = "has no CA flag, but may sign certificates by its key usage (RFC 5280 s4.2.1.9)"
    elif not link.authority and link.constraints is not None:
        sentence = "has no CA flag, but constrains names (RFC 5280 s4.2.1.10)"
    return Fault("malformed", f"{named(link.certificate)} {sentence}.") if sentence else None


def _names(links: list[Link]) -> Fault | None:
    """Return whether a CN of the leaf, read as a DNS name, lies outside of the name constraints above it.

    OpenSSL looks at the CN only where there is no SAN dNSName, and RFC 5280 constrains SANs alone. But the CN counts as
    a name of the server even beside SANs (rule V2): so it is constrained wherever it could match one.
    The same holds for SAN dNSNames that OpenSSL compares as they stand and that match by our rules: `*.example.com`
    reaches into an excluded `mail.example.com`, and so does `mail.example.com.` (rule V5).
    """
    leaf = links[0].certificate
    constrained = [link for link in links[1:] if link.constraints is not None]
    if not constrained:
        return None
    if any("" in name.removesuffix(".").split(".") for name in dns_names(leaf)):
        return Fault(
            "name-constraints", f"A SAN dNSName in {named(leaf)} has an empty label, and names are constrained."
        )
    names = [name.lower().rstrip(".") for name in common_names(leaf) if "." in name and can_match(name)]
    reaching = [name for name in dns_names(leaf) if name.startswith("*.") or name.endswith(".")]
    reaching = [name.lower().rstrip(".") for name in reaching]
    compared = 0
    for link in constrained:
        permitted, excluded = _dns_subtrees(link)
        compared += (len(names) + len(reaching)) * (len(permitted) + len(excluded))
        if compared > MOST_COMPARISONS:
            return Fault("name-constraints", f"{named(leaf)} has too many names for the name constraints above it.")
        for name in names:
            if permitted and not any(_within(name, subtree) for subtree in permitted):
                return _outside(leaf, link.certificate)
        for name in (*names, *reaching):
            if any(_within(name, subtree) or _reaches(name, subtree) for subtree in excluded):
                return _outside(leaf, link.certificate)
    return None


def _dns_subtrees(link: Link) -> tuple[list[str], list[str]]:
    constraints = link.constraints
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
