"""Making keys, self-signed certificates and signing requests; OpenSSL reads them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway import keys
from gateway.certificates import subject_line
from gateway.keys import belongs, generate_ec, generate_rsa, key_kind, key_pem
from gateway.loading import PrivateKey, read_certificates, read_private_key
from gateway.refusals import CertificateRefused
from gateway.requests import (
    FIELDS,
    Subject,
    alternative_names,
    request_for,
    self_signed,
    signing_request,
    subject_value,
)
from tests.gateway.conftest import OpenSsl
from tests.gateway.making import NOW, make

WHO = Subject("mail.example.com", "Example Mail", "", "Osaka", "Osaka", "JP")
NAMES = ("mail.example.com", "*.example.com")


@pytest.fixture(scope="module", params=["RSA 1024", "RSA 2048", "ECDSA P-256", "ECDSA P-384", "Ed25519"])
def key(request: pytest.FixtureRequest) -> PrivateKey:
    made: PrivateKey
    if request.param.startswith("RSA"):
        made = generate_rsa(int(request.param.split()[1]))
    elif request.param == "Ed25519":
        made = ed25519.Ed25519PrivateKey.generate()
    else:
        made = generate_ec("P-384" if "384" in request.param else "P-256")
    assert key_kind(made) == request.param
    return made


def test_a_self_signed_certificate_is_verified_by_openssl(key: PrivateKey, openssl: OpenSsl, tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_text(self_signed(WHO, NAMES, key, NOW, 36_500))
    text = openssl("x509", "-in", path, "-noout", "-text", "-nameopt", "RFC2253,utf8,-esc_msb,-dn_rev")
    assert "Version: 3" in text
    assert "Subject: C=JP,ST=Osaka,L=Osaka,O=Example Mail,CN=mail.example.com" in text
    assert "DNS:mail.example.com, DNS:*.example.com" in text
    assert "own.pem: OK" in openssl("verify", "-CAfile", path, "-attime", str(int(NOW.timestamp()) + 60), path)


def test_a_request_is_verified_by_openssl_and_has_the_same_subject_and_names(
    key: PrivateKey, openssl: OpenSsl, tmp_path: Path
) -> None:
    path = tmp_path / "request.pem"
    path.write_text(signing_request(WHO, NAMES, key))
    text = openssl("req", "-in", path, "-noout", "-verify", "-text", "-nameopt", "RFC2253,-dn_rev")
    assert "verify OK" in text
    assert "Subject: C=JP,ST=Osaka,L=Osaka,O=Example Mail,CN=mail.example.com" in text
    assert "DNS:mail.example.com, DNS:*.example.com" in text


def test_the_signature_is_the_one_that_was_chosen() -> None:
    certificate = read_certificates(self_signed(WHO, NAMES, generate_ec("P-384"), NOW, 10)).certificates[0]
    assert certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256
    assert certificate.version is x509.Version.v3
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc == NOW + timedelta(days=10)


def test_values_beyond_ascii_are_utf8_for_openssl(openssl: OpenSsl, tmp_path: Path) -> None:
    path = tmp_path / "osaka.pem"
    who = Subject("mail.example.com", "例示メール株式会社", "情報部", "大阪市", "大阪府", "JP")
    path.write_text(self_signed(who, (), generate_ec("P-256"), NOW, 10))
    shown = openssl("x509", "-in", path, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus")
    assert "ST=大阪府" in shown
    certificate = read_certificates(path.read_text()).certificates[0]
    assert subject_line(certificate) == "C=JP,ST=大阪府,L=大阪市,O=例示メール株式会社,OU=情報部,CN=mail.example.com"


def test_a_request_for_a_certificate_there_is_takes_its_subject_and_names(openssl: OpenSsl, tmp_path: Path) -> None:
    made = make(names=("a.example", "b.example"))
    path = tmp_path / "request.pem"
    path.write_text(request_for(made.certificate, made.key))
    text = openssl("req", "-in", path, "-noout", "-verify", "-text")
    assert "DNS:a.example, DNS:b.example" in text
    assert "CN = mail.example.com" in text or "CN=mail.example.com" in text


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("country", "jp", "JP"),
        ("common_name", "  mail.example.com ", "mail.example.com"),
        ("organizational_unit", "", ""),
        ("organization", "Ex, Ample+Co", "Ex, Ample+Co"),
        ("locality", "L" * 128, "L" * 128),
    ],
)
def test_values_of_a_subject(field: str, typed: str, value: str) -> None:
    assert subject_value(field, typed) == value


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("common_name", "", "Common Name must not be empty."),
        ("organization", "  ", "Organization must not be empty."),
        ("locality", "", "Locality or City must not be empty."),
        ("state", "", "State or Province must not be empty."),
        ("country", "", "Country must not be empty."),
        ("country", "JPN", 'Country must be exactly two letters, like JP; not "JPN".'),
        ("country", "J1", 'Country must be exactly two letters, like JP; not "J1".'),
        ("country", "日本", 'Country must be exactly two letters, like JP; not "日本".'),
        ("common_name", "a" * 65, "Common Name is 65 octets long in UTF-8; the bound is 64 (RFC 5280)."),
        ("common_name", "a" * 65_536, "Common Name is 65536 octets long in UTF-8; the bound is 64 (RFC 5280)."),
        ("organization", "大" * 22, "Organization is 66 octets long in UTF-8; the bound is 64 (RFC 5280)."),
        (
            "organizational_unit",
            "u" * 65,
            "Organizational Unit is 65 octets long in UTF-8; the bound is 64 (RFC 5280).",
        ),
        ("locality", "L" * 129, "Locality or City is 129 octets long in UTF-8; the bound is 128 (RFC 5280)."),
        ("common_name", "a\0b", r'Common Name must not have the control character "\x00".'),
        ("organization", "a\x1b[2Jb", r'Organization must not have the control character "\x1b".'),
    ],
)
def test_values_that_no_subject_has(field: str, typed: str, sentence: str) -> None:
    with pytest.raises(CertificateRefused) as refused:
        subject_value(field, typed)
    assert str(refused.value) == sentence


def test_every_field_of_a_subject_has_its_bound() -> None:
    assert set(FIELDS) == set(Subject._fields)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("mail.example.com", ("mail.example.com",)),
        ("Mail.Example.com., mail.example.com,,", ("mail.example.com",)),
        ("*.example.com, example.com", ("*.example.com", "example.com")),
        ("bücher.example", ("xn--bcher-kva.example",)),
        ("", ()),
    ],
)
def test_alternative_names(typed: str, names: tuple[str, ...]) -> None:
    assert alternative_names(typed) == names


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("f*.example.com", '"f*.example.com" is no full domain name: a * may only be the whole left-most label.'),
        ("*.*.example.com", '"*.*.example.com" is no full domain name: a * may only be the whole left-most label.'),
        (
            "a.example, localhost",
            '"localhost" is no full domain name: it has only one label; a full name has two or more, like '
            "mail.example.com.",
        ),
        (
            "10.0.0.1",
            '"10.0.0.1" is no full domain name: its last label is a number; a host name is a name, not an address.',
        ),
        (",".join(f"n{number}.example" for number in range(101)), "There are 101 names; at most 100 are taken."),
    ],
)
def test_alternative_names_that_are_none(typed: str, sentence: str) -> None:
    with pytest.raises(CertificateRefused) as refused:
        alternative_names(typed)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("days", [0, -1, 36_501, 10**9])
def test_a_duration_out_of_bounds_is_refused(days: int) -> None:
    with pytest.raises(CertificateRefused, match="The duration must be from 1 to 36500 days"):
        self_signed(WHO, (), generate_ec("P-256"), NOW, days)


def test_other_sizes_are_not_made() -> None:
    with pytest.raises(CertificateRefused, match="An RSA key of 512 bits is not made"):
        generate_rsa(512)


def test_a_key_is_read_back_and_belongs_to_its_certificate(key: PrivateKey) -> None:
    certificate = read_certificates(self_signed(WHO, (), key, NOW, 10)).certificates[0]
    assert belongs(read_private_key(key_pem(key)), certificate)
    assert not belongs(key, make().certificate)


def test_a_key_is_made_in_another_thread() -> None:
    made: list[object] = []
    thread = threading.Thread(target=lambda: made.append(generate_rsa(1024)))
    thread.start()
    thread.join()
    assert isinstance(made[0], rsa.RSAPrivateKey)


ENDLESS = "import time\ntime.sleep(60)"


class Enough(Exception):
    pass


def test_what_waits_may_cancel_and_no_process_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    monkeypatch.setattr(keys, "CHILD", f"import os\nopen({str(noted)!r}, 'w').write(str(os.getpid()) + '.')\n{ENDLESS}")
    ticks = []

    def tick() -> None:
        ticks.append(time.monotonic())
        if noted.exists() and noted.read_text().endswith("."):
            raise Enough

    with pytest.raises(Enough):
        generate_rsa(4096, tick)
    assert time.monotonic() - ticks[-1] < 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text().rstrip(".")), 0)


def test_a_child_that_ends_without_a_key_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "CHILD", "raise SystemExit(1)")
    with pytest.raises(
        CertificateRefused, match=r"^The key could not be made: the process that made it ended early\.$"
    ):
        generate_rsa(2048)


CANCELLED = f"""
import os, sys, time
from gateway import keys
keys.CHILD = {ENDLESS!r}
print("begun", flush=True)
try:
    keys.generate_rsa(4096)
except KeyboardInterrupt:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        print("cancelled", flush=True)
"""


def test_ctrl_c_cancels_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", CANCELLED], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "begun\n"
        time.sleep(0.3)
        pressed = time.monotonic()
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == "cancelled\n"
        assert time.monotonic() - pressed < 1  # a tenth of a second on a machine that is not busy
        assert program.wait() == 0


def test_an_ecdsa_key_is_on_the_curve_that_was_chosen() -> None:
    assert isinstance(generate_ec("P-384").curve, ec.SECP384R1)
