"""Revocation lists that are kept: only a good one replaces the last good one, and every attempt is noted."""

from __future__ import annotations

import errno
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from gateway.crl import verdict
from gateway.refusals import CertificateRefused
from gateway.revocation_lists import kept_list, take_list
from state.folder import Disk, Memory
from state.store import Store
from tests.gateway.conftest import Family, OpenSsl
from tests.gateway.making import NOW, make, make_crl

ORIGIN = 'the file "a.crl"'


def at(folder: Memory | Disk, days: int = 0) -> Store:
    return Store(folder, lambda: NOW + timedelta(days=days))


def take(store: Store, data: bytes, *issuers: x509.Certificate, source: str = "partner") -> str:
    """Return why a list was not taken, "" if it was."""
    try:
        take_list(store, source, data, issuers, {}, ORIGIN)
    except CertificateRefused as refused:
        return str(refused)
    return ""


def test_a_list_is_kept_with_when_and_from_where(family: Family, disk: Disk) -> None:
    assert take(at(disk), make_crl(family.root, revoked=3), family.root.certificate) == ""
    kept = kept_list(at(Disk(disk.path)), "partner")
    assert kept.found is not None
    assert (kept.found.revoked, kept.problem) == (3, "")
    assert kept.last is not None
    assert (kept.last.time, kept.last.taken, kept.last.sentence) == (NOW, True, f"Taken from {ORIGIN}.")
    assert Path(disk.path, "crl", "partner.json").stat().st_mode & 0o777 == 0o600


def test_of_a_source_without_a_list_nothing_is_known() -> None:
    assert kept_list(at(Memory()), "partner") == (None, None, None, "")


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("empty", "It is empty; a certificate revocation list in PEM form is expected."),
        ("text", "It is not a certificate revocation list:"),
        ("certificate", "This is a certificate; a certificate revocation list is expected."),
        ("key", "This is a private key; a certificate revocation list is expected."),
        ("cut", "cut off"),
        ("other", 'The issuer of the list, "Other Root", is in no list of authorities.'),
        ("forged", 'The signature of the list is not one of its issuer, "Example Root".'),
        ("future", "The list is not valid before"),
        ("8 days", "more than 7 days."),
        ("older", "It was issued on 2026-05-18 11:42 GMT, before the list that is kept (2026-05-22 11:42 GMT)."),
    ],
)
def test_a_list_that_fails_leaves_the_last_good_one_and_is_noted(family: Family, what: str, reason: str) -> None:
    data = {
        "empty": b"",
        "text": b"hello",
        "certificate": family.root.pem.encode(),
        "key": family.root.key_pem.encode(),
        "cut": make_crl(family.root)[:200],
        "other": make_crl(make("Other Root", key=4, ca=True)),
        "forged": make_crl(family.root, key=5),
        "future": make_crl(family.root, begin=1),
        "8 days": make_crl(family.root, begin=-15, days=7),
        "older": make_crl(family.root, begin=-5, days=7),
    }[what]
    folder = Memory()
    take(at(folder), make_crl(family.root, revoked=2), family.root.certificate)
    assert reason in take(at(folder), data, family.root.certificate)
    kept = kept_list(at(folder), "partner")
    assert kept.found is not None
    assert kept.found.revoked == 2
    assert kept.last is not None
    assert not kept.last.taken
    assert kept.last.sentence.startswith(f"Not taken from {ORIGIN}: ")
    assert reason in kept.last.sentence
    assert kept.taken is not None
    assert kept.taken.sentence == f"Taken from {ORIGIN}."


def test_out_of_date_by_3_days_still_counts(family: Family) -> None:
    folder = Memory()
    assert take(at(folder), make_crl(family.root, begin=-10, days=7), family.root.certificate) == ""
    found = kept_list(at(folder), "partner").found
    assert found is not None
    assert verdict(found, NOW).reason == "out of date"
    assert verdict(found, NOW + timedelta(days=5)).reason == "too old"


def test_the_same_list_may_be_taken_again_and_one_of_another_issuer_may_replace_it(family: Family) -> None:
    folder = Memory()
    data = make_crl(family.root)
    assert take(at(folder), data, family.root.certificate) == ""
    assert take(at(folder), data, family.root.certificate) == ""
    other = make("Other Root", key=4, ca=True)
    assert take(at(folder), make_crl(other, begin=-5), family.root.certificate, other.certificate) == ""
    found = kept_list(at(folder), "partner").found
    assert found is not None
    assert found.issuer == "Other Root"


def test_an_issuer_of_a_disabled_list_is_told(family: Family) -> None:
    with pytest.raises(CertificateRefused) as refused:
        take_list(at(Memory()), "partner", make_crl(family.root), [], {"custom": [family.root.certificate]}, ORIGIN)
    sentence = 'The issuer of the list, "Example Root", is only in the custom list of authorities, which is disabled.'
    assert str(refused.value) == sentence


@pytest.mark.parametrize("content", [b"", b"{", b'{"source": 1}', b'{"source": "partner", "der": "!"}', b"\xff"])
def test_a_damaged_file_is_a_sentence_and_is_replaced_by_the_next_good_list(family: Family, content: bytes) -> None:
    folder = Memory()
    folder.write("crl/partner.json", content)
    assert kept_list(at(folder), "partner").problem == "The kept list is damaged."
    assert "is in no list" in take(at(folder), make_crl(family.root))
    assert take(at(folder), make_crl(family.root), family.root.certificate) == ""
    assert kept_list(at(folder), "partner").problem == ""


def test_a_file_that_cannot_be_read_is_a_sentence(disk: Disk) -> None:
    Path(disk.path, "crl", "partner.json").mkdir()
    assert kept_list(at(disk), "partner").problem == "The kept list cannot be read: Is a directory."


def test_names_never_leave_the_folder_nor_share_a_file(family: Family, disk: Disk) -> None:
    for source in ("../partner", "a/b", "..", "partner", "CON .x"):
        assert take(at(disk), make_crl(family.root), family.root.certificate, source=source) == ""
        assert kept_list(at(disk), source).found is not None
    assert len(list(Path(disk.path, "crl").iterdir())) == 5
    assert not Path(disk.path, "partner.json").exists()
    assert "cannot be read" in kept_list(at(disk), "x" * 400).problem


def test_a_refusal_is_told_also_where_it_cannot_be_noted(family: Family) -> None:
    class Full(Memory):
        def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
            if name.startswith("crl/"):
                raise OSError(errno.ENOSPC, "No space left on device", name)
            return super().write(name, content, durable)

    store = at(Full())
    assert "is in no list" in take(store, make_crl(family.root))
    with pytest.raises(OSError, match="No space left"):
        take(store, make_crl(family.root), family.root.certificate)


CONFIG = """
[ca]
default_ca = ours
[ours]
database = {0}/index.txt
certificate = {0}/ca.pem
private_key = {0}/ca.key
new_certs_dir = {0}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
"""


@pytest.mark.parametrize("algorithm", [("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"), ("ed25519",)])
@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_what_openssl_revokes_is_taken(openssl: OpenSsl, tmp_path: Path, algorithm: tuple[str, ...], form: str) -> None:
    (tmp_path / "index.txt").touch()
    config = tmp_path / "ca.cnf"
    config.write_text(CONFIG.format(tmp_path))
    ca, key, csr, leaf, crl = (tmp_path / name for name in ("ca.pem", "ca.key", "csr", "leaf.pem", "list.crl"))
    openssl("req", "-x509", "-newkey", *algorithm, "-nodes", "-keyout", key, "-out", ca, "-subj", "/CN=OpenSSL CA")
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl("req", "-new", *ec, "-nodes", "-keyout", tmp_path / "leaf.key", "-out", csr, "-subj", "/CN=leaf.example")
    md = ("-md", "null") if algorithm == ("ed25519",) else ()
    openssl("ca", "-batch", "-config", config, *md, "-in", csr, "-out", leaf, "-days", "5", "-notext")
    openssl("ca", "-config", config, *md, "-revoke", leaf)
    openssl("ca", "-config", config, *md, "-gencrl", "-crldays", "7", "-out", crl)
    if form == "DER":
        openssl("crl", "-in", crl, "-outform", "DER", "-out", crl)
    folder = Memory()
    store = Store(folder, lambda: datetime.now(UTC) + timedelta(minutes=1))
    issuer = x509.load_pem_x509_certificate(ca.read_bytes())
    assert take(store, crl.read_bytes(), issuer) == ""
    found = kept_list(store, "partner").found
    assert found is not None
    serial = x509.load_pem_x509_certificate(leaf.read_bytes()).serial_number
    assert found.crl.get_revoked_certificate_by_serial_number(serial) is not None
    assert verdict(found, store.now()).reason == "current"
