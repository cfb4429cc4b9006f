"""TEST of smtpconfig: one mail through the relay, each step as it happens, and what a failure means."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import NamedTuple

from commands.online import run
from commands.verifying.lines import connection_lines, reason_text
from commands.verifying.remedies import remedy as general_remedy
from gateway.relay import Answered, Judged, send
from state.model_relay import RELAY_WORDS, other_encryption

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from commands.session import Session
    from commands.terminal import Terminal
    from gateway.relay import RelayResult
    from gateway.smtp_replies import Reply
    from state.model_relay import SmtpRelay

LONGEST_WORDS = 300
"""Characters of the server's words on the line of a step; a failure shows all of them."""

_STEPS = {
    "greeting": "Greeting",
    "ehlo": "EHLO",
    "second-ehlo": "EHLO under TLS",
    "auth": "AUTH {}",
    "mail": "MAIL FROM:<{}>",
    "rcpt": "RCPT TO:<{}>",
    "message": "Message",
}


class Explanation(NamedTuple):
    """Why a message was not sent, and what can be done; either may be all that is known, "" is nothing."""

    cause: str
    remedy: str


def send_test_mail(session: Session, terminal: Terminal, relay: SmtpRelay, address: str) -> bool:
    """Send a mail to an address, say each step and how it ended; return whether the relay took it."""
    engine = session.engine
    message = test_message(relay.from_address, address, session.staged.hostname)
    message["Date"] = format_datetime(engine.now())
    terminal.say("")
    result = run(terminal, send(engine, message, [address], _teller(terminal), relay=relay))
    if result.sent:
        terminal.say(f"The test email was delivered to {address}.")
        return True
    terminal.say("The test failed:")
    if result.reply is not None:
        terminal.say(f"The server said: {result.reply}")
    explanation = explained(result, relay)
    terminal.say(f"Cause: {explanation.cause}")
    if explanation.remedy:
        terminal.say(f"Remedy: {explanation.remedy}")
    return False


def test_message(sender: str, recipient: str, hostname: str) -> EmailMessage:
    """Return the mail of a test, without its date."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = f"Test email from {hostname}"
    message["Message-ID"] = make_msgid(domain=hostname)
    message.set_content(f"{hostname} sent this email to test its SMTP relay (smtpconfig -> TEST).\n")
    return message


def explained(result: RelayResult, relay: SmtpRelay) -> Explanation:
    """Return what a failure means for an operator."""
    reply = result.reply
    if reply is not None and reply.permanent and (found := re.search(_NOT_VERIFIED, " ".join(reply.lines), re.I)):
        who = (found[1] or "").strip(" .") or "The sender or the recipient"
        return Explanation(
            f"{who} is not in a domain that the service has verified.",
            "Set the From Email address (smtpconfig -> SETUP) or the recipient to an address of the verified domain.",
        )
    if result.step == "auth" and result.outcome == "rejected" and reply is not None and reply.code == 535:
        return Explanation(
            "The user name or the password is wrong, or they are not the pair that the service made for SMTP.",
            "Make new SMTP credentials and enter them with smtpconfig -> SETUP.",
        )
    other = other_encryption(relay.encryption, relay.port)
    cause = reason_text_of(result)
    if other is not None and result.step in ("greeting", "starttls", "handshake"):
        remedy = f"Port {relay.port} is known for {RELAY_WORDS[other]}; smtpconfig -> SETUP sets port and encryption."
    elif "dh key too small" in result.sentence:
        remedy = "Take DHE and EDH out of the outbound ciphers (sslconfig -> OUTBOUND)."
    else:
        remedy = _REMEDIES.get(result.outcome) or general_remedy(result.outcome)
    return Explanation(cause, remedy)


def reason_text_of(result: RelayResult) -> str:
    """Return why a message was not sent: the word of RFC 8460 where there is one (rule V9), and the sentence."""
    return f"{result.reason}: {result.sentence}" if result.reason else result.sentence


def step_line(answered: Answered) -> str:
    """Return the line for a step that the server answered."""
    return f"{_STEPS[answered.step].format(answered.about)}: {_words(answered.reply)}"


def _teller(terminal: Terminal) -> Callable[[object], None]:
    connection = connection_lines(terminal)

    def tell(event: object) -> None:
        connection(event)
        if isinstance(event, Answered):
            terminal.say(step_line(event))
        elif isinstance(event, Judged):
            verified = "Certificate verified" if event.verdict.good else "Certificate not verified"
            terminal.say(f"{verified}: {reason_text(event.verdict)}")

    return tell


def _words(reply: Reply) -> str:
    said = str(reply)
    return said if len(said) <= LONGEST_WORDS else f"{said[: LONGEST_WORDS - 1]}…"


_NOT_VERIFIED = r"address is not verified(?:.*identities failed the check in region [^:]*: *(.*))?"
_REMEDIES = {
    "name-mismatch": "Enter the server by a name that its certificate has (smtpconfig -> SETUP).",
    "not-offered": "Is this the port for STARTTLS? SMTPS, which begins with TLS, has others (smtpconfig -> SETUP).",
    "auth-not-offered": "Set no user name if the server wants none, or the port on which it takes AUTH "
    "(smtpconfig -> SETUP).",
    "no-address": "Enter the server as it is known in the DNS (smtpconfig -> SETUP), or see dnsconfig.",
    "unusable": "Enter it again with smtpconfig -> SETUP, or see sslconfig and destconfig -> SETUP.",
}
