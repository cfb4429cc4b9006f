"""SMTP routes as text: `partner.example relay.example.net, backup.example.net:2525/pri=10`.

Behind the domain stand hosts with commas between them, `USEDNS` or `/dev/null`. A port and a priority are written
where they are not the usual ones, 25 and 0.
"""

from __future__ import annotations

import re

from commands.answers import NotAccepted, named
from state.model_network import LOWEST_ROUTE_PRIORITY, SMTP_PORT, RouteHost, SmtpRoute
from state.network_names import route_host
from state.wording import quoted

USE_DNS = "USEDNS"
DISCARD = "/dev/null"
EXAMPLE = "partner.example relay.example.net, backup.example.net:2525/pri=10"

_HOST = re.compile(r"(?P<host>\[[^\]]*\]|[^:/]*|[^/]*:[^/]*:[^/]*)(?::(?P<port>[^:/]*))?(?:/(?P<priority>.*))?")
"""A name, something in brackets or an IPv6 address; a port behind `:` and what `/` begins."""


def destinations(route: SmtpRoute) -> str:
    """Return where a route leads, as it is typed."""
    if route.to == "dns":
        return USE_DNS
    if route.to == "discard":
        return DISCARD
    return ", ".join(_written(one) for one in route.hosts)


def read_destinations(typed: str) -> SmtpRoute:
    """Return the route that leads to what was typed.

    Raises:
        NotAccepted: it is neither hosts nor one of the two words.
    """
    parts = [part.strip() for part in typed.split(",")]
    if len(parts) == 1 and parts[0].upper() == USE_DNS:
        return SmtpRoute(to="dns")
    if len(parts) == 1 and parts[0].lower() == DISCARD:
        return SmtpRoute(to="discard")
    hosts: list[RouteHost] = []
    seen: set[tuple[str, int]] = set()
    for part in parts:
        if part.upper() == USE_DNS or part.lower() == DISCARD:
            raise NotAccepted(f"{part} stands by itself; other hosts beside it are not accepted.")
        host = _read_host(part)
        if (host.host, host.port) in seen:
            raise NotAccepted(f"{quoted(host.host)} port {host.port} is named twice.")
        seen.add((host.host, host.port))
        hosts.append(host)
    return SmtpRoute(hosts=hosts)


def _written(one: RouteHost) -> str:
    port = "" if one.port == SMTP_PORT else f":{one.port}"
    priority = f"/pri={one.priority}" if one.priority else ""
    return f"{one.host}{port}{priority}"


def _read_host(part: str) -> RouteHost:
    if not part:
        raise NotAccepted("There is an empty host; separate hosts by one comma.")
    found = _HOST.fullmatch(part)
    if found is None:
        raise NotAccepted(f"{quoted(part)} is not a host; one looks like backup.example.net:2525/pri=10.")
    port = SMTP_PORT
    if found["port"] is not None:
        port = _number(found["port"], 1, 65535, part, "its port is not")
    priority = 0
    if found["priority"] is not None:
        key, equals, value = found["priority"].partition("=")
        if not equals or key.strip().lower() != "pri":
            raise NotAccepted(f"{quoted(part)}: a priority is written like /pri=10.")
        priority = _number(value.strip(), 0, LOWEST_ROUTE_PRIORITY, part, "its priority is not")
    return RouteHost(host=named(found["host"], route_host, "host"), port=port, priority=priority)


def _number(typed: str, low: int, high: int, part: str, what: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", typed) or not low <= int(typed) <= high:
        raise NotAccepted(f"{quoted(part)}: {what} a whole number from {low} to {high}.")
    return int(typed)
