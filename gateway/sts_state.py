"""What MTA-STS says of a domain and of one of its MX hosts, for whoever decides on a delivery (rules M10 to M18).

`StsState` is the answer for the domain, `judge_host` for a host before it is connected to, `judge_session` for the TLS
session with it. Judgments are the same in testing mode; that a failure there stops nothing is for the decision to know.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from gateway.mta_sts import Policy
from gateway.verdict import Verdict
from state.wording import counted, quoted

Word = Literal["off", "absent", "none", "testing", "enforce"]
"""`off`: not switched on for the domain; `absent`: there is no policy to go by; else the mode of the policy."""

WORDS: tuple[Word, ...] = get_args(Word)

OLDEST_TLS = "TLSv1.2"
"""RFC 8461 s4.2, rule M11."""
TOO_OLD = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"})


class StsState(NamedTuple):
    """What is known of a domain's policy.

    Attributes:
        word: what counts now.
        domain: whose policy it is; "" where MTA-STS is off or the destination can have none.
        policy: the policy; None where the word is `off` or `absent`.
        verdict: how the policy was come by, or why there is none.
        alert: a sentence where a policy in use could not be refreshed (rule M14), else "".
    """

    word: Word
    domain: str
    policy: Policy | None
    verdict: Verdict
    alert: str = ""


OFF = StsState("off", "", None, Verdict(True, "off", None, "MTA-STS is off for the domain."))
NO_DOMAIN = StsState(
    "absent", "", None, Verdict(True, "no-domain", None, "The destination can have no MTA-STS policy.")
)


def with_policy(domain: str, policy: Policy, verdict: Verdict, alert: str = "") -> StsState:
    """Return the state of a domain whose policy is known."""
    return StsState(policy.mode, domain, policy, verdict, alert)


def without_policy(domain: str, verdict: Verdict) -> StsState:
    """Return the state of a domain without a policy, which is treated as if it published none (rules M15, M16)."""
    return StsState("absent", domain, None, verdict)


def judge_host(state: StsState, host: str) -> Verdict:
    """Return whether the policy lets mail go to an MX host (rules M10, M12); where none is asked for, it does."""
    policy = state.policy
    if policy is None or policy.mode == "none":
        return Verdict(True, "not-asked", None, f"No MTA-STS policy asks anything of {quoted(host)}.")
    if policy.allows(host):
        return Verdict(True, "listed", None, f"The MTA-STS policy of {state.domain} lists {quoted(host)}.")
    names = counted(len(policy.mx), "name")
    sentence = f"The MTA-STS policy of {state.domain} does not list {quoted(host)} among its {names}."
    return Verdict(False, "not-listed", "validation-failure", sentence)


def judge_session(host: Verdict, tls: str | None, trust: Verdict, identity: Verdict) -> Verdict:
    """Return whether a session with an MX host is what a policy asks for, or the first of its parts that is not.

    Args:
        host: what `judge_host` said.
        tls: the protocol as OpenSSL names it (`TLSv1.3`); None where STARTTLS is not offered, refused or failed.
        trust: whether the certificate chains to a trusted authority and is in its time (rule M11).
        identity: whether a SAN dNSName of it is the host's name; not the pattern of the policy, and no common name.
    """
    if not host.good or host.outcome == "not-asked":
        return host
    if tls is None:
        sentence = "There is no TLS with the host, which its MTA-STS policy asks for."
        return Verdict(False, "no-tls", "starttls-not-supported", sentence)
    if tls in TOO_OLD:
        sentence = f"The host speaks {tls}; MTA-STS asks for {OLDEST_TLS} or newer."
        return Verdict(False, "tls-too-old", "validation-failure", sentence)
    for part in (trust, identity):
        if not part.good:
            return part
    return Verdict(True, "matched", None, "The host is listed in the MTA-STS policy, and its certificate is good.")
