"""Names in certificates: which are presented, which a name matches, and does one of them name the peer?

Each identity rule of `rules/tls.md` is one function and answers with a verdict that tells what was presented:

| function | asked for | names that count |
| --- | --- | --- |
| `verify_identity` | Verify (V2) | the CN for host or domain, SAN dNSNames for the domain |
| `hosted_identity` | Verify Hosted Domains (V3) | SAN dNSNames; the CN where there are none |
| `server_identity` | MTA-STS (M7, M11), a relay with a user name (S6) | SAN dNSNames |
| `dane_identity` | DANE-TA (T18) | SAN dNSNames; the CN where there are none |
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gateway.fields import common_names, dns_names, extensions_fault, subject
from gateway.verdict import Verdict
from state.names import InvalidName, host_name
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
"""A label as it is compared; `_` is no letter of host names, and stands in some all the same."""

COMPARED = re.compile(rf"(?=.{{1,253}}\Z)(?:{LABEL}\.)*(?![0-9]+\Z){LABEL}")
"""A name whose last label is a number would be an address."""

SHOWN_NAMES = 5
"""Names that a sentence repeats of each kind."""

LONGEST_NAME = 1024
"""Characters of a name that are looked into."""


class PresentedNames(NamedTuple):
    """The names of a certificate as they stand in it; whoever made it may have put anything there.

    Attributes:
        common_names: the CNs of the subject.
        dns_names: the dNSNames of the subject alternative names.
    """

    common_names: tuple[str, ...]
    dns_names: tuple[str, ...]


def presented_names(certificate: x509.Certificate) -> PresentedNames:
    """Return the names that a certificate presents; a damaged one presents none.

    Where the extensions cannot be read there may be SAN dNSNames among them, beside which a CN does not count.
    """
    if extensions_fault(certificate) is not None:
        return PresentedNames((), ())
    return PresentedNames(tuple(common_names(certificate)), tuple(dns_names(certificate)))


def matches(pattern: str, name: str) -> bool:
    """Tell whether a presented name, or an `mx` of an MTA-STS policy, matches a name (rules V4, V5, M10).

    Letters compare without case, a dot at the end counts for nothing. Whatever is no name, addresses among them,
    matches nothing. `name` may have letters beyond ASCII, which are compared as A-labels; in `pattern` they match
    nothing (RFC 9525 s6.3).

    A `*` is the whole left-most label and stands for exactly one. Two labels have to follow: `*.com` would name a
    registry's customers, all of them (RFC 9525 s7.1 leaves it to the application; OpenSSL refuses it too).
    """
    compared = _compared(name)
    return compared is not None and _matches(pattern, compared)


def can_match(pattern: str) -> bool:
    """Tell whether a presented name could match any at all; an address or a sentence in a CN never does."""
    pattern = f"a{pattern[1:]}" if pattern.startswith("*.") else pattern
    return pattern.isascii() and _compared(pattern) is not None


def presents(names: PresentedNames, name: str) -> bool:
    """Tell whether a CN or a SAN dNSName matches the server's name (the names' part of rule V7)."""
    return bool(_matching((*names.common_names, *names.dns_names), [name]))


def verify_identity(names: PresentedNames, host: str, domain: str) -> Verdict:
    """Return whether a certificate names the receiver, by the rule of Verify (V2).

    A SAN dNSName has to match the destination domain; the CN may match that or the MX host, and counts beside SANs.

    Args:
        names: what the certificate presents.
        host: the MX host that the connection goes to.
        domain: the destination domain.
    """
    if found := _matching(names.dns_names, [domain]):
        return _matched("matched-by-dns-name", "SAN dNSName", found)
    if found := _matching(names.common_names, [host, domain]):
        return _matched("matched-by-common-name", "Common Name", found)
    if found := _matching(names.dns_names, [host]):
        sentence = (
            f"Only the SAN dNSName {quoted(found[0])} matches, and it matches the host {quoted(found[1])}; "
            f"a SAN dNSName has to match the domain {quoted(domain)}. {_presented(names)}"
        )
        return Verdict(False, "host-only-in-dns-names", "certificate-host-mismatch", sentence)
    return _mismatched(names, [domain, host])


def verified_name(names: PresentedNames, host: str, domain: str) -> str | None:
    """Return the presented name by which Verify passes, as it stands in the certificate; None where it does not."""
    found = _matching(names.common_names, [host, domain]) or _matching(names.dns_names, [domain])
    return found[0] if found else None


def hosted_identity(names: PresentedNames, references: Sequence[str]) -> Verdict:
    """Return whether a certificate names the receiver, by the rule of Verify Hosted Domains (V3).

    Args:
        names: what the certificate presents.
        references: the destination domain, the MX host, the host of a configured SMTP route.
    """
    return _dns_name_else_common_name(names, references)


def server_identity(names: PresentedNames, host: str) -> Verdict:
    """Return whether a SAN dNSName matches a host (M7, M11, S6); a CN never counts."""
    if found := _matching(names.dns_names, [host]):
        return _matched("matched-by-dns-name", "SAN dNSName", found)
    return _mismatched(names, [host], "The Common Name does not count. " if names.common_names else "")


def dane_identity(names: PresentedNames, references: Sequence[str]) -> Verdict:
    """Return whether a certificate below a DANE trust anchor names the server (T18, RFC 7672 s3.2.2).

    Args:
        names: what the certificate presents.
        references: the TLSA base domain and what else T17 lets count.
    """
    return _dns_name_else_common_name(names, references)


def fqdn_fault(name: str) -> str | None:
    """Return why `name` is no fully qualified domain name, as the end of a sentence; None if it is one.

    A `*` may stand for the whole left-most label (rule V4); a dot at the end is ignored, as is case (V5). Names in
    certificates are A-labels (RFC 5280 s7.2), so letters beyond ASCII are a fault.
    """
    if name != name.strip():
        return "it begins or ends with a blank"
    if not name.isascii():
        return "it has letters beyond ASCII; a certificate holds their A-labels (xn--...)"
    base = name.removeprefix("*.")
    if "*" in base:
        return "a * may only be the whole left-most label"
    try:
        host_name(base)
    except InvalidName as error:
        return str(error)
    return None


def name_faults(certificate: x509.Certificate) -> list[str]:
    """Return a sentence for each CN and SAN dNSName that is no fully qualified domain name (rule V6).

    A certificate without any such name has one sentence that says so.
    """
    if subject(certificate) is None:
        return ["The subject cannot be read."]
    names = [("Common Name", name) for name in common_names(certificate)]
    names += [("SAN dNSName", name) for name in dns_names(certificate)]
    if not names:
        return ["There is neither a Common Name nor a SAN dNSName."]
    checked = ((kind, name, fqdn_fault(name)) for kind, name in names)
    return [f"The {kind} {quoted(name)} is no full domain name: {fault}." for kind, name, fault in checked if fault]


def _compared(name: str) -> str | None:
    """Return a name in the form in which names are compared; None if it is none."""
    if len(name) > LONGEST_NAME or name != name.strip():
        return None
    if not name.isascii():
        try:
            name = host_name(name)
        except InvalidName:
            return None
    name = name.lower().removesuffix(".")
    return name if COMPARED.fullmatch(name) else None


def _matches(pattern: str, compared: str) -> bool:
    if not pattern.isascii():  # before lower(), which makes a k of the Kelvin sign
        return False
    pattern = pattern.lower().removesuffix(".")
    if pattern == compared:
        return True
    parent = compared.partition(".")[2]
    return pattern.startswith("*.") and "." in parent and pattern[2:] == parent


def _matching(patterns: Iterable[str], names: Sequence[str]) -> tuple[str, str] | None:
    """Return the first pattern that matches a name, with that name; names that come first are tried first."""
    patterns = list(patterns)
    for name in names:
        if (compared := _compared(name)) is not None:
            for pattern in patterns:
                if _matches(pattern, compared):
                    return pattern, name
    return None


def _dns_name_else_common_name(names: PresentedNames, references: Sequence[str]) -> Verdict:
    if names.dns_names:
        if found := _matching(names.dns_names, references):
            return _matched("matched-by-dns-name", "SAN dNSName", found)
        aside = "Beside SAN dNSNames the Common Name does not count. " if names.common_names else ""
        return _mismatched(names, references, aside)
    if found := _matching(names.common_names, references):
        return _matched("matched-by-common-name", "Common Name", found)
    return _mismatched(names, references)


def _matched(outcome: str, kind: str, found: tuple[str, str]) -> Verdict:
    return Verdict(True, outcome, None, f"The {kind} {quoted(found[0])} matches {quoted(found[1])}.")


def _mismatched(names: PresentedNames, references: Sequence[str], aside: str = "") -> Verdict:
    asked = listed([quoted(name) for name in dict.fromkeys(references)]) or "any name"
    outcome = "name-mismatch" if any(names) else "no-name-presented"
    sentence = f"The certificate does not name {asked}. {aside}{_presented(names)}"
    return Verdict(False, outcome, "certificate-host-mismatch", sentence)


def _presented(names: PresentedNames) -> str:
    kinds = (("the Common Name", names.common_names), ("the SAN dNSName", names.dns_names))
    said = [f"{kind}{'s' if len(group) > 1 else ''} {_some(group)}" for kind, group in kinds if group]
    return f"It presents {listed(said, 'and')}." if said else "It presents neither a Common Name nor a SAN dNSName."


def _some(group: Sequence[str]) -> str:
    shown = [quoted(name) for name in group[:SHOWN_NAMES]]
    rest = len(group) - SHOWN_NAMES
    return listed([*shown, f"{rest} more"] if rest > 0 else shown, "and")
