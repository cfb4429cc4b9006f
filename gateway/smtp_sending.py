"""A message handed to a host that was decided on, by aiosmtplib; what the host answered (RFC 5321 s3.3)."""

from __future__ import annotations

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
        certain: False where the connection ended between the end of the message and the reply: it may have it.
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
    """
    client = aiosmtplib.SMTP(sock=connection, local_hostname=hello, timeout=limits.command, start_tls=False)
    handed_out = False
    try:
        await client.connect()
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            await client.helo()
        utf8 = client.supports_extension("smtputf8")
        if not message.sender.isascii() or not message.recipient.isascii():
            if not utf8:
                return Sent(False, True, "553 5.6.7 The host does not take addresses beyond ASCII (SMTPUTF8)")
            options = ["SMTPUTF8"]
        else:
            options = []
        await client.mail(message.sender, options=options, encoding="utf-8" if options else "ascii")
        await client.rcpt(message.recipient, encoding="utf-8" if options else "ascii")
        begun()
        handed_out = True
        response = await client.data(message.content, timeout=limits.data_end)
    except aiosmtplib.SMTPResponseException as error:
        await _leave(client, limits)
        return Sent(False, 500 <= error.code <= 599, _reply(error.code, error.message))
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        words = printable(str(error))[:LONGEST_REPLY] or type(error).__name__
        return Sent(False, False, f"451 4.4.2 The connection ended: {words}", certain=not handed_out)
    await _leave(client, limits)
    return Sent(True, False, _reply(response.code, response.message))


async def _leave(client: aiosmtplib.SMTP, limits: Limits) -> None:
    try:
        await client.quit(timeout=limits.quit)
    except (aiosmtplib.SMTPException, OSError):
        client.close()


def _reply(code: int, text: str) -> str:
    return printable(f"{code} {' '.join(text.split())}")[:LONGEST_REPLY]
