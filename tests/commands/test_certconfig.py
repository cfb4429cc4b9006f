"""certconfig: what OpenSSL makes of it, what bad input gets, and where no secret ever is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from commands.certconfig import exchange
from commands.terminal import Terminal
from gateway.certificates import validity
from gateway.refusals import CertificateRefused, WrongPassPhrase
from state.folder import Disk, Memory
from tests.conftest import Person
from tests.gateway import test_bad_input as bad
from tests.gateway.making import NOW, Made, key_text, make

SECRET = "correct horse battery"
SUBJECT = ("mail.example.com", "Example Mail", "", "Osaka", "Osaka", "JP", "")
NEW_EC = ("partner", *SUBJECT, "2", "365", "1", "n")
PASTE = "Paste public certificate in PEM format (end with '.'):"
KEY = "Paste private key in PEM format (end with '.'):"


@pytest.fixture
def openssl() -> Callable[..., str]:
    """Return the real program: it runs with some words and an input, and what it prints comes back."""
    program = shutil.which("openssl")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the program openssl is not installed")
        pytest.skip("the program openssl is not installed")

    def run(*words: str | Path, text: str = "") -> str:
        done = subprocess.run([program, *map(str, words)], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


def configuration(disk: Disk) -> Path:
    return Path(disk.path, "configuration")


def test_the_whole_way_with_an_authority_made_by_openssl(
    person: Callable[..., Person], openssl: Callable[..., str], disk: Disk, tmp_path: Path
) -> None:
    # the clock stands still, and what openssl makes meanwhile must be valid by it
    operator = person(folder=disk, now=datetime.now(UTC) + timedelta(minutes=1))
    operator.type("certconfig -> certificate -> new", *NEW_EC, "n", "", "")
    operator.type("certconfig -> certificate -> edit -> partner -> csr", "y", "mail.csr", "", "", "")
    request = configuration(disk) / "mail.csr"
    assert "self-signature verify OK" in openssl("req", "-in", request, "-verify", "-noout", "-subject")

    ca, ca_key, mid, mid_key, mid_csr = (tmp_path / name for name in ("ca", "ca.key", "mid", "mid.key", "mid.csr"))
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new_key, "-keyout", ca_key, "-out", ca, "-subj", "/CN=Partner Root", "-days", "900")
    openssl("req", *new_key, "-keyout", mid_key, "-out", mid_csr, "-subj", "/CN=Partner Issuing")
    extensions = tmp_path / "ext"
    extensions.write_text("basicConstraints=critical,CA:TRUE\n")
    openssl("x509", "-req", "-in", mid_csr, "-CA", ca, "-CAkey", ca_key, "-out", mid, "-days", "800",
            "-extfile", extensions)  # fmt: skip
    signed = tmp_path / "signed"
    openssl("x509", "-req", "-in", request, "-CA", mid, "-CAkey", mid_key, "-out", signed, "-days", "700",
            "-copy_extensions", "copyall")  # fmt: skip

    pasted = signed.read_text().splitlines()
    shown = operator.type("certconfig -> certificate -> edit -> 1 -> paste", *pasted, ".", "", "", "")
    assert "Issued by: Partner Issuing" in shown
    links = mid.read_text().splitlines()
    shown = operator.type("certconfig -> certificate -> edit -> 1 -> intermediate -> add", *links, ".", *[""] * 4)
    assert "1. Partner Issuing (Valid" in shown
    operator.type("certconfig -> certificate -> export -> partner", "mail.p12", SECRET, SECRET, "1", "", "")
    operator.type("certconfig -> certificate -> export -> partner", "old.p12", SECRET, SECRET, "2", "", "")
    operator.type('commit "signed"')

    for name, legacy in (("mail.p12", ()), ("old.p12", ("-legacy",))):
        bundle = configuration(disk) / name
        text = openssl("pkcs12", "-in", bundle, "-nodes", "-passin", f"pass:{SECRET}", *legacy)
        assert text.count("BEGIN CERTIFICATE") == 2
        assert "BEGIN PRIVATE KEY" in text
        leaf = tmp_path / "leaf"
        leaf.write_text(text)
        openssl("verify", "-CAfile", ca, "-untrusted", mid, leaf)

    other = person(folder=Disk(tmp_path / "second"), now=datetime.now(UTC) + timedelta(hours=1))
    other.session.open()
    shutil.copy(configuration(disk) / "mail.p12", tmp_path / "second" / "configuration" / "mail.p12")
    shown = other.type("certconfig -> certificate -> import", "partner", "mail.p12", "y", SECRET, "", "")
    assert "partner    mail.example.com     Partner Issuing      Valid" in shown
    other.type('commit "imported"')
    assert other.session.staged.certificates["partner"].intermediates


def named(common_name: str) -> x509.Name:
    """Return a subject that `cryptography` would not write by itself."""
    with warnings.catch_warnings(action="ignore"):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name, _validate=False)])


def cases(*kinds: str) -> list[bad.Case]:
    """Return the rows of the table of bad input that can be typed or put into a file."""
    return [
        case
        for case in bad.CASES
        if case.name.partition(":")[0] in kinds and case.data is not None and len(case.data) < 200_000
    ]


TYPED = [case for case in cases("certificate", "chain", "key") if isinstance(case.data, str)]


@pytest.mark.parametrize("case", TYPED, ids=lambda case: case.name)
def test_a_bad_paste_gets_its_sentence_and_the_question_again(person: Callable[..., Person], case: bad.Case) -> None:
    assert isinstance(case.data, str)
    for_key = case.name.startswith("key")
    first = [*bad.CERT.splitlines(), "."] if for_key else []
    encrypted = for_key and ("ENCRYPTED" in case.data or case.kind is not CertificateRefused)
    operator = person(now=NOW)
    shown = operator.type("certconfig -> certificate -> paste -> x", *first, *case.data.split("\n"), ".", "^C")
    question = "Enter pass phrase for private key:" if encrypted else KEY if for_key else PASTE
    said = "" if encrypted else f"{case.sentence}\n"
    assert shown.endswith(f"\n.\n{said}\n{question}\n^C\nCommand cancelled.\n")
    assert not operator.session.staging.dirty


# A missing pass phrase is asked for, and a PEM bundle is read as one.
FILES = [case for case in cases("pkcs12") if case.name not in ("pkcs12: no pass phrase", "pkcs12: PEM")]


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_a_bad_file_gets_its_sentence_and_a_question_again(person: Callable[..., Person], case: bad.Case) -> None:
    assert isinstance(case.data, bytes)
    folder = Memory()
    folder.write("configuration/x.p12", case.data)
    operator = person(folder=folder, now=NOW)
    phrase = "wrong horse" if case.kind is WrongPassPhrase else bad.SECRET
    try:
        exchange._readable(case.data)
        shown = operator.type("certconfig -> certificate -> import -> x", "x.p12", "n", phrase, "^C")
    except CertificateRefused:
        shown = operator.type("certconfig -> certificate -> import -> x", "x.p12", "^C")
    assert f"\n{case.sentence}\n" in shown
    assert shown.endswith("^C\nCommand cancelled.\n")
    assert not operator.session.staging.dirty


def test_files_that_are_none(person: Callable[..., Person], disk: Disk, tmp_path: Path) -> None:
    operator = person(folder=disk)
    operator.session.open()
    (tmp_path / "outside.p12").write_bytes(bad.P12)
    (configuration(disk) / "link.p12").symlink_to(tmp_path / "outside.p12")
    (configuration(disk) / "folder.p12").mkdir()
    with (configuration(disk) / "huge.p12").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    names = ("../outside.p12", "/etc/passwd", "link.p12", "folder.p12", "huge.p12", "gone.p12", "")
    shown = operator.type("certconfig -> certificate -> import -> x", *names, "^C")
    for sentence in (
        '"../outside.p12" is a path; enter the name of a file in the configuration directory.',
        '"/etc/passwd" is a path; enter the name of a file in the configuration directory.',
        'The file "link.p12" cannot be read: Too many levels of symbolic links.',
        'The file "folder.p12" cannot be read: Is a directory.',
        'The file "huge.p12" cannot be read: It is larger than 32 MiB.',
        "A value is required.",
    ):
        assert f"\n{sentence}\n" in shown
    assert 'There is no file "gone.p12" in the configuration directory;' in shown
    assert not operator.session.staging.dirty


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (make(begin=-400, days=100), "It expired on 2025-07-27; a certificate that is valid now is expected."),
        (make(begin=9), "It is not valid before 2026-06-01; a certificate that is valid now is expected."),
        (make(subject=named("a" * 65_536)), "It has a name of 65536 octets; at most 1024 are taken."),
        (
            make(subject=named("mail\0.example.com")),
            r'Its name "mail\x00.example.com" has the control character "\x00" in it.',
        ),
    ],
    ids=["expired", "not yet valid", "a common name of 64 kB", "NUL in a name"],
)
def test_a_certificate_that_nobody_can_use_is_refused(person: Callable[..., Person], made: Made, sentence: str) -> None:
    operator = person(now=NOW)
    lines = (made.pem + made.key_pem).splitlines()
    shown = operator.type("certconfig -> certificate -> paste -> x", *lines, ".", "^C")
    assert f"\n{sentence}\n\n{PASTE}\n" in shown
    assert not operator.session.staging.dirty


def test_what_breaks_rules_is_taken_and_each_break_is_named(person: Callable[..., Person]) -> None:
    made = make(subject=named("a" * 70), names=("mail.example.com",))
    operator = person(now=NOW)
    lines = (made.pem + made.key_pem).splitlines()
    shown = operator.type("certconfig -> certificate -> paste -> x", *lines, ".", "n", "", "")
    assert "does not keep to the X.509 rules:\n" in shown
    assert "- The Common Name of the subject has 70 characters; at most 64 are allowed (RFC 5280 A.1).\n" in shown
    assert operator.session.staged.certificates["x"].certificate == made.pem


USAGE = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=True, encipher_only=False, decipher_only=False,
)  # fmt: skip


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        (make("Link", bad.ROOT, key=3, ca=True, days=5), "It expired on {end}."),
        (make("Link", bad.ROOT, key=3, ca=True, begin=5), "It is not valid before {begin}."),
        (make("Link", bad.ROOT, key=3), "It has no CA flag; what it signed is not accepted (RFC 5280 s4.2.1.9)."),
        (
            make("Link", bad.ROOT, key=3, ca=True, extensions=(USAGE,)),
            "Its key usage does not allow it to sign certificates (RFC 5280 s4.2.1.3).",
        ),
    ],
    ids=["expired", "not yet valid", "no CA flag", "key usage"],
)
def test_an_intermediate_that_others_refuse_is_taken_with_a_warning(
    person: Callable[..., Person], link: Made, sentence: str, at_once: bool
) -> None:
    operator = person(now=NOW)
    leaf = make(issuer=link)
    own = (leaf.pem + leaf.key_pem).splitlines()
    if at_once:
        answers = (*own, *link.pem.splitlines(), ".", "n")
    else:
        answers = (*own, ".", "y", *link.pem.splitlines(), ".", "n")
    shown = operator.type("certconfig -> certificate -> paste -> x", *answers, "", "")
    begin, end = (f"{time:%Y-%m-%d}" for time in validity(link.certificate))
    warning = f'Warning: "Link" does not keep to the X.509 rules:\n- {sentence.format(begin=begin, end=end)}\n'
    assert warning in shown
    assert operator.session.staged.certificates["x"].intermediates == [link.pem]


def test_a_certificate_without_its_begin_line_is_understood_and_said(person: Callable[..., Person]) -> None:
    operator = person(now=NOW)
    lines = (*bad.LINES[1:-1], ".", *bad.KEY.splitlines(), ".")
    shown = operator.type("certconfig -> certificate -> paste -> x", *lines, "n", "", "")
    assert "\nIt has no BEGIN line; it was read as base64.\nCN=mail.example.com\n" in shown
    assert operator.session.staged.certificates["x"].certificate == bad.CERT


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_pem_file_of_chain_and_key_is_imported(person: Callable[..., Person], encrypted: bool) -> None:
    folder = Memory()
    key = bad.ENCRYPTED if encrypted else bad.KEY
    folder.write("configuration/bundle.pem", f"Bag Attributes\n{key}{bad.CERT}{bad.MIDDLE.pem}".encode())
    operator = person(folder=folder, now=NOW)
    phrases = ("wrong", bad.SECRET) if encrypted else ()
    shown = operator.type("certconfig -> certificate -> import -> x", "bundle.pem", "n", *phrases, "", "")
    assert "A PEM file of key and certificates was understood.\n" in shown
    assert operator.session.staged.certificates["x"].intermediates == [bad.MIDDLE.pem]


def test_no_secret_is_anywhere(person: Callable[..., Person], disk: Disk) -> None:
    """After a session with five secrets: two keys, one of them encrypted, and three pass phrases."""
    operator = person(folder=disk, now=NOW)
    phrases = ("correct horse one", "correct horse two", "correct horse three")
    encrypted = key_text(bad.LEAF.key, phrases[0])
    other = make(key=3)
    shown = [
        operator.type("certconfig -> certificate -> paste -> a", *bad.CERT.splitlines(), ".",
                      *encrypted.splitlines(), ".", "not it", phrases[0], "n", "", ""),
        operator.type("certconfig -> certificate -> paste -> b", *(other.pem + other.key_pem).splitlines(), ".",
                      "n", "", ""),
        operator.type("certconfig -> certificate -> export -> a", "a.p12", phrases[1], phrases[1], "1", "", ""),
        operator.type("certconfig -> certificate -> export -> b", "b.p12", phrases[2], phrases[2], "2", "", ""),
        operator.type("certconfig -> certificate -> import -> c", "a.p12", "n", "wrong one", phrases[1], "", ""),
        operator.type("showchanges"), operator.type('commit "five"'), operator.type("commitdetail"),
        operator.type("showconfig 1"), operator.type("showconfig 2"), operator.type("saveconfig n 1"),
        operator.type("certconfig certificate view a"), operator.type("history"), operator.type("showchanges 1 2"),
    ]  # fmt: skip
    # what a person types at a paste or a hidden question is not what the program shows
    said = "".join(shown)
    for typed in (encrypted, other.pem + other.key_pem):
        said = said.replace(typed, "")
    for phrase in (*phrases, "not it", "wrong one"):
        said = said.replace(f"\n{phrase}\n", "\n")
    hidden = [phrase.encode() for phrase in phrases]
    for key in (bad.KEY, encrypted, other.key_pem):
        hidden += [line.encode() for line in key.splitlines()[1:-1]]
    der = [bad.read_block(bad.KEY)[-32:], bad.read_block(other.key_pem)[-32:]]
    for secret in hidden:
        assert secret not in said.encode()
    for path in Path(disk.path).rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o777 == 0o600
            content = path.read_bytes()
            assert not any(secret in content for secret in (*hidden, *der)), path


def test_making_an_rsa_key_is_shown_and_can_be_cancelled(person: Callable[..., Person]) -> None:
    operator = person()
    told: list[str] = []

    def progress(sentence: str) -> None:
        told.append(sentence)
        if sentence:
            raise KeyboardInterrupt

    operator.terminal = Terminal(lambda parts: told.extend(parts), progress=progress)
    running = operator.session.run("certconfig -> certificate -> new", operator.terminal)
    running.send(None)
    for answer in ("x", *SUBJECT, "1", "365", "4"):
        running.send(answer)
    with pytest.raises(StopIteration):
        running.send("n")
    text = "".join(told)
    assert "Making an RSA key of 4096 bits; Ctrl-C cancels it." in text
    assert text.endswith("Command cancelled.\n")
    assert not operator.session.staging.dirty


def test_a_configuration_that_holds_no_certificate_is_shown_as_such(person: Callable[..., Person]) -> None:
    operator = person('[certificates.odd]\ncertificate = "x"\nprivate_key = "masked"\n')
    assert re.search(
        r"^odd +\(cannot be read\) +Unreadable$", operator.type("certconfig certificate list"), re.MULTILINE
    )
    assert "It is not a certificate" in operator.type("certconfig certificate view odd")
    shown = operator.type("certconfig -> certificate -> export -> odd", "", "")
    assert "The private key cannot be used: This secret is masked; enter it again before it is used.\n" in shown
    for operation, keys in (("view", 3), ("fqdn", 3), ("csr", 3), ("paste", 3)):
        shown = operator.type(f"certconfig -> certificate -> edit -> odd -> {operation}", *[""] * keys)
        assert "Internal error" not in shown


def test_a_key_that_is_entered_for_a_loaded_profile_belongs_to_its_certificate(person: Callable[..., Person]) -> None:
    operator = person()
    text = f'[certificates.a]\ncertificate = """\n{bad.CERT}"""\nprivate_key = "sealed:gAAAAABo"'
    shown = operator.type(
        "loadconfig", "1", 'hostname = "mail.example.com"', *text.splitlines(), ".", "y", "1",
        *make(key=3).key_pem.splitlines(), ".", *bad.ENCRYPTED.splitlines(), ".", "not it", bad.SECRET,
    )  # fmt: skip
    assert "The private key (ECDSA P-256) does not belong to the certificate" in shown
    assert "The pass phrase does not open the private key.\n" in shown
    assert "Values have been loaded.\n" in shown
    profile = operator.session.staged.certificates["a"]
    assert profile.private_key
    assert profile.private_key.startswith("sealed:")
    assert operator.session.store.vault.open(profile.private_key) == bad.KEY


def test_looking_at_a_request_changes_nothing_and_a_file_of_it_awaits_its_signature(
    person: Callable[..., Person],
) -> None:
    operator = person(now=NOW)
    operator.type("certconfig -> certificate -> new", *NEW_EC, "n", "", "")
    operator.type('commit "made"')
    operator.type("certconfig -> certificate -> edit -> partner -> csr", "n", "", "", "")
    assert not operator.session.staging.dirty
    shown = operator.type("certconfig -> certificate -> edit -> partner -> csr", "y", "mail.csr", "", "", "")
    assert "Status: Signature pending" in shown


def test_a_chain_that_a_new_certificate_leaves_is_told(person: Callable[..., Person]) -> None:
    operator = person(now=NOW)
    bundle = (bad.CERT + bad.MIDDLE.pem + bad.KEY).splitlines()
    operator.type("certconfig -> certificate -> paste -> x", *bundle, ".", "n", "", "")
    alone = make(key=0).pem.splitlines()
    shown = operator.type("certconfig -> certificate -> edit -> x -> paste", *alone, ".", "", "", "")
    assert "1 certificate of the former chain did not lead on from it, and is removed." in shown
    assert operator.session.staged.certificates["x"].intermediates == []
