"""Certificates that no service can use: what is refused when one is put into a profile.

What only breaks rules of X.509 is taken with a warning (`gateway.deviations`); this is about the rest.
"""

from __future__ import annotations

from datetime import timedelta

from gateway.certificates import status, validity
from gateway.fields import common_names, dns_names
from gateway.refusals import CertificateRefused
from gateway.requests import control_character
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

LEEWAY = timedelta(days=1)
"""How far in the future a certificate may begin: clocks differ, and a renewed one may come the evening before."""
LONGEST_NAME = 1024
"""Octets of a name; X.509 allows 64, and what is a little longer is only warned of."""


def refuse_unusable(certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate that is not valid now, or whose names hide what they are.

    Args:
        certificate: the one of a service.
        now: an aware time.

    Raises:
        CertificateRefused: nobody would accept it.
    """
    begin, end = validity(certificate)
    holds = status(certificate, now)
    if holds == "Expired":
        raise CertificateRefused(f"It expired on {end:%Y-%m-%d}; a certificate that is valid now is expected.")
    if holds == "Not yet valid" and begin - now > LEEWAY:
        raise CertificateRefused(
            f"It is not valid before {begin:%Y-%m-%d}; a certificate that is valid now is expected."
        )
    refuse_odd_names(certificate)


def refuse_odd_names(certificate: x509.Certificate) -> None:
    """Refuse a certificate with a name that is far too long, or that has a control character in it.

    Such a name is another one to programs that stop reading there.

    Raises:
        CertificateRefused: it has such a name.
    """
    for name in (*common_names(certificate), *dns_names(certificate)):
        octets = len(name.encode(errors="replace"))
        if octets > LONGEST_NAME:
            raise CertificateRefused(f"It has a name of {octets} octets; at most {LONGEST_NAME} are taken.")
        if found := control_character(name):
            raise CertificateRefused(f"Its name {quoted(name)} has the control character {quoted(found)} in it.")
