"""One host probed: its addresses, the first one that takes a connection, and what the judgment makes of its TLS.

What happens is told as it happens, so that a dialog can show it; what was found is returned whole.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Literal, NamedTuple

from gateway.smtp import server_name_of
from gateway.smtp_probe import probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from gateway.answers import Answer
    from gateway.engine import Engine
    from gateway.smtp import Handshake
    from gateway.smtp_probe import Probe
    from gateway.verdict import Verdict

    Kind: TypeAlias = Literal["A", "AAAA"]


class Connecting(NamedTuple):
    """An address is being connected to."""

    address: str
    port: int


class Connected(NamedTuple):
    """There is a connection, from this system's address `source`."""

    address: str
    source: str


class Checking(NamedTuple):
    """The SMTP session begins, and TLS in it."""

    address: str


class Established(NamedTuple):
    """A TLS handshake succeeded; nothing is verified yet."""

    address: str
    handshake: Handshake


class NoConnection(NamedTuple):
    """An address did not take the connection, for the reason that the sentence gives; the next one is tried."""

    address: str
    sentence: str


Event: TypeAlias = "Connecting | Connected | Checking | Established | NoConnection"


class Addresses(NamedTuple):
    """The addresses of a host in the order in which they are tried; without any, outcome and sentence say why.

    Attributes:
        addresses: in their order.
        outcome: `found`, `no-address`, `look-up-failed`, or `address-as-host` for an MX record that names no host.
        sentence: the same for people; "" where some were found.
        a: the answer to the question for IPv4 addresses; None where it was not asked.
        aaaa: for IPv6 addresses.
    """

    addresses: tuple[str, ...]
    outcome: Literal["found", "no-address", "look-up-failed", "address-as-host"]
    sentence: str
    a: Answer[str] | None = None
    aaaa: Answer[str] | None = None


async def addresses_of(engine: Engine, host: str, *, literal: bool = True) -> Addresses:
    """Look the addresses of a host up, in the order of the default entry's IP version preference.

    Args:
        engine: the appliance at work.
        host: a name, or an address literal with or without brackets.
        literal: whether an address may stand for a host, as an operator types one; an MX record may not name one.
    """
    if (address := as_address(host)) is not None:
        if literal:
            return Addresses((address,), "found", "")
        sentence = f"The MX record names the address {address}; it has to name a host (RFC 5321 s5.1)."
        return Addresses((), "address-as-host", sentence)
    preference = engine.configuration.destinations.default.ip_preference
    kinds: tuple[Kind, ...] = ("AAAA", "A") if preference.endswith("v6") else ("A", "AAAA")
    if preference.startswith("require"):
        kinds = kinds[:1]
    answers = await asyncio.gather(*(engine.dns.addresses(host, kind) for kind in kinds))
    by_kind = dict(zip(kinds, answers, strict=True))
    found = tuple(address for answer in answers for address in answer.records)
    if not found:
        return Addresses((), *_without(host, answers), by_kind.get("A"), by_kind.get("AAAA"))
    return Addresses(found, "found", "", by_kind.get("A"), by_kind.get("AAAA"))


async def probe_host(
    engine: Engine,
    addresses: Sequence[str],
    port: int,
    server_name: str | None,
    judge: Callable[[Handshake], Verdict],
    tell: Callable[[Event], object] = lambda event: None,
) -> list[Probe]:
    """Probe the addresses of a host in turn until one takes a connection; what comes after that is its answer.

    Args:
        engine: the appliance at work.
        addresses: at least one.
        port: the port of SMTP there.
        server_name: the SNI.
        judge: gives the verdict on what was presented.
        tell: is told what happens.

    Returns:
        A probe for each address that was tried, the last one of them the answer.

    Raises:
        TlsUnusable: the outbound TLS settings cannot be used.
        SecretUnavailable: the key of the outbound certificate cannot be opened.
        OSError: the appliance directory cannot be read.
    """
    context = engine.context()
    probes: list[Probe] = []
    for address in addresses:
        tell(Connecting(address, port))

        def connected(source: str, address: str = address) -> None:
            tell(Connected(address, source))
            tell(Checking(address))

        def judged(handshake: Handshake, address: str = address) -> Verdict:
            tell(Established(address, handshake))
            return judge(handshake)

        done = await probe(
            engine.network,
            address,
            port,
            hello=engine.configuration.hostname,
            tls=context,
            server_name=server_name,
            judge=judged,
            limits=engine.session_limits,
            connected=connected,
        )
        probes.append(done)
        if done.source is not None:
            break
        if done.failure is not None and address != addresses[-1]:
            tell(NoConnection(address, done.failure.sentence))
    return probes


def as_address(host: str) -> str | None:
    """Return an address literal without its brackets; None for a name."""
    bare = host.removeprefix("[").removesuffix("]").removeprefix("IPv6:")
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, bare)
        except (OSError, ValueError):
            continue
        return bare
    return None


def sni(host: str) -> str | None:
    """Return what SNI says for a host (rule S5)."""
    return None if as_address(host) is not None else server_name_of(host)


def _without(host: str, answers: Sequence[Answer[str]]) -> tuple[Literal["no-address", "look-up-failed"], str]:
    from state.wording import quoted

    if failed := [answer for answer in answers if answer.security == "error"]:
        return "look-up-failed", failed[0].fault
    if not all(answer.exists for answer in answers):
        return "no-address", f"The host {quoted(host)} does not exist."
    return "no-address", f"The host {quoted(host)} has no address."
