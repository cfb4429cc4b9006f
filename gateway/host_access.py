"""The Host Access Table as one question: who connects, under which policy, with which TLS setting?

The table is compiled once; a lookup then costs one dictionary look for every prefix length and every label in use,
however many senders there are.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from msgspec.structs import asdict, replace

from state.model_listeners import DefaultPolicy, HostAccess, ListenerTls, Policy, PolicyBehavior
from state.names import InvalidName, host_name
from state.senders import ALL, Span, span


class Decision(NamedTuple):
    """What the table says of one connection.

    Attributes:
        group: the sender group, None where none matched.
        policy: its policy's name, None where no group matched: then the default policy holds.
        behavior: what is done with the connection.
        parameters: what holds for it, with the default policy's value wherever the policy has none.
    """

    group: str | None
    policy: str | None
    behavior: PolicyBehavior
    parameters: DefaultPolicy

    @property
    def tls(self) -> ListenerTls:
        """The TLS setting."""
        return self.parameters.tls


class HostAccessTable:
    """A compiled table.

    Args:
        table: a Host Access Table that keeps to the rules of `state.rules`.
    """

    def __init__(self, table: HostAccess) -> None:
        policies = table.every_policy
        terms = {name: (policy.behavior, parameters(policy, table.default)) for name, policy in policies.items()}
        self._decisions = [Decision(group.name, group.policy, *terms[group.policy]) for group in table.groups]
        self._decisions.append(Decision(None, None, "accept", table.default))
        self._everybody = len(table.groups)
        self._names: dict[str, int] = {}
        self._networks: dict[int, list[tuple[int, dict[int, int]]]] = {4: [], 6: []}
        blocks: dict[tuple[int, int], dict[int, int]] = {}
        for order, group in enumerate(table.groups):
            for stored in group.senders:
                self._add(stored, order, blocks)
        for (version, host_bits), starts in blocks.items():
            self._networks[version].append((host_bits, starts))

    def decide(self, address: str, host: str | None = None) -> Decision:
        """Return what holds for a connection; the first group from the top that has the sender decides.

        Args:
            address: of the client, IPv4 or IPv6; an IPv4 address mapped into IPv6 counts as IPv4.
            host: its host name where one is known (a name that is none matches nothing).

        Raises:
            ValueError: the address is none.
        """
        found = self._everybody
        client = ipaddress.ip_address(address)
        if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped is not None:
            client = client.ipv4_mapped
        number = int(client)
        for host_bits, starts in self._networks[client.version]:
            found = min(found, starts.get(number >> host_bits, found))
        if host and self._names:
            found = min(found, self._by_name(host))
        return self._decisions[found]

    def _by_name(self, host: str) -> int:
        try:
            name = host_name(host)
        except InvalidName:
            return self._everybody
        found = self._names.get(name, self._everybody)
        below = name.find(".")
        while below >= 0:
            found = min(found, self._names.get(name[below:], found))
            below = name.find(".", below + 1)
        return found

    def _add(self, stored: str, order: int, blocks: dict[tuple[int, int], dict[int, int]]) -> None:
        if stored == ALL:
            self._everybody = min(self._everybody, order)
            return
        addresses = span(stored)
        if addresses is None:
            self._names.setdefault(stored, order)
            return
        for first, host_bits in _blocks(addresses):
            blocks.setdefault((addresses.version, host_bits), {}).setdefault(first >> host_bits, order)


def parameters(policy: Policy, default: DefaultPolicy) -> DefaultPolicy:
    """Return everything that holds under a policy: its own values, else the default policy's."""
    own = {name: value for name, value in asdict(policy).items() if value is not None and name != "behavior"}
    return replace(default, **own)


def _blocks(addresses: Span) -> list[tuple[int, int]]:
    """Return the fewest aligned blocks that make up a range, as (first address, bits behind the prefix)."""
    blocks = []
    first = addresses.first
    while first <= addresses.last:
        aligned = (first & -first).bit_length() - 1 if first else addresses.bits
        host_bits = min(aligned, (addresses.last - first + 1).bit_length() - 1)
        blocks.append((first, host_bits))
        first += 1 << host_bits
    return blocks
