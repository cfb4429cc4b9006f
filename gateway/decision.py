"""Who decides over a connection to a host, and what becomes of the message: TLS setting, DANE, MTA-STS (P1 to P9).

Two questions, in the order in which a delivery meets them. `policy_in_force` says what holds before a byte is sent:
whether TLS is tried or required, which checks the certificate must pass, who says so, or that the host is not
connected to at all. `decide` says what follows from what was found. Nothing is ever decided more leniently by the
second than the first promised.

`tests/gateway/decisions.txt` is the whole matrix for people.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple, get_args

from gateway.verdict import Reason, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from state.model import DaneSetting, TlsSetting

TlsaState = Literal["usable", "unusable", "absent", "error"]
"""What the TLSA search of a host found (T6 a to d); `absent` is proven absent, insecure, or not applicable."""

StsState = Literal["off", "absent", "none", "testing", "testing-unlisted", "enforce", "enforce-unlisted"]
"""The MTA-STS policy of the domain: switched off, none to be had (no record, no policy, a failed fetch with nothing
cached), or its mode, with `-unlisted` where the MX host matches none of its names."""

Session = Literal["no-ehlo", "not-offered", "refused", "handshake-failed", "old-tls", "tls"]
"""How far a connection came: EHLO refused; STARTTLS not offered; answered with something else than 220; a handshake
that failed; TLS below 1.2; TLS 1.2 or newer."""

Check = Literal["dane", "verify", "hosted", "mta-sts"]
"""What is asked of a certificate: a TLSA match (T15), Verify (V2), Hosted Domains (V3), or a policy's SAN match (M11);
each with the chain that belongs to it."""

StartTls = Literal["never", "try", "require"]
Decider = Literal["setting", "dane", "mta-sts"]
Outcome = Literal["delivered-verified", "delivered-encrypted", "delivered-clear", "next-host"]
AlertKind = Literal["tls-required", "dane-failed"]

TLSA_STATES: tuple[TlsaState, ...] = get_args(TlsaState)
STS_STATES: tuple[StsState, ...] = get_args(StsState)
SESSIONS: tuple[Session, ...] = get_args(Session)

REQUIRED = ("required", "required-verify", "required-verify-hosted")
"""The TLS settings under which a message is never sent in the clear."""


class Decision(NamedTuple):
    """What becomes of the message at one host.

    Attributes:
        outcome: delivered, and how; or the next host, and delayed where none is left (never bounced for this).
        by: whose word it was.
        reason: why not, or what was wrong and is only logged; None where all was well.
        sentence: the same for people.
    """

    outcome: Outcome
    by: Decider
    reason: Reason | None
    sentence: str

    @property
    def delivered(self) -> bool:
        """Whether the message may go to this host."""
        return self.outcome != "next-host"


class Policy(NamedTuple):
    """What holds for the connection to one host.

    Attributes:
        starttls: whether TLS is not tried, tried, or required.
        must: the checks that the certificate has to pass, or nothing but QUIT is sent (S4).
        wanted: the checks that are made and logged, and stop nothing.
        by: who decides.
        sts_skipped: whether MTA-STS is on and not applied because of DANE (P1), which has its line in the log.
        refusal: the decision, where the host is not connected to at all.
        sentence: what holds and why, for people.
    """

    starttls: StartTls
    must: tuple[Check, ...]
    wanted: tuple[Check, ...]
    by: Decider
    sts_skipped: bool
    refusal: Decision | None
    sentence: str


class Found(NamedTuple):
    """What a connection found; of the checks only those that the policy names need a verdict."""

    session: Session
    dane: Verdict | None = None
    verify: Verdict | None = None
    hosted: Verdict | None = None
    mta_sts: Verdict | None = None


@cache
def policy_in_force(tls: TlsSetting, dane: DaneSetting, tlsa: TlsaState, sts: StsState) -> Policy:
    """Return what holds for a host.

    Args:
        tls: the TLS setting of the destination, the default entry's already put in.
        dane: its DANE setting.
        tlsa: what the TLSA search found; without a meaning where `dane` is `none`, for then none is made.
        sts: its MTA-STS policy, `off` where MTA-STS is not switched on.
    """
    if tls == "no":  # P7: what is inherited counts for nothing without TLS
        return Policy("never", (), (), "setting", False, None, "The TLS setting is No: TLS is not tried.")
    if dane != "none":
        skipped = sts != "off"
        if tlsa == "usable":
            sentence = "The host has usable TLSA records: TLS and a certificate that matches one are required."
            return Policy("require", ("dane",), (), "dane", skipped, None, sentence)
        if tlsa == "error":  # P2: an attacker who can break the DNS must gain nothing by it
            return _refused("dane", "dnssec-invalid", "The look-up of the host's TLSA records failed.", skipped)
        if dane == "mandatory":
            if tlsa == "unusable":
                return _refused("dane", "tlsa-invalid", "DANE is mandatory, and no TLSA record is usable.", skipped)
            return _refused("dane", "dane-required", "DANE is mandatory, and the host has no secure TLSA.", skipped)
    unusable = dane == "opportunistic" and tlsa == "unusable"
    if sts == "enforce-unlisted":  # M12
        return _refused("mta-sts", "validation-failure", "The host is not in the domain's MTA-STS policy.", False)
    return _ordinary(tls, sts, unusable)


def decide(policy: Policy, found: Found) -> Decision:
    """Return what becomes of the message at a host.

    Raises:
        ValueError: a verdict that the policy asks for is missing, which is a fault of the caller.
    """
    if policy.refusal is not None:
        return policy.refusal
    if policy.starttls == "never":
        return Decision("delivered-clear", policy.by, None, policy.sentence)
    session = found.session
    if sentence := _WITHOUT_TLS.get(session):
        if policy.starttls == "try":
            return Decision(
                "delivered-clear", policy.by, "starttls-not-supported", f"{sentence} TLS is only preferred."
            )
        return Decision("next-host", policy.by, "starttls-not-supported", f"{sentence} TLS is required.")
    if session == "handshake-failed":  # RFC 3207: after the 220 nothing is known of the other side's state
        return Decision("next-host", policy.by, "validation-failure", "The TLS handshake failed.")
    if session == "old-tls" and "mta-sts" in policy.must:
        return Decision("next-host", "mta-sts", OLD_TLS.reason, OLD_TLS.sentence)
    for check in policy.must:
        verdict = _verdict(found, check)
        if not verdict.good:
            return Decision("next-host", _decider(check), verdict.reason, verdict.sentence)
    return _delivered(policy, found)


def alerts(tls: TlsSetting, dane: DaneSetting, decisions: Sequence[Decision]) -> list[AlertKind]:
    """Return the alerts that the attempts at all hosts of a domain call for (rule P9).

    Args:
        tls: the TLS setting of the domain.
        dane: its DANE setting.
        decisions: one for each host that was tried, in order; one that passed may not have taken the message.
    """
    if not decisions or decisions[-1].delivered or tls == "no":
        return []
    kinds: list[AlertKind] = []
    if tls in REQUIRED:
        kinds.append("tls-required")
    if dane != "none" and all(decision.by == "dane" and not decision.delivered for decision in decisions):
        kinds.append("dane-failed")
    return kinds


OLD_PROTOCOLS = ("TLSv1", "TLSv1.1")
"""As OpenSSL names them; what is older it does not speak."""
OLD_TLS = Verdict(False, "old-tls", "validation-failure", "MTA-STS asks for TLS 1.2 or newer.")

_WITHOUT_TLS: dict[Session, str] = {
    "no-ehlo": "The host does not support EHLO, and so no STARTTLS.",
    "not-offered": "The host does not offer STARTTLS.",
    "refused": "The host offers STARTTLS and refused it.",
}

_ASKED: dict[Check, str] = {
    "dane": "a certificate that matches a TLSA record",
    "verify": "a certificate that passes Verify",
    "hosted": "a certificate that passes Verify Hosted Domains",
    "mta-sts": "TLS 1.2 and a certificate as the MTA-STS policy asks for",
}


def _ordinary(tls: TlsSetting, sts: StsState, unusable: bool) -> Policy:
    """Return what the setting and MTA-STS say together: of each part the stricter (rules P3, P4, P5)."""
    must: list[Check] = []
    wanted: list[Check] = []
    if tls == "required-verify":
        must.append("verify")
    elif tls == "required-verify-hosted":
        must.append("hosted")
    elif tls == "preferred-verify":
        wanted.append("verify")
    if sts == "enforce":
        must.append("mta-sts")
    elif sts in ("testing", "testing-unlisted"):
        wanted.append("mta-sts")
    required = tls in REQUIRED or sts == "enforce" or unusable
    by: Decider = "dane" if unusable else "mta-sts" if sts == "enforce" else "setting"
    reasons = [
        f"the TLS setting is {_SETTING[tls]}",
        *(["the host has secure TLSA records, none of them usable"] if unusable else []),
        *(["the domain's MTA-STS policy is enforced"] if sts == "enforce" else []),
        *(["the domain's MTA-STS policy is in testing mode"] if sts.startswith("testing") else []),
    ]
    says = "TLS is required" if required else "TLS is preferred"
    if must:
        says += ", with " + " and ".join(_ASKED[check] for check in must)
    return Policy(
        "require" if required else "try", tuple(must), tuple(wanted), by, False, None, f"{says}: {'; '.join(reasons)}."
    )


_SETTING: dict[TlsSetting, str] = {
    "no": "No",
    "preferred": "Preferred",
    "required": "Required",
    "preferred-verify": "Preferred - Verify",
    "required-verify": "Required - Verify",
    "required-verify-hosted": "Required - Verify Hosted Domains",
}


def _refused(by: Decider, reason: Reason, sentence: str, sts_skipped: bool) -> Policy:
    decision = Decision("next-host", by, reason, sentence)
    return Policy("require", (), (), by, sts_skipped, decision, sentence)


def _delivered(policy: Policy, found: Found) -> Decision:
    """Return the delivery over TLS after all that must pass has passed."""
    failure: Verdict | None = None
    verified = bool(policy.must)
    for check in policy.wanted:
        verdict = _verdict(found, check)
        if verdict.good and check == "mta-sts" and found.session == "old-tls":
            verdict = OLD_TLS
        if not verdict.good:
            failure = failure or verdict
        elif check != "mta-sts":  # a policy in testing mode neither stops nor vouches for anything (M13)
            verified = True
    by = _decider(policy.must[-1]) if policy.must else policy.by
    outcome: Outcome = "delivered-verified" if verified else "delivered-encrypted"
    if failure is not None:
        return Decision(outcome, by, failure.reason, f"{failure.sentence} This is logged, and stops nothing.")
    if verified:
        return Decision(outcome, by, None, "TLS was negotiated, and the certificate is verified.")
    return Decision(outcome, by, None, "TLS was negotiated; the certificate is not asked for.")


def _decider(check: Check) -> Decider:
    return "dane" if check == "dane" else "mta-sts" if check == "mta-sts" else "setting"


def _verdict(found: Found, check: Check) -> Verdict:
    verdict = _VERDICTS[check](found)
    if verdict is None:
        raise ValueError(f"the policy asks for the check {check}, and nobody made it")
    return verdict


_VERDICTS: dict[Check, Callable[[Found], Verdict | None]] = {
    "dane": lambda found: found.dane,
    "verify": lambda found: found.verify,
    "hosted": lambda found: found.hosted,
    "mta-sts": lambda found: found.mta_sts,
}
