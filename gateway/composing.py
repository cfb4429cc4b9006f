"""A message as `deliver` sends it: a short text, or a file that is a message already (RFC 5322)."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid

from gateway.delivery import Message
from state.names import destination_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.engine import Engine

TEXT = "This message was sent by the command deliver, to see how mail to you is protected on its way.\n"


def composed(engine: Engine, sender: str, recipient: str, subject: str, content: bytes | None) -> Message:
    """Return a message with its envelope.

    Args:
        engine: whose clock and host name are used.
        sender: an address.
        recipient: an address.
        subject: a line of text.
        content: the text, or a whole message where it begins with a header; the short text above, if None.
    """
    domain = destination_domain(recipient.rpartition("@")[2])
    if content is not None and _has_header(content):
        return Message(sender, recipient, domain, content)
    message = EmailMessage(policy=SMTP if (sender + recipient).isascii() else SMTPUTF8)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(engine.now())
    message["Message-ID"] = make_msgid(domain=engine.configuration.hostname)
    message.set_content(TEXT if content is None else content.decode("utf-8", errors="replace"))
    return Message(sender, recipient, domain, message.as_bytes())


def _has_header(content: bytes) -> bool:
    """Tell whether a text begins with header fields, From among them."""
    head = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0].split(b"\n")
    fields = [line.partition(b":")[0] for line in head if line[:1] not in (b" ", b"\t")]
    good = all(field and b" " not in field and field.isascii() for field in fields)
    return (
        good
        and all(b":" in line for line in head if line[:1] not in (b" ", b"\t"))
        and b"from" in {field.lower() for field in fields}
    )
