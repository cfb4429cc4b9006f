"""The relay that notifications go through (smtpconfig)."""

from __future__ import annotations

from typing import Literal, get_args

from state.section import Port, Section

RelayEncryption = Literal["none", "starttls", "smtps"]

RELAY_ENCRYPTIONS: tuple[RelayEncryption, ...] = get_args(RelayEncryption)
RELAY_WORDS: dict[RelayEncryption, str] = {"none": "no encryption", "starttls": "STARTTLS", "smtps": "SMTPS"}
"""How each is called in a sentence."""

SUBMISSION_PORT = 587
"""RFC 6409: where a server takes mail from those who have an account there."""

STARTTLS_PORTS = (25, 587, 2587)
"""Ports on which a session begins in the clear; 2587 is a cloud service's second 587."""
SMTPS_PORTS = (465, 2465)
"""Ports on which TLS begins at once (RFC 8314 s3.3)."""


class SmtpRelay(Section, frozen=True, kw_only=True):
    """A server that takes notifications for everybody; the password is sealed (`state.secrets`).

    Where there is encryption, the certificate is verified against `server` (rule S6).
    """

    server: str
    port: Port = SUBMISSION_PORT
    from_address: str
    user: str | None = None
    password: str | None = None
    encryption: RelayEncryption = "starttls"


def other_encryption(encryption: RelayEncryption, port: int) -> RelayEncryption | None:
    """Return the encryption that a port is known for, where it is not this one; else None."""
    if port in SMTPS_PORTS and encryption != "smtps":
        return "smtps"
    if port in STARTTLS_PORTS and encryption == "smtps":
        return "starttls"
    return None
