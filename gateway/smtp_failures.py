"""Why a session with a mail server came to nothing: at which step, by what, in which words."""

from __future__ import annotations

from typing import Literal, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gateway.smtp_replies import Reply
    from gateway.verdict import Reason

Step = Literal["connect", "greeting", "ehlo", "helo", "starttls", "handshake", "second-ehlo", "quit"]
Trouble = Literal[
    "refused",
    "unreachable",
    "timeout",
    "local",
    "invalid",
    "closed",
    "reset",
    "garbage",
    "rejected",
    "unexpected",
    "no-esmtp",
    "not-offered",
    "injected",
    "tls",
]
"""`rejected` is a reply with 4xx or 5xx, `unexpected` one that has no place there; the first five are of `connect`."""

AWAITED = {
    "greeting": "the greeting",
    "ehlo": "the reply to EHLO",
    "helo": "the reply to HELO",
    "starttls": "the reply to STARTTLS",
    "handshake": "the end of the TLS handshake",
    "second-ehlo": "the reply to EHLO under TLS",
    "quit": "the reply to QUIT",
}

EXPECTED = {"greeting": 220, "starttls": 220}
"""The code of a reply that lets the session go on; 250 at every other step."""


class Failure(NamedTuple):
    """Why a session came to nothing.

    Attributes:
        step: where it was.
        trouble: what happened there.
        reason: rule V9; None where it was over before TLS mattered: no connection, no greeting.
        sentence: the same for people, printable.
        reply: what the peer answered, where it did.
        openssl: OpenSSL's word for a failure of TLS, such as `DH_KEY_TOO_SMALL`; "" elsewhere.
    """

    step: Step
    trouble: Trouble
    reason: Reason | None
    sentence: str
    reply: Reply | None = None
    openssl: str = ""

    @property
    def permanent(self) -> bool:
        """Whether the peer said that the same will fail again."""
        return self.reply is not None and self.reply.permanent

    @property
    def after_go_ahead(self) -> bool:
        """Whether the peer had answered STARTTLS with 220; the session's state is unknown then (RFC 3207 s4.1)."""
        return self.step in ("handshake", "second-ehlo", "quit")


class SessionFailed(Exception):
    """A step of a session failed; `failure` says which and why. Whoever opened the session quits or closes it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.sentence)


def failed(step: Step, trouble: Trouble, sentence: str, reply: Reply | None = None, openssl: str = "") -> SessionFailed:
    """Return a failed step with its reason (rule V9)."""
    reason: Reason | None = "validation-failure"
    if step in ("greeting", "helo") or (step == "ehlo" and trouble != "no-esmtp"):
        reason = None
    elif trouble in ("no-esmtp", "not-offered") or (step == "starttls" and reply is not None):
        reason = "starttls-not-supported"
    return SessionFailed(Failure(step, trouble, reason, sentence, reply, openssl))


def silent(step: Step, seconds: float) -> SessionFailed:
    """Return the failure of a step that took too long."""
    if step == "handshake":
        return failed(step, "timeout", f"The TLS handshake did not end within {seconds:g} s.")
    return failed(step, "timeout", f"{_begun(AWAITED[step])} did not come within {seconds:g} s.")


def ended(step: Step, broken: bool) -> SessionFailed:
    """Return the failure of a step before whose end the connection ended."""
    how = "broke" if broken else "was closed by the peer"
    return failed(step, "reset" if broken else "closed", f"The connection {how} before {AWAITED[step]}.")


def garbage(step: Step, what: str) -> SessionFailed:
    """Return the failure of a step that was answered with no reply; `what` ends the sentence."""
    return failed(step, "garbage", f"{_begun(AWAITED[step])} is no reply of SMTP: {what}.")


def not_expected(step: Step, reply: Reply) -> SessionFailed:
    """Return the failure for a reply that does not let the session go on."""
    trouble: Trouble = "rejected" if reply.code >= 400 else "unexpected"
    again = " It may work later." if reply.temporary else ""
    if trouble == "unexpected":
        again = f" {EXPECTED.get(step, 250)} is expected."
    return failed(step, trouble, f"{_begun(AWAITED[step])} was: {reply}.{again}", reply)


def _begun(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
