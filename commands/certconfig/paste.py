"""PASTE: a certificate, its private key and its intermediates, pasted one after the other."""

from __future__ import annotations

from commands.answers import NotAccepted, read_new_name
from commands.certconfig import profiles
from commands.certconfig.new import NAME
from commands.dialog import paste, text, yes_no
from commands.terminal import Terminal
from gateway.acceptance import refuse_unusable
from gateway.certificates import common_name, subject_line
from gateway.chain_order import Bundle, intermediates, read_bundle, read_chain
from gateway.keys import refuse_foreign_key
from gateway.loading import read_certificates, read_private_key
from gateway.refusals import CertificateRefused, PassPhraseNeeded
from state.section import DEMO
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from commands.session import Session
    from gateway.loading import PrivateKey

CERTIFICATE = "Paste public certificate in PEM format (end with '.'):"
KEY = "Paste private key in PEM format (end with '.'):"
INTERMEDIATE = "Paste intermediate certificate in PEM format (end with '.'):"
ADD = "Do you want to add an intermediate certificate?"
KEY_PASS_PHRASE = "Enter pass phrase for private key:"  # noqa: S105  # the question, not the answer


async def paste_profile(session: Session, terminal: Terminal) -> None:
    """Ask for everything, one piece at a time."""
    name = await text(
        terminal,
        NAME,
        lambda answer: read_new_name(answer, [*session.staged.certificates, DEMO]),
        hint="A name that is not taken yet.",
        brackets=False,
    )
    bundle = await ask_certificate(terminal, session.store.now())
    key = bundle.key or await ask_key(terminal, bundle.certificate)
    links = await ask_intermediates(terminal, bundle.certificate, bundle.intermediates)
    profiles.warn(session, terminal, [bundle.certificate], links)
    profiles.stage(session, name, bundle.certificate, key, links)


async def ask_certificate(terminal: Terminal, now: datetime, key: PrivateKey | None = None) -> Bundle:
    """Ask for a certificate, which may come with its chain and its key, and tell its subject.

    Args:
        terminal: where to ask.
        now: when it must be valid.
        key: one that must belong to it.
    """
    pasted = ""

    def usable(pass_phrase: str | None) -> Bundle:
        bundle = read_with_key(pasted, pass_phrase)
        refuse_unusable(bundle.certificate, now)
        if key is not None:
            refuse_foreign_key(key, bundle.certificate)
        return bundle

    def read(text: str) -> Bundle | None:
        nonlocal pasted
        pasted = text
        try:
            return usable(None)
        except PassPhraseNeeded:
            return None
        except CertificateRefused as error:
            raise NotAccepted(str(error)) from None

    while (bundle := await paste(terminal, CERTIFICATE, read)) is None:  # it came with its key, and that is encrypted
        try:
            bundle = await profiles.opened(terminal, KEY_PASS_PHRASE, usable)
            break
        except CertificateRefused as error:
            terminal.say_error(str(error))
    form = read_certificates(pasted).form
    terminal.say("")
    if form != "PEM":
        terminal.say(f"It has no BEGIN line; it was read as {form}.")
    terminal.say(subject_line(bundle.certificate))
    if bundle.intermediates:
        terminal.say(f"It came with {_names(bundle.intermediates)}.")
    if bundle.key is not None:
        terminal.say("It came with its private key.")
    return bundle


def read_with_key(text: bytes | str, pass_phrase: str | None) -> Bundle:
    """Return certificate and chain, and the key where one is there too.

    Raises:
        CertificateRefused: it cannot be read, or is no single chain.
    """
    if "a private key" in read_certificates(text).beside:
        return read_bundle(text, pass_phrase)
    return read_chain(text)


async def ask_key(terminal: Terminal, certificate: x509.Certificate) -> PrivateKey:
    """Ask for the private key of a certificate, and for its pass phrase where it is encrypted."""
    pasted = ""

    def own(pass_phrase: str | None) -> PrivateKey:
        key = read_private_key(pasted, pass_phrase)
        refuse_foreign_key(key, certificate)
        return key

    def read(text: str) -> PrivateKey | None:
        nonlocal pasted
        pasted = text
        try:
            return own(None)
        except PassPhraseNeeded:
            return None
        except CertificateRefused as error:
            raise NotAccepted(str(error)) from None

    while (key := await paste(terminal, KEY, read)) is None:
        try:
            return await profiles.opened(terminal, KEY_PASS_PHRASE, own)
        except CertificateRefused as error:
            terminal.say_error(str(error))
    return key


async def ask_intermediates(
    terminal: Terminal, certificate: x509.Certificate, present: list[x509.Certificate]
) -> list[x509.Certificate]:
    """Ask for intermediates, one a turn, until N; return the chain nearest first."""
    links = list(present)
    while await yes_no(terminal, ADD, default=False):
        links = await paste(
            terminal,
            INTERMEDIATE,
            lambda pasted: profiles.accepted(
                lambda: intermediates(certificate, [*links, *read_certificates(pasted).certificates])  # noqa: B023
            ),
        )
    return links


def _names(certificates: list[x509.Certificate]) -> str:
    one = "an intermediate certificate" if len(certificates) == 1 else f"{len(certificates)} intermediate certificates"
    return f"{one}: {listed([quoted(common_name(link)) for link in certificates], 'and')}"
