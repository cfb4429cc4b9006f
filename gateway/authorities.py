"""Lists of certificate authorities: the system's, the custom one, what an import takes, what an export writes.

An authority is loaded by itself; one that cannot be read never breaks its list (rule V8).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from gateway.acceptance import refuse_odd_names
from gateway.certificates import common_name, issuer_common_name, status, validity
from gateway.chain_order import is_authority, issued
from gateway.deviations import deviations
from gateway.fields import issuer, subject
from gateway.loading import CERTIFICATE, certificate_blocks, load_certificate
from gateway.pem import Form, open_envelope
from gateway.refusals import CertificateRefused
from gateway.requests import control_character
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime

LONGEST_NAME = 64
NAME_LINE = re.compile(r"^# Friendly name: (.*)$", re.MULTILINE)
DASHES = "-----"
"""Stands in no friendly name, for in an exported list it would look like the beginning of a block."""


class Authority(NamedTuple):
    """A certificate authority under its friendly name, which is unique in its list."""

    name: str
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


class AuthorityList(NamedTuple):
    """A list as it could be loaded, and a sentence for each authority that could not be."""

    authorities: list[Authority]
    problems: list[str]


class Candidate(NamedTuple):
    """A certificate that may be added to the custom list, and what the operator should know before saying yes."""

    authority: Authority
    warnings: list[str]


class ImportCheck(NamedTuple):
    """What an import found.

    Attributes:
        accepted: the certificates that may be added.
        refused: a sentence for each that may not.
        form: how they were written; the dialog says so where it was not PEM.
        beside: what else was there and is not taken, such as `a private key`.
    """

    accepted: list[Candidate]
    refused: list[str]
    form: Form
    beside: list[str]


def load_list(data: bytes | str) -> AuthorityList:
    """Return the authorities of a PEM text (certifi's, or one that `export_text` wrote) in its order.

    A name above a block (`# Friendly name: ...`) is taken, made unique; otherwise it is the common name.

    Raises:
        CertificateRefused: there is no certificate in it at all.
    """
    problems: list[str] = []
    blocks = certificate_blocks(open_envelope(data, CERTIFICATE, broken=problems)) if data else []
    found: dict[str, Authority] = {}
    for number, block in enumerate(blocks, 1):
        try:
            certificate = load_certificate(block, f"Authority {number}")
        except CertificateRefused as refused:
            problems.append(str(refused))
            continue
        name = friendly_name(_name_above(block.before) or common_name(certificate), found)
        found[name] = Authority(name, certificate)
    return AuthorityList(list(found.values()), problems)


def check_import(
    data: bytes | str, custom: Sequence[Authority], system: Sequence[Authority], now: datetime
) -> ImportCheck:
    """Return which certificates of a file or a paste the custom list takes.

    Expired, unreadable, or there already: refused, a sentence each. No CA flag, an issuer that is in neither list nor
    among these, not valid yet: a warning each, for two gateways may well exchange self-signed server certificates.

    Args:
        data: one or more certificates: PEM, base64 or DER.
        custom: the custom list as it is.
        system: the system list, in which issuers may be found.
        now: an aware time.

    Raises:
        CertificateRefused: there is no certificate in it at all.
    """
    refused: list[str] = []
    envelope = open_envelope(data, CERTIFICATE, broken=refused)
    blocks = certificate_blocks(envelope)
    beside = [block.noun for block in envelope.blocks if block not in blocks]
    present = {authority.certificate: authority.name for authority in custom}
    taken = {authority.name for authority in custom}
    fresh: list[Authority] = []
    for number, block in enumerate(blocks, 1):
        what = f"Certificate {number}" if len(blocks) > 1 else "The certificate"
        try:
            certificate = load_certificate(block, what)
            _refuse_for_list(certificate, what, present, now)
        except CertificateRefused as error:
            refused.append(str(error))
            continue
        name = friendly_name(_name_above(block.before) or common_name(certificate), taken)
        taken.add(name)
        present[certificate] = name
        fresh.append(Authority(name, certificate))
    issuers = [authority.certificate for authority in (*fresh, *custom, *system)]
    accepted = [Candidate(one, _warnings(one, issuers, now)) for one in fresh]
    return ImportCheck(accepted, refused, envelope.form, beside)


def export_text(authorities: Iterable[Authority]) -> str:
    """Return a list as text: under a comment line with its friendly name, each authority as PEM."""
    return "\n".join(f"# Friendly name: {authority.name}\n{authority.pem}" for authority in authorities)


def friendly_name(wanted: str, taken: Container[str]) -> str:
    """Return a name for an authority that is allowed, printable and not taken: `Example CA`, `Example CA (2)`."""
    allowed = "".join(" " if control_character(letter) else letter for letter in wanted)
    while DASHES in allowed:
        allowed = allowed.replace(DASHES, "-")
    base = allowed[:LONGEST_NAME].strip() or "Authority"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base[: LONGEST_NAME - 2 - len(str(number)) - 1].strip()} ({number})"
    return name


def check_friendly_name(typed: str, taken: Container[str]) -> str:
    """Return a friendly name that was typed.

    Raises:
        CertificateRefused: it is empty, too long, taken, or could not be read back from an exported list.
    """
    name = typed.strip()
    if not name or len(name) > LONGEST_NAME:
        raise CertificateRefused(f"A friendly name has 1 to {LONGEST_NAME} characters.")
    if control_character(name) or DASHES in name:
        raise CertificateRefused(f"A friendly name has no control characters and no {DASHES} in it.")
    if name in taken:
        raise CertificateRefused(f"{quoted(name)} already exists; enter another name.")
    return name


def _name_above(text: str) -> str | None:
    found = NAME_LINE.findall(text)
    return found[-1].strip() if found else None


def _refuse_for_list(
    certificate: x509.Certificate, what: str, present: dict[x509.Certificate, str], now: datetime
) -> None:
    name = quoted(common_name(certificate))
    if certificate in present:
        raise CertificateRefused(f"{what}, {name}, is in the list already, as {quoted(present[certificate])}.")
    try:
        refuse_odd_names(certificate)
    except CertificateRefused as error:
        raise CertificateRefused(f"{what} is refused. {error}") from None
    if status(certificate, now) == "Expired":
        raise CertificateRefused(f"{what}, {name}, expired on {validity(certificate)[1]:%Y-%m-%d}.")


def _warnings(authority: Authority, issuers: Sequence[x509.Certificate], now: datetime) -> list[str]:
    certificate, name = authority.certificate, quoted(authority.name)
    warnings = []
    if not is_authority(certificate):
        warnings.append(f"{name} has no CA flag; only this very certificate is trusted, nothing that it signs.")
    if subject(certificate) != issuer(certificate) and not any(issued(certificate, one) for one in issuers):
        warnings.append(f"The issuer of {name}, {quoted(issuer_common_name(certificate))}, is in no list.")
    if status(certificate, now) == "Not yet valid":
        warnings.append(f"{name} is not valid before {validity(certificate)[0]:%Y-%m-%d}.")
    return [
        *warnings,
        *(f"{name} does not keep to the X.509 rules: {sentence}" for sentence in deviations(certificate)),
    ]
