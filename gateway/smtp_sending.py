"""A message handed to a host that was decided on, by aiosmtplib; what the host answered (RFC 5321 s3.3)."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import aiosmtplib

from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from gateway.delivery import Message
    from gateway.smtp import Limits

LONGEST_REPLY = 500
"""Characters of a host's reply that are kept."""


class Sent(NamedTuple):
    """What a host said to a message.

    Attributes:
        accepted: whether it took the message.
        permanent: whether it will never take it.
        reply: its words with their code, printable; our own where it said nothing.
        certain: False where the message went out and no 250, 4yz or 5yz came back: the host may have it.
    """

    accepted: bool
    permanent: bool
    reply: str
    certain: bool = True


async def send_message(
    connection: socket.socket, hello: str, message: Message, limits: Limits, begun: Callable[[], None]
) -> Sent:
    """Send a message over a session that was handed over.

    Args:
        connection: from `handed_over`.
        hello: this system's name for EHLO.
        message: with a header, lines ended by LF or CRLF.
        limits: seconds for each step.
        begun: called before the message's content goes out.

    Raises:
        Exception: what `begun` raises; nothing was sent.
    """
    client = aiosmtplib.SMTP(sock=connection, local_hostname=hello, timeout=limits.command, start_tls=False)
    try:
        return await _send(client, message, limits, begun)
    finally:  # Ctrl-C too leaves nothing open
        client.close()


async def _send(client: aiosmtplib.SMTP, message: Message, limits: Limits, begun: Callable[[], None]) -> Sent:
    try:
        await client.connect()
        await _envelope(client, message)
    except _REFUSED as error:
        await _leave(client, limits)
        return Sent(False, 500 <= error.code <= 599, _reply(error.code, error.message))
    except (aiosmtplib.SMTPException, OSError) as error:
        return _lost(error, certain=True)
    begun()  # what cannot be noted down is not sent
    try:
        response = await client.data(message.content, timeout=limits.data_end)
    except aiosmtplib.SMTPDataError as error:
        await _leave(client, limits)
        answered = 400 <= error.code <= 599  # any other code is no word on what became of the message
        return Sent(False, error.code >= 500, _reply(error.code, error.message), certain=answered)
    except (aiosmtplib.SMTPException, OSError) as error:
        return _lost(error, certain=False)
    await _leave(client, limits)
    return Sent(True, False, _reply(response.code, response.message))


_REFUSED = (
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPSenderRefused,
    aiosmtplib.SMTPRecipientRefused,
    aiosmtplib.SMTPDataError,
)
"""Replies; what is no reply at all is another exception of the library, though it has a code too."""


async def _envelope(client: aiosmtplib.SMTP, message: Message) -> None:
    """Say who the message is from and to.

    Raises:
        SMTPException: the host refuses it, or does not take such addresses, or the connection ended.
    """
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()
    options = []
    beyond = not (message.sender + message.recipient).isascii()
    if beyond and not client.supports_extension("smtputf8"):
        said = "5.6.7 The host does not take addresses beyond ASCII (SMTPUTF8)"
        raise aiosmtplib.SMTPRecipientRefused(553, said, message.recipient)
    if beyond:
        options.append("SMTPUTF8")
    if not message.content.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")  # RFC 6152 s3
    encoding = "utf-8" if beyond else "ascii"
    await client.mail(message.sender, options=options, encoding=encoding)
    await client.rcpt(message.recipient, encoding=encoding)


def _lost(error: aiosmtplib.SMTPException | OSError, certain: bool) -> Sent:
    said = error.message if isinstance(error, aiosmtplib.SMTPException) else str(error)
    words = printable(" ".join(said.split()))[:LONGEST_REPLY] or type(error).__name__
    return Sent(False, False, f"451 4.4.2 The connection ended: {words}", certain)


async def _leave(client: aiosmtplib.SMTP, limits: Limits) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=limits.quit)


def _reply(code: int, text: str) -> str:
    return printable(f"{code} {' '.join(text.split())}")[:LONGEST_REPLY]
