"""What verifying commands found, as one line of JSON: for scripts, with the same words as the dialogs."""

from __future__ import annotations

import msgspec

from gateway.verdict import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gateway.dane_check import DaneResult
    from gateway.smtp_probe import Probe
    from gateway.sts_check import StsResult
    from gateway.tls_check import TlsResult


def as_line(value: object) -> str:
    """Return a value as one line of JSON that a terminal shows and does not obey, whatever a peer has put into it."""
    text = msgspec.json.encode(value).decode()
    return text if text.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    """Return a character as JSON has it in ASCII (RFC 8259 s7): beyond U+FFFF as a pair of surrogates."""
    octets = character.encode("utf-16-be")
    return "".join(f"\\u{octets[at : at + 2].hex()}" for at in range(0, len(octets), 2))


def tls_json(found: TlsResult) -> str:
    """Return what tlsverify found."""
    return as_line(tls_values(found))


def tls_values(found: TlsResult) -> dict[str, Any]:
    """Return what tlsverify found, as plain values."""
    return {
        "domain": found.domain,
        "host": found.host,
        "port": found.port,
        "verified": found.good,
        **_verdict(found.verdict),
        "missing_issuer": found.missing_issuer or None,
        "names": {"common_names": found.names.common_names, "dns_names": found.names.dns_names},
        "connections": _probes(found.probes),
    }


def dane_json(found: DaneResult) -> str:
    """Return what daneverify found."""
    return as_line(
        {
            "domain": found.domain,
            "dane": found.outcome,
            "resolver": _verdict(found.resolver) if found.resolver else None,
            "mx": {"security": found.hosts.hosts[0].security if found.hosts.hosts else None, **_hosts(found)},
            "hosts": [
                {
                    "host": result.host.host,
                    "preference": result.host.preference,
                    "origin": result.host.origin,
                    "security": result.host.security,
                    "addresses": result.addresses,
                    "tlsa": {
                        "state": result.search.state,
                        "base": result.search.base or None,
                        "records": [record.text() for record in result.search.records],
                    },
                    "dane": result.outcome,
                    **_verdict(result.verdict),
                    "connections": _probes(result.probes),
                }
                for result in found.results
            ],
        }
    )


def sts_json(found: StsResult) -> str:
    """Return what mtastsverify found."""
    record, policy = found.record, found.policy
    return as_line(
        {
            "domain": found.domain,
            "mta_sts": found.outcome,
            **_verdict(found.verdict),
            "record": _verdict(record) if isinstance(record, Verdict) else {"id": record.id},
            "policy": None if policy is None else _verdict(policy) if isinstance(policy, Verdict) else policy._asdict(),
            "hosts": [
                {
                    "host": result.host.host,
                    "preference": result.host.preference,
                    "listed": result.listed.good,
                    "addresses": result.addresses,
                    "passed": result.verdict.good,
                    **_verdict(result.verdict),
                    "connections": _probes(result.probes),
                }
                for result in found.results
            ],
        }
    )


def _hosts(found: DaneResult) -> dict[str, Any]:
    return {"outcome": found.hosts.outcome, "sentence": found.hosts.sentence}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"outcome": verdict.outcome, "reason": verdict.reason, "sentence": verdict.sentence}


def _probes(probes: Sequence[Probe]) -> list[dict[str, Any]]:
    return [
        {
            "address": probe.address,
            "port": probe.port,
            "source": probe.source,
            "protocol": probe.handshake.protocol if probe.handshake else None,
            "cipher": probe.handshake.cipher if probe.handshake else None,
            "failed_at": probe.failure.step if probe.failure else None,
            "failure": probe.failure.sentence if probe.failure else None,
            "ending": probe.ending.sentence if probe.ending else None,
            "seconds": round(probe.seconds, 4),
        }
        for probe in probes
    ]
