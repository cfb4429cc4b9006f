"""What can be done about what a verifying command found: a sentence for every way to fail that has a remedy."""

from __future__ import annotations

from gateway.tls_faults import NOT_TLS, OTHER_VERSIONS, TOO_WEAK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.terminal import Terminal
    from gateway.smtp_failures import Failure
    from gateway.smtp_probe import Probe

_OTHER_CHAIN = "The other side has to present another certificate, or another chain with it."
_LOOK_UP = "Try later; if it stays so, the domain's DNS or the resolver is at fault. dnsconfig shows who is asked."
_VALIDATING = "dnsconfig says which resolvers are asked; DANE needs one that validates DNSSEC."
_WITHOUT = "Until the policy can be fetched, mail goes as without one, unless one is kept from before."

_BY_OUTCOME = {
    "issuer-missing": "Import the authority with certconfig -> CERTAUTHORITY if you trust it, or ask the other side to "
    "send its intermediate certificates.",
    "self-signed": "If you trust exactly this certificate, import it with certconfig -> CERTAUTHORITY.",
    "expired": "The other side has to renew its certificate.",
    "not-yet-valid": "Check the clocks of both sides; the certificate begins later.",
    "revoked": "The authority took the certificate back; the other side needs another one.",
    "revocation-list-too-old": "Fetch or import a newer list with certconfig -> CRL.",
    "not-for-servers": "The other side needs a certificate that is meant for servers.",
    "not-an-authority": _OTHER_CHAIN,
    "name-constraints": _OTHER_CHAIN,
    "weak-key": _OTHER_CHAIN,
    "weak-signature": _OTHER_CHAIN,
    "unreadable": "The other side has to put the certificates that its server presents in order.",
    "too-many-certificates": "The other side has to send its own chain alone.",
    "name-mismatch": "The other side needs a certificate with one of the names that are looked for; or is this not its "
    "host?",
    "host-only-in-dns-names": "Required - Verify Hosted Domains accepts the name of the MX host among the alternative "
    "names; Required - Verify wants the domain there.",
    "no-name-presented": "The other side needs a certificate with its host name.",
    "not-fully-qualified": "sslconfig -> PEER_CERT_FQDN switches this check off.",
    "not-compliant": "sslconfig -> PEER_CERT_X509 switches this check off.",
    "no-match": "The other side has to publish a TLSA record of the certificate that it uses now.",
    "anchor-is-leaf": "The other side publishes its server certificate as an authority: the usage should be 3.",
    "tlsa-unusable": "The other side has to publish a record for SMTP: 3 1 1 with the SHA-256 digest of its key is "
    "usual.",
    "tlsa-error": _LOOK_UP,
    "look-up-failed": _LOOK_UP,
    "record-unknown": _LOOK_UP,
    "no-address": "Is the name right? Else the domain's DNS has to be corrected.",
    "address-as-host": "The domain's MX record has to be corrected.",
    "does-not-validate": _VALIDATING,
    "vouches-for-anything": _VALIDATING,
    "several-records": "The domain has to keep one of them.",
    "record-invalid": "The domain has to correct its TXT record: v=STSv1; id=20260523; is a good one.",
    "not-listed": "The domain's MTA-STS policy has to list the host, or its MX records must not.",
    "null-mx": "A domain that takes no mail needs no MTA-STS.",
    "policy-certificate-refused": "The policy host needs a certificate with its own name, in its time, by an authority "
    "in the list.",
    "policy-policy-invalid": "The domain has to correct its policy (RFC 8461 s3.2).",
    "policy-too-large": "The domain has to correct its policy; a good one has a few lines.",
    "policy-redirected": "The policy has to stand at that address itself (RFC 8461 s3.3).",
    "policy-bad-status": "The policy has to stand at that address. " + _WITHOUT,
    "policy-no-address": "The domain has to give its policy host an address. " + _WITHOUT,
    "policy-not-connected": "The policy host is down, or a firewall is between. " + _WITHOUT,
    "policy-timeout": "The policy host is down or overloaded, or a firewall is between. " + _WITHOUT,
    "policy-tls-failed": "The policy host's TLS is out of order, or older than 1.2. " + _WITHOUT,
    "policy-cut-off": "The policy host's web server is out of order. " + _WITHOUT,
    "policy-bad-answer": "The policy host's web server is out of order. " + _WITHOUT,
}  # fmt: skip

_BY_TROUBLE = {
    "refused": "Nothing listens there, or a firewall answers for it.",
    "timeout": "Is there a firewall between, or is the host down?",
    "unreachable": "This system has no route to the address.",
    "not-offered": "The other side has to switch STARTTLS on; something between may also have taken it away.",
    "no-esmtp": "Something that does not speak ESMTP answers there; is it the mail server?",
    "injected": "Do not send mail on this path before you know who does that.",
    "garbage": "Something else than a mail server answers there, or something between changes what it says.",
    "unexpected": "The other side's mail server breaks the protocol; its administrator has to look into it.",
    "closed": "The other side's log says why; something between may also have ended the connection.",
    "reset": "The other side's log says why; something between may also have ended the connection.",
    "tls": "sslconfig -> OUTBOUND says which methods and ciphers this system speaks.",
}

_BY_STEP = {
    ("greeting", "timeout"): "The host takes connections and does not greet: it may be overloaded, or make strangers "
    "wait on purpose.",
    ("ehlo", "timeout"): "The host stopped in the middle of the session: it may be overloaded; try later.",
    ("helo", "timeout"): "The host stopped in the middle of the session: it may be overloaded; try later.",
    ("starttls", "timeout"): "The host stopped in the middle of the session: its TLS may be out of order; try later.",
    ("handshake", "timeout"): "The host said that it is ready for TLS, and nothing comes: its TLS is out of order, "
    "or something between holds it back.",
    ("greeting", "closed"): "The host may refuse this system's address, or be overloaded; its log says why.",
    ("greeting", "reset"): "The host may refuse this system's address, or be overloaded; its log says why.",
    ("handshake", "closed"): "The host's TLS is out of order, or something between breaks TLS off; its log says which.",
    ("handshake", "reset"): "The host's TLS is out of order, or something between breaks TLS off; its log says which.",
    ("greeting", "rejected"): "The host does not take mail from this system; its administrator can say why.",
    ("ehlo", "rejected"): "The host does not take mail from this system; its administrator can say why.",
    ("helo", "rejected"): "The host does not take mail from this system; its administrator can say why.",
    ("starttls", "rejected"): "The other side offers STARTTLS and then refuses it: its TLS has to be put in order.",
}  # fmt: skip

_BY_OPENSSL = {
    **dict.fromkeys(TOO_WEAK, "The other side has to use longer keys and parameters."),
    **dict.fromkeys(NOT_TLS, "The host's TLS is out of order, or something between answers in its place."),
    **dict.fromkeys(
        OTHER_VERSIONS,
        "The other side should speak TLS 1.2 or 1.3; sslconfig -> OUTBOUND says which methods this system speaks.",
    ),
    "EXCESSIVE_MESSAGE_SIZE": _BY_OUTCOME["too-many-certificates"],
}


def say_advice(terminal: Terminal, outcome: str, probes: Sequence[Probe] = ()) -> None:
    """Say what can be done, where something can be said of it.

    Args:
        terminal: shows it.
        outcome: of the verdict.
        probes: the connections, if there were any; a session that failed has the word, not the verdict.
    """
    failure = probes[-1].failure if probes else None
    advice = _BY_OUTCOME.get(outcome, "") if failure is None else _of_failure(failure)
    if advice:
        terminal.say(advice)


def remedy(outcome: str) -> str:
    """Return what can be done about an outcome or what happened in a session, whatever the step; "" where nothing."""
    return _BY_OUTCOME.get(outcome) or _BY_TROUBLE.get(outcome, "")


def remedies() -> frozenset[str]:
    """Return all sentences of this module."""
    return frozenset((*_BY_OUTCOME.values(), *_BY_TROUBLE.values(), *_BY_STEP.values(), *_BY_OPENSSL.values()))


def _of_failure(failure: Failure) -> str:
    if failure.openssl in _BY_OPENSSL:
        return _BY_OPENSSL[failure.openssl]
    if failure.reply is not None and failure.reply.temporary and failure.step != "starttls":
        return ""  # it says itself that it may work later
    return _BY_STEP.get((failure.step, failure.trouble)) or _BY_TROUBLE.get(failure.trouble, "")
