"""The lines that a delivery writes to the mail log, and which of them belong together.

Texts are those of the reference chapter to the letter; how a delayed and a bounced recipient read is AsyncOS's way.
DCID is the number of an outgoing connection, MID of a message, ICID of the connection that it came by (0 where it came
from this system itself); RID is a recipient's place in its message, from 0. What a peer said is cut and quoted.
"""

from __future__ import annotations

from typing import Literal

from gateway.log_line import LogLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.log_line import Lines
    from gateway.smtp_replies import Reply

Without = Literal["no-ehlo", "not-offered", "refused"]
"""Why there is no TLS, as `gateway.decision.Session` names it: EHLO refused, STARTTLS not offered, no 220 to it."""

MOST_LINES, LONGEST_LINE = 5, 200
"""Lines of a reply that are written down, and characters of each."""


def accepted(mid: int, icid: int, sender: str, recipients: Sequence[str]) -> Lines:
    """A message has come in: who it is from, and who each recipient is."""
    return (
        _info(f"Start MID {mid} ICID {icid}"),
        _info(f"MID {mid} ICID {icid} From: <{sender}>"),
        *(_info(f"MID {mid} ICID {icid} RID {rid} To: <{recipient}>") for rid, recipient in enumerate(recipients)),
    )


def queued(mid: int, policy: str = "DEFAULT") -> Lines:
    """It goes out under a mail policy, and a delivery begins."""
    return (
        _info(f"MID {mid} matched all recipients for per-recipient policy {policy} in the outbound table"),
        _info(f"MID {mid} queued for delivery"),
    )


def connected(dcid: int, interface: str, address: str, port: int) -> Lines:
    """There is a connection to a host, from an address of this system."""
    return (_info(f"New SMTP DCID {dcid} interface {interface} address {address} port {port}"),)


def tls_success(dcid: int, protocol: str, cipher: str, common_name: str) -> Lines:
    """TLS is established; `common_name` is that of the presented certificate, "" where it has none."""
    return (_info(f"DCID {dcid} TLS success protocol {protocol} cipher {cipher} CN: <{_cut(common_name)}>"),)


def without_tls(dcid: int, why: Without, required: bool) -> Lines:
    """There is no TLS on the connection; where it is required the lines say which of the three causes it was."""
    if why == "not-offered":
        lines = [_info(f"DCID {dcid} STARTTLS command not supported")]
        if required:
            cause = "TLS required, STARTTLS unavailable, destination is TLS disabled"
            lines.append(_info(f"DCID {dcid} TLS failed: {cause}"))
    else:
        cause = "EHLO command not supported" if why == "no-ehlo" else "STARTTLS unexpected response"
        lines = [_info(f"DCID {dcid} TLS failed: {cause}")]
    return *lines, *(_not_negotiated(dcid) if required else ())


def tls_failed(dcid: int, reason: str, required: bool) -> Lines:
    """A handshake failed, or what was negotiated is not what is required: too old, or not verified."""
    return _info(f"DCID {dcid} TLS failed: {_cut(reason)}"), *(_not_negotiated(dcid) if required else ())


def started(dcid: int, mid: int, rids: Sequence[int]) -> Lines:
    """The message is being handed over for these recipients."""
    return (_info(f"Delivery start DCID {dcid} MID {mid} to RID {list(rids)}"),)


def done(dcid: int, mid: int, rids: Sequence[int], reply: Reply) -> Lines:
    """The host has taken the message for these recipients, and what it said to that."""
    said = " ".join(_cut(line) for line in reply.lines[:MOST_LINES])
    return (
        _info(f"Message done DCID {dcid} MID {mid} to RID {list(rids)}"),
        _info(f"MID {mid} RID {list(rids)} Response '{said}'"),
    )


def delayed(dcid: int, mid: int, rid: int, status: str, reason: str, reply: Reply | None = None) -> Lines:
    """A recipient could not be delivered to yet; it would be tried again.

    Args:
        dcid: the last connection, 0 where there was none.
        mid: the message.
        rid: the recipient.
        status: RFC 3463, 4.x.x.
        reason: what went wrong, for people.
        reply: what the host answered, where it was that.
    """
    return (_info(f"Delayed: {_undelivered(dcid, mid, rid, status, reason, reply)}"),)


def bounced(dcid: int, mid: int, rid: int, status: str, reason: str, reply: Reply | None = None) -> Lines:
    """A recipient will never be delivered to; arguments as of `delayed`, `status` 5.x.x."""
    return (_info(f"Bounced: {_undelivered(dcid, mid, rid, status, reason, reply)}"),)


def closed(dcid: int) -> Lines:
    """The connection is closed."""
    return (_info(f"DCID {dcid} close"),)


def _undelivered(dcid: int, mid: int, rid: int, status: str, reason: str, reply: Reply | None) -> str:
    said = ""
    if reply is not None:
        said = f" ('{reply.code}', {[_cut(line) for line in reply.lines[:MOST_LINES]]}) []"
    return f"DCID {dcid} MID {mid} to RID {rid} - {status} - {_cut(reason)}{said}"


def _not_negotiated(dcid: int) -> Lines:
    return (_info(f"DCID {dcid} TLS was required but could not be successfully negotiated"),)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"


def _info(text: str) -> LogLine:
    return LogLine("Info", text)
