"""What the OpenSSL program writes is read: keys of every kind and wrapping, certificates, PKCS#12 new and old."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from gateway.chain_order import read_bundle
from gateway.keys import belongs, key_kind
from gateway.loading import read_certificates, read_private_key
from gateway.pkcs12 import Encryption, read_pkcs12, write_pkcs12
from gateway.refusals import PassPhraseNeeded, WrongPassPhrase
from tests.gateway.conftest import Family, OpenSsl

PHRASE = "pa ss-Wört 1"
KINDS = {
    "RSA 2048": ("RSA", "rsa_keygen_bits:2048"),
    "ECDSA P-256": ("EC", "ec_paramgen_curve:P-256"),
    "ECDSA P-384": ("EC", "ec_paramgen_curve:P-384"),
    "Ed25519": ("ED25519", ""),
}


@pytest.fixture(scope="module", params=KINDS)
def written(request: pytest.FixtureRequest, openssl: OpenSsl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what OpenSSL wrote for one kind of key: root, intermediate, leaf, key, bundles."""
    folder = tmp_path_factory.mktemp("openssl")
    algorithm, option = KINDS[request.param]
    (folder / "kind").write_text(request.param)
    (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\n")
    (folder / "leaf.ext").write_text("basicConstraints=CA:FALSE\nsubjectAltName=DNS:mail.example.com\n")
    for who in ("root", "middle", "leaf"):
        options = ("-pkeyopt", option) if option else ()
        openssl("genpkey", "-quiet", "-algorithm", algorithm, *options, "-out", folder / f"{who}.key")
        subject = f"/C=JP/O=Example Mail/CN={who}.example.com"
        request_file = folder / f"{who}.csr"
        openssl("req", "-new", "-key", folder / f"{who}.key", "-subj", subject, "-out", request_file)
        above = "root" if who == "middle" else "middle"
        signer = ["-key" if who == "root" else "-CAkey", folder / ("root.key" if who == "root" else f"{above}.key")]
        issuer = [] if who == "root" else ["-CA", folder / f"{above}.pem", "-CAcreateserial"]
        extensions = folder / ("leaf.ext" if who == "leaf" else "ca.ext")
        sign = ["-in", request_file, "-days", "30", "-extfile", extensions, "-out", folder / f"{who}.pem"]
        openssl("x509", "-req", *(signer if who == "root" else [*issuer, *signer]), *sign)
    (folder / "chain.pem").write_text((folder / "root.pem").read_text() + (folder / "middle.pem").read_text())
    return folder


def test_certificates_in_pem_and_der(written: Path, openssl: OpenSsl) -> None:
    openssl("x509", "-in", written / "leaf.pem", "-outform", "DER", "-out", written / "leaf.der")
    openssl("x509", "-in", written / "leaf.pem", "-text", "-out", written / "text.pem")
    pem = read_certificates((written / "leaf.pem").read_bytes())
    der = read_certificates((written / "leaf.der").read_bytes())
    assert (pem.form, der.form) == ("PEM", "DER")
    assert pem.certificates == der.certificates == read_certificates((written / "text.pem").read_text()).certificates


def test_private_keys(written: Path, openssl: OpenSsl) -> None:
    kind = (written / "kind").read_text()
    phrase = ("-passout", f"pass:{PHRASE}")
    wrappings: dict[str, tuple[str, ...]] = {
        "pkcs8": ("pkcs8", "-topk8", *phrase),
        "pkcs8-des": ("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", *phrase),
        "pkcs8-scrypt": ("pkcs8", "-topk8", "-scrypt", "-scrypt_N", "1024", *phrase),
        "pkcs8-der": ("pkcs8", "-topk8", "-outform", "DER", *phrase),
    }
    if kind != "Ed25519":  # such keys have no traditional form
        wrappings["old-aes"] = ("pkey", "-traditional", "-aes256", *phrase)
        wrappings["old-3des"] = ("pkey", "-traditional", "-des3", *phrase)
        wrappings["traditional"] = ("pkey", "-traditional")
    certificate = read_certificates((written / "leaf.pem").read_bytes()).certificates[0]
    for wrapping, command in wrappings.items():
        out = written / f"{wrapping}.key"
        openssl(*command, "-in", written / "leaf.key", "-out", out)
        found = read_private_key(out.read_bytes(), PHRASE)
        assert key_kind(found) == kind
        assert belongs(found, certificate)
        if wrapping == "traditional":
            continue
        for missing in (None, ""):
            with pytest.raises(PassPhraseNeeded, match=r"^The private key is encrypted; its pass phrase is needed\.$"):
                read_private_key(out.read_bytes(), missing)
        with pytest.raises(WrongPassPhrase, match=r"^The pass phrase does not open the private key\.$"):
            read_private_key(out.read_bytes(), "wrong")


@pytest.mark.parametrize("old", [False, True], ids=["PBES2", "legacy"])
@pytest.mark.parametrize("with_chain", [False, True], ids=["alone", "chain"])
@pytest.mark.parametrize("phrase", [PHRASE, ""], ids=["phrase", "empty"])
def test_pkcs12(written: Path, openssl: OpenSsl, old: bool, with_chain: bool, phrase: str) -> None:
    out = written / "out.p12"
    arguments = ["-legacy"] if old else []
    chain = ["-certfile", written / "chain.pem"] if with_chain else []
    own = ["-inkey", written / "leaf.key", "-in", written / "leaf.pem", "-name", "leaf"]
    openssl("pkcs12", "-export", *arguments, *own, *chain, "-passout", f"pass:{phrase}", "-out", out)
    found = read_pkcs12(out.read_bytes(), phrase)
    assert key_kind(found.key) == (written / "kind").read_text()
    assert [found.certificate] == read_certificates((written / "leaf.pem").read_bytes()).certificates
    chained = read_certificates((written / "chain.pem").read_bytes()).certificates[::-1] if with_chain else []
    assert found.intermediates == chained
    assert found.left_out == []
    with pytest.raises(WrongPassPhrase):
        read_pkcs12(out.read_bytes(), "wrong")
    if phrase:
        with pytest.raises(PassPhraseNeeded):
            read_pkcs12(out.read_bytes())


@pytest.mark.parametrize("form", ["AES-256", "3DES"])
def test_openssl_reads_the_pkcs12_that_is_written(
    family: Family, openssl: OpenSsl, tmp_path: Path, form: Encryption
) -> None:
    path = tmp_path / "out.p12"
    intermediates = [family.intermediate.certificate, family.root.certificate]
    path.write_bytes(
        write_pkcs12(family.leaf.key, family.leaf.certificate, intermediates, PHRASE, "lets_encrypt", form)
    )
    legacy = ["-legacy"] if form == "3DES" else []
    text = openssl("pkcs12", "-in", path, *legacy, "-passin", f"pass:{PHRASE}", "-nodes", "-info")
    assert "friendlyName: lets_encrypt" in text
    assert ("AES-256-CBC, Iteration 100000, PRF hmacWithSHA256" if form == "AES-256" else "3-KeyTripleDES-CBC") in text
    assert "MAC: sha256" in text if form == "AES-256" else "MAC: sha1" in text
    bundle = read_bundle(text)
    assert (bundle.certificate, bundle.intermediates) == (family.leaf.certificate, intermediates)
    again = read_pkcs12(path.read_bytes(), PHRASE)
    assert (again.certificate, again.intermediates) == (family.leaf.certificate, intermediates)


def test_a_bundle_that_openssl_prints_is_taken_with_its_bag_attributes(written: Path, openssl: OpenSsl) -> None:
    own = ["-inkey", written / "leaf.key", "-in", written / "leaf.pem", "-certfile", written / "chain.pem"]
    openssl("pkcs12", "-export", *own, "-passout", "pass:abc", "-out", written / "bags.p12")
    text = openssl("pkcs12", "-in", written / "bags.p12", "-passin", "pass:abc", "-passout", "pass:other phrase")
    assert "Bag Attributes" in text
    with pytest.raises(PassPhraseNeeded):
        read_bundle(text)
    bundle = read_bundle(text.replace("\n", "\r\n"), "other phrase")
    assert [bundle.certificate] == read_certificates((written / "leaf.pem").read_bytes()).certificates
    assert len(bundle.intermediates) == 2


def test_no_key_shows_in_what_python_prints_of_it(family: Family) -> None:
    bundle = read_bundle(family.leaf.pem + family.leaf.key_pem)
    numbers = family.leaf.key.private_numbers()
    raw = family.leaf.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for shown in (repr(bundle), str(bundle)):
        assert str(numbers.private_value) not in shown
        assert raw.hex() not in shown
    assert repr(bundle) == "<Bundle mail.example.com>"
