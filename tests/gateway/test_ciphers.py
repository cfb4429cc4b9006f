"""What cipher strings stand for, compared with the `openssl` program."""

from __future__ import annotations

import ssl

import pytest

from gateway.ciphers import CipherStringRefused, about, read_ciphers, refuse_without_cipher
from tests.gateway.conftest import OpenSsl

REFERENCE = (
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_CCM_SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:AES256-GCM-SHA384"
)
"""The list of the second reference document."""


def names(string: str) -> list[str]:
    return [cipher.name for cipher in read_ciphers(string).ciphers]


def test_the_list_of_the_reference_is_accepted_and_its_tls_1_3_suites_are_set_apart() -> None:
    found = read_ciphers(REFERENCE)
    assert found.set_apart == (
        "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256",
    )  # fmt: skip
    assert [*found.set_apart, *(cipher.name for cipher in found.ciphers)] == REFERENCE.split(":")
    assert found.empty == ()
    assert list(about(REFERENCE, found)) == [
        "The suites of TLS v1.3 are switched by the method, not by the cipher string; set apart: "
        "TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256, TLS_AES_256_GCM_SHA384, TLS_AES_128_CCM_SHA256."
    ]
    refuse_without_cipher(found, ["TLSv1.2", "TLSv1.3"])


@pytest.mark.parametrize(
    ("string", "reason"),
    [
        ("", "There is no cipher in the string."),
        (": ,;", "There is no cipher in the string."),
        ("HIGH:\x1b[2J", "A cipher string holds printable ASCII characters only."),
        ("HIGH:é", "A cipher string holds printable ASCII characters only."),
        ("ALL:!ALL", 'The string "ALL:!ALL" leaves no cipher in the installed OpenSSL.'),
        ("!aNULL", 'The string "!aNULL" leaves no cipher in the installed OpenSSL.'),
        ("+HIGH", 'The string "+HIGH" leaves no cipher in the installed OpenSSL.'),
        ("SSLv2", 'The string "SSLv2" leaves no cipher in the installed OpenSSL.'),
        ("@STRENGTH", 'The string "@STRENGTH" leaves no cipher in the installed OpenSSL.'),
        ("HIGH:!aNUL", '"aNUL" is no cipher of the installed OpenSSL; did you mean "aNULL"?'),
        ("high", '"high" is no cipher of the installed OpenSSL; did you mean "HIGH"?'),
        ("HIGH:zzzzzz", '"zzzzzz" is no cipher of the installed OpenSSL.'),
        ("ECDHE+AESGCN", '"AESGCN" is no cipher of the installed OpenSSL; did you mean "AESGCM"?'),
        ("ECDHE+", '"ECDHE+" is no cipher of the installed OpenSSL.'),
        ("HIGH:!", '"!" is no cipher of the installed OpenSSL.'),
        ("!!MD5", '"!MD5" is no cipher of the installed OpenSSL; did you mean "MD5"?'),
        (
            "ECDHE-RSA-AES256-GCM-SHA348",
            '"ECDHE-RSA-AES256-GCM-SHA348" is no cipher of the installed OpenSSL; '
            'did you mean "ECDHE-RSA-AES256-GCM-SHA384"?',
        ),
        ("AES" + ":AES" * 500, "A cipher string has at most 2000 characters."),
        ("HIGH:@STRONG", '"@STRONG" is unknown; there are "@STRENGTH" and "@SECLEVEL=0" to 5.'),
        ("HIGH:@SECLEVEL=9", '"@SECLEVEL=9" is unknown; there are "@STRENGTH" and "@SECLEVEL=0" to 5.'),
        ("HIGH:DEFAULT", '"DEFAULT" may only be the first word of a cipher string.'),
    ],
)
def test_a_string_that_cannot_be_used_is_refused_with_the_reason(string: str, reason: str) -> None:
    with pytest.raises(CipherStringRefused) as refused:
        read_ciphers(string)
    assert str(refused.value) == reason


def test_a_known_word_that_stands_for_nothing_is_told() -> None:
    found = read_ciphers("MEDIUM:HIGH:SSLv2:!RC4:@STRENGTH:-EXPORT")
    assert found.empty == ("SSLv2",) or set(found.empty) == {"MEDIUM", "SSLv2"}
    assert any("These stand for no cipher" in sentence for sentence in about("", found))


def test_ciphers_that_protect_nothing_are_told() -> None:
    told = " ".join(about("", read_ciphers("eNULL:aNULL")))
    assert "without authentication or encryption" in told
    assert not list(about("", read_ciphers("ECDHE+AESGCM")))


@pytest.mark.parametrize(
    ("string", "methods", "sentence"),
    [
        ("ECDHE+AESGCM", ["TLSv1.2", "TLSv1.3"], None),
        ("ECDHE+AESGCM", ["TLSv1.3"], None),
        ("TLS_AES_128_GCM_SHA256", ["TLSv1.3"], None),
        ("AES128-SHA", ["TLSv1.0", "TLSv1.1", "TLSv1.2"], None),
        (
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
            ["TLSv1.2"],
            "The string holds no cipher for TLS v1.2 (TLS 1.3 suites are not for it); "
            "add one, or take TLS v1.2 from the methods.",
        ),
        (
            "ECDHE+AESGCM",
            ["TLSv1.0", "TLSv1.1", "TLSv1.2"],
            "The string holds no cipher for TLS v1.0 and TLS v1.1; "
            "add one, or take TLS v1.0 and TLS v1.1 from the methods.",
        ),
    ],
)
def test_every_method_needs_a_cipher(string: str, methods: list[str], sentence: str | None) -> None:
    if sentence is None:
        refuse_without_cipher(read_ciphers(string), methods)  # type: ignore[arg-type]  # words of the table
        return
    with pytest.raises(CipherStringRefused) as refused:
        refuse_without_cipher(read_ciphers(string), methods)  # type: ignore[arg-type]  # words of the table
    assert str(refused.value) == sentence


def test_a_suite_b_string_does_not_spoil_what_is_read_after_it() -> None:
    before = names("ECDHE+AES")
    read_ciphers("SUITEB128")
    assert names("ECDHE+AES") == before


@pytest.mark.parametrize(
    "string",
    [
        "DEFAULT",
        "ALL",
        "HIGH:!aNULL:!MD5",
        "ECDHE+AESGCM:ECDHE+CHACHA20:@STRENGTH",
        "ALL:COMPLEMENTOFALL",
        "AES256-SHA AES128-SHA",
        "DEFAULT:-kRSA:+AES128",
        "SUITEB128",
        REFERENCE,
    ],
)
def test_the_openssl_program_says_the_same(string: str, openssl: OpenSsl) -> None:
    version = openssl("version")
    if ssl.OPENSSL_VERSION not in version:  # another library may know other ciphers
        pytest.skip(f"needs the openssl program of {ssl.OPENSSL_VERSION}; there is {version.strip()}")
    lines = [line.split() for line in openssl("ciphers", "-v", string).splitlines()]
    expected = [(name, version, tuple(parts)) for name, version, *parts in lines if version != "TLSv1.3"]
    assert read_ciphers(string).ciphers == tuple(expected)
