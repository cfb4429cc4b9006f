"""What a commit is warned of: settings that are allowed and seldom meant. One function a warning.

Each yields a sentence for the operator. Unlike the rules (`state.rules`) they refuse nothing, and only what a commit
brings about is told.
"""

from __future__ import annotations

from state.addresses import on_loopback
from state.model import Configuration
from state.model_network import DEFAULT_ROUTE
from state.model_relay import RELAY_WORDS, other_encryption
from state.section import DEMO
from state.senders import ALL
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from state.model_listeners import HostAccess

PUBLIC_PORT = 25
"""The port on which servers of everybody deliver."""


def new_warnings(before: Configuration, after: Configuration) -> list[str]:
    """Return the warnings of a configuration that another one did not have yet, in the order of the table."""
    if before is after:
        return []
    known = {sentence for warning in WARNINGS for sentence in warning(before)}
    return [sentence for warning in WARNINGS for sentence in warning(after) if sentence not in known]


def tls_is_required_of_everybody(configuration: Configuration) -> Iterator[str]:
    """A public listener on port 25 refuses whoever has no TLS (RFC 3207 s4: it MUST NOT)."""
    for name, listener in configuration.listeners.items():
        if listener.type == "public" and listener.port == PUBLIC_PORT and _requires_tls(listener.host_access):
            yield (
                f"Listener {name} requires TLS of everybody. RFC 3207 says that a public server on port {PUBLIC_PORT} "
                "must not: mail of servers without TLS is refused."
            )


def demo_is_shown_to_others(configuration: Configuration) -> Iterator[str]:
    """A listener that offers TLS does so with the Demo certificate."""
    for name, listener in configuration.listeners.items():
        if listener.certificate == DEMO and _offers_tls(listener.host_access):
            yield (
                f"Listener {name} uses the {quoted(DEMO)} certificate, which is not secure; choose another with "
                "listenerconfig -> edit -> certificate."
            )


def demo_is_shown_to_browsers(configuration: Configuration) -> Iterator[str]:
    """The HTTPS service of an interface has the Demo certificate."""
    for name, interface in configuration.interfaces.items():
        if interface.https and interface.https.certificate == DEMO:
            yield (
                f"Interface {name} uses the {quoted(DEMO)} certificate for HTTPS, which is not secure; choose another "
                "with interfaceconfig -> edit."
            )


def dane_has_no_validating_resolver(configuration: Configuration) -> Iterator[str]:
    """DANE is on, and no DNS server is believed when it says that an answer was validated (rule D4)."""
    resolvers = configuration.dns.resolvers
    if not resolvers or any(server.validates for server in resolvers):
        return
    if configuration.destinations.dane_domains:
        yield (
            "DANE is on, but no DNS server of dnsconfig is trusted to validate DNSSEC: Opportunistic protects nothing, "
            "and Mandatory delays all mail."
        )


def resolver_is_trusted_from_afar(configuration: Configuration) -> Iterator[str]:
    """A resolver is believed that is not on this machine: what it says can be changed on the way (RFC 4035 s4.9.3)."""
    servers: dict[tuple[str, int], None] = {}
    dns = configuration.dns
    for server in (*dns.resolvers, *(one for domain in dns.domains.values() for one in domain.servers)):
        if server.trusted and not on_loopback(server.address):
            servers[server.address, server.port] = None
    for address, port in servers:
        yield (
            f"The DNS server {address} port {port} is trusted to validate DNSSEC and is not on this machine: whoever "
            "can change packets on the way to it can forge what DANE relies on."
        )


def all_mail_is_discarded(configuration: Configuration) -> Iterator[str]:
    """The default route leads nowhere."""
    route = configuration.smtp_routes.get(DEFAULT_ROUTE)
    if route is not None and route.to == "discard":
        yield (
            "The default SMTP route discards mail: nothing is ever delivered to a domain that has no route of its own."
        )


def route_leads_back(configuration: Configuration) -> Iterator[str]:
    """A route hands mail to a name or an address under which this system receives it."""
    own: set[str | None] = {configuration.hostname}
    for interface in configuration.interfaces.values():
        addresses = (interface.address, interface.ipv6 or "")
        own |= {interface.hostname, *(address.partition("/")[0] for address in addresses)}
    ports = {listener.port for listener in configuration.listeners.values()}
    for name, route in configuration.smtp_routes.items():
        for one in route.hosts:
            host = one.host.strip("[]").removeprefix("IPv6:")
            if host in own and one.port in ports:
                yield f"The SMTP route for {name} leads back to this system ({host}): its mail goes round in a circle."


def relay_port_is_for_another_encryption(configuration: Configuration) -> Iterator[str]:
    """The relay's port is known for a session that begins in another way."""
    relay = configuration.smtp_relay
    other = other_encryption(relay.encryption, relay.port) if relay is not None else None
    if relay is not None and other is not None:
        yield (
            f"The SMTP relay uses port {relay.port}, which is known for {RELAY_WORDS[other]}, with "
            f"{RELAY_WORDS[relay.encryption]}: smtpconfig -> TEST shows whether it works."
        )


def _requires_tls(table: HostAccess) -> bool:
    """Tell whether TLS is required of whoever is in no group above ALL."""
    group = next((group for group in table.groups if ALL in group.senders), None)
    policy = table.every_policy.get(group.policy) if group else None
    if policy is None:
        return table.default.tls == "required"
    return policy.behavior in ("accept", "relay") and (policy.tls or table.default.tls) == "required"


def _offers_tls(table: HostAccess) -> bool:
    """Tell whether anybody is offered TLS."""
    policies = table.every_policy
    used = [policies[group.policy] for group in table.groups if group.policy in policies]
    settings = {policy.tls or table.default.tls for policy in used if policy.behavior in ("accept", "relay")}
    if not any(ALL in group.senders for group in table.groups):
        settings.add(table.default.tls)
    return bool(settings - {"no"})


WARNINGS: tuple[Callable[[Configuration], Iterable[str]], ...] = (
    tls_is_required_of_everybody,
    demo_is_shown_to_others,
    demo_is_shown_to_browsers,
    dane_has_no_validating_resolver,
    resolver_is_trusted_from_afar,
    all_mail_is_discarded,
    route_leads_back,
    relay_port_is_for_another_encryption,
)
