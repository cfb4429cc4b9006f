"""Probes of mail servers that do all that can go wrong: where each ends, what it says, and what was sent to it."""

from __future__ import annotations

import asyncio
import base64
import gc
import re
import ssl
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.client_tls import client_context
from gateway.keys import key_pem
from gateway.network import Network
from gateway.requests import Subject, self_signed
from gateway.smtp import Distrusted, Limits, Trusted, Unjudged, server_name_of, session
from gateway.smtp_failures import SessionFailed
from gateway.smtp_probe import Probe, probe
from gateway.smtp_wire import LONGEST_SHOWN, MOST_SHOWN, Transcript, Wire
from gateway.verdict import Verdict
from state.model import CertificateProfile, OutboundTls
from state.wording import CONTROL
from tests.gateway.making import NOW, make
from tests.gateway.peers import BYE, EHLO, HELLO, READY, Act, Peer, peer, sockets

GOOD = Verdict(good=True, outcome="matched", reason=None, sentence="It matches.")
BAD = Verdict(good=False, outcome="other-name", reason="certificate-host-mismatch", sentence="It is another host.")
PATIENT = Limits(*[5] * 6)
# RFC 2409 s6.2: 1024 bits, below what OpenSSL takes at its security level 2.
OAKLEY_2 = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE65381FFFFFFFFFFFFFFFF"
)


class Servers(NamedTuple):
    """TLS of servers, by what is odd about it."""

    plain: ssl.SSLContext
    old: ssl.SSLContext
    ancient: ssl.SSLContext
    weak: ssl.SSLContext
    stranger: ssl.SSLContext
    huge: ssl.SSLContext
    asking: ssl.SSLContext


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    folder = tmp_path_factory.mktemp("peers")

    def server(name: str, pem: str, level: int = 2) -> ssl.SSLContext:
        file = folder / name
        file.write_text(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(f"DEFAULT:@SECLEVEL={level}")
        context.load_cert_chain(file)
        return context

    root = make("Example Root", key=1, ca=True)
    leaf = make("mx.example.com", root, names=("mx.example.com",))
    pem = leaf.pem + leaf.key_pem + root.pem
    made = {name: server(name, pem) for name in ("plain", "old", "ancient", "stranger", "asking")}
    made["old"].maximum_version = ssl.TLSVersion.TLSv1_2
    made["ancient"].set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        made["ancient"].minimum_version = made["ancient"].maximum_version = ssl.TLSVersion.TLSv1_1
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - as weak as the rest of it, and quickly made
    made["weak"] = server("weak", self_signed(Subject("mx.example.com"), (), key, NOW, 365) + key_pem(key), level=0)
    made["weak"].maximum_version = ssl.TLSVersion.TLSv1_2
    made["weak"].set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    # PKCS #3, written by hand as `cryptography` makes no new ones: SEQUENCE { INTEGER p, INTEGER 2 }
    parameters = base64.encodebytes(bytes.fromhex(f"308187028181 00{OAKLEY_2}020102")).decode()
    file = folder / "dh"
    file.write_text(f"-----BEGIN DH PARAMETERS-----\n{parameters}-----END DH PARAMETERS-----\n")
    made["weak"].load_dh_params(str(file))
    made["stranger"].maximum_version = ssl.TLSVersion.TLSv1_2
    made["stranger"].set_ciphers("ECDHE-RSA-AES128-SHA256")
    made["asking"].verify_mode = ssl.CERT_REQUIRED
    made["asking"].load_verify_locations(cadata=root.pem)
    return Servers(**made, huge=server("huge", leaf.pem + leaf.key_pem + root.pem * 400))


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    return client_context(OutboundTls(ciphers="ALL:@SECLEVEL=2"))


def run(
    tls: ssl.SSLContext,
    *script: Act,
    limits: Limits = PATIENT,
    verdict: Verdict = GOOD,
    second_ehlo: bool = False,
    name: str | None = "mx.example.com",
) -> tuple[Probe, Peer]:
    """Probe a server of this script; whatever happens, no socket is left."""
    before = sockets()

    async def once() -> tuple[Probe, Peer]:
        async with peer(*script) as server:
            found = await probe(
                Network(),
                "127.0.0.1",
                server.port,
                hello="mail.example.com",
                tls=tls,
                server_name=name,
                judge=lambda handshake: verdict,
                limits=limits,
                second_ehlo=second_ehlo,
            )
            async with asyncio.timeout(5):
                await server.ended.wait()
            return found, server

    found = asyncio.run(once())
    assert sockets() == before
    return found


def script(servers: Servers, text: str) -> list[Act]:
    """Return a script by name: capitals are what `peers` has, `tls:NAME` begins TLS, quoted text is sent."""
    known: dict[str, Act] = {"HELLO": HELLO, "EHLO": EHLO, "READY": READY, "BYE": BYE}
    acts: list[Act] = []
    for word in re.findall(r'drip"[^"]*"|"[^"]*"|\S+', text):
        if word.startswith("drip"):
            acts.append(("drip", unescaped(word[5:-1])))
        elif word.startswith('"'):
            acts.append(unescaped(word[1:-1]))
        elif word.startswith("tls:"):
            acts.append(getattr(servers, word[4:]))
        else:
            acts.append(known.get(word, word))
    return acts


def unescaped(text: str) -> bytes:
    line = text.encode().decode("unicode_escape").encode("latin-1")
    return line[:-1] * 40_000 if line.endswith(b"*") else line


class Case(NamedTuple):
    """What a server does, where the probe ends, what it says, and what was sent."""

    does: str
    step: str
    trouble: str
    reason: str | None
    sentence: str
    sent: str = "EHLO STARTTLS"
    limits: Limits = PATIENT


NO_TLS = "starttls-not-supported"
VAIN = "validation-failure"
BEGUN = "HELLO read EHLO read"

# S1, S3, S4, S7; the sentence is all that a person is told.
CASES = [
    Case("hang", "greeting", "timeout", None, "The greeting did not come within 0.04 s.", "",
         PATIENT._replace(greeting=0.04)),
    Case('drip"220-drop drop drop drop"', "greeting", "timeout", None, "The greeting did not come within 0.06 s.", "",
         PATIENT._replace(greeting=0.06)),
    Case("close", "greeting", "closed", None, "The connection was closed by the peer before the greeting.", ""),
    Case("reset", "greeting", "reset", None, "The connection broke before the greeting.", ""),
    Case(r'"HTTP/1.1 400 Bad Request\r\n"', "greeting", "garbage", None, "The greeting is no reply of SMTP: a line does"
         ' not begin with a code from 200 to 599: "HTTP/1.1 400 Bad Request".', ""),
    Case(r'"220 a megabyte of it*"', "greeting", "garbage", None,
         "The greeting is no reply of SMTP: a line has more than 4096 bytes.", ""),
    Case(r'"220-more\r\n*"', "greeting", "garbage", None,
         "The greeting is no reply of SMTP: it has more than 100 lines.", ""),
    Case(r'"554 5.7.1 go away\r\n" read BYE', "greeting", "rejected", None, "The greeting was: 554 5.7.1 go away.",
         "QUIT"),
    Case(r'"421 4.3.2 too busy\r\n" close', "greeting", "rejected", None,
         "The greeting was: 421 4.3.2 too busy. It may work later.", ""),
    Case(r'"250 hello\r\n" read BYE', "greeting", "unexpected", None,
         "The greeting was: 250 hello. 220 is expected.", "QUIT"),
    Case("HELLO hang", "ehlo", "timeout", None, "The reply to EHLO did not come within 0.04 s.", "EHLO",
         PATIENT._replace(command=0.04)),
    Case("HELLO read close", "ehlo", "closed", None, "The connection was closed by the peer before the reply to EHLO.",
         "EHLO"),
    Case("HELLO read reset", "ehlo", "reset", None, "The connection broke before the reply to EHLO.", "EHLO"),
    Case(r'HELLO read "250-one\r\n220 two\r\n"', "ehlo", "garbage", None,
         "The reply to EHLO is no reply of SMTP: one reply has two codes, 250 and 220.", "EHLO"),
    Case(r'HELLO read "450 \x1b[31mlater\r\n" read BYE', "ehlo", "rejected", None,
         r"The reply to EHLO was: 450 \x1b[31mlater. It may work later.", "EHLO QUIT"),
    Case(r'HELLO read "502 what\r\n" read "250 mx\r\n" read BYE', "ehlo", "no-esmtp", NO_TLS,
         "The peer does not speak ESMTP, so there is no STARTTLS; it answered EHLO with: 502 what.", "EHLO HELO QUIT"),
    Case(r'HELLO read "502 what\r\n" read "550 no\r\n" read BYE', "helo", "rejected", None,
         "The reply to HELO was: 550 no.", "EHLO HELO QUIT"),
    Case(r'HELLO read "250-mx\r\n250 SIZE\r\n" read BYE', "starttls", "not-offered", NO_TLS,
         "The peer does not offer STARTTLS.", "EHLO QUIT"),
    Case(f"{BEGUN} hang", "starttls", "timeout", VAIN, "The reply to STARTTLS did not come within 0.04 s.",
         limits=PATIENT._replace(command=0.04)),
    Case(f"{BEGUN} close", "starttls", "closed", VAIN,
         "The connection was closed by the peer before the reply to STARTTLS."),
    Case(f"{BEGUN} reset", "starttls", "reset", VAIN, "The connection broke before the reply to STARTTLS."),
    Case(rf'{BEGUN} "\x15\x03\x01\r\n"', "starttls", "garbage", VAIN, "The reply to STARTTLS is no reply of SMTP: a "
         r'line does not begin with a code from 200 to 599: "\x15\x03\x01".'),
    Case(rf'{BEGUN} "454 4.7.0 TLS not available\r\n" read BYE', "starttls", "rejected", NO_TLS,
         "The reply to STARTTLS was: 454 4.7.0 TLS not available. It may work later.", "EHLO STARTTLS QUIT"),
    Case(rf'{BEGUN} "501 5.5.4 no\r\n" read BYE', "starttls", "rejected", NO_TLS,
         "The reply to STARTTLS was: 501 5.5.4 no.", "EHLO STARTTLS QUIT"),
    Case(rf'{BEGUN} "421 4.4.2 bye\r\n" close', "starttls", "rejected", NO_TLS,
         "The reply to STARTTLS was: 421 4.4.2 bye. It may work later."),
    Case(rf'{BEGUN} "250 ok\r\n" read BYE', "starttls", "unexpected", NO_TLS,
         "The reply to STARTTLS was: 250 ok. 220 is expected.", "EHLO STARTTLS QUIT"),
    Case(rf'{BEGUN} "220 go\r\n250 injected\r\n"', "handshake", "injected", VAIN,
         "The peer sent more in the clear behind its reply to STARTTLS; somebody may have put it there."),
    Case(f"{BEGUN} READY swallow hang", "handshake", "timeout", VAIN, "The TLS handshake did not end within 0.04 s.",
         limits=PATIENT._replace(handshake=0.04)),
    Case(f'{BEGUN} READY swallow drip"\x16\x03\x03\x40\x00\x02........................"', "handshake", "timeout", VAIN,
         "The TLS handshake did not end within 0.06 s.", limits=PATIENT._replace(handshake=0.06)),
    Case(f"{BEGUN} READY swallow close", "handshake", "closed", VAIN,
         "The connection was closed by the peer before the end of the TLS handshake."),
    Case(f"{BEGUN} READY swallow reset", "handshake", "reset", VAIN,
         "The connection broke before the end of the TLS handshake."),
    Case(rf'{BEGUN} READY swallow "500 what is this\r\n"', "handshake", "tls", VAIN,
         "What the peer sent in the TLS handshake is not TLS (OpenSSL: wrong version number)."),
    Case(f"{BEGUN} READY tls:ancient", "handshake", "tls", VAIN,
         "The peer speaks none of the TLS versions that are switched on here (OpenSSL: tlsv1 alert protocol version)."),
    Case(f"{BEGUN} READY tls:weak", "handshake", "tls", VAIN,
         "The Diffie-Hellman parameters of the peer are too weak (OpenSSL: dh key too small)."),
    Case(f"{BEGUN} READY tls:stranger", "handshake", "tls", VAIN, "The peer found no TLS version, cipher or curve that "
         "both sides use (OpenSSL: sslv3 alert handshake failure)."),
    Case(f"{BEGUN} READY tls:huge", "handshake", "tls", VAIN,
         "The certificates that the peer presented are longer than 100 kB (OpenSSL: excessive message size)."),
    Case(f"{BEGUN} READY tls:asking", "handshake", "tls", VAIN, "The peer wants a certificate of this system and got "
         "none (OpenSSL: tlsv13 alert certificate required)."),
    Case(rf'{BEGUN} READY tls:plain read "502 no\r\n" read BYE', "second-ehlo", "rejected", VAIN,
         "The reply to EHLO under TLS was: 502 no.", "EHLO STARTTLS EHLO QUIT"),
    Case(f"{BEGUN} READY tls:plain read close", "second-ehlo", "closed", VAIN,
         "The connection was closed by the peer before the reply to EHLO under TLS.", "EHLO STARTTLS EHLO"),
    Case(rf'{BEGUN} READY tls:plain read "*\r\n"', "second-ehlo", "garbage", VAIN, "The reply to EHLO under TLS is no "
         'reply of SMTP: a line does not begin with a code from 200 to 599: "*".', "EHLO STARTTLS EHLO"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.step}-{case.trouble}")
def test_a_server_that_fails(case: Case, servers: Servers, tls: ssl.SSLContext) -> None:
    found, server = run(tls, *script(servers, case.does), limits=case.limits, second_ehlo=True)
    failure = found.failure
    assert failure is not None
    assert failure[:4] == (case.step, case.trouble, case.reason, case.sentence)
    assert " ".join(server.commands()) == case.sent
    assert not found.good
    assert not re.search(CONTROL, repr(found.transcript))
    assert failure.permanent == (failure.reply is not None and failure.reply.code >= 500)
    assert failure.after_go_ahead == (case.step in ("handshake", "second-ehlo"))


def test_every_failure_has_its_own_sentence() -> None:
    assert len({case.sentence for case in CASES}) == len(CASES)


# S2, S4
@pytest.mark.parametrize(
    ("verdict", "second_ehlo", "sent"),
    [
        (GOOD, False, "EHLO STARTTLS QUIT"),
        (GOOD, True, "EHLO STARTTLS EHLO QUIT"),
        (BAD, False, "EHLO STARTTLS QUIT"),
        (BAD, True, "EHLO STARTTLS QUIT"),
    ],
)
def test_what_is_sent_to_a_server_that_works(
    verdict: Verdict, second_ehlo: bool, sent: str, servers: Servers, tls: ssl.SSLContext
) -> None:
    answers = [b"250 mx.example.com\r\n"] if second_ehlo and verdict.good else []
    acts: list[Act] = [HELLO, "read", EHLO, "read", READY, servers.plain]
    for answer in (*answers, BYE):
        acts += ["read", answer]
    found, server = run(tls, *acts, verdict=verdict, second_ehlo=second_ehlo)
    assert " ".join(server.commands()) == sent
    assert (found.good, found.verdict, found.failure) == (verdict.good, verdict, None)
    assert found.source == "127.0.0.1"
    assert [line.text for line in found.transcript if line.direction == "sent"] == [
        *server.clear.decode().splitlines(),
        *server.secret.decode().splitlines(),
    ]
    assert [line.text for line in found.transcript][2:5] == ["250-mx.example.com", "250-SIZE 1000", "250 STARTTLS"]


def test_the_handshake_tells_protocol_cipher_and_the_chain_as_presented(servers: Servers, tls: ssl.SSLContext) -> None:
    seen = {}
    for name in ("plain", "old"):
        found, _ = run(tls, *script(servers, f"{BEGUN} READY tls:{name} read BYE"))
        assert found.handshake is not None
        seen[name] = found.handshake
    assert (seen["plain"].protocol, seen["plain"].cipher) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert (seen["old"].protocol, seen["old"].cipher) == ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")
    assert len(seen["plain"].chain) == 2
    assert seen["plain"].chain == seen["old"].chain
    assert b"mx.example.com" in seen["plain"].chain[0]


# S4
def test_a_state_offers_what_may_come_next_and_no_more() -> None:
    def offered(state: type) -> set[str]:
        return {name for name in dir(state) if not name.startswith("_")}

    assert offered(Unjudged) == {"judge"}
    assert offered(Distrusted) == {"quit"}
    assert offered(Trusted) == {"ehlo", "handed_over", "quit"}


# S4
def test_a_state_that_was_left_can_do_nothing_any_more(servers: Servers, tls: ssl.SSLContext) -> None:
    async def cling() -> list[str]:
        async with (
            peer(*script(servers, f"{BEGUN} READY tls:plain read BYE")) as server,
            session(Network(), "127.0.0.1", server.port, hello="mail.example.com") as connected,
        ):
            greeted = await connected.greet()
            unjudged = await greeted.starttls(tls, None)
            judged = unjudged.judge(BAD)
            with pytest.raises(RuntimeError):
                unjudged.judge(GOOD)
            for again in (connected.greet, greeted.quit, lambda: greeted.starttls(tls, None)):
                with pytest.raises(RuntimeError):
                    await again()
            await judged.quit()
            with pytest.raises(RuntimeError):
                await judged.quit()
            await server.ended.wait()
            return server.commands()

    assert asyncio.run(cling()) == ["EHLO", "STARTTLS", "QUIT"]


# S1
def test_a_session_whose_starttls_was_refused_stays_in_the_clear(servers: Servers, tls: ssl.SSLContext) -> None:
    async def go_on() -> list[str]:
        async with (
            peer(*script(servers, rf'{BEGUN} "454 no\r\n" read BYE')) as server,
            session(Network(), "127.0.0.1", server.port, hello="mail.example.com") as connected,
        ):
            greeted = await connected.greet()
            with pytest.raises(SessionFailed) as refused:
                await greeted.starttls(tls, None)
            assert not refused.value.failure.after_go_ahead
            await greeted.quit()
            return server.commands()

    assert asyncio.run(go_on()) == ["EHLO", "STARTTLS", "QUIT"]


SERVER_NAMES = {
    "mx.example.com": "mx.example.com",
    "MX.Example.COM.": "mx.example.com",
    "192.0.2.10": None,
    "[192.0.2.10]": None,
    "2001:db8::1": None,
    "[IPv6:2001:db8::1]": None,
    "": None,
}


# S5
@pytest.mark.parametrize("host", SERVER_NAMES)
def test_the_server_name_of_a_host(host: str) -> None:
    assert server_name_of(host) == SERVER_NAMES[host]


# S5
@pytest.mark.parametrize("name", ["mx.partner.example", None])
def test_sni_does_not_depend_on_the_address(name: str | None, servers: Servers, tls: ssl.SSLContext) -> None:
    found, server = run(tls, *script(servers, f"{BEGUN} READY tls:plain read BYE"), name=name)
    assert server.names == [name]
    assert found.handshake is not None
    assert found.handshake.server_name == name


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example", "x.\0.example", ".example"])
def test_a_name_that_cannot_be_sent_is_told(name: str, servers: Servers, tls: ssl.SSLContext) -> None:
    found, server = run(tls, *script(servers, f"{BEGUN} READY hang"), name=name)
    assert found.failure is not None
    assert (found.failure.step, found.failure.trouble) == ("handshake", "invalid")
    assert found.failure.sentence.endswith(" cannot be sent as a server name (SNI).")
    assert not re.search(CONTROL, found.failure.sentence)
    assert server.commands() == ["EHLO", "STARTTLS"]


def test_a_server_that_asks_for_a_certificate_gets_the_configured_one(servers: Servers) -> None:
    own = make("mail.example.com", make("Example Root", key=1, ca=True), key=3)
    profile = CertificateProfile(certificate=own.pem)
    tls = client_context(OutboundTls(), profile, own.key_pem)
    found, server = run(tls, *script(servers, f"{BEGUN} READY tls:asking read BYE"))
    assert (found.good, found.failure) == (True, None)
    assert server.certificates == [own.der]


def test_a_certificate_that_is_refused_after_the_handshake_is_no_success(servers: Servers) -> None:
    own = make("mail.example.com", key=3)
    tls = client_context(OutboundTls(), CertificateProfile(certificate=own.pem), own.key_pem)
    found, _ = run(tls, *script(servers, f"{BEGUN} READY tls:asking read BYE"))
    assert found.failure is not None
    assert found.verdict == GOOD
    assert not found.good
    assert found.failure.sentence.startswith("The peer did not accept the certificate of this system (OpenSSL: ")


@pytest.mark.parametrize("end", ["hang", "close", "reset"])
def test_how_a_server_takes_quit_is_no_failure(end: str, servers: Servers, tls: ssl.SSLContext) -> None:
    limits = PATIENT._replace(quit=0.03)
    found, _ = run(tls, *script(servers, f"{BEGUN} READY tls:plain read {end}"), limits=limits)
    assert (found.good, found.failure) == (True, None)


def test_no_connection_is_a_failure_with_the_words_of_the_network(tls: ssl.SSLContext) -> None:
    async def nobody() -> Probe:
        async with peer() as server:
            port = server.port
        return await probe(
            Network(), "127.0.0.1", port, hello="mail.example.com", tls=tls, server_name=None, judge=lambda _: GOOD
        )

    found = asyncio.run(nobody())
    assert found.failure is not None
    assert found.failure[:3] == ("connect", "refused", None)
    assert found.failure.sentence == f"127.0.0.1 port {found.port} refused the connection."
    assert (found.source, found.handshake, found.transcript) == (None, None, ())


# S7
@pytest.mark.parametrize(
    "until",
    ["hang", "HELLO read hang", f"{BEGUN} hang", f"{BEGUN} READY swallow hang", f"{BEGUN} READY tls:plain read hang"],
)
def test_cancelling_leaves_no_socket_and_says_nothing_more(until: str, servers: Servers, tls: ssl.SSLContext) -> None:
    async def cancel() -> tuple[list[str], list[str]]:
        async with peer(*script(servers, until)) as server:
            probing = asyncio.create_task(
                probe(
                    Network(),
                    "127.0.0.1",
                    server.port,
                    hello="mail.example.com",
                    tls=tls,
                    server_name=None,
                    judge=lambda _: GOOD,
                )
            )
            await server.hanging.wait()
            before, said = sockets(), server.commands()
            probing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await probing
            assert sockets() == before - 1
            await server.ended.wait()
            return said, server.commands()

    said, said_at_last = asyncio.run(cancel())
    assert said == said_at_last


def test_many_probes_leave_nothing_behind(servers: Servers, tls: ssl.SSLContext) -> None:
    async def probes() -> None:
        async with (
            peer(*script(servers, f"{BEGUN} READY tls:plain read BYE")) as good,
            peer(*script(servers, f"{BEGUN} READY swallow reset")) as bad,
        ):
            before = sockets()
            for port in (good.port, bad.port) * 25:
                await probe(Network(), "127.0.0.1", port, hello="me", tls=tls, server_name=None, judge=lambda _: GOOD)
            await asyncio.sleep(0.01)
            assert sockets() == before

    gc.collect()
    gc.disable()  # what goes, goes without the collector: there are no cycles
    try:
        asyncio.run(probes())
        assert not [one for one in gc.get_objects() if isinstance(one, (Wire, ssl.MemoryBIO))]
    finally:
        gc.enable()


def test_a_transcript_is_bounded_and_moves_no_cursor() -> None:
    transcript = Transcript()
    for _ in range(MOST_SHOWN + 50):
        transcript.add("received", "220 \x1b[2J" + "x" * 10_000)
    assert len(transcript.lines) == MOST_SHOWN + 1
    assert transcript.lines[-1].text == "(more lines are not kept)"
    assert all(len(line.text) <= LONGEST_SHOWN + 3 and "\x1b" not in line.text for line in transcript.lines)
