"""certconfig: the menu, and the operations on certificate profiles."""

from __future__ import annotations

from commands.certconfig import profiles
from commands.dialog import Operation, menu
from commands.table import table
from commands.terminal import Refused, Terminal
from gateway.certificates import details
from gateway.refusals import CertificateRefused
from state.model import certificate_uses
from state.section import DEMO
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.session import Session

HEADS = ("Name", "Common Name", "Issued By", "Status", "Remaining")
LEAST = (9, 19, 19, 7, 9)
SHRINKS = ((2, 12), (1, 12), (0, 9))


async def certconfig(session: Session, terminal: Terminal) -> None:
    """Show the three parts until Enter leaves."""
    await menu(session, terminal, OPERATIONS)


async def certificate(session: Session, terminal: Terminal) -> None:
    """Show the profiles and what can be done with them, until Enter leaves."""
    await menu(session, terminal, CERTIFICATE, state=lambda session: _list(session, terminal))


async def show_list(session: Session, terminal: Terminal) -> None:
    """`certconfig certificate list`."""
    terminal.say("")
    for line in _list(session, terminal):
        terminal.say(line)


async def show_uses(session: Session, terminal: Terminal) -> None:
    """PRINT: the profiles, and which one each service uses."""
    await show_list(session, terminal)
    rows = [(use.service, use.certificate) for use in certificate_uses(session.staged)]
    rows.append(("LDAP", "(not configured)"))
    terminal.say("")
    for line in table((("Service", "Certificate"),), rows, (24, 11), "-"):
        terminal.say(line)


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove a profile that no service uses."""
    name = await profiles.choose_profile(session, terminal, "delete", demo=True)
    if name is not None:
        try:
            _delete(session, name)
        except CertificateRefused as error:
            terminal.say_error(str(error))


async def delete_batch(session: Session, terminal: Terminal, name: str) -> None:
    """`certconfig certificate delete NAME`."""
    _delete(session, existing(session, name))


async def view_batch(session: Session, terminal: Terminal, name: str) -> None:
    """`certconfig certificate view NAME`."""
    show_details(session, terminal, existing(session, name))


def show_details(session: Session, terminal: Terminal, name: str) -> None:
    """Print what a certificate says.

    Raises:
        CertificateRefused: it cannot be read.
    """
    profile = profiles.profile_of(session, name)
    terminal.say("")
    lines = details(profiles.certificate_of(profile))
    size = max(len(label) for label, _ in lines)
    for label, text in lines:
        terminal.say(f"{(label + ':').ljust(size + 1)} {text}")
    terminal.say(f"{'Intermediates:'.ljust(size + 1)} {len(profile.intermediates)}")


def existing(session: Session, typed: str) -> str:
    """Return the name of a profile that was typed on a batch line.

    Raises:
        Refused: there is none of that name.
    """
    names = [*session.staged.certificates, DEMO]
    if typed in names:
        return typed
    near = nearest(typed, names)
    there = f"did you mean {quoted(near)}?" if near else f"there is {listed([quoted(name) for name in names], 'and')}."
    raise Refused(f"There is no certificate profile {quoted(typed)}; {there}")


def _list(session: Session, terminal: Terminal) -> Iterator[str]:
    yield "List of Certificates"
    rows = [profiles.row(session, name) for name in (*session.staged.certificates, DEMO)]
    yield from table((HEADS,), rows, LEAST, "-", terminal.width, SHRINKS)


def _delete(session: Session, name: str) -> None:
    if name == DEMO:
        raise CertificateRefused(f'"{DEMO}" is the certificate that every system has; it cannot be deleted.')
    if services := profiles.services_of(session, name):
        used = listed(services, "and")
        raise CertificateRefused(f"{quoted(name)} is used by {used}; choose another certificate there first.")
    profiles.put(session, name, None)


CERTIFICATE = (
    Operation(
        "IMPORT", "Import a certificate from a local PKCS#12 file", "commands.certconfig.exchange:import_profile"
    ),
    Operation("PASTE", "Paste a certificate into the CLI", "commands.certconfig.paste:paste_profile"),
    Operation("NEW", "Create a self-signed certificate and CSR", "commands.certconfig.new:new"),
    Operation("EDIT", "Update certificate or view the signing request", "commands.certconfig.edit:edit"),
    Operation("EXPORT", "Export a certificate", "commands.certconfig.exchange:export_profile"),
    Operation("DELETE", "Remove a certificate", delete),
    Operation("PRINT", "View certificates assigned to services", show_uses),
)
OPERATIONS = (
    Operation("CERTIFICATE", "Import, Create a request, Edit or Remove Certificate Profiles", certificate),
    Operation(
        "CERTAUTHORITY",
        "Manage System and Customized Authorities",
        "commands.certconfig.authorities:certauthority",
    ),
    Operation("CRL", "Manage Certificate Revocation Lists", "commands.certconfig.revocation:crl"),
)
