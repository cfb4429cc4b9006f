"""A delivery with all that belongs to it: the mail log, what is kept for hoststatus, the alerts that it calls for."""

from __future__ import annotations

from gateway.alert_events import dane_failed, tls_required_failed
from gateway.alerts import HostTried
from gateway.decision import alerts
from gateway.delivery import DELIVERY_LIMITS, Decided, HopsFound, NotConnected, deliver
from gateway.delivery_record import DeliveryRecord, tell_interrupted
from gateway.destinations import delivery_settings
from gateway.host_status import keep
from gateway.log_line import LogLine
from state.problems import disk_trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gateway.alerts import Alert
    from gateway.delivery import Attempt, Delivery, Event, Message
    from gateway.destinations import DeliverySettings
    from gateway.engine import Engine
    from gateway.next_hops import Hop
    from gateway.smtp import Limits


async def send(
    engine: Engine,
    message: Message,
    tell: Callable[[Event], object] = lambda event: None,
    limits: Limits = DELIVERY_LIMITS,
) -> Delivery:
    """Deliver a message under the committed configuration, and write down what became of it.

    Args:
        engine: the appliance at work.
        message: the message.
        tell: is told what happens.
        limits: seconds for each step.

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read or written.
    """
    configuration = engine.configuration
    tell_interrupted(engine.store, engine.log)
    settings = delivery_settings(configuration, message.domain)
    with DeliveryRecord(engine.store, engine.log, message, tell) as record:
        watch = _Watch(engine, settings, message.domain, record)
        found = await deliver(engine, configuration, settings, message, watch, limits)
        watch.raise_alerts(found.attempts)
        record.ended(found)
    try:
        keep(engine.store.folder, message.domain, found, engine.now())
    except OSError as error:  # the message is where it is, which must be said
        engine.log.write(LogLine("Warning", f"The status of {message.domain} cannot be kept. {disk_trouble(error)}"))
    return found


class _Watch:
    """Raises the alerts of a delivery as soon as its last host is decided on.

    Saying goodbye to that host may take long, and a kill meanwhile must lose no alert.
    """

    def __init__(
        self, engine: Engine, settings: DeliverySettings, domain: str, record: Callable[[Event], object]
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._domain = domain
        self._record = record
        self._hops: Sequence[Hop] = ()
        self._attempts: list[Attempt] = []
        self._raised = False

    def __call__(self, event: Event) -> None:
        self._record(event)
        if isinstance(event, HopsFound):
            self._hops = event.hops.hops
        elif isinstance(event, (Decided, NotConnected)):
            self._attempts.append(event.attempt)
            decision = event.attempt.decision
            if decision is not None and not decision.delivered and event.attempt.host.hop is self._hops[-1]:
                self.raise_alerts(self._attempts)

    def raise_alerts(self, attempts: Sequence[Attempt]) -> None:
        """Raise what the attempts call for, once."""
        if self._raised:
            return
        for alert in _alerts(self._engine, self._settings, self._domain, attempts):
            self._engine.alerts.raise_alert(alert)
            self._raised = True


def _alerts(engine: Engine, settings: DeliverySettings, domain: str, attempts: Sequence[Attempt]) -> Iterator[Alert]:
    """Yield the alerts that the attempts of a delivery call for (rule P9)."""
    decisions = [attempt.decision for attempt in attempts if attempt.decision is not None]
    hosts = [HostTried(one.host.hop.host.host, _reason(one), one.address) for one in attempts]
    for kind in alerts(settings.tls, settings.dane, decisions):
        if kind == "dane-failed":
            yield dane_failed(domain, hosts)
        elif alert := tls_required_failed(domain, hosts, engine.configuration.destinations.send_tls_alert):
            yield alert


def _reason(attempt: Attempt) -> str:
    """Return why a host did not get the message: the word of rule V9 where there is one, and a sentence."""
    decision = attempt.decision
    if decision is None or decision.delivered or decision.reason is None:
        return attempt.sentence
    return f"{decision.reason}: {attempt.sentence}"
