"""A message through a relay, against relays of every kind: how it ends, and what they got before it did."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import NamedTuple

import pytest
from msgspec import json
from msgspec.structs import replace

from gateway.authorities import Authority, export_text
from gateway.engine import Engine
from gateway.relay import RelayResult, send
from gateway.smtp import Limits
from gateway.system_list import FILE, Bundle
from shell.world.running import World, world
from state.folder import Memory
from state.model_relay import RelayEncryption, SmtpRelay
from state.secrets import MASKED
from state.store import Store
from state.wording import CONTROL
from tests.conftest import NOON

PASSWORD = "correct horse \u00e4 battery"
USER = "ALERTS"
PATIENT = Limits(5, 5, 5, 5, 5, 5)
HURRIED = Limits(0.3, 0.3, 0.3, 0.3, 0.3, 0.3)
ECHO = base64.b64encode(PASSWORD.encode()).decode()
STARTTLS = ["EHLO mail.example.com", "STARTTLS"]
AUTH = f"AUTH PLAIN {base64.b64encode(f'{chr(0)}{USER}{chr(0)}{PASSWORD}'.encode()).decode()}"
LOGIN = [f"AUTH LOGIN {base64.b64encode(USER.encode()).decode()}", ECHO]
EHLO = "EHLO mail.example.com"


class Case(NamedTuple):
    """A relay: how its table differs, and what comes of it.

    Attributes:
        table: lines of its table in the world.
        step, outcome: where it ends and how.
        reason: rule V9.
        clear: what it got in the clear.
        secured: the commands that it got inside TLS, without the message.
    """

    table: str
    step: str
    outcome: str
    reason: str | None
    clear: list[str]
    secured: list[str]
    encryption: RelayEncryption = "starttls"
    user: str | None = USER


MAIL = ["MAIL FROM:<alerts@example.com>", "RCPT TO:<ops@example.com>", "DATA"]
QUIT = ["QUIT"]
CASES = {
    # S6, S2
    "good": Case("", "message", "accepted", None, STARTTLS, [EHLO, AUTH, *MAIL, *QUIT]),
    "good, by SMTPS": Case("implicit_tls = true", "message", "accepted", None, [], [EHLO, AUTH, *MAIL, *QUIT], "smtps"),
    "only LOGIN": Case(
        'keywords = ["AUTH LOGIN"]', "message", "accepted", None, STARTTLS, [EHLO, *LOGIN, *MAIL, *QUIT]
    ),
    "no user name": Case("", "message", "accepted", None, STARTTLS, [EHLO, *MAIL, *QUIT], user=None),
    "no encryption": Case("", "message", "accepted", None, [EHLO, *MAIL, *QUIT], [], "none", None),
    # S6: nothing but QUIT after a certificate that did not pass
    "another's name": Case(
        'certificate = { names = ["other.example.net"] }', "certificate", "name-mismatch", "certificate-host-mismatch",
        STARTTLS, QUIT,
    ),
    "the name as CN alone": Case(
        'certificate = { names = ["other.example.net"], common_name = "HOST" }',
        "certificate", "name-mismatch", "certificate-host-mismatch", STARTTLS, QUIT,
    ),
    "an authority of nobody": Case(
        'certificate = { issuer = "private-ca" }', "certificate", "issuer-missing", "certificate-not-trusted",
        STARTTLS, QUIT,
    ),
    "self-signed, by SMTPS": Case(
        'implicit_tls = true\ncertificate = { issuer = "self-signed" }',
        "certificate", "self-signed", "certificate-not-trusted", [], QUIT, "smtps",
    ),
    "expired, no user name": Case(
        "certificate = { from = -90, to = -1 }", "certificate", "expired", "certificate-expired", STARTTLS, QUIT,
        user=None,
    ),
    # S1
    "no STARTTLS": Case(
        "starttls = false", "starttls", "not-offered", "starttls-not-supported", [EHLO, *QUIT], []
    ),
    "STARTTLS refused": Case(
        'replies = { starttls = "454 4.7.0 later" }', "starttls", "rejected", "starttls-not-supported",
        [*STARTTLS, *QUIT], [],
    ),
    # S3
    "a reply put in": Case(
        'behaviour = "injects at starttls"', "handshake", "injected", "validation-failure", STARTTLS, []
    ),
    "no AUTH": Case("keywords = []", "auth", "auth-not-offered", None, STARTTLS, [EHLO, *QUIT]),
    "AUTH of another kind": Case(
        'keywords = ["AUTH CRAM-MD5"]', "auth", "auth-not-offered", None, STARTTLS, [EHLO, *QUIT]
    ),
    "a wrong password": Case(
        'replies = { auth = "535 5.7.8 Authentication Credentials Invalid" }', "auth", "rejected", None, STARTTLS,
        [EHLO, AUTH, *QUIT],
    ),
    "a server that repeats the password": Case(
        f'replies = {{ auth = "535 no {PASSWORD} {ECHO}" }}', "auth", "rejected", None, STARTTLS, [EHLO, AUTH, *QUIT]
    ),
    "a sender refused": Case(
        'replies = { mail = "550 5.7.1 not you" }', "mail", "rejected", None, STARTTLS, [EHLO, AUTH, MAIL[0], *QUIT]
    ),
    "a recipient refused": Case(
        'replies = { rcpt = "550 5.1.1 nobody" }', "rcpt", "rejected", None, STARTTLS, [EHLO, AUTH, *MAIL[:2], *QUIT]
    ),
    "a message refused": Case(
        'replies = { message = "554 5.7.1 \u202espam" }', "message", "rejected", None, STARTTLS,
        [EHLO, AUTH, *MAIL, *QUIT],
    ),
    "a greeting of 554": Case('replies = { greeting = "554 go away" }', "greeting", "rejected", None, [], []),
    "garbage": Case('behaviour = "garbles at ehlo"', "ehlo", "garbage", None, [EHLO], []),
    "a flood": Case('behaviour = "floods at greeting"', "greeting", "garbage", None, [], []),
    "no TLS behind the 220": Case(
        'behaviour = "garbles at handshake"', "handshake", "tls", "validation-failure", STARTTLS, []
    ),
    "reset in the handshake": Case(
        'behaviour = "resets at handshake"', "handshake", "closed", "validation-failure", STARTTLS, []
    ),
    "closed before the message was acknowledged": Case(
        'behaviour = "closes at message"', "message", "closed", None, STARTTLS, [EHLO, AUTH, *MAIL]
    ),
}  # fmt: skip
SLOW = {
    # S7
    "silent": Case('behaviour = "silent"', "connect", "timeout", None, [], []),
    "hangs at the greeting": Case('behaviour = "hangs at greeting"', "greeting", "timeout", None, [], []),
    "hangs in the handshake": Case(
        'behaviour = "hangs at handshake"', "handshake", "timeout", "validation-failure", STARTTLS, []
    ),
    "hangs at AUTH": Case('behaviour = "hangs at auth"', "auth", "timeout", None, STARTTLS, [EHLO, AUTH]),
    "drips": Case('behaviour = "drips at ehlo"\ndelay = 100', "ehlo", "timeout", None, [EHLO], []),
    "SMTPS where the session begins in the clear": Case("", "handshake", "tls", "validation-failure", [], [], "smtps"),
}


HOST = "{}.example.net"


@pytest.fixture(scope="module")
def relays() -> Iterator[World]:
    """Return one world with a relay for each case, r1, r2 and so on."""
    zone, mtas = [], []
    for number, case in enumerate((CASES | SLOW).values(), 1):
        table = case.table.replace("HOST", HOST.format(f"r{number}"))
        if "keywords" not in table:
            table += '\nkeywords = ["AUTH PLAIN LOGIN"]'
        zone.append(f'"r{number} A 192.0.2.{number}"')
        mtas.append(f'[mtas.r{number}]\naddress = "192.0.2.{number}"\nport = 587\n{table}\n')
    head = f'[authorities.private-ca]\n[zones."example.net"]\nrecords = [{", ".join(zone)}]\n'
    with world(head + "".join(mtas), NOON) as running:
        yield running


@pytest.fixture(scope="module")
def store(relays: World) -> Store:
    """Return an appliance whose system list is that of the world."""
    folder = Memory()
    text = export_text(Authority(name, relays.authorities[name].certificate) for name in relays.system)
    folder.write(FILE, json.encode(Bundle(version="world", updated=NOON, text=text)))
    return Store(folder, lambda: NOON)


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Bcc"] = "alerts@example.com", "ops@example.com", "hidden@example.com"
    made["Subject"] = "Gr\u00fc\u00dfe"
    made.set_content("Line one \u00e4\n.\nFrom here\n")
    return made


def run(
    relays: World, store: Store, name: str, limits: Limits = PATIENT, recipients: tuple[str, ...] = ("ops@example.com",)
) -> tuple[RelayResult, list[object]]:
    """Send through the relay of a case; return how it ended and what was told."""
    case = (CASES | SLOW)[name]
    number = [*CASES, *SLOW].index(name) + 1
    password = store.vault.seal(PASSWORD) if case.user else None
    relay = SmtpRelay(
        server=HOST.format(f"r{number}"), from_address="alerts@example.com", encryption=case.encryption, user=case.user,
        password=password,
    )  # fmt: skip
    told: list[object] = []
    engine = Engine(store, relays.network, relays.resolvers)

    async def work() -> RelayResult:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: stray.append(context))
        return await send(engine, message(), recipients, told.append, relay=relay, limits=limits)

    stray: list[object] = []
    result = asyncio.run(work())
    assert stray == []
    return result, told


def check(relays: World, store: Store, name: str, limits: Limits) -> None:
    case = (CASES | SLOW)[name]
    before = [] if "silent" in case.table else relays.mtas[f"r{[*CASES, *SLOW].index(name) + 1}"].conversations()
    result, told = run(relays, store, name, limits)
    assert (result.step, result.outcome, result.reason) == (case.step, case.outcome, case.reason), result
    assert result.sent == (case.outcome == "accepted")
    shown = f"{result!r} {result} {told!r}"
    for secret in (PASSWORD, ECHO, AUTH.split()[-1]):
        assert secret not in shown
    assert not re.search(CONTROL, result.sentence + str(result.reply))
    if "silent" in case.table:
        return
    (heard,) = relays.mtas[f"r{[*CASES, *SLOW].index(name) + 1}"].conversations()[len(before) :]
    assert said(heard.clear) == case.clear
    assert said(heard.secured) == case.secured
    assert b"AUTH" not in heard.clear
    assert ECHO.encode() not in heard.clear + heard.tls


def said(octets: bytes) -> list[str]:
    """Return the commands that a relay got; the message, and TLS that it took for a line, are none."""
    if octets[:2] == b"\x16\x03":  # a ClientHello, in which anything may stand
        return []
    before, _, after = octets.decode("latin-1").partition("DATA\r\n")
    lines = before.splitlines() + (["DATA", *after.split("\r\n.\r\n")[-1].splitlines()] if after else [])
    return [line for line in lines if line.isprintable()]


# S1, S2, S3, S4, S6
@pytest.mark.parametrize("name", CASES)
def test_how_a_relay_is_used(relays: World, store: Store, name: str) -> None:
    check(relays, store, name, PATIENT)


# S7
@pytest.mark.parametrize("name", SLOW)
def test_a_relay_that_keeps_silent_is_given_up(relays: World, store: Store, name: str) -> None:
    check(relays, store, name, HURRIED)


def test_the_message_arrives_as_it_was_written_and_no_blind_copy_is_named(relays: World, store: Store) -> None:
    run(relays, store, "good")
    mail = relays.mtas["r1"].mails[-1]
    assert (mail.sender, mail.recipients, mail.secure) == ("alerts@example.com", ("ops@example.com",), True)
    assert "hidden" not in mail.content
    assert mail.content.isascii()
    from email import message_from_string, policy

    read = message_from_string(mail.content, policy=policy.default)
    assert (read["Subject"], read.get_content()) == ("Gr\u00fc\u00dfe", "Line one \u00e4\n.\nFrom here\n")


def test_a_recipient_that_cannot_stand_in_a_command_is_refused_before_anything_is_sent_of_it(
    relays: World, store: Store
) -> None:
    result, _ = run(relays, store, "good", recipients=("a@b.example\r\nDATA",))
    assert (result.sent, result.step, result.outcome) == (False, "configuration", "invalid")


def test_a_lost_acknowledgement_is_uncertain_and_a_refusal_is_not(relays: World, store: Store) -> None:
    lost, _ = run(relays, store, "closed before the message was acknowledged")
    refused, _ = run(relays, store, "a message refused")
    assert (lost.uncertain, refused.uncertain, refused.permanent) == (True, False, True)


# S6
@pytest.mark.parametrize(
    ("encryption", "user", "sentence"),
    [("none", USER, "AUTH without encryption is refused."), ("starttls", USER, "The user name has no password.")],
)
def test_what_cannot_be_used_is_not_begun(
    relays: World, store: Store, encryption: RelayEncryption, user: str, sentence: str
) -> None:
    password = store.vault.seal(PASSWORD) if encryption == "none" else None
    relay = SmtpRelay(
        server="r1.example.net", from_address="a@b.example", encryption=encryption, user=user, password=password
    )
    engine = Engine(store, relays.network, relays.resolvers)
    result = asyncio.run(send(engine, message(), ["ops@example.com"], relay=relay))
    assert (result.step, result.outcome) == ("configuration", "unusable")
    assert result.sentence.startswith(sentence)
    absent = asyncio.run(send(engine, message(), ["ops@example.com"]))
    assert (absent.sent, absent.outcome) == (False, "not-configured")
    masked = replace(relay, encryption="starttls", password=MASKED)
    assert "masked" in asyncio.run(send(engine, message(), ["ops@example.com"], relay=masked)).sentence
