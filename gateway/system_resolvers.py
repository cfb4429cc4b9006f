"""The resolvers of the operating system, for a configuration that names none."""

from __future__ import annotations

RESOLV_CONF = "/etc/resolv.conf"
MOST = 3
"""Servers that count; the rest of the file is ignored (resolv.conf(5), MAXNS)."""
DEFAULT = "127.0.0.1"
"""Asked where the file names no server or is not there (resolv.conf(5))."""


def system_resolvers(path: str = RESOLV_CONF) -> tuple[str, ...]:
    """Return the addresses of `nameserver` lines, in order; none where the file cannot be understood.

    Search lists and options are not used, `trust-ad` neither: who is trusted is said in dnsconfig (rule D4).
    """
    import dns.exception  # with dns.resolver 60 ms, and only where no resolver is configured
    import dns.resolver

    found = dns.resolver.Resolver(configure=False)
    try:
        found.read_resolv_conf(path)
    except dns.resolver.NoResolverConfiguration:
        return (DEFAULT,)
    except (dns.exception.DNSException, OSError, ValueError):
        return ()
    return tuple(str(server) for server in found.nameservers[:MOST])
