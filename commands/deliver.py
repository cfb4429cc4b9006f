"""deliver: one message under the configuration, each step as it happens; or what would hold for it, nothing sent."""

from __future__ import annotations

from commands.answers import NotAccepted, named
from commands.deliver_lines import StepLines, policy_lines
from commands.dialog import text
from commands.online import run
from commands.terminal import Refused, Terminal, Unsuccessful
from commands.verifying.revocation_lists import with_due_lists
from commands.wording import time_text
from gateway.composing import composed
from gateway.delivery import planned
from gateway.destinations import delivery_settings
from gateway.mailing import send
from state.addresses import mail_address
from state.exchange import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session
    from gateway.delivery import Message

RECIPIENT_QUESTION = "Enter the recipient's address:"
SENDER_QUESTION = "Enter the sender's address:"
SUBJECT_QUESTION = "Enter the subject:"


async def deliver(session: Session, terminal: Terminal) -> None:
    """Ask for recipient, sender and subject, and deliver a short text."""
    recipient = await text(terminal, RECIPIENT_QUESTION, read=_address, hint="An address like someone@partner.example.")
    sender = await text(
        terminal, SENDER_QUESTION, read=_address, default=_own_address(session), hint="An address of this system."
    )
    subject = await text(terminal, SUBJECT_QUESTION, read=str.strip, default="Test", hint="A line of text.")
    terminal.no_more_words()
    _deliver(session, terminal, composed(session.engine, sender, recipient, subject, None), staged=False)


async def deliver_batch(
    session: Session,
    terminal: Terminal,
    address: str,
    subject: str = "Test",
    file: str | None = None,
    dry_run: bool = False,
    staged: bool = False,
    **options: str,
) -> None:
    """Deliver without asking; or only say what would hold."""
    try:
        recipient = _address(address)
        sender = _address(options.get("from", _own_address(session)))
    except NotAccepted as error:
        raise Refused(str(error)) from None
    content = None if file is None else read_file(session.store.folder, file)
    message = composed(session.engine, sender, recipient, subject, content)
    if dry_run:
        _plan(session, terminal, message, staged)
    else:
        _deliver(session, terminal, message, staged)


def _plan(session: Session, terminal: Terminal, message: Message, staged: bool) -> None:
    """Say which policy would hold and why, host by host; nothing is sent, and no mail server connected to."""
    configuration = session.staged if staged else session.engine.configuration
    settings = delivery_settings(configuration, message.domain)
    terminal.say("")
    plan = run(terminal, planned(session.engine, configuration, settings, message.domain))
    terminal.say("\n".join(policy_lines(message, settings, plan, staged)))


def _deliver(session: Session, terminal: Terminal, message: Message, staged: bool) -> None:
    """Deliver, say each step and the end.

    Raises:
        Unsuccessful: the message was not delivered; all is said.
    """
    if staged:
        raise Refused("Only the committed configuration delivers; --staged goes with --dry-run.")
    terminal.say("")
    found = run(
        terminal,
        with_due_lists(session.engine, terminal.say, lambda: send(session.engine, message, StepLines(terminal))),
    )
    terminal.say("")
    if found.fate == "delivered":
        terminal.say(f"The message was delivered. {found.sentence}")
        return
    if found.fate == "discarded":
        terminal.say(f"The message was discarded. {found.sentence}")
        return
    if found.fate == "delayed":
        terminal.say(f"The message was delayed. {found.sentence}")
        if found.again is not None:
            terminal.say("A mail system would try again at ", time_text(found.again), "; there is no queue here.")
    else:
        terminal.say(f"The message bounced. {found.sentence}")
    raise Unsuccessful


def _address(typed: str) -> str:
    return named(typed, mail_address, "e-mail address")


def _own_address(session: Session) -> str:
    return f"postmaster@{session.engine.configuration.hostname}"
