"""One GET over HTTP/1.1, for MTA-STS policies (RFC 8461 s3.3, rule M7) and revocation lists (RFC 5280 s4.2.1.13).

The wire format is h11's; names are resolved, sockets opened and certificates judged by what is handed in. A handshake
verifies nothing by itself: the chain that the server presented is judged before the request is sent, so a server that
is not the right one never learns what was asked. Redirections are not followed, nothing is cached, and every answer is
bounded in size and time.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from gateway.client_tls import presented_chain
from gateway.network import NotConnected
from gateway.tls_faults import tls_sentence
from state.names import web_address_fault, without_user
from state.problems import StateRefusal
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from typing import Any, Literal, TypeAlias

    from gateway.answers import Answer
    from gateway.network import Network
    from gateway.verdict import Verdict

    Judge: TypeAlias = Callable[[tuple[bytes, ...], str], Verdict]
    """Judges the chain that a server presented, DER, its own certificate first, for the host of the URL."""
    Addresses: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
    """Returns the addresses of a host name, best first, () where there are none; raises FetchFailed as `get` does."""
    LookUp: TypeAlias = Callable[[str, Literal["A", "AAAA"]], Awaitable[Answer[str]]]
    """Looks the addresses of one kind up, as `gateway.dns.Dns.addresses` does."""

PIECE = 65536
"""Bytes that are taken at a time."""
LONGEST_HEAD = 32 * 1024
"""Bytes of a status line with its headers."""
MOST_INTERIM = 8
"""Interim answers (1xx) before the one that counts."""


class Limits(NamedTuple):
    """How large an answer may be, and how long it may take.

    Attributes:
        size: bytes of its body.
        seconds: for all of it, the look-up of the host included.
        step: seconds for a connection to one address, and for a TLS handshake.
    """

    size: int
    seconds: float
    step: float = 20.0


class Content(NamedTuple):
    """What was fetched; `media_type` as the server wrote it, "" where it did not."""

    body: bytes
    media_type: str

    @property
    def plain_text(self) -> bool:
        """Whether the media type is text/plain, with whatever parameters (RFC 9110 s8.3.1)."""
        return self.media_type.partition(";")[0].strip().lower() == "text/plain"


class FetchFailed(StateRefusal):
    """Nothing was fetched; the text says why.

    Attributes:
        outcome: `bad-address`, `no-address`, `not-connected`, `tls-failed`, `certificate-refused`, `redirected`,
            `bad-status`, `bad-answer`, `cut-off`, `too-large` or `timeout`.
        certificate: the judgment of the server's certificate where that is why.
    """

    def __init__(self, outcome: str, sentence: str, certificate: Verdict | None = None) -> None:
        self.outcome = outcome
        self.certificate = certificate
        super().__init__(sentence)


class _Target(NamedTuple):
    """A URL in the parts that are needed."""

    secure: bool
    host: str
    port: int
    authority: str
    path: str


class Web:
    """What is needed to fetch from the web."""

    def __init__(self, network: Network, addresses: Addresses, judge: Judge) -> None:
        """Keep what opens sockets, what resolves names, and what judges servers."""
        self._network = network
        self._addresses = addresses
        self._judge = judge

    async def get(self, url: str, limits: Limits) -> Content:
        """Return what stands at a URL of http or https.

        Raises:
            FetchFailed: it cannot be had, for whatever reason.
        """
        target = _target(url)
        try:
            async with asyncio.timeout(limits.seconds):
                connection = await self._connect(target, limits.step)
                async with _stream(connection, target, limits.step) as (reader, writer):
                    if target.secure:
                        self._judge_server(writer, target)
                    return await _exchange(reader, writer, target, limits.size)
        except TimeoutError:
            said = f"{quoted(target.host)} did not answer in full within {limits.seconds:g} s."
            raise FetchFailed("timeout", said) from None

    async def _connect(self, target: _Target, seconds: float) -> socket.socket:
        """Return a connection to the first address that takes one.

        Raises:
            FetchFailed: none does, or there is none.
        """
        numbers = ":" in target.host or target.host.replace(".", "").isdigit()
        found = [target.host] if numbers else await self._addresses(target.host)
        refusal = FetchFailed("no-address", f"The host {quoted(target.host)} has no address.")
        for address in found:
            try:
                return await self._network.connect(address, target.port, timeout=seconds)
            except NotConnected as error:
                refusal = FetchFailed("not-connected", str(error))
        raise refusal

    def _judge_server(self, writer: asyncio.StreamWriter, target: _Target) -> None:
        verdict = self._judge(presented_chain(writer.get_extra_info("ssl_object")), target.host)
        if not verdict.good:
            said = f"The certificate of {quoted(target.host)} is not accepted: {verdict.sentence}"
            raise FetchFailed("certificate-refused", said, verdict)


def resolved_by(look_up: LookUp) -> Addresses:
    """Return what resolves names for `Web`: IPv4 first, for a way to IPv6 that leads nowhere would cost seconds."""

    async def addresses(host: str) -> Sequence[str]:
        answers = await asyncio.gather(look_up(host, "A"), look_up(host, "AAAA"))
        found = [address for answer in answers for address in answer.records]
        for answer in answers:
            if not found and answer.security == "error":
                raise FetchFailed("no-address", f"The address of {quoted(host)} is not known: {answer.fault}")
        return found

    return addresses


def _target(url: str) -> _Target:
    if fault := web_address_fault(url):
        raise FetchFailed("bad-address", f"{quoted(without_user(url))} is not a valid web address: {fault}.")
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host = (parts.hostname or "").removesuffix(".")
    usual = 443 if secure else 80
    port = parts.port or usual
    bracketed = f"[{host}]" if ":" in host else host
    authority = bracketed if port == usual else f"{bracketed}:{port}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(secure, host, port, authority, path)


@cache
def _context() -> ssl.SSLContext:
    """Return the context of all connections: it trusts nobody and asks nothing, which is why it costs nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


@asynccontextmanager
async def _stream(
    connection: socket.socket, target: _Target, seconds: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Give a stream over a connection, with TLS where the target is secure; in the end it is closed at once."""
    try:
        reader, writer = await asyncio.open_connection(
            sock=connection,
            limit=PIECE,
            ssl=_context() if target.secure else None,
            server_hostname=target.host if target.secure else None,
            ssl_handshake_timeout=seconds if target.secure else None,
        )
    except TimeoutError:
        connection.close()
        raise
    except OSError as error:
        connection.close()
        why = "The connection was closed."
        if isinstance(error, ssl.SSLError):
            why = tls_sentence(error)
        elif isinstance(error, ConnectionAbortedError):  # as asyncio has it
            why = f"The handshake did not end within {seconds:g} s."
        raise FetchFailed("tls-failed", f"There is no TLS with {quoted(target.host)}: {why}") from None
    except BaseException:
        connection.close()
        raise
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: _Target, most: int) -> Content:
    """Send the request and return what is answered.

    Raises:
        FetchFailed: it is no answer of status 200, or longer than `most` bytes, or not all of it came.
    """
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
    headers = [("Host", target.authority), ("User-Agent", "asyncsh"), ("Accept", "*/*")]
    headers += [("Accept-Encoding", "identity"), ("Connection", "close")]
    request = h11.Request(method="GET", target=target.path, headers=headers)
    try:
        writer.write((http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        response = await _response(http, reader)
        if refusal := _refusal(response, target, most):
            raise refusal
        body = bytearray()
        while not isinstance(event := await _event(http, reader), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                body += event.data
            if len(body) > most:
                raise _too_large(target, most)
    except h11.RemoteProtocolError as error:
        said = f"{quoted(target.host)} answered with what is no HTTP: {quoted(error)}."
        raise FetchFailed("bad-answer", said) from None
    except TimeoutError:
        raise
    except OSError:
        raise FetchFailed("cut-off", f"{quoted(target.host)} broke the connection off.") from None
    return Content(bytes(body), _header(response, b"content-type"))


async def _response(http: h11.Connection, reader: asyncio.StreamReader) -> h11.Response:
    for _ in range(MOST_INTERIM + 1):
        event = await _event(http, reader)
        if isinstance(event, h11.Response):
            return event
        if not isinstance(event, h11.InformationalResponse):
            break
    raise h11.RemoteProtocolError("no final answer")


async def _event(http: h11.Connection, reader: asyncio.StreamReader) -> Any:
    """Return the next event that the bytes of the server make.

    Raises:
        RemoteProtocolError: they break the format.
        ConnectionError: they end too early.
    """
    while (event := http.next_event()) is h11.NEED_DATA:
        data = await reader.read(PIECE)
        http.receive_data(data)
        if not data:
            try:
                return http.next_event()
            except h11.RemoteProtocolError:
                raise ConnectionError from None
    return event


def _refusal(response: h11.Response, target: _Target, most: int) -> FetchFailed | None:
    """Return why an answer is not taken, as far as its head tells."""
    host = quoted(target.host)
    status = response.status_code
    if 300 <= status < 400:
        return FetchFailed("redirected", f"{host} answered with a redirection ({status}), which is not followed.")
    if status != 200:
        return FetchFailed("bad-status", f"{host} answered with the status {status}; 200 is expected.")
    if (coding := _header(response, b"content-encoding").strip().lower()) not in ("", "identity"):
        return FetchFailed("bad-answer", f"{host} sent it compressed ({quoted(coding)}), which was not asked for.")
    length = _header(response, b"content-length")
    if length.isdigit() and int(length) > most:
        return _too_large(target, most)
    if target.secure and not length and not _header(response, b"transfer-encoding"):
        # Whoever can close the connection could cut such an answer off, and nobody would see it (RFC 9112 s9.8).
        return FetchFailed("bad-answer", f"{host} does not say how long its answer is.")
    return None


def _too_large(target: _Target, most: int) -> FetchFailed:
    size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
    return FetchFailed("too-large", f"The answer of {quoted(target.host)} is larger than {size}.")


def _header(response: h11.Response, name: bytes) -> str:
    """Return the first header of a name; "" where there is none."""
    return next((value.decode("latin-1") for key, value in response.headers if key == name), "")
