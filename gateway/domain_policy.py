"""What MTA-STS says of a domain and of one of its MX hosts, for whoever decides on a delivery (rules M10 to M16).

What follows from it for a session is said by `gateway.decision`; the certificate of a host that a policy lists is
judged by `gateway.server_trust` (rule M11).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from gateway.mta_sts import Policy
from gateway.verdict import Verdict
from state.wording import counted, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.decision import StsState

Word = Literal["off", "absent", "none", "testing", "enforce"]
"""`off`: not switched on for the domain; `absent`: there is no policy to go by; else the mode of the policy."""

WORDS: tuple[Word, ...] = get_args(Word)


class DomainPolicy(NamedTuple):
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

    def at_host(self, host: str) -> StsState:
        """Return the state that decides over an MX host: the word, with `-unlisted` where the policy lacks the host."""
        if self.policy is not None and not self.policy.allows(host):
            if self.word == "enforce":
                return "enforce-unlisted"
            if self.word == "testing":
                return "testing-unlisted"
        return self.word


OFF = DomainPolicy("off", "", None, Verdict(True, "off", None, "MTA-STS is off for the domain."))
_NOWHERE = Verdict(True, "no-domain", None, "The destination can have no MTA-STS policy.")
NO_DOMAIN = DomainPolicy("absent", "", None, _NOWHERE)


def with_policy(domain: str, policy: Policy, verdict: Verdict, alert: str = "") -> DomainPolicy:
    """Return the state of a domain whose policy is known."""
    return DomainPolicy(policy.mode, domain, policy, verdict, alert)


def without_policy(domain: str, verdict: Verdict) -> DomainPolicy:
    """Return the state of a domain without a policy, which is treated as if it published none (rules M15, M16)."""
    return DomainPolicy("absent", domain, None, verdict)


def judge_host(known: DomainPolicy, host: str) -> Verdict:
    """Return whether the policy lists an MX host (rules M10, M12); where nothing is asked for, it is as good as listed.

    The judgment is the same in testing mode; that it stops nothing there is the decision's to know.
    """
    policy = known.policy
    if policy is None or policy.mode == "none":
        return Verdict(True, "not-asked", None, f"No MTA-STS policy asks anything of {quoted(host)}.")
    if policy.allows(host):
        return Verdict(True, "listed", None, f"The MTA-STS policy of {known.domain} lists {quoted(host)}.")
    names = counted(len(policy.mx), "name")
    sentence = f"The MTA-STS policy of {known.domain} does not list {quoted(host)} among its {names}."
    return Verdict(False, "not-listed", "validation-failure", sentence)
