"""Why a certificate, a key, a list or a TLSA record is not taken: errors whose text is a sentence for the operator."""

from __future__ import annotations

from state.problems import StateRefusal


class CertificateRefused(StateRefusal):
    """Certificates, keys or lists were given that cannot be used; the text says what is wrong and what is accepted.

    No text ever holds a private key, a pass phrase or a part of one.
    """


class PassPhraseNeeded(CertificateRefused):
    """A private key or a bundle is encrypted, and no pass phrase was given."""


class WrongPassPhrase(CertificateRefused):
    """A pass phrase was given that does not open the key or the bundle."""


class TlsaRefused(StateRefusal):
    """What was given is no TLSA record; the text says what is wrong and what is accepted."""
