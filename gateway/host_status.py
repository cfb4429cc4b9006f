"""What the last deliveries to a domain found, kept for `hoststatus`: a few attempts a domain, the newest first."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import msgspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.delivery import Attempt, Delivery
    from state.folder import Folder

KEPT = 10
"""Attempts of a domain."""


class AttemptRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one host.

    Attributes:
        time: when it ended; aware, UTC.
        host: the host; `address` is "" where it was not connected to.
        outcome: `delivered-verified`, `delivered-encrypted`, `delivered-clear`, `next-host`, `not-taken`, `refused`.
        by: who decided; "" where the session ended before that.
        reason: rule V9; "" where there was none.
        sentence: how it ended.
        protocol: of TLS; "" without.
        cipher: of TLS; "" without.
        dane: the state of its TLSA records; "" where they were not asked for.
        sts: what MTA-STS said of it.
    """

    time: datetime
    host: str
    address: str
    outcome: str
    by: str
    reason: str
    sentence: str
    protocol: str
    cipher: str
    dane: str
    sts: str


class DomainRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a domain, the newest attempt first."""

    domain: str
    attempts: list[AttemptRecord]


def keep(folder: Folder, domain: str, delivery: Delivery, now: datetime) -> None:
    """Keep the attempts of a delivery.

    Raises:
        OSError: the appliance directory cannot be written.
    """
    new = [_record(attempt, now) for attempt in reversed(delivery.attempts)]
    with folder.lock("hosts"):
        attempts = [*new, *kept(folder, domain)][:KEPT]
        content = msgspec.json.encode(DomainRecord(domain=domain, attempts=attempts))
        folder.write(_place(domain), content, durable=False)


def kept(folder: Folder, domain: str) -> list[AttemptRecord]:
    """Return what is kept of a domain, the newest first; a damaged file is as good as none."""
    try:
        content = folder.read(_place(domain), most=1 << 20)
        record = None if content is None else msgspec.json.decode(content, type=DomainRecord)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []
    return record.attempts if record is not None and record.domain == domain else []


def _record(attempt: Attempt, now: datetime) -> AttemptRecord:
    decision, search = attempt.decision, attempt.host.search
    outcome: str = decision.outcome if decision is not None else "no-session"
    if attempt.sent is not None and not attempt.sent.accepted:
        outcome = "refused" if attempt.sent.permanent else "not-taken"
    return AttemptRecord(
        time=now.replace(microsecond=0),
        host=attempt.host.hop.host.host,
        address=attempt.address,
        outcome=outcome,
        by=decision.by if decision is not None else "",
        reason=(decision.reason or "") if decision is not None else "",
        sentence=attempt.sentence,
        protocol=attempt.handshake.protocol if attempt.handshake else "",
        cipher=attempt.handshake.cipher if attempt.handshake else "",
        dane=search.state if search is not None else "",
        sts=attempt.host.sts,
    )


def _place(domain: str) -> str:
    return f"hosts/{quote(domain, safe='')}.json"
