"""An alert as a mail, sent through the relay of smtpconfig, or straight to the MX hosts of the recipient's domain.

This is the one place where TLS is taken where it is offered, asked of nobody and verified for nobody, whatever
destconfig says: an alert about broken TLS must get through. With a relay, that one's settings hold (rule S6).
"""

from __future__ import annotations

import re
import textwrap
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime

from gateway.alert_center import Outcome
from gateway.alert_records import Record
from gateway.alerts import body, failed_path, subject
from gateway.host_probe import addresses_of, sni
from gateway.network import NotConnected
from gateway.relay import send as send_through_relay
from gateway.relay_session import RelaySession, StepFailed
from gateway.smtp import Limits
from gateway.tlsa_search import mail_hosts
from state.model_network import SMTP_PORT
from state.problems import StateRefusal, disk_trouble
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from ssl import SSLContext

    from gateway.alert_center import Deliver
    from gateway.engine import Engine
    from gateway.tlsa_search import MailHost
    from state.model import Alerts, Configuration

LIMITS = Limits(connect=5, greeting=30, command=30, handshake=10, data_end=60, quit=2)
"""Seconds; whoever sends sets a limit for all of it beside these."""
MOST_CONNECTIONS = 6
"""Connections that one attempt makes; a domain may have any number of hosts that are down."""
WIDTH = 76
AVOIDED = "It would take the path that has just failed, so it is kept and not sent that way."


def deliver_by(engine: Engine) -> Deliver:
    """Return what sends the mail of a record to an address, for `AlertCenter.send_due`."""

    async def deliver(record: Record, address: str) -> Outcome:
        return await send_alert(engine, record, address, engine.configuration.alerts)

    return deliver


async def send_alert(engine: Engine, record: Record, address: str, alerts: Alerts) -> Outcome:
    """Send an alert to an address; whatever goes wrong is an outcome.

    Args:
        engine: the appliance at work.
        record: the alert with its time.
        address: who is told.
        alerts: whose From address is taken.
    """
    configuration = engine.configuration
    try:
        message = compose(record, address, sender(configuration, alerts), configuration.hostname, engine.now())
    except (ValueError, HeaderParseError, IndexError):  # what EmailMessage says of an address that is none
        return Outcome(False, f"{quoted(address)} or the From address cannot stand in a mail.", permanent=True)
    avoided = failed_path(record.alert)
    try:
        relay = configuration.smtp_relay
        if relay is None:
            return await _send_straight(engine, message, address, avoided)
        if relay.server.lower() in avoided:
            return Outcome(False, AVOIDED)
        result = await send_through_relay(engine, message, [address], limits=LIMITS)
        return Outcome(result.sent, f"{relay.server}: {result.sentence}", result.permanent)
    except OSError as error:
        return Outcome(False, disk_trouble(error))


def sender(configuration: Configuration, alerts: Alerts) -> str:
    """Return the From address: that of alertconfig, else the relay's, else `alert@HOSTNAME`."""
    relay = configuration.smtp_relay
    return alerts.from_address or (relay.from_address if relay else f"alert@{configuration.hostname}")


def compose(record: Record, address: str, sender: str, hostname: str, now: datetime) -> EmailMessage:
    """Return the mail of an alert to an address; the same one gets the same Message-ID whenever it is sent.

    Raises:
        ValueError: an address cannot stand in a mail: one that is not ASCII needs SMTPUTF8, which is not spoken here.
        HeaderParseError: the same.
    """
    if not (address.isascii() and sender.isascii()):
        raise ValueError("an address that needs SMTPUTF8")
    message = EmailMessage(policy=LINES)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=address)
    message["Subject"] = subject(record.alert, hostname)
    message["Date"] = format_datetime(now)
    words = re.sub("[^A-Za-z0-9.]", "-", address)[:100]
    message["Message-ID"] = f"<alert-{record.number}.{record.identity}.{words}@{hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    text = body(record.alert, record.time, record.held_back, record.since)
    message.set_content("\n".join(_folded(line) for line in text.splitlines()) + "\n")
    return message


def _folded(line: str) -> str:
    indent = "    " if line.startswith("  ") else ""
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )


async def _send_straight(engine: Engine, message: EmailMessage, address: str, avoided: frozenset[str]) -> Outcome:
    """Send by the MX records of the recipient's domain."""
    domain = address.rpartition("@")[2].lower()
    if domain in avoided:
        return Outcome(False, AVOIDED)
    found = mail_hosts(domain, await engine.dns.mx(domain))
    outcome = Outcome(False, found.sentence)
    left = MOST_CONNECTIONS
    for host in found.hosts:
        if host.host.lower() in avoided:
            outcome = Outcome(False, AVOIDED)
            continue
        reached = await addresses_of(engine, host.host)
        if not reached.addresses:
            outcome = Outcome(False, reached.sentence)
        for there in reached.addresses:
            if there in avoided:
                outcome = Outcome(False, AVOIDED)
            elif left:
                left -= 1
                outcome, final = await _send_to(engine, message, address, host, there)
                if final:
                    return outcome
    return outcome


async def _send_to(
    engine: Engine, message: EmailMessage, address: str, host: MailHost, there: str
) -> tuple[Outcome, bool]:
    """Send to one address of a host, over TLS, else without; return how it ended, and whether no other is tried."""
    name = f"{host.host} ({there})"
    try:
        context = engine.context()
    except StateRefusal:  # a certificate of our own that is broken is just what an alert may be about
        context = None
    try:
        try:
            took = await _session(engine, message, address, host, there, context)
        except StepFailed as failed:
            if context is None or failed.step not in ("starttls", "handshake", "second-ehlo"):
                raise
            took = await _session(engine, message, address, host, there, None)
    except NotConnected as error:
        return Outcome(False, f"{host.host}: {error}"), False
    except StepFailed as failed:
        reply = failed.reply
        permanent = reply is not None and reply.permanent and failed.step in ("mail", "rcpt", "message")
        uncertain = failed.step == "message" and reply is None  # it may have it: another host would have it twice
        return Outcome(False, f"{name}: {failed}", permanent), permanent or uncertain
    return Outcome(True, f"{name} took it {took}."), True


async def _session(
    engine: Engine, message: EmailMessage, address: str, host: MailHost, there: str, context: SSLContext | None
) -> str:
    """Hold one session and return how the message went: `over TLSv1.3`.

    Raises:
        NotConnected: there is no connection.
        StepFailed: a step failed.
    """
    connection = await engine.network.connect(there, SMTP_PORT, timeout=LIMITS.connect)
    session = RelaySession(connection, LIMITS, engine.configuration.hostname)
    polite = False
    try:
        await session.greet()
        await session.ehlo("ehlo", or_helo=True)
        took = "in the clear"
        if context is not None:
            try:
                took = f"over {(await session.starttls(context, sni(host.host))).protocol}"
                await session.ehlo("second-ehlo", or_helo=False)
            except StepFailed as failed:
                if failed.outcome != "not-offered":
                    raise
        session.trust()  # whoever it is; see above
        polite = True
        await session.mail(message["From"].addresses[0].addr_spec)
        await session.rcpt(address)
        await session.data(message.as_bytes(policy=LINES.clone(cte_type="7bit")))
        return took
    except StepFailed as failed:
        polite = polite and failed.reply is not None
        raise
    finally:
        await session.end(polite)
