"""What a delivery leaves behind: its lines in the mail log, its numbers, and a note while a host may have the message.

The note is written before the message goes out and removed when the host has answered. One that is found later is of a
delivery that was killed in between: whether the message arrived is not known, and the log says so, once.
"""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from typing import Self

import msgspec

from gateway import delivery_log, sts_log
from gateway.delivery import Answered, Closed, Connected, Decided, NotConnected, PolicyFound, Sending, TlsBegun
from gateway.log_line import LogLine
from gateway.smtp_replies import Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.delivery import Attempt, Delivery, Event, Message
    from gateway.mail_log import MailLog
    from state.folder import Folder
    from state.store import Store

NOTES = "sending"
RID = 0


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a host may have.

    Attributes:
        mid, dcid: its numbers.
        host: the host.
        process: the one that delivers.
        since: when that began, since numbers of processes come again; "" where the system does not tell.
        delivery: which delivery of that process it is.
    """

    mid: int
    dcid: int
    host: str
    process: int
    since: str = ""
    delivery: str = ""


_RUNNING: set[str] = set()
"""The deliveries of this process that have not ended."""


class DeliveryRecord:
    """Writes down one delivery; it is told the events, and hands them on."""

    def __init__(
        self, store: Store, log: MailLog, message: Message, hand_on: Callable[[Event], object] = lambda event: None
    ) -> None:
        """Begin the record of a message: it gets its number, and its first lines are written.

        Raises:
            OSError: the disk keeps no number; the delivery must not begin.
        """
        self._folder = store.folder
        self._log = log
        self._hand_on = hand_on
        self._dcid = 0
        self._common_name = ""
        self._delivery = token_hex(8)
        self.mid = log.number("MID")
        log.write(
            *delivery_log.accepted(self.mid, 0, message.sender, [message.recipient]), *delivery_log.queued(self.mid)
        )

    def __call__(self, event: Event) -> None:
        """Write the lines of an event down, and hand it on.

        Raises:
            OSError: the disk keeps no number or no note; the delivery must not go on.
        """
        if isinstance(event, Connected):
            self._dcid = self._log.number("DCID")
            self._log.write(*delivery_log.connected(self._dcid, event.source, event.address, event.port))
        elif isinstance(event, PolicyFound):
            if not event.policy.addresses:
                self._not_sent(event.policy.hop.host.host, event.policy.fault)
        elif isinstance(event, NotConnected):
            self._not_sent(event.attempt.host.hop.host.host, event.attempt.sentence)
        elif isinstance(event, TlsBegun):
            self._common_name = event.common_name
        elif isinstance(event, Decided):
            self._decided(event.attempt)
        elif isinstance(event, Sending):
            self._note(event.host)
            self._log.write(*delivery_log.started(self._dcid, self.mid, [RID]))
        elif isinstance(event, Answered):
            if event.sent.accepted:
                self._log.write(*delivery_log.done(self._dcid, self.mid, [RID], _reply(event.sent.reply)))
            if event.sent.certain:
                self._folder.remove(f"{NOTES}/{self.mid}.json")
        elif isinstance(event, Closed):
            failure = event.attempt.failure
            if failure is not None and event.attempt.decision is None:
                self._log.write(LogLine("Info", f"DCID {self._dcid} {failure.sentence}"))
            self._log.write(*delivery_log.closed(self._dcid))
        self._hand_on(event)

    def __enter__(self) -> Self:
        """Begin; a note is not taken for that of a killed delivery before the end."""
        _RUNNING.add(self._delivery)
        return self

    def __exit__(self, *_: object) -> None:
        """End, however it came to that."""
        _RUNNING.discard(self._delivery)

    def ended(self, delivery: Delivery) -> None:
        """Write down what became of the message."""
        status = delivery.reply.split(" ")[1] if delivery.reply[4:5] in ("2", "4", "5") else ""
        reply = _reply(delivery.reply) if delivery.attempts and delivery.attempts[-1].sent is not None else None
        if delivery.fate == "delayed":
            code = status if status.count(".") == 2 else "4.4.0"
            self._log.write(*delivery_log.delayed(self._dcid, self.mid, RID, code, delivery.sentence, reply))
            self._uncertain(delivery)
        elif delivery.fate == "bounced":
            code = status if status.count(".") == 2 else "5.1.0"
            self._log.write(*delivery_log.bounced(self._dcid, self.mid, RID, code, delivery.sentence, reply))
        elif delivery.fate == "discarded":
            self._log.write(LogLine("Info", f"MID {self.mid} discarded: {delivery.sentence}"))

    def _uncertain(self, delivery: Delivery) -> None:
        last = delivery.attempts[-1].sent if delivery.attempts else None
        if last is not None and not last.certain:
            host = delivery.attempts[-1].host.hop.host.host
            if self._log.write(_unknown(self._dcid, self.mid, host)):  # else the note stays, and it is told later
                self._folder.remove(f"{NOTES}/{self.mid}.json")

    def _decided(self, attempt: Attempt) -> None:
        policy, found, decision = attempt.host.policy, attempt.found, attempt.decision
        domain = attempt.host.hop.policy_domain or ""
        sts_lines = sts_log.session_lines(domain, self._dcid, attempt.host.sts, policy, found)
        if attempt.source and found is not None and policy.starttls != "never":
            required = policy.starttls == "require"
            if found.session == "no-ehlo" or found.session == "refused":
                self._log.write(*delivery_log.without_tls(self._dcid, found.session, required))
            elif found.session == "not-offered":
                if not any("STARTTLS" in line.text for line in sts_lines):
                    self._log.write(*delivery_log.without_tls(self._dcid, "not-offered", required))
            elif attempt.handshake is not None and decision is not None and decision.delivered:
                done = attempt.handshake
                lines = delivery_log.tls_success(self._dcid, done.protocol, done.cipher, self._common_name)
                self._log.write(*lines, *self._verified(attempt))
            elif decision is not None:
                reason = f"{decision.reason}: {attempt.sentence}" if decision.reason else attempt.sentence
                self._log.write(*delivery_log.tls_failed(self._dcid, reason, required))
        elif decision is not None and not decision.delivered:
            self._not_sent(attempt.host.hop.host.host, attempt.sentence)
        self._log.write(*sts_lines)

    def _not_sent(self, host: str, sentence: str) -> None:
        """Write why a host was passed over before there was a connection."""
        self._log.write(LogLine("Info", f"MID {self.mid} not sent to {host}: {sentence}"))

    def _verified(self, attempt: Attempt) -> list[LogLine]:
        """Return how the certificate passed where that is worth a line, or what is only logged (rules V2, row 4)."""
        found, decision = attempt.found, attempt.decision
        lines = []
        if found is not None and found.verify is not None and found.verify.outcome == "matched-by-common-name":
            lines.append(LogLine("Info", f"DCID {self._dcid} TLS certificate verified: matched by common name"))
        if decision is not None and decision.reason is not None:
            what = f"{decision.reason}: {decision.sentence}"
            lines.append(LogLine("Info", f"DCID {self._dcid} TLS certificate not verified: {what}"))
        return lines

    def _note(self, host: str) -> None:
        process = os.getpid()
        note = Note(
            mid=self.mid,
            dcid=self._dcid,
            host=host,
            process=process,
            since=_since(process),
            delivery=self._delivery,
        )
        self._folder.write(f"{NOTES}/{self.mid}.json", msgspec.json.encode(note))


def tell_interrupted(store: Store, log: MailLog) -> list[str]:
    """Write down the deliveries that were killed while a host may have had the message; return a sentence for each.

    What the disk does not take into the log stays noted, and is told another time.
    """
    sentences = []
    if not store.folder.names(NOTES):
        return []
    with store.folder.lock(NOTES):  # two that look at once tell it once
        for name in store.folder.names(NOTES):
            note = _read(store.folder, name)
            if note is not None and _alive(note):
                continue
            if note is not None:
                line = _unknown(note.dcid, note.mid, note.host)
                if not log.write(line):
                    continue
                sentences.append(f"{line.text}.")
            store.folder.remove(f"{NOTES}/{name}")
    return sentences


def _unknown(dcid: int, mid: int, host: str) -> LogLine:
    said = f"the connection to {host} ended before it had answered; it may have the message"
    return LogLine("Warning", f"DCID {dcid} MID {mid} to RID [{RID}]: {said}")


def _read(folder: Folder, name: str) -> Note | None:
    content = folder.read(f"{NOTES}/{name}")
    try:
        return None if content is None else msgspec.json.decode(content, type=Note)
    except msgspec.MsgspecError:
        return None


def _alive(note: Note) -> bool:
    """Tell whether a delivery goes on."""
    if note.process == os.getpid():
        return note.delivery in _RUNNING
    try:
        os.kill(note.process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return _since(note.process) == note.since


def _since(process: int) -> str:
    """Return when a process began, in the system's own count; "" where it does not tell."""
    try:
        return Path(f"/proc/{process}/stat").read_text("latin-1").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _reply(text: str) -> Reply:
    """Return a host's reply as a value; its code is the first word."""
    code, _, words = text.partition(" ")
    return Reply(int(code) if code.isdigit() else 451, (words,))
