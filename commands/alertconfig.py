"""alertconfig: who is told about what, and how often the same alert is sent again."""

from __future__ import annotations

from msgspec.structs import replace

from commands.answers import NotAccepted, named
from commands.dialog import Operation, choose, choose_many, menu, number, say, text, yes_no
from commands.terminal import Refused, Terminal
from state.addresses import mail_address, same_mailbox
from state.model import ALERT_CLASSES, SEVERITIES, AlertRecipient
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeVar

    from commands.session import Session
    from state.model import Alerts

    T = TypeVar("T", bound=str)

NOBODY = "Not sending alerts (no configured addresses)"
LONGEST_WAIT = 31_536_000
"""Seconds; a year."""


async def alertconfig(session: Session, terminal: Terminal) -> None:
    """Show who is told and how, and the operations, until Enter leaves."""
    await menu(session, terminal, OPERATIONS, state=state_lines)


def state_lines(session: Session) -> Iterator[str]:
    """Yield the state block."""
    alerts = session.staged.alerts
    if alerts.recipients:
        yield "Sending alerts to:"
        for recipient in alerts.recipients:
            yield recipient.address
            yield f"    Class: {', '.join(recipient.classes)} - Severities: {', '.join(recipient.severities)}"
    else:
        yield NOBODY
    yield ""
    yield f"Initial number of seconds to wait before sending a duplicate alert: {alerts.initial_wait}"
    yield f"Maximum number of seconds to wait before sending a duplicate alert: {alerts.maximum_wait}"
    yield f"Maximum number of alerts stored in the system are: {alerts.stored}"
    yield ""
    if alerts.from_address is None:
        yield "Alerts will be sent using the system-default From Address."
    else:
        yield f"Alerts will be sent using the configured From Address: {alerts.from_address}"


async def new(session: Session, terminal: Terminal) -> None:
    """Ask for an address and what it is told about."""
    address = await text(
        terminal,
        'Please enter a new email address to send alerts.\n(Ex: "administrator@example.com")',
        read=lambda answer: _new_address(session, answer),
        hint="An e-mail address like administrator@example.com.",
    )
    _put(session, await _ask_subscription(terminal, AlertRecipient(address=address)))


async def edit(session: Session, terminal: Terminal) -> None:
    """Ask again what an address is told about."""
    present = await _existing(session, terminal, "Please select the email address to edit.")
    if present is not None:
        _put(session, await _ask_subscription(terminal, present))


async def delete(session: Session, terminal: Terminal) -> None:
    """Remove an address."""
    present = await _existing(session, terminal, "Please select the email address to delete.")
    if present is not None:
        _remove(session, present)


async def clear(session: Session, terminal: Terminal) -> None:
    """Remove all addresses, after a question."""
    if not session.staged.alerts.recipients:
        say(terminal, NOBODY)
    elif await yes_no(terminal, "Are you sure you want to remove all alert email addresses?", default=False):
        _change(session, recipients=[])


async def setup(session: Session, terminal: Terminal) -> None:
    """Ask how long duplicates are held back, and how many alerts are kept."""
    alerts = session.staged.alerts
    initial = await number(
        terminal,
        "Initial number of seconds to wait before sending a duplicate alert.  Enter a\n"
        "value of 0 to disable duplicate alert summaries.",
        0,
        LONGEST_WAIT,
        alerts.initial_wait,
    )
    maximum = await number(
        terminal,
        "Maximum number of seconds to wait before sending a duplicate alert.",
        0,
        LONGEST_WAIT,
        alerts.maximum_wait,
    )
    stored = await number(terminal, "Maximum number of alerts stored in the system are.", 1, 10_000, alerts.stored)
    _change(session, initial_wait=initial, maximum_wait=maximum, stored=stored)


async def sender(session: Session, terminal: Terminal) -> None:
    """Ask who alert mail is from; Enter takes back what was set."""
    usual = f"alert@{session.staged.hostname}"
    address = await text(
        terminal,
        "Please enter the alert From Address, or press Enter for the system default.",
        read=lambda answer: named(answer, mail_address, "e-mail address"),
        default=usual,
        hint="An e-mail address like alert@example.com; Enter takes the one in brackets.",
    )
    _change(session, from_address=None if address == usual else address)


async def send_test(session: Session, terminal: Terminal) -> None:
    """Send a test alert to every address, subscribed to what it may be, and say what became of each."""
    alerts = session.staged.alerts
    if not alerts.recipients:
        say(terminal, NOBODY)
        return
    from commands.alerting import send_test_alerts

    send_test_alerts(session, terminal, alerts)


async def show_list(session: Session, terminal: Terminal) -> None:
    """`alertconfig list`."""
    say(terminal, "\n".join(state_lines(session)))


async def new_batch(
    session: Session, terminal: Terminal, address: str, classes: str = "All", severities: str = "All"
) -> None:
    """`alertconfig new ADDRESS --classes CLASSES --severities SEVERITIES`."""
    try:
        recipient = AlertRecipient(
            address=_new_address(session, address),
            classes=_several("classes", classes, ALERT_CLASSES),
            severities=_several("severities", severities, SEVERITIES),
        )
    except NotAccepted as error:
        raise Refused(str(error)) from None
    _put(session, recipient)


async def delete_batch(session: Session, terminal: Terminal, address: str) -> None:
    """`alertconfig delete ADDRESS`."""
    try:
        wanted = named(address, mail_address, "e-mail address")
    except NotAccepted as error:
        raise Refused(str(error)) from None
    present = _found(session, wanted)
    if present is None:
        raise Refused(f"No alerts are sent to {quoted(wanted)}; 'alertconfig list' shows who gets them.")
    _remove(session, present)


async def _ask_subscription(terminal: Terminal, present: AlertRecipient) -> AlertRecipient:
    """Ask about classes and severities, each with the present ones."""
    classes = await _ask_several(terminal, "Choose the Alert Classes.", ALERT_CLASSES, present.classes)
    severities = await _ask_several(terminal, "Select a Severity Level.", SEVERITIES, present.severities)
    return replace(present, classes=classes, severities=severities)


async def _ask_several(terminal: Terminal, question: str, words: Sequence[T], present: Sequence[T]) -> list[T]:
    default = [index for index, word in enumerate(words) if word in present] or [0]
    chosen = await choose_many(terminal, words, default, f"{question}  Separate multiple choices with commas.")
    return _all_alone([words[index] for index in chosen], words)


def _all_alone(chosen: list[T], words: Sequence[T]) -> list[T]:
    """Return All, the first word, alone where it is among what was chosen: it stands for the others too."""
    return [words[0]] if words[0] in chosen else chosen


def _several(option: str, typed: str, words: Sequence[T]) -> list[T]:
    """Return the words that stand in the value of an option, in the order of the dialog.

    Raises:
        NotAccepted: there is another word.
    """
    known = {word.lower(): word for word in words}
    wanted = [part.strip() for part in typed.split(",")]
    for part in wanted:
        if part.lower() not in known:
            accepted = f"it takes {listed(words)}, several separated by commas"
            raise NotAccepted(f"--{option}: {quoted(part)} is not accepted; {accepted}.")
    chosen = {known[part.lower()] for part in wanted}
    return _all_alone([word for word in words if word in chosen], words)


async def _existing(session: Session, terminal: Terminal, question: str) -> AlertRecipient | None:
    """Ask for one of the recipients; None, and said so, where there is none."""
    recipients = session.staged.alerts.recipients
    if not recipients:
        say(terminal, NOBODY)
        return None
    return recipients[await choose(terminal, [one.address for one in recipients], default=None, above=question)]


def _new_address(session: Session, typed: str) -> str:
    """Return an address that gets no alerts yet.

    Raises:
        NotAccepted: it is none, or gets them.
    """
    address = named(typed, mail_address, "e-mail address")
    if _found(session, address) is not None:
        raise NotAccepted(f"Alerts are sent to {quoted(address)} already; use EDIT.")
    return address


def _found(session: Session, address: str) -> AlertRecipient | None:
    recipients = session.staged.alerts.recipients
    return next((one for one in recipients if same_mailbox(one.address, address)), None)


def _put(session: Session, recipient: AlertRecipient) -> None:
    """Stage a recipient in place of that of the same address, or as the last one."""
    recipients = session.staged.alerts.recipients
    if any(one.address == recipient.address for one in recipients):
        _change(session, recipients=[recipient if one.address == recipient.address else one for one in recipients])
    else:
        _change(session, recipients=[*recipients, recipient])


def _remove(session: Session, recipient: AlertRecipient) -> None:
    _change(session, recipients=[one for one in session.staged.alerts.recipients if one is not recipient])


def _change(session: Session, **changes: object) -> None:
    alerts: Alerts = replace(session.staged.alerts, **changes)
    session.staged = replace(session.staged, alerts=alerts)


OPERATIONS = (
    Operation("NEW", "Add a new email address to send alerts.", new),
    Operation("EDIT", "Modify alert subscription for an email address.", edit),
    Operation("DELETE", "Remove an email address.", delete),
    Operation("CLEAR", "Remove all email addresses (disable alerts).", clear),
    Operation("SETUP", "Configure alert settings.", setup),
    Operation("FROM", "Configure the From Address of alert emails.", sender),
    Operation("TEST", "Send a test alert to every address.", send_test),
)
