"""Certificate policies of a path (RFC 5280 s6.1, as RFC 9618 simplifies it): does a policy hold where one is demanded?

Any policy is good enough here. So only authorities that demand an explicit one matter, and only whether at least one
policy reaches the leaf; OpenSSL could say it, but pyOpenSSL has no way to tell it that any policy is good enough.
Of the graph of policies the last level is kept: what has no children there is gone from all of it.
"""

from __future__ import annotations

from cryptography import x509

from gateway.fields import extension, issuer, subject
from gateway.openssl_path import Fault, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.openssl_path import Path

    Level = dict[str, set[str]]

ANY = "2.5.29.32.0"
MAPPINGS = x509.ObjectIdentifier("2.5.29.33")
SEQUENCE, OBJECT_IDENTIFIER = 0x30, 0x06
MOST_POLICIES = 1000
"""Policies of one level; OpenSSL has the same bound."""


class _Refused(Exception):
    """The policies of a path break their rules; the text goes on after the certificate's name."""


def policy_fault(path: Path) -> Fault | None:
    """Return why the policies of a path fail; None where they hold, or where nobody demands one.

    Args:
        path: leaf to anchor, its signatures checked; the anchor has no say (RFC 5280 s6.1.1).
    """
    below = path[-2::-1] if len(path) > 1 else ()
    if not any(extension(one, x509.PolicyConstraints) is not None for one in below):
        return None
    level: Level | None = {ANY: {ANY}}
    explicit = mapping = inhibit = len(below) + 1
    for number, certificate in enumerate(below, 1):
        last = number == len(below)
        self_issued = subject(certificate) == issuer(certificate)
        try:
            level = _next(level, certificate, any_counts=inhibit > 0 or (self_issued and not last))
            if level is not None and not last:
                level = _mapped(level, certificate, mapping > 0)
        except _Refused as refused:
            return Fault("unreadable", f"{named(certificate)} {refused}.")
        if explicit == 0 and level is None:
            break
        if last or not self_issued:
            explicit, mapping, inhibit = max(explicit - 1, 0), max(mapping - 1, 0), max(inhibit - 1, 0)
        constraints = extension(certificate, x509.PolicyConstraints)
        if constraints is not None:
            demanded, inhibited = constraints.require_explicit_policy, constraints.inhibit_policy_mapping
            if demanded is not None and (not last or demanded == 0):
                explicit = min(explicit, demanded)
            mapping = mapping if inhibited is None else min(mapping, inhibited)
        if (any_inhibited := extension(certificate, x509.InhibitAnyPolicy)) is not None:
            inhibit = min(inhibit, any_inhibited.skip_certs)
    if explicit == 0 and level is None:
        sentence = f"An authority demands a certificate policy, and the chain of {named(path[0])} has none in common."
        return Fault("no-policy", sentence)
    return None


def _next(level: Level | None, certificate: x509.Certificate, any_counts: bool) -> Level | None:
    """Return the policies that hold at a certificate (s6.1.3 d and e); None where none is left."""
    stated = extension(certificate, x509.CertificatePolicies)
    if level is None or stated is None:
        return None
    expected = set().union(*level.values())
    policies = {one.policy_identifier.dotted_string for one in stated}
    found = {one for one in policies - {ANY} if one in expected or ANY in level}
    if ANY in policies and any_counts:
        found |= expected
    if len(found) > MOST_POLICIES:
        raise _Refused(f"has more than {MOST_POLICIES} certificate policies")
    return {one: {one} for one in found} or None


def _mapped(level: Level, certificate: x509.Certificate, allowed: bool) -> Level | None:
    """Return the level with an authority's policy mappings laid upon it (s6.1.4 a and b)."""
    mappings: Level = {}
    for own, other in _mappings(certificate):
        if ANY in (own, other):
            raise _Refused("maps the policy that stands for any (RFC 5280 s4.2.1.5)")
        mappings.setdefault(own, set()).add(other)
    if not allowed:
        return {policy: after for policy, after in level.items() if policy not in mappings} or None
    return level | {policy: after for policy, after in mappings.items() if policy in level or ANY in level}


def _mappings(certificate: x509.Certificate) -> list[tuple[str, str]]:
    """Return the pairs of the extension policyMappings, which `cryptography` hands out as octets (s4.2.1.5).

    Raises:
        _Refused: they break their format.
    """
    try:
        value = certificate.extensions.get_extension_for_oid(MAPPINGS).value
    except x509.ExtensionNotFound:
        return []
    try:
        octets = value.value if isinstance(value, x509.UnrecognizedExtension) else value.public_bytes()
        (whole,) = _elements(octets, SEQUENCE)
        pairs = [_elements(pair, OBJECT_IDENTIFIER) for pair in _elements(whole, SEQUENCE)]
        return [(_dotted(own), _dotted(other)) for own, other in pairs]
    except (ValueError, IndexError):
        raise _Refused("has policy mappings that break their format") from None


def _elements(octets: bytes, tag: int) -> list[bytes]:
    """Return the contents of DER elements of one tag, one after the other."""
    found = []
    while octets:
        length, start = octets[1], 2
        if length & 0x80:
            start = 2 + (length & 0x7F)
            length = int.from_bytes(octets[2:start])
        if octets[0] != tag or start + length > len(octets):
            raise ValueError
        found.append(octets[start : start + length])
        octets = octets[start + length :]
    return found


def _dotted(octets: bytes) -> str:
    """Return an object identifier from its content, `1.2.840`: seven bits an octet, the first two numbers in one."""
    numbers, number = [], 0
    for octet in octets:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    root = min(numbers[0] // 40, 2)
    return ".".join(map(str, (root, numbers[0] - 40 * root, *numbers[1:])))
