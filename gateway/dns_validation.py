"""Does a resolver validate DNSSEC (rule D4)? What can be known of that from outside, without a validator of our own.

A validating resolver sets the AD flag on the SOA record of the root, which is signed and which it needs for anything
else. Where it has only trust anchors for some names (a laboratory, a private network) the names that are being asked
about can show it.

A resolver that sets AD on everything would pass, so it is asked for what nobody can vouch for: the reverse zones of
private addresses. They are delegated without signatures (RFC 7534), and most resolvers serve them on their own (RFC
6303), so that no internet is needed. AD on two of them is a lie. That finds one that lies about everything; one that
checks signatures badly, or lies about some names only, cannot be found out from its flags. A name that is known to be
bogus would tell a little more, but somebody else must keep it so, and the internet must be there to ask for it.
"""

from __future__ import annotations

import asyncio
from typing import Literal

import dns.name

from gateway.dns import shown
from gateway.dns_exchange import Unanswered, ask
from gateway.dns_messages import BadAnswer, owner_name
from gateway.verdict import Verdict
from state.names import InvalidName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.dns_exchange import Server
    from gateway.dns_messages import Kind
    from gateway.network import Network

Found = Literal["secure", "insecure", "error"]

NEVER_SIGNED = ("10.in-addr.arpa", "254.169.in-addr.arpa")
"""Zones that are not signed; somebody may sign the first for a private network, nobody both."""


async def validates(network: Network, server: Server, names: Iterable[str] = (), *, seconds: float = 3.0) -> Verdict:
    """Return whether the AD flag of a resolver can be used for DANE, and why not.

    The outcome is `validates`, `validates-some-names` (the root is not secure for it, one of `names` is), `not-trusted`
    (nothing is asked then), `does-not-validate`, `vouches-for-anything`, or `unknown` where it does not answer.

    Args:
        network: opens the sockets.
        server: the resolver.
        names: domains that are being asked about, and may be secure where the root is not.
        seconds: for each question; all but those that depend on another are asked at the same time.
    """
    who = shown(server)
    if not server.trusted:
        told = f"{who} is not trusted; one that validates and is reached safely may be marked trusted in dnsconfig"
        return _bad("not-trusted", f"DANE is unavailable: {told}.")
    asked = [_names(name) for name in names]
    (root, why), (unsigned, _), *others = await asyncio.gather(
        _state(network, server, dns.name.root, "SOA", seconds),
        _state(network, server, owner_name(NEVER_SIGNED[0]), "SOA", seconds),
        *(_state(network, server, name, "MX", seconds) for name in asked if name is not None),
    )
    if unsigned == "secure":
        unsigned, _ = await _state(network, server, owner_name(NEVER_SIGNED[1]), "SOA", seconds)
    if unsigned == "secure":
        lie = f"{who} says of names that are never signed that it validated them"
        return _bad("vouches-for-anything", f"DANE is unavailable: {lie}.")
    untested = "" if unsigned == "insecure" else " Whether it says so of anything could not be tested."
    who = who[:1].upper() + who[1:]
    if root == "secure":
        return Verdict(True, "validates", None, f"{who} validates DNSSEC.{untested}")
    if any(state == "secure" for state, _ in others):
        sentence = f"{who} validates DNSSEC for some names, but not from the root.{untested}"
        return Verdict(True, "validates-some-names", None, sentence)
    if root == "insecure":
        return _bad("does-not-validate", f"DANE is unavailable: {shown(server)} does not validate DNSSEC.")
    return _bad("unknown", f"It cannot be told whether {shown(server)} validates DNSSEC: it {why}.")


async def _state(
    network: Network, server: Server, name: dns.name.Name, kind: Kind, seconds: float
) -> tuple[Found, str]:
    """Return what one answer of a resolver is, and what went wrong."""
    try:
        reply = await ask(network, server, name, kind, seconds)
    except (BadAnswer, Unanswered) as error:
        return "error", str(error)
    return ("secure" if reply.authenticated else "insecure"), ""


def _names(text: str) -> dns.name.Name | None:
    try:
        return owner_name(text)
    except InvalidName:
        return None


def _bad(outcome: str, sentence: str) -> Verdict:
    return Verdict(False, outcome, "dnssec-invalid", sentence)
