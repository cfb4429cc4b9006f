"""The custom list of the configuration as certificates, and which authorities are in force.

What stands in the configuration may have been edited by hand: an authority that cannot be read keeps its place and
its number, so that it can be seen and deleted, and never breaks the others (rule V8).
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.authorities import Authority
from gateway.loading import read_certificates
from gateway.refusals import CertificateRefused
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography import x509

    from state.model import Authorities, CustomAuthority


class Entry(NamedTuple):
    """One authority of the custom list; `problem` is why its certificate could not be read, then it has none."""

    name: str
    certificate: x509.Certificate | None
    problem: str = ""


def custom_entries(authorities: Authorities) -> list[Entry]:
    """Return the custom list in its order, also what of it cannot be read."""
    return [_entry(one) for one in authorities.certificates]


def custom_list(authorities: Authorities) -> list[Authority]:
    """Return the authorities of the custom list that can be read, in force or not."""
    return [Authority(one.name, one.certificate) for one in custom_entries(authorities) if one.certificate is not None]


def _entry(authority: CustomAuthority) -> Entry:
    try:
        found = read_certificates(authority.certificate).certificates
        if len(found) == 1:
            return Entry(authority.name, found[0])
        reason = f"There are {len(found)} certificates in it; one is expected."
    except CertificateRefused as refused:
        reason = str(refused)
    return Entry(authority.name, None, f"The custom authority {quoted(authority.name)} is left out: {reason}")
