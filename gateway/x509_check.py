"""The optional X.509 check of sslconfig (rule V7): signature algorithm allowed, version 3, the server's name in it."""

from __future__ import annotations

from cryptography import x509

from gateway.guarded import guarded
from gateway.links import read_link
from gateway.names import presented_names, presents
from gateway.openssl_path import Fault
from gateway.path_rules import FORGED
from state.wording import quoted

ALLOWED = ("sha224", "sha256", "sha384", "sha512", "sha3", "ed25519", "ed448", "shake", "ml-dsa")
"""Beginnings of the digests, or of the algorithms that have none of their own, that may sign."""


def x509_faults(certificate: x509.Certificate, name: str) -> list[str]:
    """Return a sentence for each part of the check that a server's certificate fails; [] where it passes.

    Args:
        certificate: the server's.
        name: the name by which the server was reached.
    """
    faults = []
    link = read_link(certificate)
    if isinstance(link, Fault):
        return [link.sentence]
    if any(forged in link.digest for forged in FORGED) or not link.digest.startswith(ALLOWED):
        faults.append(f"The signature algorithm {quoted(link.digest)} is not allowed.")
    version = guarded(lambda: certificate.version, None)
    if version is not x509.Version.v3:
        faults.append("The version of the certificate is not 3.")
    if not presents(presented_names(certificate), name):
        faults.append(f"The name {quoted(name)} is neither its common name nor among its SAN dNSNames.")
    return faults
