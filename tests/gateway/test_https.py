"""One GET: what is taken from a web server, what is not, and that a server is judged before it is asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.answers import Answer
from gateway.https import Content, FetchFailed, Limits, Web, resolved_by
from gateway.verdict import Verdict
from tests.gateway.making import make
from tests.gateway.serving import ADDRESS, GOOD, Served, answer, server_context, serving

if TYPE_CHECKING:
    from gateway.https import Judge

URL = "https://mta-sts.example.com/.well-known/mta-sts.txt"
BODY = b"version: STSv1\n"
LIMITS = Limits(1024, 10)
BRIEF = Limits(1024, 0.2)
LEAF = make("mta-sts.example.com", names=("mta-sts.example.com",))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return server_context(tmp_path_factory.mktemp("server"), LEAF)


def good(chain: tuple[bytes, ...], host: str) -> Verdict:
    return GOOD


async def fetch(served: Served, url: str = URL, limits: Limits = LIMITS, judge: Judge = good) -> Content | str:
    """Return what is fetched, or the outcome and the sentence of the failure."""
    try:
        return await Web(served.network, served.addresses, judge).get(url, limits)
    except FetchFailed as failed:
        return f"{failed.outcome}: {failed}"


def fetched(
    context: ssl.SSLContext | None,
    *pieces: bytes | float,
    url: str = URL,
    limits: Limits = LIMITS,
) -> Content | str:
    strays: list[object] = []

    async def run() -> Content | str:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: strays.append(context))
        async with serving(context, pieces) as served:
            return await fetch(served, url, limits)

    found = asyncio.run(run())
    assert strays == []  # nothing goes wrong beside what is awaited
    return found


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"

TAKEN: list[tuple[str, list[bytes | float], Content]] = [
    ("plain", [answer(BODY)], Content(BODY, "text/plain")),
    ("in pieces", [bytes([byte]) for byte in answer(BODY)], Content(BODY, "text/plain")),
    ("chunked", [CHUNKED + b"5;x=y\r\nversi\r\na\r\non: STSv1\n\r\n0\r\nX: y\r\n\r\n"], Content(BODY, "text/plain")),
    ("empty", [answer(b"")], Content(b"", "text/plain")),
    ("as large as allowed", [answer(b"x" * 1024)], Content(b"x" * 1024, "text/plain")),
    ("after interim answers", [b"HTTP/1.1 103 Hints\r\n\r\n" * 8, answer(BODY)], Content(BODY, "text/plain")),
    ("another media type", [answer(BODY, Content_Type="text/html; charset=x")], Content(BODY, "text/html; charset=x")),
    ("no media type", [answer(BODY, Content_Type="")], Content(BODY, "")),
    ("more behind it", [answer(BODY) + answer(b"another")], Content(BODY, "text/plain")),
    ("old HTTP", [answer(BODY).replace(b"HTTP/1.1", b"HTTP/1.0")], Content(BODY, "text/plain")),
]  # fmt: skip

REFUSED: list[tuple[str, list[bytes | float], str]] = [
    # M7: only status 200, no redirection, 64 KiB, 60 s
    ("redirected", [answer(b"", "301 Moved", Location="https://www.example.com/")], "redirected: "),
    ("redirected otherwise", [answer(b"", "307 Later", Location=URL)], "redirection (307), which is not followed."),
    ("not found", [answer(b"gone", "404 Not Found")], "bad-status: "),
    ("no content", [b"HTTP/1.1 204 No Content\r\n\r\n"], 'status 204; 200 is expected.'),
    ("another success", [answer(BODY, "203 Other")], "bad-status: "),
    ("server error", [answer(b"", "500 Error")], "bad-status: "),
    ("too large by its own word", [answer(b"x", Content_Length="1025")], "too-large: "),
    ("endless", [CHUNKED, *[b"200\r\n" + b"x" * 512 + b"\r\n"] * 100], "is larger than 1 KiB."),
    ("endless head", [b"HTTP/1.1 200 OK\r\n", *[b"X-Y: " + b"z" * 4000 + b"\r\n"] * 100], "bad-answer: "),
    ("endless interim answers", [b"HTTP/1.1 100 Continue\r\n\r\n" * 9, answer(BODY)], "no final answer"),
    ("cut off", [answer(BODY)[:-3]], "cut-off: "),
    ("cut off in the head", [b"HTTP/1.1 200 OK\r\nConte"], "cut-off: "),
    ("cut off in a chunk", [CHUNKED + b"5\r\nver"], "cut-off: "),
    ("closed at once", [], "cut-off: "),
    ("without a length", [b"HTTP/1.1 200 OK\r\n\r\n" + BODY], "does not say how long its answer is."),
    ("two lengths", [answer(BODY, content_length="3")], "bad-answer: "),
    ("no number for a length", [answer(BODY, Content_Length="x")], "bad-answer: "),
    ("compressed", [answer(BODY, Content_Encoding="gzip")], 'compressed ("gzip"), which was not asked for.'),
    ("another protocol", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "bad-answer: "),
    ("garbage", [b"\0\xff\x1b[2J" * 100], "bad-answer: "),
    ("a broken chunk", [CHUNKED + b"5\r\nversiXX3\r\n"], "bad-answer: "),
    ("a switch of protocols", [b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], "bad-answer: "),
]  # fmt: skip


@pytest.mark.parametrize(("pieces", "expected"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_an_answer_is_taken(secure: ssl.SSLContext, pieces: list[bytes | float], expected: Content) -> None:  # M7
    assert fetched(secure, *pieces) == expected


@pytest.mark.parametrize(("pieces", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_answer_is_refused(secure: ssl.SSLContext, pieces: list[bytes | float], expected: str) -> None:  # M7
    found = fetched(secure, *pieces)
    assert isinstance(found, str)
    assert expected in found
    assert found.isprintable()


@pytest.mark.parametrize(
    "pieces",
    [[60.0], [*list[bytes | float](b"HTTP/1.1 200 OK"[i : i + 1] for i in range(3)), 60.0], [answer(BODY)[:-3], 60.0]],
    ids=["silence", "a drip in the head", "a stop in the body"],
)
def test_a_slow_server_does_not_hold_us(secure: ssl.SSLContext, pieces: list[bytes | float]) -> None:  # M7
    said = 'timeout: "mta-sts.example.com" did not answer in full within 0.2 s.'
    assert fetched(secure, *pieces, limits=BRIEF) == said


def test_a_server_that_never_shakes_hands_does_not_hold_us() -> None:  # M7
    assert "timeout: " in str(fetched(None, limits=BRIEF))
    said = 'tls-failed: There is no TLS with "mta-sts.example.com": The handshake did not end within 0.1 s.'
    assert fetched(None, limits=Limits(1024, 10, step=0.1)) == said


def test_what_is_asked() -> None:
    async def run() -> bytes:
        async with serving(None, [answer(BODY)]) as served:
            assert await fetch(served, "http://crl.example.com/a/b.crl?x=1#c") == Content(BODY, "text/plain")
            return served.requests[0]

    assert asyncio.run(run()).split(b"\r\n") == [
        b"GET /a/b.crl?x=1 HTTP/1.1",
        b"Host: crl.example.com",
        b"User-Agent: asyncsh",
        b"Accept: */*",
        b"Accept-Encoding: identity",
        b"Connection: close",
        b"",
        b"",
    ]


def test_in_the_clear_an_answer_may_end_with_the_connection() -> None:
    assert fetched(None, b"HTTP/1.0 200 OK\r\n\r\n" + BODY, url="http://crl.example.com/") == Content(BODY, "")


def test_a_server_is_judged_before_it_is_asked(secure: ssl.SSLContext) -> None:  # M7
    judged: list[tuple[tuple[bytes, ...], str]] = []

    def refuse(chain: tuple[bytes, ...], host: str) -> Verdict:
        judged.append((chain, host))
        return Verdict(False, "issuer-missing", "certificate-not-trusted", "Nobody knows it.")

    async def run() -> None:
        async with serving(secure, [answer(BODY)]) as served:
            said = 'The certificate of "mta-sts.example.com" is not accepted: Nobody knows it.'
            assert await fetch(served, judge=refuse) == f"certificate-refused: {said}"
            await asyncio.sleep(0.01)
            assert (served.sessions, served.requests) == (1, [])

    asyncio.run(run())
    assert judged == [((LEAF.der,), "mta-sts.example.com")]


def test_all_that_is_presented_is_judged(tmp_path: Path) -> None:
    root = make("Root", key=1, ca=True)
    between = make("Between", root, key=2, ca=True)
    leaf = make("mta-sts.example.com", between)
    seen: list[bytes] = []

    def judge(chain: tuple[bytes, ...], host: str) -> Verdict:
        seen.extend(chain)
        return GOOD

    async def run() -> None:
        async with serving(server_context(tmp_path, leaf, between, root), [answer(BODY)]) as served:
            assert await fetch(served, judge=judge) == Content(BODY, "text/plain")

    asyncio.run(run())
    assert seen == [leaf.der, between.der, root.der]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com/", 'bad-address: "ftp://example.com/" is not a valid web address: it does not begin with'),
        ("https://user:secret@example.com/", 'bad-address: "https://...@example.com/" is not a valid'),
        ("https://", "bad-address: "),
        ("https://a b.example/", "bad-address: "),
        ("https://nowhere.example/", 'no-address: The host "nowhere.example" has no address.'),
        ("http://192.0.2.1/", "not-connected: 192.0.2.1 port 80 refused the connection."),
        ("http://[2001:db8::1]:81/", "not-connected: 2001:db8::1 port 81 refused the connection."),
        ("https://example.com:444/", f"not-connected: {ADDRESS} port 444 refused the connection."),
    ],
)
def test_a_host_that_cannot_be_had(url: str, said: str) -> None:
    found = fetched(None, url=url)
    assert str(found).startswith(said)
    assert "secret" not in str(found)


def test_the_next_address_is_tried(secure: ssl.SSLContext) -> None:
    async def run() -> Content:
        async with serving(secure, [answer(BODY)]) as served:

            async def several(host: str) -> Sequence[str]:
                return ("192.0.2.1", "2001:db8::1", ADDRESS)

            return await Web(served.network, several, good).get(URL, LIMITS)

    assert asyncio.run(run()) == Content(BODY, "text/plain")


def test_a_server_without_tls_is_a_failed_handshake() -> None:
    async def run() -> str:
        async with serving(None, [], greeting=b"220 mail.example.com ESMTP\r\n") as served:
            return str(await fetch(served))

    assert asyncio.run(run()).startswith('tls-failed: There is no TLS with "mta-sts.example.com": What ')


@pytest.mark.parametrize(
    ("media_type", "plain"),
    [
        ("text/plain", True),
        ("TEXT/Plain", True),
        ("text/plain;charset=utf-8", True),
        ("text/plain ; charset=UTF-8", True),
        ("", False),
        ("text/html", False),
        ("text/plain+", False),
        ("application/octet-stream; text/plain", False),
    ],
)
def test_the_media_type(media_type: str, plain: bool) -> None:  # M7
    assert Content(b"", media_type).plain_text is plain


@settings(max_examples=25)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda tail: CHUNKED + tail)))
def test_no_answer_is_another_error(data: bytes) -> None:
    found = fetched(None, data, url="http://crl.example.com/")
    assert isinstance(found, Content) or found.isprintable()


@pytest.mark.parametrize(
    ("a", "aaaa", "expected"),
    [
        (("192.0.2.1", "192.0.2.2"), ("2001:db8::1",), ["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
        ((), ("2001:db8::1",), ["2001:db8::1"]),
        (None, ("2001:db8::1",), ["2001:db8::1"]),
        ((), (), []),
        ((), None, 'no-address: The address of "a.example" is not known: SERVFAIL.'),
        (None, (), 'no-address: The address of "a.example" is not known: SERVFAIL.'),
    ],
)
def test_addresses_of_both_kinds(
    a: tuple[str, ...] | None, aaaa: tuple[str, ...] | None, expected: list[str] | str
) -> None:
    async def look_up(host: str, kind: str) -> Answer[str]:
        found = a if kind == "A" else aaaa
        return Answer(host, "error", fault="SERVFAIL.") if found is None else Answer(host, "insecure", found)

    async def run() -> Sequence[str]:
        try:
            return await resolved_by(look_up)("a.example")
        except FetchFailed as failed:
            return f"{failed.outcome}: {failed}"

    assert asyncio.run(run()) == expected


@pytest.mark.parametrize("after", [0, 0.02])
def test_ctrl_c_ends_it_at_once_and_leaves_nothing_open(secure: ssl.SSLContext, after: float) -> None:
    async def run() -> None:
        async with serving(secure, [answer(BODY)[:-3], 60.0]) as served:
            fetching = asyncio.create_task(fetch(served))
            await asyncio.sleep(after)
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetching

    asyncio.run(run())
