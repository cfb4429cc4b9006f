"""Names in certificates: is a name a fully qualified domain name (rule V6)?"""

from __future__ import annotations

from gateway.fields import common_names, dns_names, subject
from state.names import InvalidName, host_name
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography import x509


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
