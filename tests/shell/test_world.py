"""A world on loopback: real clients talk to its names, mail servers and policy hosts."""

from __future__ import annotations

import asyncio
import http.client
import smtplib
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from gateway.network import NotConnected
from shell.world.certificates import association
from shell.world.description import WorldRefused
from shell.world.running import World, world

NOON = datetime(2026, 5, 23, 12, tzinfo=UTC)
SOON = 0.15
"""Seconds after which a server that says nothing is taken to be silent."""

PARTNER = """
source = "192.168.42.7"
[authorities.partner-root]
[authorities.partner-ca]
issuer = "partner-root"
[zones."partner.example"]
records = [
    "@ MX 10 mx1",
    "@ MX 20 mx2.plain.example.",
    "mx1 A 192.0.2.10",
    "mx1 AAAA 2001:db8::10",
    "_25._tcp.mx1 TLSA 3 1 1 from mx1",
    "_25._tcp.mx1 TLSA 2 0 2 from mx1",
    "_25._tcp.mx1 TLSA 2 1 0 from partner-root",
    "_mta-sts TXT v=STSv1; id=20260523;",
    '_two TXT "v=STSv1; " "id=1;"',
    "long 60 TXT LONG",
    "*.wild A 192.0.2.99",
    "out CNAME mx2.plain.example.",
    "in CNAME mx1",
    "broken CNAME www.bogus.example.",
    "round CNAME around",
    "around CNAME round",
    "moved DNAME partner.example.",
    '_25._tcp.odd TLSA \\# 2 0301',
]
[zones."partner.example".behaviour]
"f-servfail" = "servfail"
"f-refused" = "refused"
"f-timeout" = "timeout"
"f-truncated" = "truncated"
"f-closed" = "truncated, then closed"
"f-silent" = "truncated, then silent"
"f-malformed" = "malformed"
"f-empty" = "empty"
"f-id" = "wrong id"
"f-question" = "wrong question"
"f-query" = "no response bit"
"f-loop" = "loop"
"f-bogus" = "bogus"
"f-unsigned" = "no AD"
"mx1 AAAA" = "servfail"
[zones."plain.example"]
dnssec = "unsigned"
records = [
    "mx2 A 192.0.2.11",
    "back CNAME mx1.partner.example.",
    "lie A 192.0.2.12",
    "failing CNAME f-timeout.partner.example.",
]
behaviour = { lie = "AD" }
[zones."bogus.example"]
dnssec = "bogus"
records = ["www A 192.0.2.13"]
[mtas.mx1]
address = "192.0.2.10"
ipv6 = "2001:db8::10"
certificate = { issuer = "partner-ca", from = -1, to = 90 }
[policies."partner.example"]
mx = ["mx1.partner.example"]
[policies."other.example"]
address = "192.0.2.80"
status = 301
location = "https://elsewhere.example/"
body = "odd\\r\\n"
media_type = "text/html"
headers = ["X-Odd: yes"]
certificate = { issuer = "self-signed", names = ["wrong.example"] }
[policies."long.example"]
filler = 100000
[policies."flood.example"]
behaviour = "floods at request"
[policies."slow.example"]
behaviour = "drips at request"
delay = 1
body = "drops\\r\\n"
[policies."closing.example"]
behaviour = "closes at request"
[policies."unshaken.example"]
behaviour = "resets at handshake"
[webs."crl.partner.example"]
documents = { "/" = "hello", "/list" = "behind a list" }
lists = { "/ca.crl" = { issuer = "partner-ca", revoked = ["mx1"], from = -2, to = 3 } }
[webs."web.partner.example"]
address = "192.0.2.90"
port = 8443
tls = ["1.3"]
status = 302
location = "/elsewhere"
documents = { "/" = "moved" }
[webs."cut.partner.example"]
address = "192.0.2.91"
behaviour = "closes at request"
[resolvers.good]
[resolvers.plain]
address = "192.0.2.54"
behaviour = "does not validate"
trusted = false
[resolvers.liar]
address = "192.0.2.55"
behaviour = "always AD"
[resolvers.refusing]
address = "192.0.2.56"
behaviour = "refused"
""".replace("LONG", "x" * 1500)


@pytest.fixture(scope="module")
def partner() -> Iterator[World]:
    with world(PARTNER) as w:
        yield w


# --- names


def ask(
    w: World, name: str, kind: str = "A", flags: str = "RD AD", resolver: str = "good", seconds: float = 5, **more: Any
) -> Any:
    """Return the answer to one question, by TCP after a truncated one."""
    query = dns.message.make_query(name, kind, flags=dns.flags.from_text(flags), **more)
    address, port = w.name_servers[resolver].place
    answer, _ = dns.query.udp_with_fallback(query, address, seconds, port)
    return answer


def told(answer: Any) -> tuple[str, bool, list[str]]:
    """Return the code of an answer, whether it is authentic, and its data."""
    data = [item.to_text() for rrset in answer.answer for item in rrset]
    return dns.rcode.to_text(answer.rcode()), bool(answer.flags & dns.flags.AD), data


MX1, MX2 = "192.0.2.10", "192.0.2.11"
LOOKUPS: list[tuple[str, str, str, tuple[str, bool, list[str]]]] = [
    ("partner.example", "MX", "RD AD", ("NOERROR", True, ["10 mx1.partner.example.", "20 mx2.plain.example."])),
    ("MX1.partner.example", "A", "RD", ("NOERROR", False, [MX1])),
    ("mx1.partner.example", "A", "RD AD", ("NOERROR", True, [MX1])),
    ("mx1.partner.example", "A", "RD AD CD", ("NOERROR", False, [MX1])),
    ("mx1.partner.example", "AAAA", "RD AD", ("SERVFAIL", False, [])),
    ("mx2.plain.example", "A", "RD AD", ("NOERROR", False, [MX2])),
    ("www.bogus.example", "A", "RD AD", ("SERVFAIL", False, [])),
    ("www.bogus.example", "A", "RD AD CD", ("NOERROR", False, ["192.0.2.13"])),
    # an empty answer is authentic too, where its zone is signed (D3)
    ("mx1.partner.example", "TXT", "RD AD", ("NOERROR", True, [])),
    ("_tcp.mx1.partner.example", "TLSA", "RD AD", ("NOERROR", True, [])),
    ("gone.partner.example", "A", "RD AD", ("NXDOMAIN", True, [])),
    ("gone.plain.example", "A", "RD AD", ("NXDOMAIN", False, [])),
    ("a.b.wild.partner.example", "A", "RD AD", ("NOERROR", True, ["192.0.2.99"])),
    ("wild.partner.example", "A", "RD AD", ("NOERROR", True, [])),
    # aliases over zones: as good as the worst of them (D5)
    ("in.partner.example", "A", "RD AD", ("NOERROR", True, ["mx1.partner.example.", MX1])),
    ("in.partner.example", "CNAME", "RD AD", ("NOERROR", True, ["mx1.partner.example."])),
    ("out.partner.example", "A", "RD AD", ("NOERROR", False, ["mx2.plain.example.", MX2])),
    ("out.partner.example", "CNAME", "RD AD", ("NOERROR", True, ["mx2.plain.example."])),
    ("back.plain.example", "A", "RD AD", ("NOERROR", False, ["mx1.partner.example.", MX1])),
    ("broken.partner.example", "A", "RD AD", ("SERVFAIL", False, [])),
    ("round.partner.example", "A", "RD AD", ("SERVFAIL", False, [])),
    ("failing.plain.example", "A", "RD AD", ("SERVFAIL", False, [])),
    ("mx1.moved.partner.example", "A", "RD AD", ("NOERROR", True, ["partner.example.", "mx1.partner.example.", MX1])),
    # TXT strings (M3), records that break their format (T5)
    ("_mta-sts.partner.example", "TXT", "RD AD", ("NOERROR", True, ['"v=STSv1; id=20260523;"'])),
    ("_two.partner.example", "TXT", "RD AD", ("NOERROR", True, ['"v=STSv1; " "id=1;"'])),
    # the policy host's address comes by itself
    ("mta-sts.partner.example", "A", "RD AD", ("NOERROR", True, ["198.51.100.1"])),
    ("f-servfail.partner.example", "A", "RD AD", ("SERVFAIL", False, [])),
    ("f-refused.partner.example", "A", "RD AD", ("REFUSED", False, [])),
    ("f-bogus.partner.example", "A", "RD AD", ("SERVFAIL", False, [])),
    ("f-loop.partner.example", "A", "RD AD", ("NOERROR", False, ["f-loop.partner.example."])),
    ("f-unsigned.partner.example", "A", "RD AD", ("NXDOMAIN", False, [])),
    ("lie.plain.example", "A", "RD", ("NOERROR", True, ["192.0.2.12"])),
    # how a resolver that validates is told from others (D4)
    (".", "SOA", "RD AD", ("NOERROR", True, ["localhost. hostmaster.localhost. 1 3600 600 86400 300"])),
    ("unknown.test", "A", "RD AD", ("NXDOMAIN", True, [])),
]


@pytest.mark.parametrize(("name", "kind", "flags", "expected"), LOOKUPS)
def test_what_zones_say(
    partner: World, name: str, kind: str, flags: str, expected: tuple[str, bool, list[str]]
) -> None:
    assert told(ask(partner, name, kind, flags)) == expected


def test_the_flag_do_asks_for_validation_too(partner: World) -> None:
    assert told(ask(partner, "mx1.partner.example", flags="RD", want_dnssec=True)) == ("NOERROR", True, [MX1])  # D4


def test_bogus_says_why(partner: World) -> None:
    answer = ask(partner, "www.bogus.example", want_dnssec=True)
    assert [(one.code, one.text) for one in answer.options] == [
        (dns.edns.EDECode.DNSSEC_BOGUS, "the signatures do not verify")
    ]


def test_an_answer_too_long_for_a_datagram_comes_by_tcp(partner: World) -> None:
    query = dns.message.make_query("long.partner.example", "TXT")
    address, port = partner.name_servers["good"].place
    short = dns.query.udp(query, address, 1, port)
    assert (bool(short.flags & dns.flags.TC), short.answer) == (True, [])
    whole, by_tcp = dns.query.udp_with_fallback(query, address, 1, port)
    assert by_tcp
    assert "".join(told(whole)[2]).count("x") == 1500
    assert whole.answer[0].ttl == 60


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("f-timeout", dns.exception.Timeout),
        ("f-silent", dns.exception.Timeout),
        ("f-closed", EOFError),
        ("f-malformed", dns.exception.DNSException),
        ("f-empty", dns.message.ShortHeader),
        ("f-id", dns.query.BadResponse),
        ("f-question", dns.query.BadResponse),
        ("f-query", dns.query.BadResponse),
    ],
)
def test_names_that_misbehave(partner: World, name: str, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        ask(partner, f"{name}.partner.example", "TXT", seconds=SOON if expected is dns.exception.Timeout else 5)


def test_a_truncated_answer_is_whole_by_tcp(partner: World) -> None:
    answer = ask(partner, "f-truncated.partner.example")
    assert told(answer) == ("NXDOMAIN", True, [])
    asked = [query.transport for query in partner.name_servers["good"].queries if query.name.startswith("f-trunc")]
    assert asked == ["udp", "tcp"]


@pytest.mark.parametrize(
    ("resolver", "name", "expected"),
    [
        ("plain", "mx1.partner.example", ("NOERROR", False, [MX1])),
        ("plain", "www.bogus.example", ("NOERROR", False, ["192.0.2.13"])),
        ("liar", "mx2.plain.example", ("NOERROR", True, [MX2])),
        ("refusing", "mx1.partner.example", ("REFUSED", False, [])),
    ],
)
def test_resolvers_have_manners_of_their_own(
    partner: World, resolver: str, name: str, expected: tuple[str, bool, list[str]]
) -> None:
    assert told(ask(partner, name, resolver=resolver)) == expected  # D4


def test_what_is_no_question_is_not_answered(partner: World) -> None:
    query = dns.message.make_query("mx1.partner.example", "A")
    answer = dns.message.make_response(query)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(partner.name_servers["good"].place)
        client.settimeout(5)
        for octets in (b"", b"\0" * 12, answer.to_wire(), query.to_wire()[:-3], query.to_wire()):
            client.send(octets)
        assert told(dns.message.from_wire(client.recv(1000))) == ("NOERROR", False, [MX1])
        client.settimeout(SOON)
        with pytest.raises(TimeoutError):
            client.recv(1000)


def test_questions_are_kept_with_their_flags(partner: World) -> None:
    ask(partner, "Kept.partner.example", "TLSA", "RD CD", want_dnssec=True)
    query = partner.name_servers["good"].queries[-1]
    assert query == ("kept.partner.example", "TLSA", "udp", False, True, True)


def test_tlsa_records_match_what_is_presented(partner: World) -> None:
    presented = partner.mtas["mx1"].presented
    assert presented is not None
    root = partner.authorities["partner-root"].certificate
    issuer = partner.authorities["partner-ca"].certificate
    leaf = presented.issued.certificate
    found = [one.split(maxsplit=3) for one in told(ask(partner, "_25._tcp.mx1.partner.example", "TLSA"))[2]]
    assert [(*head, bytes.fromhex(data)) for *head, data in found] == [
        ("3", "1", "1", association(leaf, 1, 1)),
        ("2", "0", "2", association(issuer, 0, 2)),
        ("2", "1", "0", association(root, 1, 0)),
    ]
    with pytest.raises(dns.exception.FormError):  # T5: a record that ends too early
        ask(partner, "_25._tcp.odd.partner.example", "TLSA")


# --- mail servers


def trusting(w: World, *names: str) -> ssl.SSLContext:
    """Return a client's context that trusts these authorities alone, and is not choosy beyond that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    for name in names:
        context.load_verify_locations(cadata=w.authorities[name].pem)
    return context


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old versions are what some servers speak
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def submit(w: World, name: str, context: ssl.SSLContext, host: str) -> str:
    """Deliver one message after STARTTLS; return the version of TLS."""
    with smtplib.SMTP(*w.mtas[name].place, local_hostname="me.example", timeout=5) as client:
        client._host = host  # type: ignore[attr-defined]  # smtplib takes the SNI from where it connected to
        client.starttls(context=context)
        client.sendmail("a@me.example", ["b@partner.example", "c@partner.example"], "Subject: x\n\n.dot\n")
        return str(cast("ssl.SSLSocket", client.sock).version())


def test_mail_is_taken_and_kept_and_every_byte_recorded(partner: World) -> None:
    mta = partner.mtas["mx1"]
    before = len(mta.conversations())
    assert submit(partner, "mx1", trusting(partner, "partner-root"), "mx1.partner.example") == "TLSv1.3"
    conversation = mta.conversations()[before]
    assert conversation.clear == b"ehlo me.example\r\nSTARTTLS\r\n"
    assert conversation.tls.startswith(b"\x16\x03")
    assert conversation.secured.startswith(b"ehlo me.example\r\nmail FROM:<a@me.example>")
    assert conversation.commands[-1] == "QUIT"
    assert conversation[3:] == ("mx1.partner.example", "TLSv1.3", None, "closed", 0)
    assert mta.mails[-1] == (
        "a@me.example",
        ("b@partner.example", "c@partner.example"),
        "Subject: x\n\n.dot\n",
        True,
    )


def test_a_peer_that_judges_no_sends_nothing_but_quit(partner: World) -> None:
    # S4, as a client would do it that takes the chain and judges it afterwards
    mta = partner.mtas["mx1"]
    before = len(mta.conversations())
    with smtplib.SMTP(*mta.place, local_hostname="me.example", timeout=5) as client:
        client.starttls(context=unverified())
    assert mta.conversations()[before].secured == b"QUIT\r\n"


def test_a_client_that_verifies_tells_why_it_leaves(partner: World) -> None:
    before = len(partner.mtas["mx1"].conversations())
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate in certificate chain"):
        submit(partner, "mx1", trusting(partner, "public"), "mx1.partner.example")
    conversation = partner.mtas["mx1"].conversations()[before]
    assert (conversation.secured, conversation.failure) == (b"", "TLSV1_ALERT_UNKNOWN_CA")


class Script(NamedTuple):
    """What a server does wrong, and what somebody sees who greets, asks for STARTTLS, and shakes hands."""

    table: str
    seen: str


SCRIPTS = {
    "good": Script("", "220 250 220 TLSv1.3"),
    "no-starttls": Script("starttls = false", "220 250 500"),
    "greets-421": Script('replies = { greeting = "421 4.3.2 not now" }', "421 503 503"),
    "greets-554": Script('replies = { greeting = "554 no" }', "554 503 503"),
    "greets-badly": Script('replies = { greeting = "hello" }', "hel 503 503"),
    "ehlo-refused": Script('replies = { ehlo = "502 no" }', "220 502 220 TLSv1.3"),
    "tls-454": Script('replies = { starttls = "454 4.7.0 no" }', "220 250 454"),
    "tls-500": Script('replies = { starttls = "500 what" }', "220 250 500"),
    "tls-501": Script('replies = { starttls = "501 no arguments" }', "220 250 501"),
    "silent-greeting": Script('behaviour = "hangs at greeting"', "silence"),
    "silent-ehlo": Script('behaviour = "hangs at ehlo"', "220 silence"),
    "silent-starttls": Script('behaviour = "hangs at starttls"', "220 250 silence"),
    "silent-handshake": Script('behaviour = "hangs at handshake"', "220 250 220 silence"),
    "closed-greeting": Script('behaviour = "closes at greeting"', "closed"),
    "closed-greeted": Script('behaviour = "closes after greeting"', "220 closed"),
    "closed-ehlo": Script('behaviour = "closes at ehlo"', "220 closed"),
    "closed-starttls": Script('behaviour = "closes after starttls"', "220 250 220 closed"),
    "closed-handshake": Script('behaviour = "closes at handshake"', "220 250 220 closed"),
    "reset-greeting": Script('behaviour = "resets at greeting"', "reset"),
    "reset-ehlo": Script('behaviour = "resets at ehlo"', "220 reset"),
    "reset-starttls": Script('behaviour = "resets at starttls"', "220 250 reset"),
    "reset-handshake": Script('behaviour = "resets at handshake"', "220 250 220 reset"),
    "garbled-greeting": Script('behaviour = "garbles at greeting"', "garbage closed"),
    "garbled-handshake": Script('behaviour = "garbles at handshake"', "220 250 220 WRONG_VERSION_NUMBER"),
    "flood": Script('behaviour = "floods at greeting"', "flood"),
    "flooded-handshake": Script('behaviour = "floods at handshake"', "220 250 220 WRONG_VERSION_NUMBER"),
    "drips": Script('behaviour = "drips at greeting"\ndelay = 1', "220 250 220 TLSv1.3"),
    "injects": Script('behaviour = "injects at starttls"', "220 250 220+250 TLSv1.3"),
    "both": Script('behaviour = "drips at ehlo, closes after starttls"\ndelay = 0', "220 250 220 closed"),
    "tls-1.0": Script('tls = ["1.0"]', "220 250 220 TLSv1"),
    "tls-1.1": Script('tls = ["1.0", "1.1"]', "220 250 220 TLSv1.1"),
    "tls-1.2": Script('tls = ["1.2"]', "220 250 220 TLSv1.2"),
    "weak": Script('tls = ["1.2"]\nweak_dh = true\ncertificate = { key = "RSA-1024" }', "220 250 220 TLSv1.2"),
    "ciphers": Script(
        'tls = ["1.2"]\nciphers = "AES128-SHA"\ncertificate = { key = "RSA-1024" }', "220 250 220 TLSv1.2"
    ),
    "chain": Script("certificate = { filler = 100 }", "220 250 220 TLSv1.3"),
    "long-chain": Script("certificate = { filler = 300 }", "220 250 220 EXCESSIVE_MESSAGE_SIZE"),
}


@pytest.fixture(scope="module")
def crowd() -> Iterator[World]:
    servers = [
        f"[mtas.'{name}']\naddress = '192.0.2.{number}'\n{script.table}"
        for number, (name, script) in enumerate(SCRIPTS.items(), 1)
    ]
    with world("\n".join(servers), NOON) as w:
        yield w


def seen(place: tuple[str, int], silence: int | None = None) -> str:
    """Return what somebody sees at a mail server, in words; of the word number `silence` little is expected."""
    words: list[str] = []
    with socket.create_connection(place, 5) as client:
        for command in (b"", b"EHLO me\r\n", b"STARTTLS\r\n"):
            client.settimeout(SOON if len(words) == silence else 5)
            try:
                client.sendall(command)
                said = reply(client)
            except TimeoutError:
                return " ".join([*words, "silence"])
            except ConnectionResetError:
                return " ".join([*words, "reset"])
            if not said:
                return " ".join([*words, "closed"])
            if len(said) > 100_000:
                return "flood"
            if b"\0" in said:
                return "garbage closed" if not client.recv(10) else "garbage"
            words.append("+".join(line[:3] for line in said.decode().splitlines() if line[3:4] != "-"))
        if not words[-1].startswith("220"):
            return " ".join(words)
        client.settimeout(SOON if len(words) == silence else 5)
        try:
            with unverified().wrap_socket(client, server_hostname="x.example") as secured:
                words.append(str(secured.version()))
        except TimeoutError:
            words.append("silence")
        except ConnectionResetError:
            words.append("reset")
        except ssl.SSLEOFError:
            words.append("closed")
        except ssl.SSLError as error:
            words.append(error.reason)
        return " ".join(words)


def reply(client: socket.socket) -> bytes:
    """Read until a last line of a reply, or until nothing more comes."""
    said = b""
    while not said.endswith(b"\n") or said.splitlines()[-1][3:4] == b"-":
        piece = client.recv(65536)
        if not piece:
            break
        said += piece
    return said


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_mail_server_does_what_its_words_say(crowd: World, name: str) -> None:
    expected = SCRIPTS[name].seen
    words = expected.split()
    assert seen(crowd.mtas[name].place, words.index("silence") if "silence" in words else None) == expected


def test_bytes_of_tls_are_told_from_commands_even_where_no_handshake_begins(crowd: World) -> None:
    assert seen(crowd.mtas["both"].place) == SCRIPTS["both"].seen
    conversation = crowd.mtas["both"].conversations()[-1]
    assert conversation.clear == b"EHLO me\r\nSTARTTLS\r\n"
    assert conversation.tls.startswith(b"\x16\x03")


def test_a_server_that_hangs_still_listens(crowd: World) -> None:
    with socket.create_connection(crowd.mtas["silent-ehlo"].place, 1) as client:
        client.sendall(b"EHLO me\r\nMAIL FROM:<impatient@x.example>\r\n")
    conversation = crowd.mtas["silent-ehlo"].conversations()[-1]
    assert conversation.commands == ["EHLO me", "MAIL FROM:<impatient@x.example>"]
    assert conversation.end == "closed by the peer"


def test_a_conversation_that_goes_on_is_open(crowd: World) -> None:
    with socket.create_connection(crowd.mtas["good"].place, 1) as client:
        client.sendall(b"NOOP\r\n")
        conversation = crowd.mtas["good"].conversations(wait=0.01)[-1]
        assert (conversation.clear, conversation.end) == (b"NOOP\r\n", "open")


# Where a session ends that goes as far as it can: what ended it, and the last command that was heard.
PHASES = [
    ("hangs at second ehlo", "SMTPServerDisconnected", "ehlo me"),
    ("closes after handshake", "SMTPServerDisconnected", "STARTTLS"),
    ("resets at mail", "SMTPServerDisconnected", "mail FROM:<a@x.example> size=1"),
    ("closes at rcpt", "SMTPServerDisconnected", "rcpt TO:<b@x.example>"),
    ("resets at data", "SMTPServerDisconnected", "data"),
    ("garbles at message", "SMTPDataError", "."),
    ("closes after message", "", "."),
]


def test_every_step_inside_tls_can_be_the_last() -> None:
    servers = [
        f"[mtas.m{number}]\naddress = '192.0.2.{number}'\nbehaviour = '{behaviour}'"
        for number, (behaviour, *_) in enumerate(PHASES, 1)
    ]
    found = []
    with world("\n".join(servers)) as w:
        for (behaviour, *_), mta in zip(PHASES, w.mtas.values(), strict=True):
            client = smtplib.SMTP(*mta.place, local_hostname="me", timeout=5)
            ended = ""
            try:
                client.starttls(context=unverified())
                cast("ssl.SSLSocket", client.sock).settimeout(SOON if "hangs" in behaviour else 5)
                client.sendmail("a@x.example", "b@x.example", "x")
            except (smtplib.SMTPException, OSError) as error:
                ended = type(error).__name__
            client.close()
            commands = mta.conversations()[0].commands
            found.append((behaviour, ended, [line for line in commands if line != "rset"][-1]))
    assert found == PHASES


def test_tls_from_the_first_byte(partner: World) -> None:
    with world('[mtas.relay]\naddress = "192.0.2.1"\nport = 465\nimplicit_tls = true\nkeywords = ["AUTH PLAIN"]') as w:
        with smtplib.SMTP_SSL(*w.mtas["relay"].place, context=unverified(), local_hostname="me") as client:
            assert client.login("user", "secret")[0] == 235  # S6
        assert w.mtas["relay"].conversations()[0].clear == b""


# --- certificates


def shown(w: World, name: str) -> x509.Certificate:
    """Return the certificate that a server shows in a handshake."""
    with socket.create_connection(w.mtas[name].place, 5) as client:
        for command in (b"EHLO me\r\n", b"STARTTLS\r\n"):
            reply(client)
            client.sendall(command)
        reply(client)
        with unverified().wrap_socket(client) as secured:
            return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")


def test_certificates_are_as_the_words_say() -> None:
    text = """
    [authorities.bad]
    ca = false
    path_length = 0
    permitted = ["a.example"]
    [zones."a.example"]
    records = ["mx1 A 192.0.2.1", "mx2 A 192.0.2.1"]
    [mtas.host]
    address = "192.0.2.1"
    [mtas.rich]
    address = "192.0.2.2"
    [mtas.rich.certificate]
    issuer = "bad"
    names = ["*.b.example"]
    common_name = "c.example"
    from = -30
    to = -2
    key = "Ed25519"
    usage = ["client"]
    key_usage = ["key_agreement"]
    ca = true
    chain = []
    [mtas.old]
    address = "192.0.2.3"
    [mtas.old.certificate]
    issuer = "self-signed"
    names = []
    common_name = ""
    key = "RSA-1024"
    digest = "SHA-384"
    usage = []
    """
    with world(text, NOON) as w:
        host, rich, old = (shown(w, name) for name in ("host", "rich", "old"))
        authority = w.authorities["bad"].certificate
    # names are those that the zones give the address
    assert names_of(host) == ("mx1.a.example", ["mx1.a.example", "mx2.a.example"])
    assert (host.not_valid_before_utc, host.not_valid_after_utc) == (NOON - timedelta(1), NOON + timedelta(90))
    assert host.issuer.rfc4514_string() == "CN=Public Root"
    assert names_of(rich) == ("c.example", ["*.b.example"])
    assert rich.not_valid_after_utc == NOON - timedelta(2)
    assert rich.issuer == authority.subject
    assert isinstance(rich.public_key(), ed25519.Ed25519PublicKey)
    assert rich.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage(
        [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
    )
    assert rich.extensions.get_extension_for_class(x509.KeyUsage).value.key_agreement
    assert rich.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert old.subject == old.issuer == x509.Name([])
    assert isinstance(old.public_key(), rsa.RSAPublicKey)
    assert old.signature_hash_algorithm is not None
    assert old.signature_hash_algorithm.name == "sha384"
    assert [one.oid._name for one in old.extensions if one.oid._name == "extendedKeyUsage"] == []
    assert not authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    assert constraints.permitted_subtrees == [x509.DNSName("a.example")]


def test_a_key_and_a_chain_may_be_given_as_they_are() -> None:
    with world('[mtas.mx]\naddress = "192.0.2.1"') as w:
        presented = w.mtas["mx"].presented
        assert presented is not None
        description = {"mtas": {"mx": {"address": "192.0.2.1", "certificate": {"pem": presented.file()}}}}
    with world(description) as w:
        assert shown(w, "mx") == presented.issued.certificate


def names_of(certificate: x509.Certificate) -> tuple[str, list[str]]:
    alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    common_name = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    return str(common_name), alternative.get_values_for_type(x509.DNSName)


# --- policy hosts


def fetch(w: World, domain: str, context: ssl.SSLContext, path: str = "/.well-known/mta-sts.txt") -> Any:
    client = http.client.HTTPSConnection(f"mta-sts.{domain}", context=context)
    client.sock = context.wrap_socket(
        socket.create_connection(w.policies[domain].place, 5), server_hostname=f"mta-sts.{domain}"
    )
    with closing(client):
        client.request("GET", path)
        answer = client.getresponse()
        return answer, answer.read()


def test_a_policy_is_served_over_verified_https(partner: World) -> None:
    answer, body = fetch(partner, "partner.example", trusting(partner, "public"))  # M7
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert body == b"version: STSv1\r\nmode: enforce\r\nmx: mx1.partner.example\r\nmax_age: 604800\r\n"
    conversation = partner.policies["partner.example"].conversations()[-1]
    assert conversation.commands[:2] == ["GET /.well-known/mta-sts.txt HTTP/1.1", "Host: mta-sts.partner.example"]
    assert conversation.server_name == "mta-sts.partner.example"
    assert fetch(partner, "partner.example", trusting(partner, "public"), "/")[0].status == 404


def test_a_policy_host_may_say_anything(partner: World) -> None:
    answer, body = fetch(partner, "other.example", unverified())
    assert (answer.status, answer.headers["Location"]) == (301, "https://elsewhere.example/")
    assert (answer.headers["Content-Type"], answer.headers["X-Odd"], body) == ("text/html", "yes", b"odd\r\n")
    assert fetch(partner, "slow.example", unverified())[1] == b"drops\r\n"
    assert 99_000 < len(fetch(partner, "long.example", unverified())[1]) < 101_000


@pytest.mark.parametrize(
    ("domain", "trusted", "expected"),
    [
        ("other.example", "public", ssl.SSLCertVerificationError),
        ("flood.example", "public", http.client.HTTPException),
        ("closing.example", "public", http.client.RemoteDisconnected),
        ("unshaken.example", "public", ConnectionResetError),
    ],
)
def test_policy_hosts_that_fail(partner: World, domain: str, trusted: str, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        fetch(partner, domain, trusting(partner, trusted))


# --- web servers


def got(w: World, host: str, path: str, context: ssl.SSLContext | None = None) -> tuple[int, bytes, str]:
    """Return the status, the body and the Location of an answer."""
    client = http.client.HTTPConnection(host)
    client.sock = socket.create_connection(w.webs[host].place, 5)
    if context:
        client.sock = context.wrap_socket(client.sock, server_hostname=host)
    with closing(client):
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read(), answer.headers["Location"] or ""


def test_a_web_server_has_documents_and_revocation_lists(partner: World) -> None:
    assert got(partner, "crl.partner.example", "/")[:2] == (200, b"hello")
    assert got(partner, "crl.partner.example", "/nothing")[:2] == (404, b"")
    status, body, _ = got(partner, "crl.partner.example", "/ca.crl")
    found, issuer = x509.load_der_x509_crl(body), partner.authorities["partner-ca"].certificate
    assert (status, found.issuer) == (200, issuer.subject)
    assert found.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # an EC key
    presented = partner.mtas["mx1"].presented
    assert presented is not None
    assert [one.serial_number for one in found] == [presented.issued.certificate.serial_number]
    assert found.next_update_utc is not None
    assert (found.next_update_utc - found.last_update_utc).days == 5
    assert partner.webs["crl.partner.example"].conversations()[0].commands[0] == "GET / HTTP/1.1"


def test_a_web_server_may_have_tls_and_misbehave(partner: World) -> None:
    found = got(partner, "web.partner.example", "/", trusting(partner, "public"))
    assert found == (302, b"moved", "/elsewhere")
    with pytest.raises(http.client.RemoteDisconnected):
        got(partner, "cut.partner.example", "/")


def test_a_web_server_has_its_address_in_the_zone_and_its_usual_port(partner: World) -> None:
    address = partner.network.map
    assert {place for place in address if place[1] in (80, 8443)} == {
        ("198.51.100.7", 80), ("192.0.2.90", 8443), ("192.0.2.91", 80),
    }  # fmt: skip


# --- the network of a world


def reach(w: World, address: str, port: int, timeout: float = 5) -> str:
    """Return what the world's network says to a connection; its own source address where there is one."""

    async def connect() -> str:
        try:
            connection = await w.network.connect(address, port, timeout=timeout)
        except NotConnected as error:
            return error.trouble
        with connection:
            return w.network.source(connection)

    return asyncio.run(connect())


def test_its_network_leads_to_its_servers_and_nowhere_else(partner: World) -> None:
    addresses = [("192.0.2.10", 25), ("2001:DB8:0::10", 25), ("198.51.100.1", 443), ("192.0.2.53", 53)]
    assert {reach(partner, *place) for place in addresses} == {"192.168.42.7"}
    here = partner.mtas["mx1"].place
    assert [reach(partner, *place) for place in [("192.0.2.10", 26), ("8.8.8.8", 53), here]] == ["refused"] * 3


def test_its_network_has_datagrams_too(partner: World) -> None:
    query = dns.message.make_query("mx1.partner.example", "A")

    async def asked() -> bytes:
        with await partner.network.datagram("192.0.2.53", 53) as datagrams:
            datagrams.send(query.to_wire())
            return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(datagrams, 1000), 5)

    assert told(dns.message.from_wire(asyncio.run(asked()))) == ("NOERROR", False, [MX1])


def test_resolvers_are_named_with_whether_they_are_trusted(partner: World) -> None:
    assert [tuple(one) for one in partner.resolvers[:2]] == [("192.0.2.53", 53, True), ("192.0.2.54", 53, False)]


def test_a_silent_address_answers_nobody() -> None:
    with world('[mtas.gone]\naddress = "192.0.2.1"\nbehaviour = "silent"') as w:
        assert reach(w, "192.0.2.1", 25, timeout=SOON) == "timeout"


def test_worlds_beside_each_other_do_not_meet() -> None:
    text = '[mtas.mx]\naddress = "192.0.2.1"\nreplies = {{ greeting = "220 {}" }}'
    with world(text.format("one")) as one, world(text.format("two")) as two:
        for w, greeting in ((one, b"one"), (two, b"two")):
            with smtplib.SMTP(timeout=5) as client:
                assert client.connect(*w.mtas["mx"].place) == (220, greeting)
        assert one.mtas["mx"].conversations() == one.mtas["mx"].conversations()
        assert len(two.mtas["mx"].conversations()) == 1


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_behind() -> None:
    world(PARTNER).close()  # what is loaded at first use stays open
    before = (threading.enumerate(), open_files())
    w = world(PARTNER + '\n[mtas.gone]\naddress = "192.0.2.77"\nbehaviour = "silent"')
    with socket.create_connection(w.mtas["mx1"].place, 1) as client:
        reply(client)
        w.close()  # in the middle of a session
        w.close()
        assert client.recv(1) == b""
    assert w.mtas["mx1"].conversations()[0].clear == b""
    assert (threading.enumerate(), open_files()) == before


def test_a_server_takes_a_bounded_number_of_connections_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shell.world.listener.MOST_CONNECTIONS", 2)
    monkeypatch.setattr("shell.world.recording.MOST_BYTES", 10)
    with world('[mtas.mx]\naddress = "192.0.2.1"') as w:
        assert [seen(w.mtas["mx"].place)[:5] for _ in range(2)] == ["220 2", "220 2"]
        with pytest.raises(ConnectionResetError), socket.create_connection(w.mtas["mx"].place, 5) as client:
            client.recv(1)
        conversation = w.mtas["mx"].conversations()[0]
        assert (conversation.clear, conversation.tls) == (b"EHLO me\r\nS", b"")
        assert conversation.dropped > 100


# --- descriptions that are refused

REFUSED: list[tuple[str, str]] = [
    (
        'mtas.a = { address = "192.0.2.1", certificate = { pem = "x" } }',
        "mtas.a.certificate: has a pem that has no key and chain. It is not a certificate: "
        "there is no line -----BEGIN CERTIFICATE-----, and it is neither DER nor base64 of it.",
    ),
    ("x = [", "The description is no TOML: Invalid value (at end of document)"),
    ("mtaz = {}", 'mtaz: is not a known key; did you mean "mtas"?'),
    ("mtas.a = {}", "mtas.a.address: is missing; it must be a text in quotes"),
    ('mtas.a.address = "mx1"', 'mtas.a.address: must be an IPv4 or IPv6 address, not "mx1"'),
    (
        '[mtas]\na.address = "192.0.2.1"\nb.address = "192.0.2.1"',
        "mtas.b.address: 192.0.2.1 port 25 is the address of mtas.a already",
    ),
    (
        'mtas.a = { address = "192.0.2.1", behaviour = "hangs" }',
        'mtas.a.behaviour: must be "accepts", "silent", or say what it does and where, like "hangs at greeting" '
        '(hangs, closes, resets, garbles, floods, drips, waits or injects, at or after a step), not "hangs"',
    ),
    (
        'mtas.a = { address = "192.0.2.1", behaviour = "hangs at breakfast" }',
        'mtas.a.behaviour: names the step "breakfast"; the steps are greeting, ehlo, helo, starttls, handshake, '
        "second ehlo, auth, mail, rcpt, data, message and quit",
    ),
    (
        'mtas.a = { address = "192.0.2.1", behaviour = "drips after ehlo" }',
        'mtas.a.behaviour: has "drips after ehlo"; only what "hangs", "closes" or "resets" can do so after a step',
    ),
    (
        'mtas.a = { address = "192.0.2.1", replies = { ehl = "502" } }',
        'mtas.a.replies: has a reply to "ehl", which is no step; there are greeting, ehlo, helo, starttls, '
        "second ehlo, auth, mail, rcpt, data, message, quit",
    ),
    (
        'mtas.a = { address = "192.0.2.1", certificate = { issuer = "nobody" } }',
        'mtas.a.certificate: has "nobody" as issuer, which is no authority; there are "self-signed" and "public"',
    ),
    (
        'mtas.a = { address = "192.0.2.1", certificate = { from = 1, to = 1 } }',
        "mtas.a.certificate: ends on day 1, which must be after day 1, where it begins",
    ),
    (
        'mtas.a = { address = "192.0.2.1", weak_dh = true }',
        'mtas.a: has weak_dh, which only goes with an RSA key: certificate = { key = "RSA-2048" }',
    ),
    (
        'mtas.a = { address = "192.0.2.1", ciphers = "NONE-SUCH" }',
        'mtas.a: has the ciphers "NONE-SUCH", which OpenSSL does not take',
    ),
    (
        '[authorities]\na.issuer = "b"\nb.issuer = "a"',
        'authorities.a: is issued by itself, by way of "a" and "b"\n'
        'authorities.b: is issued by itself, by way of "b" and "a"',
    ),
    (
        'authorities."../a" = {}',
        'authorities."../a": cannot be called "../a": letters, digits and - _ . make a name, at most 60',
    ),
    ('zones."a..b" = {}', 'zones."a..b": "a..b" is no domain name'),
    (
        'zones."a.example".records = ["mx1 A"]',
        'zones."a.example".records[1]: must read "OWNER TYPE DATA", like "mx1 A 192.0.2.10", not "mx1 A"',
    ),
    (
        'zones."a.example".records = ["mx1 A 192.0.2", "@ MX ten mx1", "x FOO y"]',
        'zones."a.example".records[1]: has "192.0.2" as the data of a A record: Text input is malformed\n'
        'zones."a.example".records[2]: has "ten mx1" as the data of a MX record: expecting an integer\n'
        'zones."a.example".records[3]: has "FOO" as a type, which is none',
    ),
    (
        'zones."a.example".records = ["mx.a.example A 192.0.2.1", "@ MX 1 x.a.example", "b.example. A 192.0.2.1"]',
        'zones."a.example".records[1]: has "mx.a.example" without a final dot; '
        'write "mx.a.example." for the full name\n'
        'zones."a.example".records[2]: has "x.a.example" without a final dot; write "x.a.example." for the full name\n'
        'zones."a.example".records[3]: has the owner "b.example.", which is not in the zone a.example',
    ),
    (
        'zones."a.example".records = ["_25._tcp.mx TLSA 3 1 1 from mx1", "x TLSA 3 1 from mx1"]',
        'zones."a.example".records[1]: is from "mx1"; there are none\n'
        'zones."a.example".records[2]: must read "USAGE SELECTOR MATCHING from SERVER", like "3 1 1 from mx1", '
        'not "3 1 from mx1"',
    ),
    (
        'zones."a.example".behaviour."mx1 A" = "sulks"',
        'zones."a.example".behaviour."mx1 A": must be one of "servfail", "refused", "formerr", "notimp", "nxdomain", '
        '"bogus", "timeout", "slow", "truncated", "truncated, then closed", "truncated, then silent", "malformed", '
        '"empty", "wrong id", "wrong question", "no response bit", "loop", "AD" or "no AD", not "sulks"',
    ),
    (
        'zones."a.example".records = ["x RRSIG A 13 2 1 20300101000000 20200101000000 1 a.example. AAAA", '
        '"x RRSIG MX 13 2 1 20300101000000 20200101000000 1 a.example. AAAA"]',
        'zones."a.example".records: have RRSIG records of x.a.example. that cover several types; one is accepted',
    ),
    (
        'zones."a.example".records = ["x KEY \\u001b"]',
        'zones."a.example".records[1]: has "\\x1b" as the data of a KEY record: Invalid flags: \\x1b',
    ),
    (
        'webs."a.example" = { behaviour = "hangs at handshake" }',
        'webs."a.example".behaviour: names the step "handshake"; the steps are request',
    ),
    (
        'webs."a.example" = { lists = { "/" = { revoked = ["mx"] } } }',
        'webs."a.example".lists."/": revokes the certificate of "mx"; there are none',
    ),
    (
        'webs."a.example" = { lists = { "/" = { issuer = "nobody" } } }',
        'webs."a.example".lists."/": has "nobody" as issuer, which is no authority; there are "self-signed" and '
        '"public"',
    ),
    (
        'webs."a.example" = { lists = { "/" = { to = -2 } } }',
        'webs."a.example".lists."/": ends on day -2, which must be after day -1, where it begins',
    ),
    (
        'zones."a.example".dnssec = "yes"',
        'zones."a.example".dnssec: must be one of "signed", "unsigned" or "bogus", not "yes"',
    ),
    ('source = "here"', 'source: must be an IPv4 or IPv6 address, not "here"'),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(WorldRefused) as caught:
        world(text)
    assert str(caught.value) == sentence
