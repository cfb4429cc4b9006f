"""Why a certificate, key, bundle or list is not taken: one type of error, its text a sentence for the operator."""

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
