"""The lines that MTA-STS writes to the mail log, and which event writes which.

Texts are those of the reference chapter to the letter, with their changing ways to write a domain. Lines are values;
whoever keeps the log stamps and writes them. A domain in them is made of A-labels, so it needs no escapes.
"""

from __future__ import annotations

from gateway.delivery_log import without_tls
from gateway.log_line import LogLine
from gateway.mta_sts import record_name
from gateway.sts_cache import PATIENCE
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.decision import Found, Policy, StsState
    from gateway.log_line import Lines
    from gateway.mta_sts import Mode


def record_missing(domain: str) -> Lines:
    """There is no record at all, or the DNS did not answer."""
    query = LogLine("Debug", f"DNS query: Q({record_name(domain)}, 'TXT')")
    return query, *record_invalid(domain)


def record_invalid(domain: str) -> Lines:
    """There are several records, or the only one breaks the grammar."""
    return (LogLine("Info", f"MTA-STS record Error(Invalid MTA-STS TXT records found) for domain({domain})"),)


def record_found(domain: str) -> Lines:
    """There is one good record."""
    return (LogLine("Info", f"Successfully fetched MTA-STS TXT record for domain({domain})"),)


def policy_fetched(domain: str) -> Lines:
    """The policy was fetched and is kept."""
    return (
        LogLine("Debug", f"Fetch MTA-STS policy for the domain({domain})"),
        LogLine("Info", f"Successfully fetched MTA-STS policy for the domain({domain})"),
        LogLine("Debug", f"MTA-STS Cache entry added for the domain ({domain})."),
    )


def media_type_odd(domain: str, media_type: str) -> Lines:
    """The policy has another media type than text/plain and is taken all the same (rule M7)."""
    said = f"is of the media type {quoted(media_type)}" if media_type else "has no media type"
    return (LogLine("Warning", f"MTA-STS policy for the domain({domain}) {said}; text/plain is expected."),)


def policy_not_fetched(domain: str, failures: int) -> Lines:
    """The policy could not be fetched or is not valid, for the `failures`th time running."""
    line = LogLine("Info", f"Failure encountered while fetching MTA-STS policy for the domain({domain})")
    if failures < PATIENCE:
        return (line,)
    return line, LogLine(
        "Info", "Failures encountered while fetching STS policy, successive request is skipped for a day."
    )


def applied(domain: str, mode: Mode) -> Lines:
    """The host passes the policy: it is listed, and its certificate is good. TLS is only enforced in that mode."""
    lines = [_applying(domain)]
    if mode == "enforce":
        lines.append(LogLine("Info", "Enforcing TLS for MTA-STS Policy"))
    return *lines, LogLine("Info", f"MTA-STS policy for the domain ({domain}) Successful.")


def failed(domain: str) -> Lines:
    """The host is not listed, or its certificate does not pass; while testing also: it does not offer STARTTLS."""
    return _applying(domain), LogLine("Info", f"Applying MTA-STS policy for the domain ({domain}) Failed.")


def without_starttls(domain: str, dcid: int) -> Lines:
    """STARTTLS was not offered though the policy enforces it; `dcid` is the number of the connection."""
    return *without_tls(dcid, "not-offered", required=True), *connection_failed(domain)


def connection_failed(domain: str) -> Lines:
    """There is no TLS as the enforced policy asks for it: none at all, a failed handshake, or one below TLS 1.2."""
    return (LogLine("Info", f"Connection for the domain ({domain}) failed when MTA-STS Policy was enforced."),)


def skipped_for_dane(domain: str) -> Lines:
    """DANE decides (rule M18); record and policy were fetched all the same."""
    return (LogLine("Info", f"MTA-STS policy will be skipped for the ({domain}) due to DANE being enforced."),)


def session_lines(domain: str, dcid: int, sts: StsState, policy: Policy, found: Found | None) -> Lines:
    """Return the lines for one MX host, once it is known what became of it.

    Args:
        domain: the policy domain.
        dcid: the number of the connection; without a meaning where there was none.
        sts: what the policy says of the host (`DomainPolicy.at_host`).
        policy: what was in force for the connection.
        found: what the connection found; None where the host was not connected to.
    """
    if policy.sts_skipped:
        return skipped_for_dane(domain)
    if sts in ("off", "absent", "none") or policy.starttls == "never":
        return ()
    if sts in ("enforce-unlisted", "testing-unlisted"):
        return failed(domain)
    if found is None:
        return ()
    if sts == "enforce" and found.session != "tls":
        return without_starttls(domain, dcid) if found.session == "not-offered" else connection_failed(domain)
    if found.session != "tls" or found.mta_sts is None or not found.mta_sts.good:
        return failed(domain)
    return applied(domain, "enforce" if sts == "enforce" else "testing")


def _applying(domain: str) -> LogLine:
    return LogLine("Info", f"Applying MTA-STS policy for the domain ({domain}).")
