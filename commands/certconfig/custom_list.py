"""CUSTOM: the list of authorities that the operator keeps, from files and pastes, each under a friendly name."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.certconfig import authority_views
from commands.certconfig.authority_views import choose_entry, counted
from commands.certconfig.force import switch
from commands.certconfig.fqdn import ask_fqdn_check
from commands.dialog import Operation, menu, paste, say, text, yes_no
from commands.files import ask_import
from commands.terminal import Terminal
from gateway.authorities import Candidate, ImportCheck, check_friendly_name, check_import, friendly_name
from gateway.certificates import validity
from gateway.custom_list import Entry, custom_entries, custom_list
from gateway.names import name_faults
from gateway.refusals import CertificateRefused
from gateway.system_list import system_list
from state.model import CustomAuthority
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.session import Session

PASTE = "Paste certificate authority in PEM format (end with '.'):"
MOST_NAMED = 10
"""Authorities that are named when they were added; of more it tells how many others there are."""


async def custom(session: Session, terminal: Terminal) -> None:
    """Show the operations, ENABLE or DISABLE among them, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, offered=_offered)


async def enable(session: Session, terminal: Terminal) -> None:
    """Put the list in force."""
    switch(session, terminal, "custom", on=True)


async def disable(session: Session, terminal: Terminal) -> None:
    """Take the list out of force; it keeps what is in it."""
    switch(session, terminal, "custom", on=False)


async def import_file(session: Session, terminal: Terminal) -> None:
    """Add the certificates of a file."""
    check = await ask_import(session, terminal, partial(_checked, session))
    await _add(session, terminal, check, ask_name=False)


async def paste_one(session: Session, terminal: Terminal) -> None:
    """Add what is pasted; a single certificate may be given another friendly name."""

    def read(pasted: str) -> ImportCheck:
        try:
            return _checked(session, pasted)
        except CertificateRefused as refused:
            raise NotAccepted(str(refused)) from None

    await _add(session, terminal, await paste(terminal, PASTE, read), ask_name=True)


async def export(session: Session, terminal: Terminal) -> None:
    """Write the list to a file."""
    if entries := _entries(session, terminal):
        await authority_views.export(session, terminal, entries)


async def print_list(session: Session, terminal: Terminal) -> None:
    """Print the list."""
    if entries := _entries(session, terminal):
        authority_views.print_list(session, terminal, entries)


async def view(session: Session, terminal: Terminal) -> None:
    """Show one authority."""
    if entries := _entries(session, terminal):
        await authority_views.view(session, terminal, entries)


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove an authority, also one that cannot be read."""
    if entries := _entries(session, terminal):
        chosen = await choose_entry(terminal, "Enter the name or the number of the authority to remove:", entries)
        certificates = session.staged.authorities.certificates
        _keep(session, [one for index, one in enumerate(certificates) if index != chosen])
        say(terminal, f"{quoted(entries[chosen].name)} was removed from the custom list.")


def _checked(session: Session, data: bytes | str) -> ImportCheck:
    """Return what of an input the list takes.

    Raises:
        CertificateRefused: nothing of it, with a line for each reason.
    """
    authorities = session.staged.authorities
    system = system_list(session.store).authorities
    check = check_import(data, custom_list(authorities), system, session.store.now())
    if not check.accepted:
        raise CertificateRefused("\n".join(check.refused))
    return check


async def _add(session: Session, terminal: Terminal, check: ImportCheck, ask_name: bool) -> None:
    """Tell what was refused and what is to be known of the rest, and add that after a yes."""
    accepted, refused = check.accepted, list(check.refused)
    if await ask_fqdn_check(session, terminal):
        accepted = []
        for one in check.accepted:
            faults = name_faults(one.authority.certificate)
            refused += [f"{quoted(one.authority.name)} is refused. {fault}" for fault in faults]
            if not faults:
                accepted.append(one)
    lines = [*_about_form(check), *refused]
    if lines:
        say(terminal, "\n".join(lines))
    if not accepted:
        say(terminal, "No certificate is left to be added.")
        return
    known = "".join(f"{line}\n" for one in accepted for line in _known(one))
    these = f"these {len(accepted)} certificates"
    if not await yes_no(terminal, f"Add {these} to the custom list?", default=True, above=f"{known}\n"):
        return
    present = session.staged.authorities.certificates
    names: list[str] = []
    for one in accepted:
        names.append(friendly_name(one.authority.name, {*names, *(other.name for other in present)}))
    if ask_name and len(accepted) == 1:
        names = [await _ask_name(terminal, names[0], {one.name for one in present})]
    added = [
        CustomAuthority(name=name, certificate=one.authority.pem) for name, one in zip(names, accepted, strict=True)
    ]
    _keep(session, [*present, *added])
    _tell_added(session, terminal, names)


def _known(candidate: Candidate) -> list[str]:
    """Return what the operator should know before saying yes."""
    name, certificate = candidate.authority
    return [f"{quoted(name)} expires on {validity(certificate)[1]:%Y-%m-%d}.", *candidate.warnings]


def _about_form(check: ImportCheck) -> list[str]:
    lines = []
    if check.form == "DER":
        lines.append("It is DER, not PEM; it was read all the same.")
    if check.form == "base64":
        lines.append("It has no BEGIN line; it was read as base64.")
    if check.beside:
        lines.append(f"Not taken, since only certificates are: {listed(list(dict.fromkeys(check.beside)), 'and')}.")
    return lines


async def _ask_name(terminal: Terminal, default: str, taken: set[str]) -> str:
    def read(answer: str) -> str:
        try:
            return check_friendly_name(answer, taken)
        except CertificateRefused as refused:
            raise NotAccepted(str(refused)) from None

    return await text(
        terminal,
        "Enter a friendly name for this authority:",
        read,
        default=default,
        hint="A name that no authority of the list has yet; Enter takes the one in brackets.",
    )


def _tell_added(session: Session, terminal: Terminal, names: Sequence[str]) -> None:
    shown = [quoted(name) for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        shown.append(f"{len(names) - MOST_NAMED} more")
    verb = "was" if len(names) == 1 else "were"
    say(terminal, f"{counted(len(names))} {verb} added to the custom list: {listed(shown, 'and')}.")
    if not session.staged.authorities.custom:
        terminal.say("The custom list is disabled; ENABLE puts it in force.")


def _keep(session: Session, certificates: list[CustomAuthority]) -> None:
    """Stage what the custom list holds."""
    session.staged = replace(session.staged, authorities=replace(session.staged.authorities, certificates=certificates))


def _entries(session: Session, terminal: Terminal) -> list[Entry]:
    """Return the list; where it is empty, and said so, none."""
    entries = custom_entries(session.staged.authorities)
    if not entries:
        say(terminal, "The custom list is empty.")
    return entries


def _offered(session: Session, operation: Operation) -> bool:
    in_force = session.staged.authorities.custom
    return operation.keyword not in ("ENABLE", "DISABLE") or (operation.keyword == "DISABLE") == in_force


OPERATIONS = (
    Operation("ENABLE", "Enable the custom list", enable),
    Operation("DISABLE", "Disable the custom list", disable),
    Operation("IMPORT", "Import certificate authorities from a file", import_file),
    Operation("PASTE", "Paste a certificate authority into the CLI", paste_one),
    Operation("EXPORT", "Export the list to a file", export),
    Operation("PRINT", "Print the list", print_list),
    Operation("VIEW", "View the details of one authority, or save it to a file", view),
    Operation("DELETE", "Remove an authority", delete),
)
