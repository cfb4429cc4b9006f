"""What is done about alerts when a command has ended, and a test alert for everybody.

No process waits in the background, so every command that ends has what is due sent, for some seconds at most.
"""

from __future__ import annotations

from commands.terminal import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from commands.session import Session
    from commands.terminal import Terminal
    from gateway.alert_center import Outcome
    from gateway.alert_records import Record
    from gateway.engine import Engine
    from state.model import Alerts

SECONDS = 10
"""For all that is due when a command has ended; what is left waits for the next one."""
TEST_SECONDS = 60
AT_ONCE = 10


def after_command(session: Session, terminal: Terminal) -> None:
    """Look for what ends once a day and behind a commit, and send what is due. Ctrl-C leaves it for later.

    Where nothing is configured that ends and no alert waits, this is a look for a file that is not there.
    """
    store = session.store
    configuration = store.committed.configuration
    try:
        if configuration.certificates or configuration.authorities.certificates or configuration.revocation.sources:
            from gateway.validity import is_to_be_looked, look

            if is_to_be_looked(store):
                look(store, session.engine.alerts)
        if store.folder.read("alerts/due") is None:
            return
    except OSError:
        return  # a disk that cannot be read is told of where something is asked of it
    if not session.engine.alerts.due():
        return
    from commands.online import run

    try:
        run(terminal, _send_due(session.engine, terminal))
    except Cancelled:
        terminal.say_error("Alerts that are due were not all sent; they are kept and tried again.")


async def _send_due(engine: Engine, terminal: Terminal) -> None:
    from gateway.alert_mail import deliver_by

    terminal.show_progress(0, 1, "Sending alerts, Ctrl-C leaves them for later")
    await engine.alerts.send_due(deliver_by(engine), SECONDS)


def send_test_alerts(session: Session, terminal: Terminal, alerts: Alerts) -> None:
    """Send a test alert to each address at once, and say of each in its turn what became of it."""
    from commands.online import run

    terminal.say("")
    run(terminal, _send_test_alerts(session.engine, terminal, alerts))


async def _send_test_alerts(engine: Engine, terminal: Terminal, alerts: Alerts) -> None:
    import asyncio
    from secrets import token_hex

    from gateway.alert_events import trial_alert
    from gateway.alert_records import Record

    record = Record(
        number=0, alert=trial_alert(engine.configuration.hostname), time=engine.now(), identity=token_hex(8)
    )
    turns = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [
            (one.address, group.create_task(_test(engine, record, one.address, alerts, turns)))
            for one in alerts.recipients
        ]
        for address, task in tasks:
            outcome = await task
            terminal.say(f"{address}: {'sent' if outcome.sent else 'not sent'}. {outcome.sentence}")


async def _test(
    engine: Engine, record: Record, address: str, alerts: Alerts, turns: AbstractAsyncContextManager[object]
) -> Outcome:
    import asyncio

    from gateway.alert_center import Outcome
    from gateway.alert_mail import send_alert

    async with turns:
        try:
            async with asyncio.timeout(TEST_SECONDS):
                return await send_alert(engine, record, address, alerts)
        except TimeoutError:
            return Outcome(False, f"It took longer than {TEST_SECONDS} s.")
