"""The resolvers of the operating system, for a configuration that names none."""

from __future__ import annotations

from pathlib import Path

RESOLV_CONF = "/etc/resolv.conf"
MOST = 3
"""Servers that count; the rest of the file is ignored (resolv.conf(5), MAXNS)."""
DEFAULT = "127.0.0.1"
"""Asked where the file names no server or is not there (resolv.conf(5))."""


def system_resolvers(path: str = RESOLV_CONF) -> tuple[str, ...]:
    """Return the addresses of `nameserver` lines, in order; none where the file cannot be understood.

    Search lists and options are not used, `trust-ad` neither: who is trusted is said in dnsconfig (rule D4). So the
    lines are read here, since dnspython's reader of them comes with TLS, HTTP and QUIC, 60 ms.
    """
    import dns.inet

    try:
        with Path(path).open(encoding="utf-8") as file:
            lines = [line.split() for line in file if not line.startswith(("#", ";"))]
    except OSError:
        return (DEFAULT,)
    except UnicodeDecodeError:
        return ()
    servers = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
    if not all(map(dns.inet.is_address, servers)):
        return ()
    return tuple(servers[:MOST]) or (DEFAULT,)
