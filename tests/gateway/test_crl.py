"""Revocation lists: whose they are, and until when they count."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.crl import find_issuer, read_crl, verdict
from gateway.refusals import CertificateRefused
from tests.gateway.conftest import Family, OpenSsl
from tests.gateway.making import DER, NOW, PEM, make, make_crl


def test_pem_der_and_base64_are_read(family: Family) -> None:
    pem = make_crl(family.root, revoked=3)
    der = x509.load_pem_x509_crl(pem).public_bytes(DER)
    bare = "\n".join(pem.decode().splitlines()[1:-1])
    for data in (pem, pem.decode().replace("\n", "\r\n"), der, bare):
        found = read_crl(data)
        assert (found.issuer, found.revoked) == ("Example Root", 3)
        assert (found.this_update, found.next_update) == (NOW - timedelta(days=1), NOW + timedelta(days=6))


def test_openssl_reads_the_same(family: Family, openssl: OpenSsl, tmp_path: Path) -> None:
    path = tmp_path / "list.crl"
    path.write_bytes(make_crl(family.root))
    shown = openssl("crl", "-in", path, "-noout", "-nextupdate", "-issuer")
    assert "nextUpdate=May 29 11:42:12 2026 GMT" in shown
    assert "Example Root" in shown


def test_the_issuer_is_the_certificate_that_really_signed(family: Family) -> None:
    impostor = make("Example Root", key=6, ca=True)
    pool = [impostor.certificate, family.leaf.certificate, family.root.certificate]
    assert find_issuer(read_crl(make_crl(family.root)), pool) == family.root.certificate


def test_an_issuer_that_is_not_known_is_named(family: Family) -> None:
    with pytest.raises(CertificateRefused) as refused:
        find_issuer(read_crl(make_crl(family.root)), [family.leaf.certificate])
    assert str(refused.value) == 'The issuer of the list, "Example Root", is in no list of authorities.'


def test_a_signature_by_another_key_is_refused(family: Family) -> None:
    with pytest.raises(CertificateRefused) as refused:
        find_issuer(read_crl(make_crl(family.root, key=5)), [family.root.certificate])
    assert str(refused.value) == 'The signature of the list is not one of its issuer, "Example Root".'


@pytest.mark.parametrize("allowed", [True, False])
def test_the_key_usage_of_the_issuer_must_allow_lists(allowed: bool) -> None:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=allowed,
        encipher_only=False,
        decipher_only=False,
    )
    root = make("Usage Root", ca=True, extensions=(usage,))
    found = read_crl(make_crl(root))
    if allowed:
        assert find_issuer(found, [root.certificate]) == root.certificate
    else:
        with pytest.raises(CertificateRefused, match="The signature of the list is not one of its issuer"):
            find_issuer(found, [root.certificate])


DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("moment", "counts", "reason", "sentence"),
    [
        (NOW - MINUTE, False, "not yet valid", "The list is not valid before 2026-05-23 11:42 GMT."),
        (NOW, True, "current", "The list is current until 2026-05-30 11:42 GMT."),
        (NOW + 7 * DAY, True, "current", "The list is current until 2026-05-30 11:42 GMT."),
        (
            NOW + 7 * DAY + MINUTE,
            True,
            "out of date",
            "The list is out of date since 2026-05-30 11:42 GMT; it counts until 2026-06-06 11:42 GMT.",
        ),
        (
            NOW + 14 * DAY,
            True,
            "out of date",
            "The list is out of date since 2026-05-30 11:42 GMT; it counts until 2026-06-06 11:42 GMT.",
        ),
        (
            NOW + 14 * DAY + MINUTE,
            False,
            "too old",
            "The list is out of date since 2026-05-30 11:42 GMT, more than 7 days.",
        ),
    ],
)
def test_a_list_counts_until_a_week_past_its_next_update(
    family: Family, moment: datetime, counts: bool, reason: str, sentence: str
) -> None:
    found = read_crl(make_crl(family.root, begin=0, days=7))
    assert verdict(found, moment) == (counts, reason, sentence)


def test_a_delta_is_refused(family: Family) -> None:
    builder = x509.CertificateRevocationListBuilder().issuer_name(family.root.certificate.subject)
    builder = builder.last_update(NOW).next_update(NOW + DAY).add_extension(x509.DeltaCRLIndicator(1), critical=True)
    with pytest.raises(CertificateRefused, match="It is a delta of another certificate revocation list"):
        read_crl(builder.sign(family.root.key, hashes.SHA256()).public_bytes(PEM))
