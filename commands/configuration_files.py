"""showconfig, saveconfig, loadconfig: the configuration as a text, out and in."""

from __future__ import annotations

import re

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.configuration_text import masked
from commands.dialog import choose, paste, say, yes_no
from commands.files import ask_file
from commands.terminal import Refused, Terminal
from state.exchange import FileRefused, exists, file_name, read_file, write_file
from state.problems import InvalidConfiguration
from state.reading import read_text
from state.secrets import MASKED, SecretUnavailable, is_clear
from state.snapshot import Snapshot
from state.validation import read_configuration
from state.wording import key_text, printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from state.model import CertificateProfile, Configuration
    from state.model_relay import SmtpRelay

UNCOMMITTED = "You have uncommitted changes. Commit or clear them first."
RELAY_PASSWORD = ("smtp_relay", "password")
PASSPHRASES = (
    "Mask passphrases (Files with masked passphrases cannot be loaded using loadconfig command)",
    "Encrypt passphrases",
)


async def show_config(session: Session, terminal: Terminal) -> None:
    """Print the committed configuration, secrets masked or encrypted."""
    _show(session, terminal, await _ask_masking(terminal))


async def show_config_batch(session: Session, terminal: Terminal, passphrases: str) -> None:
    """`showconfig --passphrases mask|encrypt`."""
    _show(session, terminal, passphrases == "mask")


def _show(session: Session, terminal: Terminal, mask: bool) -> None:
    shown = session.store.committed.text
    if mask:
        shown = masked(shown)
    terminal.say("")
    for line in shown.splitlines():
        terminal.say(printable(line.replace("\t", "    ")))


async def save_config(session: Session, terminal: Terminal) -> None:
    """Write the committed configuration to a file of the configuration directory."""
    _save(session, terminal, await _ask_masking(terminal))


async def save_config_batch(session: Session, terminal: Terminal, mask: str, naming: str) -> None:
    """`saveconfig y 1`: y masks passphrases, n encrypts them; 1 has the file name chosen."""
    if mask.lower() not in ("y", "n"):
        raise Refused(f"{quoted(mask)} is not accepted; y masks passphrases, n encrypts them.")
    if naming != "1":
        raise Refused(f"{quoted(naming)} is not accepted; it takes 1, which has the file name chosen.")
    _save(session, terminal, mask.lower() == "y")


async def load_config(session: Session, terminal: Terminal) -> None:
    """Stage a configuration that is pasted or read from a file."""
    if session.staging.dirty:
        say(terminal, UNCOMMITTED)
        return
    how = await choose(terminal, ("Paste via CLI", "Load from file"), default=0)
    if how == 0:
        pasted = await paste(terminal, "Paste the configuration in TOML format (end with '.'):", str)
        snapshot = _read(pasted + "\n")
    else:
        snapshot = await ask_file(session, terminal, lambda answer: _read_file(session, answer))
    _take(session, terminal, await _with_readable_secrets(session, terminal, snapshot))


async def load_config_batch(session: Session, terminal: Terminal, file: str) -> None:
    """`loadconfig --file FILE`; one with secrets of another appliance needs the dialog."""
    if session.staging.dirty:
        raise Refused(UNCOMMITTED)
    try:
        snapshot = _read_file(session, file)
    except NotAccepted as error:
        raise Refused(str(error)) from None
    foreign = _foreign_secrets(session, snapshot)
    if foreign:
        keys = ", ".join(map(key_text, foreign))
        raise Refused(
            f"These secrets were sealed by another appliance and cannot be read here: {keys}. "
            "Load the file with loadconfig -> 2, which asks for each of them."
        )
    _take(session, terminal, snapshot)


def _take(session: Session, terminal: Terminal, snapshot: Snapshot) -> None:
    """Stage a configuration whose secrets can be read here."""
    snapshot = session.store.sealed(snapshot)
    if snapshot.text == session.store.committed.text:
        say(terminal, "No changes detected from current configuration.")
        return
    session.staging.adopt(snapshot)
    say(terminal, "Values have been loaded.")
    terminal.say('Be sure to run "commit" to make these settings active.')


async def _ask_masking(terminal: Terminal) -> bool:
    return await choose(terminal, PASSPHRASES, default=0, above="Choose the passphrase option:") == 0


def _save(session: Session, terminal: Terminal, mask: bool) -> None:
    folder = session.store.folder
    hostname = session.store.committed.configuration.hostname
    stem = f"{hostname}-{session.store.now():%Y%m%dT%H%M%S}"
    name, number = f"{stem}.toml", 1
    while exists(folder, name):
        number += 1
        name = f"{stem}-{number}.toml"
    content = session.store.committed.text
    write_file(folder, name, (masked(content) if mask else content).encode())
    say(terminal, f'File written on machine "{hostname}" to the location')
    terminal.say(f'"/configuration/{name}".')
    terminal.say("Configuration saved.")


def _read_file(session: Session, typed: str) -> Snapshot:
    """Return what a file holds.

    Raises:
        NotAccepted: it cannot be read, or is no configuration; all problems are named.
    """
    try:
        return _read(read_text(read_file(session.store.folder, file_name(typed))))
    except (FileRefused, InvalidConfiguration, Refused) as error:
        raise NotAccepted(str(error)) from None


def _read(content: str) -> Snapshot:
    try:
        configuration = read_configuration(content)
    except InvalidConfiguration as error:
        raise Refused(str(error)) from None
    if not content.strip():
        raise Refused("There is no setting in it; a configuration has at least one.")
    hidden = [path for path, value in _secrets(configuration) if value.startswith(MASKED)]
    if hidden:
        keys = ", ".join(key_text(path) for path in hidden)
        raise Refused(
            f"A file with masked passphrases cannot be loaded: {keys}. "
            "Save it again with encrypted passphrases: saveconfig n 1."
        )
    return Snapshot(configuration, content)


def _secrets(configuration: Configuration) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = [
        (("certificates", name, "private_key"), profile.private_key)
        for name, profile in configuration.certificates.items()
        if profile.private_key
    ]
    if configuration.smtp_relay is not None and configuration.smtp_relay.password:
        found.append((RELAY_PASSWORD, configuration.smtp_relay.password))
    return found


def _foreign_secrets(session: Session, snapshot: Snapshot) -> list[tuple[str, ...]]:
    foreign = []
    for path, value in _secrets(snapshot.configuration):
        try:
            if not is_clear(value):
                session.store.vault.open(value)
        except SecretUnavailable:
            foreign.append(path)
    return foreign


async def _with_readable_secrets(session: Session, terminal: Terminal, snapshot: Snapshot) -> Snapshot:
    """Have secrets that another appliance sealed entered or dropped.

    Raises:
        Refused: the operator does neither.
    """
    foreign = _foreign_secrets(session, snapshot)
    if not foreign:
        return snapshot
    say(terminal, "These secrets were sealed by another appliance and cannot be read here:")
    for path in foreign:
        terminal.say(f"  {key_text(path)}")
    if not await yes_no(terminal, "Do you want to enter or drop each of them?", default=False):
        raise Refused("Nothing was loaded.")
    configuration = snapshot.configuration
    profiles, relay = dict(configuration.certificates), configuration.smtp_relay
    for path in foreign:
        how = await choose(terminal, ("Enter it", "Drop it"), default=0, above=f"{key_text(path)}:")
        key = None
        if path == RELAY_PASSWORD and relay is not None:
            # a user name is nothing without it
            relay = replace(relay, user=None, password=None) if how else await _with_password(terminal, relay)
            continue
        if how == 0:
            key = await _ask_private_key(terminal, profiles[path[1]])
        profiles[path[1]] = replace(profiles[path[1]], private_key=key)
    return session.store.sealed(snapshot.changed_to(replace(configuration, certificates=profiles, smtp_relay=relay)))


async def _with_password(terminal: Terminal, relay: SmtpRelay) -> SmtpRelay:
    from commands.smtpconfig.menu import ask_password

    return replace(relay, password=await ask_password(terminal, required=True))


async def _ask_private_key(terminal: Terminal, profile: CertificateProfile) -> str:
    """Ask for the private key of a profile, which belongs to its certificate where that can be read."""
    from commands.certconfig.paste import KEY, ask_key
    from commands.certconfig.profiles import certificate_of
    from gateway.keys import key_pem
    from gateway.refusals import CertificateRefused

    try:
        certificate = certificate_of(profile)
    except CertificateRefused:
        pass
    else:
        return key_pem(await ask_key(terminal, certificate))

    def read(pasted: str) -> str:
        if not re.search("-----BEGIN [A-Z ]*PRIVATE KEY-----.*-----END [A-Z ]*PRIVATE KEY-----", pasted, re.DOTALL):
            raise NotAccepted("This is no private key in PEM format.")
        return pasted + "\n"

    return await paste(terminal, KEY, read)
