"""Why a TLS handshake failed, in sentences that a person understands; OpenSSL's own words stand behind them."""

from __future__ import annotations

import ssl

from state.wording import printable

_OURS_REFUSED = "The peer did not accept the certificate of this system"
_NOTHING_COMMON = "The peer found no TLS version, cipher or curve that both sides use"
_NO_TLS = "What the peer sent in the TLS handshake is not TLS"
_UNREADABLE = "A certificate that the peer presented cannot be read"
_BROKEN = "What the peer sent in the TLS handshake breaks the protocol"

_SENTENCES = {
    "DH_KEY_TOO_SMALL": "The Diffie-Hellman parameters of the peer are too weak",
    "BAD_DH_VALUE": "The Diffie-Hellman parameters of the peer are no valid ones",
    "MODULUS_TOO_SMALL": "The Diffie-Hellman parameters of the peer are too weak",
    "EE_KEY_TOO_SMALL": "The key of the peer's certificate is too weak",
    "CA_KEY_TOO_SMALL": "The key of an authority in the peer's chain is too weak",
    "CA_MD_TOO_WEAK": "A signature in the peer's chain uses a hash that is too weak",
    "UNSUPPORTED_PROTOCOL": "The peer speaks a TLS version only that is not switched on for outgoing connections",
    "TLSV1_ALERT_PROTOCOL_VERSION": "The peer speaks none of the TLS versions that are switched on here",
    "WRONG_SSL_VERSION": "The peer answered with a TLS version that was not offered",
    "INAPPROPRIATE_FALLBACK": "Somebody on the way, or the peer, lowered the TLS version that both sides speak",
    "TLSV1_ALERT_INAPPROPRIATE_FALLBACK": "The peer takes the TLS version for one that somebody lowered",
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "BAD_RECORD_TYPE": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NOTHING_COMMON,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": "The peer wants stronger ciphers than are switched on here",
    "WRONG_CIPHER_RETURNED": "The peer chose a cipher that was not offered",
    "UNKNOWN_CIPHER_RETURNED": "The peer chose a cipher that was not offered",
    "NO_CIPHERS_AVAILABLE": "The cipher string of this system leaves no cipher for its TLS versions",
    "NO_PROTOCOLS_AVAILABLE": "No TLS version is switched on that the installed OpenSSL speaks",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "The peer's TLS is too old: it has no secure renegotiation (RFC 5746)",
    "TLSV1_UNRECOGNIZED_NAME": "The peer does not know the server name that it was asked for",
    "TLSV1_ALERT_INTERNAL_ERROR": "The peer had an internal error",
    "TLSV1_ALERT_DECODE_ERROR": "The peer could not read the TLS handshake of this system",
    "SSLV3_ALERT_ILLEGAL_PARAMETER": "The peer did not accept the TLS handshake of this system",
    "SSLV3_ALERT_UNEXPECTED_MESSAGE": "The peer did not expect the TLS handshake of this system",
    "TLSV1_ALERT_NO_RENEGOTIATION": "The peer broke the TLS handshake off",
    "TLSV1_ALERT_USER_CANCELLED": "The peer broke the TLS handshake off",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "The peer wants a certificate of this system and got none",
    "TLSV1_ALERT_UNKNOWN_CA": _OURS_REFUSED,
    "TLSV1_ALERT_ACCESS_DENIED": _OURS_REFUSED,
    "SSLV3_ALERT_BAD_CERTIFICATE": _OURS_REFUSED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _OURS_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _OURS_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": _OURS_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _OURS_REFUSED,
    "EXCESSIVE_MESSAGE_SIZE": "The certificates that the peer presented are longer than 100 kB",
    "BAD_SIGNATURE": "The peer does not hold the key of the certificate that it presented",
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": "What the peer sent was changed on its way",
    "SSLV3_ALERT_BAD_RECORD_MAC": "What this system sent was changed on its way",
    "WRONG_SIGNATURE_TYPE": "The peer signed the TLS handshake in a way that is too weak or was not offered",
    "UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS": _UNREADABLE,
    "CERT_LENGTH_MISMATCH": _UNREADABLE,
    "UNKNOWN_CERTIFICATE_TYPE": _UNREADABLE,
    "UNEXPECTED_MESSAGE": _BROKEN,
    "BAD_LENGTH": _BROKEN,
    "LENGTH_MISMATCH": _BROKEN,
    "LENGTH_TOO_SHORT": _BROKEN,
    "LENGTH_TOO_LONG": _BROKEN,
    "BAD_EXTENSION": _BROKEN,
    "BAD_HANDSHAKE_LENGTH": _BROKEN,
    "DATA_LENGTH_TOO_LONG": _BROKEN,
    "DIGEST_CHECK_FAILED": _BROKEN,
}  # fmt: skip
"""By OpenSSL's reason, as Python's `ssl` spells it."""

TOO_WEAK = frozenset(
    {"DH_KEY_TOO_SMALL", "MODULUS_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}
)
"""Reasons that mean weak keys or parameters."""
NOT_TLS = frozenset(reason for reason, sentence in _SENTENCES.items() if sentence == _NO_TLS)
"""Reasons that mean that something else than TLS was answered."""
OTHER_VERSIONS = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION"})
"""Reasons that mean that there is no version which both sides speak."""


def tls_sentence(error: ssl.SSLError) -> str:
    """Return what an error of OpenSSL means; one that is not known keeps OpenSSL's words."""
    reason = getattr(error, "reason", None) or ""  # Python's own errors have none
    words = reason.replace("_", " ").lower() if reason else printable(str(error.strerror or error))
    meaning = _SENTENCES.get(reason)
    if meaning is None and getattr(error, "library", None) in ("ASN1", "X509", "X509V3"):
        meaning = _UNREADABLE
    return f"{meaning} (OpenSSL: {words})." if meaning else f"The TLS handshake failed (OpenSSL: {words})."
