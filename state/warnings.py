"""What a commit is warned of: settings that are allowed and seldom meant. One function a warning.

Each yields a sentence for the operator. Unlike the rules (`state.rules`) they refuse nothing, and only what a commit
brings about is told.
"""

from __future__ import annotations

from state.model import Configuration
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
)
