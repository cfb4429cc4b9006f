"""certconfig -> certauthority with input of every kind: one line each, the question again, nothing staged."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from gateway.requests import control_character
from gateway.system_list import FILE, system_list
from state.folder import Disk, Memory
from state.store import CONFIG
from tests.conftest import NOON
from tests.gateway.making import NOW, PEM, Made, make, make_crl

IMPORT = "certconfig -> certauthority -> custom -> import"
PASTE = "certconfig -> certauthority -> custom -> paste"
PRINT = "certconfig -> certauthority -> custom -> print"
LEAVE = ("", "", "")
BEGIN = (NOON - NOW).days - 20
"""Days from the makers' clock to a time before the one of the person."""


def authority(name: str = "Example CA", **settings: Any) -> Made:
    return make(name, ca=True, **{"begin": BEGIN, **settings})


CA = authority()
BROKEN = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
STRANGE = ("Grün CA", "認証局", "a\nb", "\x1b[2J", "\u202eAC", "x" * 60_000, "-----BEGIN X-----", "\x00")


def named(common_name: str) -> Made:
    """Return an authority whose name is longer or stranger than the rules allow."""
    with warnings.catch_warnings(action="ignore"):  # of its length
        attribute = x509.NameAttribute(NameOID.COMMON_NAME, common_name, _validate=False)
        return authority(subject=x509.Name([attribute]))


def importing(someone: Any, content: bytes | str, *answers: str) -> str:
    data = content.encode() if isinstance(content, str) else content
    someone.session.store.folder.write("configuration/a.txt", data)
    return str(someone.type(IMPORT, "a.txt", *answers))


def held(someone: Any) -> list[str]:
    return [one.name for one in someone.session.staged.authorities.certificates]


WRONG: dict[str, tuple[bytes | str, str]] = {
    "empty": ("", "It is empty; a certificate in PEM form is expected."),
    "blank lines": ("\n \n\t\n", "It is empty; a certificate in PEM form is expected."),
    "text": (
        "hello",
        "It is not a certificate: there is no line -----BEGIN CERTIFICATE-----, and it is neither DER nor base64",
    ),
    "a key": (CA.key_pem, "This is a private key; a certificate is expected."),
    "a list": (make_crl(CA), "This is a certificate revocation list; a certificate is expected."),
    "cut off": (CA.pem[:200], "The block CERTIFICATE is cut off: its line -----END CERTIFICATE----- is missing."),
    "cut DER": (CA.der[:100], f"It is cut off: 100 of {len(CA.der)} bytes of DER are there."),
    "damaged": (
        BROKEN,
        "The certificate cannot be read as a certificate: its content is damaged or is no X.509 certificate.",
    ),
    "expired": (authority("Old CA", begin=BEGIN - 100, days=50).pem, 'The certificate, "Old CA", expired on '),
    "all of two refused": (
        authority("Old CA", begin=BEGIN - 100, days=50).pem
        + "-----BEGIN CERTIFICATE-----\nMAMC!\n-----END CERTIFICATE-----\n",
        'Block 2 (CERTIFICATE) is not base64: "!" stands in it.\nThe certificate, "Old CA", expired on ',
    ),
    "too large": (b"0" * (5 * 1024 * 1024), "It is too large for a certificate: 5.0 MB; at most 4 MB are read."),
    "too many": (CA.pem * 501, "There are 501 certificates in it; at most 500 are read."),
    "NUL": ("\x00" * 100, "It is not a certificate: "),
}


@pytest.mark.parametrize("content", WRONG)
def test_a_file_of_which_nothing_can_be_taken_is_asked_for_again(person: Any, content: str) -> None:
    someone = person()
    data, reason = WRONG[content]
    shown = importing(someone, data, "^C")
    assert f"[]> a.txt\n{reason}" in shown
    assert shown.endswith("\nEnter the name of the file to import:\n[]> ^C\nCommand cancelled.\n")
    assert held(someone) == []


@pytest.mark.parametrize("content", [name for name, (data, _) in WRONG.items() if isinstance(data, str)])
def test_a_paste_of_which_nothing_can_be_taken_is_asked_for_again(person: Any, content: str) -> None:
    someone = person()
    data, reason = WRONG[content]
    shown = someone.type(PASTE, *str(data).split("\n"), ".", "^C")
    assert f"\n.\n{reason}" in shown
    assert shown.endswith("Paste certificate authority in PEM format (end with '.'):\n^C\nCommand cancelled.\n")
    assert held(someone) == []


def test_of_a_file_of_two_with_one_broken_the_other_is_taken(person: Any) -> None:
    someone = person()
    shown = importing(someone, BROKEN + CA.pem, "", "", *LEAVE)
    assert "Certificate 1 cannot be read as a certificate: its content is damaged" in shown
    assert held(someone) == ["Example CA"]
    assert someone.session.staged.authorities.certificates[0].certificate == CA.pem


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CA.der, "It is DER, not PEM; it was read all the same."),
        ("".join(CA.pem.splitlines()[1:-1]), "It has no BEGIN line; it was read as base64."),
        (CA.key_pem + CA.pem + CA.key_pem, "Not taken, since only certificates are: a private key."),
        (make("mail.example.com", begin=BEGIN).pem, '"mail.example.com" has no CA flag;'),
        (make("mail.example.com", begin=BEGIN, ca=None).pem, '"mail.example.com" has no CA flag;'),
        (
            authority("Issuing CA", issuer=authority("Far Root")).pem,
            'The issuer of "Issuing CA", "Far Root", is in no list.',
        ),
        (authority("New CA", begin=BEGIN + 100).pem, '"New CA" is not valid before '),
        (CA.pem.replace("\n", "\r\n"), '"Example CA" expires on '),
        (f"\ufeff{CA.pem}".encode("utf-16"), '"Example CA" expires on '),
    ],
)
def test_what_is_odd_is_said_and_taken_after_a_yes(person: Any, content: bytes | str, said: str) -> None:
    someone = person()
    shown = importing(someone, content, "", "", *LEAVE)
    assert said in shown
    assert len(held(someone)) == 1
    assert importing(person(), content, "", "n", *LEAVE).count("[Y]> n") == 1


REFUSED = [name for name in STRANGE if len(name) > 1024 or control_character(name)]


@pytest.mark.parametrize("name", REFUSED, ids=lambda name: ascii(name[:9]))
def test_names_that_hide_what_they_are_are_refused(person: Any, name: str) -> None:
    someone = person()
    shown = importing(someone, named(name).pem, "^C")
    assert "\nThe certificate is refused. It" in shown
    assert control_character(shown.replace("\n", "")) is None
    assert held(someone) == []


@pytest.mark.parametrize("name", [name for name in STRANGE if name not in REFUSED], ids=lambda name: ascii(name[:9]))
def test_strange_names_are_made_printable_and_can_be_typed(person: Any, name: str) -> None:
    someone = person()
    importing(someone, named(name).pem, "", "", *LEAVE)
    (friendly,) = held(someone)
    assert friendly.isprintable()
    assert 1 <= len(friendly) <= 64
    shown = someone.type("certconfig -> certauthority -> custom -> delete", friendly, *LEAVE)
    assert "was removed from the custom list." in shown
    assert held(someone) == []


def test_what_is_exported_is_what_is_imported(person: Any) -> None:
    someone = person()
    several = [authority(), authority(key=1), authority("Grün CA", key=2), authority("x" * 64, key=3)]
    importing(someone, "".join(one.pem for one in several), "", "", *LEAVE)
    before = someone.session.staged.authorities.certificates
    assert held(someone) == ["Example CA", "Example CA (2)", "Grün CA", "x" * 64]
    someone.type("certconfig -> certauthority -> custom -> export", "out.txt", *LEAVE)
    other = person(folder=Memory())
    importing(other, someone.session.store.folder.read("configuration/out.txt"), "", "", *LEAVE)
    assert other.session.staged.authorities.certificates == before


def test_no_system_authority_is_lost_on_the_way_to_the_custom_list(person: Any) -> None:
    folder = Memory()
    someone = person(folder=folder)
    someone.type("certconfig -> certauthority -> system -> export", "system.txt", *LEAVE)
    someone.type(IMPORT, "system.txt", "", "", *LEAVE)
    count = len(system_list(someone.session.store).authorities)
    assert count - 30 < len(held(someone)) <= count  # some of today's were not valid at the person's time


def test_a_file_that_is_there_is_overwritten_only_after_a_yes(person: Any) -> None:
    someone = person()
    importing(someone, CA.pem, "", "", *LEAVE)
    view = "certconfig -> certauthority -> custom -> view"
    shown = someone.type(view, "1", "y", "a.txt", "n", *LEAVE)
    assert "was saved" not in shown
    assert someone.session.store.folder.read("configuration/a.txt") == CA.pem.encode()
    assert '"Example CA" was saved to "a.txt".' in someone.type(view, "Example CA", "y", "a.txt", "y", *LEAVE)


def test_a_link_out_of_the_configuration_directory_is_not_followed(person: Any, disk: Disk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pem"
    outside.write_text(CA.pem)
    Path(disk.path, "configuration", "a.txt").symlink_to(outside)
    someone = person(folder=disk)
    shown = someone.type(IMPORT, "a.txt", "^C")
    assert 'The file "a.txt" cannot be read: ' in shown
    assert held(someone) == []


def test_a_name_of_digits_wins_over_a_number(person: Any) -> None:
    someone = person()
    importing(someone, authority("2").pem + authority("1", key=1).pem, "", "", *LEAVE)
    assert "Name: 1\n" in someone.type("certconfig -> certauthority -> custom -> view", "1", "", *LEAVE)


@pytest.mark.parametrize("typed", ["0", "2", "-1", "1" * 5000, "ca", "１", "Example"])
def test_an_authority_that_is_not_there_is_asked_for_again(person: Any, typed: str) -> None:
    someone = person()
    importing(someone, CA.pem, "", "", *LEAVE)
    shown = someone.type("certconfig -> certauthority -> custom -> view", typed, "^C")
    assert "; enter a name or the number 1, as PRINT shows them.\n" in shown
    assert shown.count("Enter the name or the number of the authority to view:") == 2


def test_a_table_fits_the_screen(person: Any) -> None:
    someone = person(width=40)
    importing(someone, authority("A long name of an authority that has no end", days=30).pem, "", "", *LEAVE)
    table = [line for line in someone.type(PRINT, *LEAVE).splitlines() if line.startswith(("No.", "---", "1 "))]
    assert [len(line) <= 40 for line in table] == [True] * 3
    assert "…" in table[2]


def test_the_bundle_that_an_upgrade_installed_is_taken_by_update(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import certifi

    monkeypatch.setattr(certifi, "__version__", "2026.06.17")
    monkeypatch.setattr(certifi, "contents", lambda: CA.pem)
    someone = person()
    assert "(1 authority, bundle 2026.06.17, " in someone.type("certconfig certauthority list")
    monkeypatch.setattr(certifi, "__version__", "2026.09.01")
    monkeypatch.setattr(certifi, "contents", lambda: authority("Newer CA", key=1).pem)
    assert someone.type("certconfig certauthority update") == (
        "\nThe system list was updated from bundle 2026.06.17 to 2026.09.01.\n"
        'New: "Newer CA".\nNo longer there: "Example CA".\n'
    )
    assert not someone.session.staging.dirty


def test_a_damaged_system_list_is_said_above_the_menu_and_taken_anew(person: Any) -> None:
    folder = Memory()
    folder.write(FILE, b"{")
    someone = person(folder=folder)
    shown = someone.type("certconfig -> certauthority", "", "")
    assert "The kept system list was damaged; it was taken anew from the installed bundle.\n" in shown
    assert "damaged" not in someone.type("certconfig certauthority list")


def test_a_read_only_directory_is_a_sentence(person: Any) -> None:
    class ReadOnly(Memory):
        closed = False

        def write(self, name: str, content: bytes, durable: bool = True) -> Hashable:
            if self.closed and name == FILE:
                raise OSError(errno.EROFS, "Read-only file system", name)
            return super().write(name, content, durable)

    folder = ReadOnly()
    someone = person(folder=folder)
    someone.type("version")
    folder.closed = True
    shown = someone.type("certconfig certauthority list")
    assert "The system list cannot be kept in the appliance directory: Read-only file system.\n" in shown
    assert "(0 authorities" not in shown.splitlines()[2]


def test_cancelling_takes_back_what_was_added(person: Any) -> None:
    someone = person()
    importing(someone, CA.pem, "", "", "^C")
    assert held(someone) == []


def test_a_custom_list_that_was_edited_by_hand_shows_what_is_wrong(person: Any) -> None:
    folder = Memory()
    folder.write(CONFIG, b'[[authorities.certificates]]\nname = "Mine"\ncertificate = "nothing"\n')
    shown = person(folder=folder).type("certconfig certauthority list")
    assert (
        'Custom List: Disabled (1 authority)\nThe custom authority "Mine" is left out: It is not a certificate' in shown
    )


def test_the_certificate_is_stored_as_pem(person: Any) -> None:
    someone = person()
    importing(someone, CA.der, "", "", *LEAVE)
    someone.type('commit "Authority"')
    stored = someone.session.store.committed.configuration.authorities.certificates[0]
    assert stored.certificate == CA.certificate.public_bytes(PEM).decode()
