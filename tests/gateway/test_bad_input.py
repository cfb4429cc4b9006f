"""Bad input over all readers: each case has one sentence, and nothing but our own error comes out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import pkcs12

from gateway.chain_order import intermediates, read_bundle, read_chain
from gateway.crl import find_issuer, read_crl
from gateway.keys import refuse_foreign_key
from gateway.loading import read_certificates, read_private_key
from gateway.pem import pem_text
from gateway.pkcs12 import read_pkcs12, write_pkcs12
from gateway.refusals import CertificateRefused, PassPhraseNeeded, WrongPassPhrase
from tests.gateway.making import DER, KEYS, PEM, Made, key_text, make, make_crl, name

ROOT = make("Example Root", key=1, ca=True)
MIDDLE = make("Example Intermediate", ROOT, key=2, ca=True)
LEAF = make("mail.example.com", MIDDLE)
OTHER = make("other.example.com", MIDDLE, key=5)
SECRET = "correct horse"
P8 = serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()

CERT, KEY, PUBLIC = LEAF.pem, LEAF.key_pem, LEAF.key.public_key()
LINES = CERT.splitlines()
ENCRYPTED = key_text(LEAF.key, SECRET)
CSR = x509.CertificateSigningRequestBuilder().subject_name(name("a.example")).sign(LEAF.key, hashes.SHA256())
CRL = make_crl(ROOT)
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
OPENSSH = KEYS[0].private_bytes(PEM, serialization.PrivateFormat.OpenSSH, PLAIN).decode()
P12 = write_pkcs12(LEAF.key, LEAF.certificate, [MIDDLE.certificate], SECRET)
HUGE = b"A" * (50 * 1024 * 1024)
BUNDLE = CERT + MIDDLE.pem + KEY


def pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey) -> str:
    return key.private_bytes(PEM, P8, PLAIN).decode()


DSA = (Path(cryptography_vectors.__file__).parent / "asymmetric/PKCS8/unenc-dsa-pkcs8.pem").read_text()
# `cryptography` reads such a key but makes none; it is no secret of anybody.
RSA_512 = """-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAvRt+mg/qIPTPjsrY
RftHJ7qeRi8Is/CvFc+Zt3lL2jrBGLql7RVVFYbZaDPzLSqlVjepQwRwGOKQC+Fx
SBM1twIDAQABAkBbVnpRozosbNILYAIR2wpFMCfeMj1729ZVLI5MRfPTFRU9euf1
nFFUALa0fXFfgBqh+LoEgb8l3MVXw8LhWtwBAiEA3c0s+5pQ/lOdQsvY/OMG2/QI
g1iNugBgl2v/OTU8pLcCIQDaQ9Y22Lmjw3cEDnfNkd0NgvWtxmVHDuqpWNnNiWb3
AQIhAMyqmUmJ+hbUnRaX96BS9W9dXcWlnxH1aywOsbHeWBk9AiEAwbaVR2ZAFGUl
mxcQIwXDL/u7+jfrqQ5HHHe8DpxVIwECIE+67HRZ2lMFtlIOiVrWTNNRxq2LtVPa
yZW6IySWDmJD
-----END PRIVATE KEY-----
"""


def bundle_of(key: ec.EllipticCurvePrivateKey | None, leaf: Made | None, *more: Made) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"x",
        key,
        leaf.certificate if leaf else None,
        [made.certificate for made in more],
        serialization.BestAvailableEncryption(SECRET.encode()),
    )


def endless_bundle() -> bytes:
    """Return a bundle whose check value needs 2,147,483,647 rounds; it stands at the end."""
    assert P12.endswith(b"\x02\x02\x08\x00")
    longer = P12[4:-4] + b"\x02\x04\x7f\xff\xff\xff"
    at = longer.rfind(b"\x30\x41\x30\x31")
    longer = longer[:at] + b"\x30\x43" + longer[at + 2 :]
    return b"\x30\x82" + len(longer).to_bytes(2, "big") + longer


def endless_key() -> str:
    """Return an encrypted key whose derivation needs 2,147,483,647 rounds, all lengths but that number's left alone."""
    der = read_block(ENCRYPTED)
    at = der.index(b"\x04\x10") + 18  # behind the salt of PBKDF2
    assert der[at : at + 2] in (b"\x02\x02", b"\x02\x03")
    return pem_text(
        "ENCRYPTED PRIVATE KEY", der[:at] + b"\x02\x04\x7f\xff\xff\xff" + der[at + 2 + der[at + 1] :] + b"\0\0"
    ).decode()


def read_block(text: str) -> bytes:
    return base64.b64decode("".join(text.splitlines()[1:-1]))


def loop_text() -> str:
    one, two = make("Loop 1", key=3, ca=True), make("Loop 2", key=4, ca=True)
    return make("Loop 1", two, key=3, ca=True).pem + make("Loop 2", one, key=4, ca=True).pem


def crl_without_next_update() -> bytes:
    # version, algorithm, name, thisUpdate, and no nextUpdate; the signature is any
    whole = x509.load_pem_x509_crl(make_crl(ROOT, revoked=0))
    tbs = whole.tbs_certlist_bytes
    next_update = b"\x17\x0d" + f"{whole.next_update_utc:%y%m%d%H%M%S}Z".encode()
    shorter = tbs[2:].replace(next_update, b"")
    algorithm_and_signature = whole.public_bytes(DER).split(tbs, 1)[1]
    inner = b"\x30" + bytes([len(shorter)]) + shorter + algorithm_and_signature
    return b"\x30\x81" + bytes([len(inner)]) + inner


class Case(NamedTuple):
    """What is read, and the sentence it gets."""

    name: str
    read: Callable[[], object]
    sentence: str
    kind: type[CertificateRefused] = CertificateRefused
    data: bytes | str | None = None


def cert(name: str, data: bytes | str, sentence: str) -> Case:
    return Case(f"certificate: {name}", lambda: read_certificates(data), sentence, data=data)


def key(
    name: str,
    data: bytes | str,
    sentence: str,
    phrase: str | None = None,
    kind: type[CertificateRefused] = CertificateRefused,
) -> Case:
    return Case(f"key: {name}", lambda: read_private_key(data, phrase), sentence, kind, data)


def p12(
    name: str, data: bytes, sentence: str, phrase: str = SECRET, kind: type[CertificateRefused] = CertificateRefused
) -> Case:
    return Case(f"pkcs12: {name}", lambda: read_pkcs12(data, phrase), sentence, kind, data)


def bundle(name: str, data: str, sentence: str) -> Case:
    return Case(f"bundle: {name}", lambda: read_bundle(data), sentence)


def chain(name: str, data: str, sentence: str) -> Case:
    return Case(f"chain: {name}", lambda: read_chain(data), sentence, data=data)


def crl(name: str, data: bytes | str, sentence: str) -> Case:
    return Case(f"crl: {name}", lambda: read_crl(data), sentence)


NO_CERTIFICATE = (
    "It is not a certificate: there is no line -----BEGIN CERTIFICATE-----, and it is neither DER nor base64 of it."
)
NO_KEY = (
    "It is not a private key: there is no line -----BEGIN PRIVATE KEY-----, and it is neither DER nor base64 of it."
)
DAMAGED = "It cannot be read as a certificate: its content is damaged or is no X.509 certificate."
CUT = "The block CERTIFICATE is cut off: its line -----END CERTIFICATE----- is missing."
NOT_BASE64 = "The block CERTIFICATE is not base64: characters are missing or were added."
NO_P12 = "It is not a PKCS#12 bundle (.p12, .pfx), or it is damaged."

CASES = [
    cert("empty", "", "It is empty; a certificate in PEM form is expected."),
    cert("blanks", " \r\n\t", "It is empty; a certificate in PEM form is expected."),
    cert("50 MB", HUGE, "It is too large for a certificate: 50.0 MB; at most 4 MB are read."),
    cert("a word", "hello", NO_CERTIFICATE),
    cert("a path", "/etc/ssl/certs/mail.pem", NO_CERTIFICATE),
    cert("Japanese text", "証明書", NO_CERTIFICATE),
    cert("zero octets", bytes(1000), NO_CERTIFICATE),
    cert("HTML", "<html><body>404 Not Found</body></html>", NO_CERTIFICATE),
    cert("no END", "\n".join(LINES[:-1]), CUT),
    cert("only BEGIN", LINES[0], CUT),
    cert("END of another", CERT.replace("END CERTIFICATE", "END PRIVATE KEY"), CUT),
    cert(
        "nothing between", f"{LINES[0]}\n{LINES[-1]}", "The block CERTIFICATE is empty between its BEGIN and END lines."
    ),
    cert(
        "a line missing",
        "\n".join([*LINES[:3], *LINES[4:]]),
        f"The block CERTIFICATE is cut off: {len(LEAF.der) - 48} of {len(LEAF.der)} bytes are there.",
    ),
    cert("a character missing", CERT.replace(LINES[2], LINES[2][1:]), NOT_BASE64),
    cert(
        "a dot in it",
        CERT.replace(LINES[2], LINES[2][:-1] + "."),
        'The block CERTIFICATE is not base64: "." stands in it.',
    ),
    cert(
        "an escape in it",
        CERT.replace(LINES[2], "\x1b[2J"),
        r'The block CERTIFICATE is not base64: "\x1b" stands in it.',
    ),
    cert(
        "a letter beyond ASCII", CERT.replace(LINES[2], "é"), 'The block CERTIFICATE is not base64: "é" stands in it.'
    ),
    cert("damaged", CERT.replace(LINES[3], "A" * 64), DAMAGED),
    cert("an INTEGER", "-----BEGIN CERTIFICATE-----\nAgEB\n-----END CERTIFICATE-----", DAMAGED),
    cert(
        "second cut off",
        CERT + "\n".join(LINES[:-1]),
        "Block 2 (CERTIFICATE) is cut off: its line -----END CERTIFICATE----- is missing.",
    ),
    cert("second damaged", CERT + CERT.replace(LINES[3], "A" * 64), DAMAGED.replace("It", "Certificate 2", 1)),
    cert("501 of them", CERT * 501, "There are 501 certificates in it; at most 500 are read."),
    cert(
        "DER cut off", LEAF.der[:-10], f"It is cut off: {len(LEAF.der) - 10} of {len(LEAF.der)} bytes of DER are there."
    ),
    cert("base64 cut off", "".join(LINES[1:4]), f"The text is cut off: 144 of {len(LEAF.der)} bytes are there."),
    cert("a key", KEY, "This is a private key; a certificate is expected."),
    cert("an encrypted key", ENCRYPTED, "This is a private key; a certificate is expected."),
    cert("a key, base64", "".join(KEY.splitlines()[1:-1]), "This is a private key; a certificate is expected."),
    cert("a key, DER", LEAF.key.private_bytes(DER, P8, PLAIN), "This is a private key; a certificate is expected."),
    cert("a request", CSR.public_bytes(PEM), "This is a certificate signing request; a certificate is expected."),
    cert("a request, DER", CSR.public_bytes(DER), "This is a certificate signing request; a certificate is expected."),
    cert("a list", CRL, "This is a certificate revocation list; a certificate is expected."),
    cert("a public key", PUBLIC.public_bytes(PEM, SPKI), "This is a public key; a certificate is expected."),
    cert("a public key, DER", PUBLIC.public_bytes(DER, SPKI), "This is a public key; a certificate is expected."),
    cert("PKCS#12", P12, "This is a PKCS#12 bundle; a certificate is expected."),
    cert(
        "PKCS#7",
        "-----BEGIN PKCS7-----\nMAMC\n-----END PKCS7-----".replace("MAMC", "MAMCAQE="),
        "This is a PKCS#7 bundle; a certificate is expected.",
    ),
    cert(
        "unknown",
        "-----BEGIN SOMETHING-----\nAAAA\n-----END SOMETHING-----",
        'This is "SOMETHING"; a certificate is expected.',
    ),
    key("empty", b"", "It is empty; a private key in PEM form is expected."),
    key("50 MB", HUGE, "It is too large for a private key: 50.0 MB; at most 4 MB are read."),
    key("a word", "hello", NO_KEY),
    key("a certificate", CERT, "This is a certificate; a private key is expected."),
    key("a certificate, DER", LEAF.der, "This is a certificate; a private key is expected."),
    key("a request", CSR.public_bytes(PEM), "This is a certificate signing request; a private key is expected."),
    key("a public key", PUBLIC.public_bytes(PEM, SPKI), "This is a public key; a private key is expected."),
    key("OpenSSH", OPENSSH, "This is an OpenSSH private key; a private key is expected."),
    key("two", KEY + OTHER.key_pem, "There are 2 private keys in it; one is expected."),
    key(
        "no END",
        "\n".join(KEY.splitlines()[:-1]),
        "The block PRIVATE KEY is cut off: its line -----END PRIVATE KEY----- is missing.",
    ),
    key("damaged", KEY.replace("PRIVATE", "RSA PRIVATE"), "The private key cannot be read: its content is damaged."),
    key(
        "too long",
        "-----BEGIN PRIVATE KEY-----\n" + "AAAA" * 6000 + "\n-----END PRIVATE KEY-----",
        "The private key is longer than 16 kB, which no usable key is.",
    ),
    key(
        "parameters only",
        "-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----",
        "There is nothing in it but EC PARAMETERS.",
    ),
    key("512 bits", RSA_512, "The RSA key has 512 bits; 1024 are the least that is taken."),
    key(
        "DSA",
        DSA,
        "The key is of the kind DSA; RSA, ECDSA and Ed25519 keys are accepted.",
    ),
    key(
        "X25519",
        pkcs8(x25519.X25519PrivateKey.generate()),
        "The key is of the kind X25519; RSA, ECDSA and Ed25519 keys are accepted.",
    ),
    key(
        "another curve",
        pkcs8(ec.generate_private_key(ec.SECP256K1())),
        "The key is on the curve secp256k1; P-256, P-384 and P-521 are accepted.",
    ),
    key("encrypted", ENCRYPTED, "The private key is encrypted; its pass phrase is needed.", kind=PassPhraseNeeded),
    key("wrong pass phrase", ENCRYPTED, "The pass phrase does not open the private key.", "wrong", WrongPassPhrase),
    key(
        "surrogates in the pass phrase",
        ENCRYPTED,
        "The pass phrase does not open the private key.",
        "\udc80",
        WrongPassPhrase,
    ),
    key(
        "endless rounds",
        endless_key(),
        "The private key asks for 2147483647 rounds of encryption; at most 10000000 are made.",
        SECRET,
    ),
    p12(
        "endless rounds",
        endless_bundle(),
        "The PKCS#12 bundle asks for 2147483647 rounds of encryption; at most 10000000 are made.",
    ),
    p12("empty", b"", "It is empty; a PKCS#12 bundle is expected."),
    p12("50 MB", HUGE, "It is too large for a PKCS#12 bundle: 50.0 MB; at most 4 MB are read."),
    p12("text", b"hello", NO_P12),
    p12("cut off", P12[:-1], f"The PKCS#12 bundle is cut off: {len(P12) - 1} of {len(P12)} bytes are there."),
    p12("damaged", P12[:6] + b"\xff" * 8 + P12[14:], NO_P12),
    p12(
        "damaged where it is encrypted",
        P12[:200] + b"\xff" * 40 + P12[240:],
        "The pass phrase does not open the PKCS#12 bundle.",
        kind=WrongPassPhrase,
    ),
    p12("PEM", BUNDLE.encode(), "This is a certificate in PEM form; a PKCS#12 bundle (.p12, .pfx) is expected."),
    p12("a certificate", LEAF.der, "This is a certificate; a PKCS#12 bundle (.p12, .pfx) with its key is expected."),
    p12("no pass phrase", P12, "The PKCS#12 bundle has a pass phrase; it is needed.", "", PassPhraseNeeded),
    p12("wrong pass phrase", P12, "The pass phrase does not open the PKCS#12 bundle.", "wrong horse", WrongPassPhrase),
    p12(
        "no key",
        bundle_of(None, None, LEAF, MIDDLE),
        "There is no private key in the PKCS#12 bundle; key and certificate are expected.",
    ),
    p12(
        "no certificate",
        bundle_of(LEAF.key, None),
        "There is no certificate in the PKCS#12 bundle; key and certificate are expected.",
    ),
    p12(
        "another's certificate",
        bundle_of(LEAF.key, None, OTHER),
        "The private key (ECDSA P-256) does not belong to the certificate (its public key: ECDSA P-256).",
    ),
    Case(
        "pkcs12: short pass phrase",
        lambda: write_pkcs12(LEAF.key, LEAF.certificate, [], "1234567"),
        "The pass phrase must have at least 8 characters.",
    ),
    Case(
        "pkcs12: written with a foreign key",
        lambda: write_pkcs12(OTHER.key, LEAF.certificate, [], SECRET),
        "The private key (ECDSA P-256) does not belong to the certificate (its public key: ECDSA P-256).",
    ),
    Case(
        "a wrong key",
        lambda: refuse_foreign_key(rsa.generate_private_key(65537, 2048), LEAF.certificate),
        "The private key (RSA 2048) does not belong to the certificate (its public key: ECDSA P-256).",
    ),
    bundle("no key", CERT + MIDDLE.pem, "This is a certificate; a private key is expected."),
    bundle("no certificate", KEY, "This is a private key; a certificate is expected."),
    bundle(
        "another's key",
        CERT + OTHER.key_pem,
        "The private key (ECDSA P-256) does not belong to the certificate (its public key: ECDSA P-256).",
    ),
    bundle("nobody's key", CERT + MIDDLE.pem + OTHER.key_pem, "The private key belongs to none of the 2 certificates."),
    bundle(
        "two leaves",
        BUNDLE + OTHER.pem,
        '"other.example.com" is a second end-entity certificate beside "mail.example.com"; one is expected.',
    ),
    chain(
        "two leaves",
        CERT + OTHER.pem + MIDDLE.pem,
        'There is more than one end-entity certificate: "mail.example.com" and "other.example.com"; one is expected.',
    ),
    chain("a loop", loop_text(), "The issuers form a loop: each of the certificates signs another of them."),
    chain(
        "a loop above",
        make("mail.example.com", make("Loop 1", key=3, ca=True)).pem + loop_text(),
        'The issuers form a loop among "mail.example.com", "Loop 1" and "Loop 2".',
    ),
    Case(
        "chain: unrelated",
        lambda: intermediates(LEAF.certificate, [ROOT.certificate]),
        '"Example Root" is not of the chain of "mail.example.com": it signed none of its certificates.',
    ),
    crl("empty", "", "It is empty; a certificate revocation list in PEM form is expected."),
    crl("a certificate", CERT, "This is a certificate; a certificate revocation list is expected."),
    crl("damaged", LEAF.der, "The certificate revocation list cannot be read: its content is damaged."),
    crl("cut off", CRL[:200], "The block X509 CRL is cut off: its line -----END X509 CRL----- is missing."),
    crl(
        "no nextUpdate",
        crl_without_next_update(),
        "The certificate revocation list does not say when the next one comes (nextUpdate).",
    ),
    crl(
        "40 MB",
        HUGE[: 40 * 1024 * 1024],
        "It is too large for a certificate revocation list: 40.0 MB; at most 32 MB are read.",
    ),
    Case(
        "crl: a stranger's",
        lambda: find_issuer(read_crl(CRL), [LEAF.certificate]),
        'The issuer of the list, "Example Root", is in no list of authorities.',
    ),
    Case(
        "crl: a forged one",
        lambda: find_issuer(read_crl(make_crl(ROOT, key=6)), [ROOT.certificate]),
        'The signature of the list is not one of its issuer, "Example Root".',
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_gets_one_sentence(case: Case) -> None:
    with pytest.raises(CertificateRefused) as refused:
        case.read()
    assert str(refused.value) == case.sentence
    assert type(refused.value) is case.kind
    assert refused.value.__cause__ is None
    for line in [*KEY.splitlines()[1:-1], *ENCRYPTED.splitlines()[1:-1], SECRET]:
        assert line not in case.sentence


def test_the_table_is_long_enough_and_says_each_thing_once() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def test_what_looks_bad_and_is_not() -> None:
    """Text around the blocks, indentation, a pass phrase that is not needed, trailing bytes, no BEGIN line."""
    assert read_certificates("a mail says\n> here:\n" + CERT + "regards\n").form == "PEM"
    assert read_certificates("\ufeff" + CERT.replace("\n", "\r\n   ")).certificates == [LEAF.certificate]
    assert read_certificates("\n".join(LINES[1:-1])) == ("base64", [LEAF.certificate], [])
    assert read_certificates(LEAF.der + b"\n") == ("DER", [LEAF.certificate], [])
    assert read_certificates(BUNDLE) == ("PEM", [LEAF.certificate, MIDDLE.certificate], ["a private key"])
    assert read_private_key(KEY, "not needed").private_numbers() == LEAF.key.private_numbers()  # type: ignore[union-attr] # it is ECDSA


def test_dates_do_not_matter_to_a_reader() -> None:
    for made in (make(begin=-10, days=5), make(begin=5)):
        assert read_certificates(made.pem).certificates == [made.certificate]
