"""EDIT: what can be done with one profile: the signed certificate, intermediates, the request, a check, a view."""

from __future__ import annotations

from msgspec.structs import replace

from commands.certconfig import profiles
from commands.certconfig.menu import existing, show_details
from commands.certconfig.paste import INTERMEDIATE, ask_certificate
from commands.dialog import Operation, choose, menu, paste, say, yes_no
from commands.files import ask_export
from commands.terminal import Terminal, Volatile
from gateway.certificates import common_name, issuer_common_name, remaining_text, status, subject_line
from gateway.chain_order import chain, intermediates
from gateway.loading import read_certificates
from gateway.names import name_faults
from gateway.refusals import CertificateRefused
from gateway.requests import request_for
from state.exchange import write_file
from state.wording import counted, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from commands.session import Session
    from state.model import CertificateProfile


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask which profile, then show it and what can be done, until Enter leaves."""
    name = await profiles.choose_profile(session, terminal, "edit")
    if name is not None:
        await menu(session, terminal, OPERATIONS, state=lambda session: _state(session, name), about=(name,))


async def paste_signed(session: Session, terminal: Terminal, name: str) -> None:
    """Replace the certificate with one that the same key belongs to; the request has come back then."""
    profile = session.staged.certificates[name]
    try:
        key = profiles.key_of(session, profile)
    except CertificateRefused as error:
        terminal.say_error(str(error))
        return
    bundle = await ask_certificate(terminal, session.store.now(), key)
    kept = [profiles.pem_of(one) for one in bundle.intermediates] or _still_fitting(bundle.certificate, profile)
    if gone := sum(text not in kept for text in profile.intermediates):
        are = "is" if gone == 1 else "are"
        say(terminal, f"{counted(gone, 'certificate')} of the former chain did not lead on from it, and {are} removed.")
    profiles.warn(session, terminal, [bundle.certificate], bundle.intermediates)
    changed = replace(profile, certificate=profiles.pem_of(bundle.certificate), intermediates=kept, request=None)
    profiles.put(session, name, changed)


async def intermediate(session: Session, terminal: Terminal, name: str) -> None:
    """Show the intermediates and what can be done with them, until Enter leaves."""
    await menu(session, terminal, INTERMEDIATES, state=lambda session: _links(session, name), about=(name,))


async def add_intermediate(session: Session, terminal: Terminal, name: str) -> None:
    """Add certificates that lead from the profile's to an authority."""
    profile = session.staged.certificates[name]
    try:
        leaf, present = profiles.certificate_of(profile), profiles.intermediates_of(profile)
    except CertificateRefused as error:
        terminal.say_error(str(error))
        return
    links = await paste(
        terminal,
        INTERMEDIATE,
        lambda pasted: profiles.accepted(
            lambda: intermediates(leaf, [*present, *read_certificates(pasted).certificates])
        ),
    )
    profiles.warn(session, terminal, [], [one for one in links if one not in present])
    profiles.put(session, name, replace(profile, intermediates=[profiles.pem_of(one) for one in links]))


async def remove_intermediate(session: Session, terminal: Terminal, name: str) -> None:
    """Remove an intermediate; those above it lead nowhere without it and go too."""
    profile = session.staged.certificates[name]
    shown = list(_links(session, name))[1:]
    if not profile.intermediates:
        say(terminal, NONE)
        return
    names = [line.partition(". ")[2] for line in shown]
    chosen = await choose(terminal, names, default=None, below="Please choose the intermediate certificate to remove:")
    above = len(profile.intermediates) - chosen - 1
    if above:
        are = "is" if above == 1 else "are"
        say(terminal, f"{counted(above, 'certificate')} above it led on from it, and {are} removed too.")
    profiles.put(session, name, replace(profile, intermediates=profile.intermediates[:chosen]))


async def view_intermediates(session: Session, terminal: Terminal, name: str) -> None:
    """Print the intermediates as PEM, each under its subject."""
    profile = session.staged.certificates[name]
    if not profile.intermediates:
        say(terminal, NONE)
    for text in profile.intermediates:
        try:
            say(terminal, subject_line(read_certificates(text).certificates[0]))
        except CertificateRefused as error:
            say(terminal, str(error))
        terminal.say(Volatile("pem", text.strip("\n")))


async def request(session: Session, terminal: Terminal, name: str) -> None:
    """Show the signing request, and write it to a file where that is wanted; then its signature is awaited."""
    profile = session.staged.certificates[name]
    try:
        made = profile.request or _new_request(session, name)
    except CertificateRefused as error:
        terminal.say_error(str(error))
        return
    say(terminal, Volatile("pem", made.strip("\n")))
    if await yes_no(terminal, "Do you want to save the CSR to a file?", default=False):
        file = await ask_export(session, terminal)
        if file is not None:
            write_file(session.store.folder, file, made.encode())
            profiles.put(session, name, replace(profile, request=made))
            say(terminal, f"The CSR was written to {quoted(file)}.")


async def request_batch(session: Session, terminal: Terminal, name: str) -> None:
    """`certconfig certificate csr NAME`: print the request; nothing is changed."""
    found = existing(session, name)
    kept = session.staged.certificates[found].request if found in session.staged.certificates else None
    terminal.say(Volatile("pem", (kept or _new_request(session, found)).strip("\n")))


async def check_names(session: Session, terminal: Terminal, name: str) -> None:
    """Tell whether common name and alternative names are fully qualified domain names (rule V6)."""
    try:
        faults = name_faults(profiles.certificate_of(session.staged.certificates[name]))
    except CertificateRefused as error:
        faults = [str(error)]
    say(terminal, faults[0] if faults else "All names of the certificate are fully qualified domain names.")
    for fault in faults[1:]:
        terminal.say(fault)


async def view(session: Session, terminal: Terminal, name: str) -> None:
    """Print what the certificate says."""
    try:
        show_details(session, terminal, name)
    except CertificateRefused as error:
        terminal.say_error(str(error))


def _state(session: Session, name: str) -> Iterator[str]:
    profile, now = session.staged.certificates[name], session.store.now()
    yield f"Certificate profile {quoted(name)}"
    try:
        certificate = profiles.certificate_of(profile)
    except CertificateRefused as error:
        yield f"Certificate: {error}"
        return
    yield f"Subject: {subject_line(certificate)}"
    yield f"Issued by: {issuer_common_name(certificate)}"
    yield f"Status: {profiles.row(session, name)[3]}, {remaining_text(certificate, now)} remaining"
    yield f"Intermediate certificates: {len(profile.intermediates)}"


def _links(session: Session, name: str) -> Iterator[str]:
    profile, now = session.staged.certificates[name], session.store.now()
    yield f"Intermediate certificates of {quoted(name)}" + ("" if profile.intermediates else ": none")
    for number, text in enumerate(profile.intermediates, 1):
        try:
            link = read_certificates(text).certificates[0]
            yield f"{number}. {common_name(link)} ({status(link, now)}, {remaining_text(link, now)} remaining)"
        except CertificateRefused as error:
            yield f"{number}. {error}"


def _new_request(session: Session, name: str) -> str:
    profile = profiles.profile_of(session, name)
    return request_for(profiles.certificate_of(profile), profiles.key_of(session, profile))


def _still_fitting(certificate: x509.Certificate, profile: CertificateProfile) -> list[str]:
    """Return the profile's intermediates that lead on from a new certificate too."""
    try:
        return [profiles.pem_of(one) for one in chain(certificate, profiles.intermediates_of(profile))]
    except CertificateRefused:
        return []


NONE = "There are no intermediate certificates."

INTERMEDIATES = (
    Operation("ADD", "Add an intermediate certificate", add_intermediate),
    Operation("REMOVE", "Remove an intermediate certificate", remove_intermediate),
    Operation("VIEW", "View the intermediate certificates", view_intermediates),
)
OPERATIONS = (
    Operation("PASTE", "Paste a signed certificate", paste_signed),
    Operation("INTERMEDIATE", "Add, remove or view intermediate certificates", intermediate),
    Operation("CSR", "View the signing request", request),
    Operation("FQDN", "Check that the names are in Fully Qualified Domain Name(FQDN) format", check_names),
    Operation("VIEW", "View the certificate", view),
)
