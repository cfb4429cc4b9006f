"""IMPORT and EXPORT: a profile from and to a PKCS#12 file of the configuration directory."""

from __future__ import annotations

from contextlib import suppress

from commands.answers import NotAccepted, named
from commands.certconfig import profiles
from commands.certconfig.fqdn import ask_fqdn_check
from commands.certconfig.new import NAME
from commands.certconfig.paste import KEY_PASS_PHRASE
from commands.dialog import choose, say, secret, text, yes_no
from commands.files import ask_export, ask_import
from commands.terminal import Terminal
from gateway.acceptance import refuse_unusable
from gateway.chain_order import Bundle, read_bundle
from gateway.names import name_faults
from gateway.pkcs12 import SHORTEST_PASS_PHRASE, read_pkcs12, write_pkcs12
from gateway.refusals import CertificateRefused, PassPhraseNeeded, WrongPassPhrase
from state.exchange import write_file
from state.names import profile_name
from state.section import DEMO
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

PASS_PHRASE = "Enter pass phrase for PKCS#12 file:"  # noqa: S105  # the question, not the answer
ENCRYPTIONS = ("AES-256", "3DES (for old systems)")


async def import_profile(session: Session, terminal: Terminal) -> None:
    """Ask for a name, a file and its pass phrase; what the file lacks is said, and it is asked again."""
    name = await _name(session, terminal)
    if name is None:
        return
    machine = session.store.committed.configuration.hostname
    question = f'Enter the name of the file on machine "{machine}" to import:'
    while True:
        content = await ask_import(session, terminal, _readable, question)
        check = await ask_fqdn_check(session, terminal)
        try:
            bundle = await _open(terminal, content)
            refuse_unusable(bundle.certificate, session.store.now())
            if check and (faults := name_faults(bundle.certificate)):
                raise CertificateRefused("\n".join(faults))
        except CertificateRefused as error:
            terminal.say_error(str(error))
            continue
        break
    if _is_pem(content):
        say(terminal, "A PEM file of key and certificates was understood.")
    assert bundle.key is not None  # noqa: S101  # both readers refuse a bundle without one
    profiles.warn_left_out(terminal, bundle.left_out)
    profiles.warn(session, terminal, [bundle.certificate], bundle.intermediates)
    profiles.stage(session, name, bundle.certificate, bundle.key, bundle.intermediates)


async def export_profile(session: Session, terminal: Terminal) -> None:
    """Ask for a profile, a file and a pass phrase, and write the PKCS#12 bundle."""
    name = await profiles.choose_profile(session, terminal, "export", demo=True)
    if name is None:
        return
    profile = profiles.profile_of(session, name)
    try:
        key = profiles.key_of(session, profile)
        certificate, links = profiles.certificate_of(profile), profiles.intermediates_of(profile)
    except CertificateRefused as error:
        terminal.say_error(str(error))
        return
    file = await ask_export(session, terminal)
    if file is None:
        return
    pass_phrase = await secret(terminal, PASS_PHRASE, _long_enough, twice=True)
    old = session.staged.dialogs == "current" and (
        await choose(terminal, ENCRYPTIONS, default=0, above="Choose the encryption:") == 1
    )
    bundle = write_pkcs12(key, certificate, links, pass_phrase, name, "3DES" if old else "AES-256")
    write_file(session.store.folder, file, bundle)
    say(terminal, f"The certificate profile {quoted(name)} was exported to {quoted(file)}.")


async def _name(session: Session, terminal: Terminal) -> str | None:
    """Ask for the profile's name; None where there is one that is to stay."""

    def read(answer: str) -> str:
        name = named(answer, profile_name, "name")
        if name == DEMO:
            raise NotAccepted(f'"{DEMO}" is the certificate that every system has; use another name.')
        return name

    name = await text(terminal, NAME, read, hint="The name of a new profile, or of one to overwrite.", brackets=False)
    overwrite = f"Certificate profile {quoted(name)} already exists. Do you want to overwrite with this new one?"
    if name in session.staged.certificates and not await yes_no(terminal, overwrite, default=False):
        return None
    return name


def _readable(content: bytes) -> bytes:
    """Return a content that is a bundle, as far as it can be told without its pass phrase.

    Raises:
        CertificateRefused: it is none.
    """
    with suppress(PassPhraseNeeded, WrongPassPhrase):
        _read(content, "")
    return content


async def _open(terminal: Terminal, content: bytes) -> Bundle:
    """Ask for the pass phrase until it opens the bundle; a PEM file without a pass phrase has no question.

    Raises:
        CertificateRefused: it opens, and something is missing in it.
    """
    pem = _is_pem(content)
    if pem:
        try:
            return _read(content, "")
        except PassPhraseNeeded:
            pass

    return await profiles.opened(
        terminal, KEY_PASS_PHRASE if pem else PASS_PHRASE, lambda typed: _read(content, typed), required=False
    )


def _read(content: bytes, pass_phrase: str) -> Bundle:
    return read_bundle(content, pass_phrase) if _is_pem(content) else read_pkcs12(content, pass_phrase)


def _is_pem(content: bytes) -> bool:
    """Tell whether a content is PEM; other programs write text about each block above it."""
    return content[:1] != b"\x30" and b"-----BEGIN " in content


def _long_enough(typed: str) -> str:
    if len(typed) < SHORTEST_PASS_PHRASE:
        raise NotAccepted(f"Enter at least {SHORTEST_PASS_PHRASE} characters.")
    return typed
