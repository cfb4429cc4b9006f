"""Certificate profiles between the configuration's text and the objects that certificates are."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.dialog import choose, say, secret
from commands.terminal import Refused, Terminal
from gateway.certificates import common_name, issuer_common_name, remaining_text, status
from gateway.chain_order import is_self_signed
from gateway.demo import demo_profile
from gateway.deviations import deviations, link_deviations
from gateway.keys import key_pem
from gateway.loading import read_certificates, read_private_key
from gateway.refusals import CertificateRefused, PassPhraseNeeded, WrongPassPhrase
from state.model import CertificateProfile, certificate_uses
from state.secrets import SecretUnavailable
from state.section import DEMO
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from cryptography import x509

    from commands.session import Session
    from gateway.loading import PrivateKey

    T = TypeVar("T")

NO_PROFILES = f'There are no certificate profiles besides "{DEMO}".'
PENDING = "Signature pending"


def accepted(read: Callable[[], T]) -> T:
    """Return what `read` does, with a refusal as one that the question can be asked again after.

    Raises:
        NotAccepted: it was refused.
    """
    try:
        return read()
    except CertificateRefused as error:
        raise NotAccepted(str(error)) from None


async def opened(terminal: Terminal, question: str, read: Callable[[str], T], required: bool = True) -> T:
    """Ask for a pass phrase until it opens what `read` reads with it.

    Raises:
        CertificateRefused: it opens, and what is in it cannot be used.
    """

    def reading(typed: str) -> T | CertificateRefused:
        try:
            return read(typed)
        except (PassPhraseNeeded, WrongPassPhrase) as error:
            raise NotAccepted(str(error)) from None
        except CertificateRefused as error:
            return error

    found = await secret(terminal, question, reading, required=required)
    if isinstance(found, CertificateRefused):
        raise found
    return found


def profile_of(session: Session, name: str) -> CertificateProfile:
    """Return a profile as it is staged; Demo is the appliance's own."""
    return demo_profile(session.store) if name == DEMO else session.staged.certificates[name]


def certificate_of(profile: CertificateProfile) -> x509.Certificate:
    """Return a profile's certificate.

    Raises:
        CertificateRefused: what stands in the configuration cannot be read.
    """
    return read_certificates(profile.certificate).certificates[0]


def intermediates_of(profile: CertificateProfile) -> list[x509.Certificate]:
    """Return a profile's intermediates, nearest first.

    Raises:
        CertificateRefused: one of them cannot be read.
    """
    return [read_certificates(text).certificates[0] for text in profile.intermediates]


def key_of(session: Session, profile: CertificateProfile) -> PrivateKey:
    """Return a profile's private key.

    Raises:
        CertificateRefused: there is none, or it cannot be read here.
    """
    if not profile.private_key:
        raise CertificateRefused("The profile has no private key.")
    try:
        return read_private_key(session.store.vault.open(profile.private_key))
    except SecretUnavailable as error:
        raise CertificateRefused(f"The private key cannot be used: {error}") from None


def pem_of(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()


def stage(
    session: Session,
    name: str,
    certificate: x509.Certificate,
    key: PrivateKey,
    intermediates: Sequence[x509.Certificate] = (),
) -> None:
    """Stage a profile under a name, its key sealed; one of that name keeps its place."""
    profile = CertificateProfile(
        certificate=pem_of(certificate),
        private_key=session.store.vault.seal(key_pem(key)),
        intermediates=[pem_of(one) for one in intermediates],
    )
    put(session, name, profile)


def put(session: Session, name: str, profile: CertificateProfile | None) -> None:
    """Stage a profile under a name, or its removal."""
    profiles = dict(session.staged.certificates)
    if profile is None:
        del profiles[name]
    else:
        profiles[name] = profile
    session.staged = replace(session.staged, certificates=profiles)


def row(session: Session, name: str) -> tuple[str, str, str, str, str]:
    """Return the cells of a profile in the list: name, common name, issuer, status, remaining days."""
    profile, now = profile_of(session, name), session.store.now()
    try:
        certificate = certificate_of(profile)
    except CertificateRefused:
        return name, "(cannot be read)", "", "Unreadable", ""
    pending = profile.request is not None and is_self_signed(certificate)
    holds = PENDING if pending else status(certificate, now)
    return name, common_name(certificate), issuer_common_name(certificate), holds, remaining_text(certificate, now)


def services_of(session: Session, name: str) -> list[str]:
    """Return the services that use a profile."""
    return [use.service for use in certificate_uses(session.staged) if use.certificate == name]


def warn(
    session: Session, terminal: Terminal, certificates: Sequence[x509.Certificate], links: Sequence[x509.Certificate]
) -> None:
    """Say which rules of X.509 certificates and their intermediates break that are taken all the same."""
    now = session.store.now()
    broken = [(certificate, deviations(certificate)) for certificate in certificates]
    broken += [(link, deviations(link) + link_deviations(link, now)) for link in links]
    for certificate, found in broken:
        if found:
            say(terminal, f"Warning: {quoted(common_name(certificate))} does not keep to the X.509 rules:")
            for sentence in found:
                terminal.say(f"- {sentence}")


def warn_left_out(terminal: Terminal, certificates: Sequence[x509.Certificate]) -> None:
    """Say which certificates came along and are of no chain."""
    if certificates:
        names = listed([quoted(common_name(one)) for one in certificates], "and")
        say(terminal, f"Warning: not of the chain, and left out: {names}.")


async def choose_profile(session: Session, terminal: Terminal, purpose: str, demo: bool = False) -> str | None:
    """Ask which profile by its number or name; None, and said so, where there is none."""
    names = [*session.staged.certificates, *([DEMO] if demo else [])]
    if not names:
        if terminal.ahead:
            raise Refused(NO_PROFILES)
        say(terminal, NO_PROFILES)
        return None
    return names[await choose(terminal, names, default=0, below=f"Please choose the certificate profile to {purpose}:")]
