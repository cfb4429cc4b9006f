"""The optional X.509 check (rule V7)."""

from __future__ import annotations

from cryptography import x509

from gateway.x509_check import x509_faults
from tests.gateway.chains import (
    LEAF,
    ROOT,
    VECTORS,
    leaf,
    signed_with_sha_1,
)


def test_the_x509_check_names_each_part_that_fails() -> None:  # V7
    assert x509_faults(LEAF.certificate, "mx.example.com") == []
    assert x509_faults(leaf(ROOT, "mx.example.org").certificate, "mx.example.org") == []
    assert x509_faults(signed_with_sha_1(), "mx.example.org") == [
        'The signature algorithm "sha1" is not allowed.',
        'The name "mx.example.org" is neither its common name nor among its SAN dNSNames.',
    ]
    first = x509.load_pem_x509_certificate((VECTORS / "v1_cert.pem").read_bytes())
    assert "The version of the certificate is not 3." in x509_faults(first, "mx.example.com")
