"""The fields of a certificate, each read so that a damaged one is None or empty and never an error."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

from gateway.guarded import Unreadable, attempt, guarded
from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    E = TypeVar("E", bound=x509.ExtensionType)

UNREADABLE = "(unreadable name)"
NO_NAME = "(no name)"
SHOWN = 64
"""Characters of a name that a list shows; no name that keeps to the rules has more."""
SHOWN_VALUE = 128

SHORT_NAMES = {NameOID.EMAIL_ADDRESS: "emailAddress", NameOID.SERIAL_NUMBER: "serialNumber"}


def subject(certificate: x509.Certificate) -> x509.Name | None:
    """Return the subject; None if it cannot be read."""
    return guarded(lambda: certificate.subject, None)


def issuer(certificate: x509.Certificate) -> x509.Name | None:
    """Return the issuer; None if it cannot be read."""
    return guarded(lambda: certificate.issuer, None)


def values(name: x509.Name | None, oid: x509.ObjectIdentifier) -> list[str]:
    """Return the values of one attribute of a name in its order, as they stand, control characters and all."""
    found = guarded(lambda: name.get_attributes_for_oid(oid), []) if name is not None else []
    return [value if isinstance(value := attribute.value, str) else value.hex() for attribute in found]


def extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    """Return an extension's value; None if it is not there or the extensions cannot be read."""
    return guarded(lambda: certificate.extensions.get_extension_for_class(kind).value, None)


def extensions_fault(certificate: x509.Certificate) -> str | None:
    """Return why the extensions cannot be read, as the end of a sentence; None if they can be."""
    try:
        attempt(lambda: certificate.extensions)
    except Unreadable as error:
        if isinstance(error.cause, x509.DuplicateExtension):
            return f"the extension {error.cause.oid.dotted_string} stands in it twice"
        if isinstance(error.cause, x509.UnsupportedGeneralNameType):
            return "they hold a kind of name that is not supported"
        return "they break their format"
    return None


def dns_names(certificate: x509.Certificate) -> list[str]:
    """Return the dNSNames of the subject alternative names, as they stand."""
    names = extension(certificate, x509.SubjectAlternativeName)
    return [] if names is None else guarded(lambda: list(names.get_values_for_type(x509.DNSName)), [])


def common_names(certificate: x509.Certificate) -> list[str]:
    """Return the common names of the subject, as they stand."""
    return values(subject(certificate), NameOID.COMMON_NAME)


def short_name(name: x509.Name | None) -> str:
    """Return what a list shows of a name: its common name, else its organization, else all of it; printable."""
    if name is None:
        return UNREADABLE
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := values(name, oid):
            return shown(found[-1], SHOWN) or NO_NAME
    return shown(one_line(name), SHOWN) or NO_NAME


def one_line(name: x509.Name | None) -> str:
    """Return a name as `C=JP,ST=Osaka,O=Example Mail,CN=mail.example.com`, in the order in which it is encoded.

    Values are escaped as in RFC 4514, cut where they are too long, and printable.
    """
    if name is None:
        return UNREADABLE
    return ",".join("+".join(_attribute(attribute) for attribute in rdn) for rdn in name.rdns)


def shown(text: str, most: int) -> str:
    """Return `text` printable, cut to `most` characters before escapes lengthen it."""
    return printable(text if len(text) <= most else text[: most - 1] + "…")


def _attribute(attribute: x509.NameAttribute[str | bytes]) -> str:
    text = guarded(lambda: attribute.rfc4514_string(SHORT_NAMES), f"{attribute.oid.dotted_string}=?")
    return shown(text, SHOWN_VALUE)
