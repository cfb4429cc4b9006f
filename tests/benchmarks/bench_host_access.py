"""A Host Access Table of 10,000 senders: compiled, and asked who a client is; beside the look through all of them."""

from __future__ import annotations

import ipaddress
import sys

from commands.listenerconfig.host_access_text import Entry, read_table, table_text
from gateway.host_access import HostAccessTable
from state.model_listeners import HostAccess, SenderGroup
from state.senders import sender, span
from tests.benchmarks.table import seconds, show

LOOKUPS = 10_000


def table_of(count: int) -> HostAccess:
    """Return a table of groups of ten senders of every kind."""
    groups = []
    for number in range(count // 10):
        high, low = number >> 8 & 255, number & 255
        senders = [
            f"10.{high}.{low}.1",
            f"10.{high}.{low}.16/28",
            f"172.{high}.{low}.",
            f"11.{high}.{low}.10-20",
            f"12.{high}.{low}.7-13.{high}.{low}.9",
            f"2001:db8:{number:x}::/48",
            f"2001:db9:{number:x}::25",
            f"mx{number}.example.com",
            f".d{number}.example.net",
            f"host-{number}.partner.example",
        ]
        groups.append(SenderGroup(name=f"G{number}", policy="TRUSTED", senders=senders))
    return HostAccess(groups=[*groups, SenderGroup(name="ALL", policy="ACCEPTED", senders=["ALL"])])


def looked_through(table: HostAccess, address: str, host: str) -> str | None:
    """Return the group of a client as it is found without compiling anything."""
    client = ipaddress.ip_address(address)
    for group in table.groups:
        for stored in group.senders:
            found = span(stored)
            if found is None:
                if stored in ("ALL", host) or (stored.startswith(".") and host.endswith(stored)):
                    return group.name
            elif found.version == client.version and found.first <= int(client) <= found.last:
                return group.name
    return None


def main(count: int = 10_000) -> None:
    """Print the tables."""
    table = table_of(count)
    senders = [one for group in table.groups for one in group.senders]
    text = table_text(Entry(group.name, group) for group in table.groups)
    compiled = HostAccessTable(table)
    last = count // 10 - 1
    clients = [
        ("192.0.2.1", "nobody.example.org"),
        (f"13.{last >> 8 & 255}.{last & 255}.9", "nobody.example.org"),
        ("2001:db8:17::1", "a.b.c.example.org"),
        ("192.0.2.1", f"x.d{last}.example.net"),
    ]
    assert all(compiled.decide(*client).group == looked_through(table, *client) for client in clients)
    show(
        f"A Host Access Table of {len(senders):,} senders",
        [
            ("compiled", seconds(lambda: HostAccessTable(table), 3), "goal well under 1000 ms"),
            ("every sender checked (each commit)", seconds(lambda: [sender(one) for one in senders], 3), ""),
            ("IMPORT: its text read", seconds(lambda: read_table(text), 3), ""),
        ],
    )
    asked = seconds(lambda: [compiled.decide(*client) for client in clients for _ in range(LOOKUPS // 4)], 3)
    naive = seconds(lambda: [looked_through(table, *client) for client in clients], 1)
    show(
        "One client",
        [
            ("all senders looked through", naive / len(clients), ""),
            ("lookup in the compiled table", asked / LOOKUPS, ""),
        ],
        unit=1_000_000,
        name="us",
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
