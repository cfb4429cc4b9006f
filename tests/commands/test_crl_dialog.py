"""certconfig -> crl with input of every kind, and what is kept beside the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.revocation_lists import kept_list
from state.folder import Memory
from state.store import CONFIG
from tests.commands.test_certauthority import BEGIN, authority
from tests.gateway.making import make_crl

CA = authority("Example Root", key=1)
IMPORT = "certconfig -> crl -> import"
CONFIGURATION = f'''
[authorities]
custom = {{}}

[[authorities.certificates]]
name = "Example Root"
certificate = """
{CA.pem}"""

[revocation.sources.partner]
url = "http://crl.partner.example/ca.crl"
'''


def desk(person: Any, files: dict[str, bytes], custom: bool = True) -> Any:
    """Return a person at an appliance with a source, an authority and files."""
    folder = Memory()
    folder.write(CONFIG, CONFIGURATION.format("true" if custom else "false").encode())
    for name, content in files.items():
        folder.write(f"configuration/{name}", content)
    return person(folder=folder)


def crl(days: int, **settings: Any) -> bytes:
    """Return a list that was issued so many days before the person's clock."""
    return make_crl(CA, begin=BEGIN + 20 - days, **settings)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "It is empty; a certificate revocation list in PEM form is expected."),
        (b"hello", "It is not a certificate revocation list: "),
        (CA.pem.encode(), "This is a certificate; a certificate revocation list is expected."),
        (CA.key_pem.encode(), "This is a private key; a certificate revocation list is expected."),
        (crl(1)[:150], "The block X509 CRL is cut off: "),
        (make_crl(authority("Other")), 'The issuer of the list, "Other", is in no list of authorities.'),
        (crl(1, key=5), 'The signature of the list is not one of its issuer, "Example Root".'),
        (crl(15), "The list is out of date since "),
        (crl(-2), "The list is not valid before "),
    ],
)
def test_a_list_that_is_not_good_is_refused_and_the_file_asked_for_again(
    person: Any, content: bytes, reason: str
) -> None:
    someone = desk(person, {"good.crl": crl(2), "bad.crl": content})
    assert f"[]> bad.crl\n{reason}" in someone.type(IMPORT, "1", "bad.crl", "^C")
    assert kept_list(someone.session.store, "partner").found is None
    someone.type(IMPORT, "partner", "good.crl", "", "")
    shown = someone.type(IMPORT, "", "bad.crl", "^C")
    assert "The list that is kept stays.\n" in shown
    listed = someone.type("certconfig crl list")
    assert 'Not taken from the file "bad.crl": ' in listed
    assert "Status: The list is current until " in listed
    assert not someone.session.staging.dirty


def test_an_issuer_that_only_a_disabled_list_has_is_told(person: Any) -> None:
    someone = desk(person, {"good.crl": crl(1)}, custom=False)
    shown = someone.type("certconfig crl import partner good.crl")
    assert shown == (
        'The issuer of the list, "Example Root", is only in the custom list of authorities, which is disabled.\n'
    )
    assert someone.status == 1


def test_a_list_of_another_issuer_that_replaces_one_is_told(person: Any) -> None:
    other = authority("Other", key=2)
    someone = desk(
        person, {"a.crl": crl(1), "b.crl": make_crl(other, begin=BEGIN + 10, days=30), "other.txt": other.pem.encode()}
    )
    someone.type("certconfig crl import partner a.crl")
    someone.type("certconfig -> certauthority -> custom -> import", "other.txt", "", "", "", "", "")
    shown = someone.type("certconfig crl import partner b.crl")
    assert shown.endswith('It replaces a list of another issuer, "Example Root".\n')


def test_words_behind_the_file_refuse_the_line_before_anything_is_kept(person: Any) -> None:
    someone = desk(person, {"good.crl": crl(1)})
    assert "is not expected here" in someone.type("certconfig -> crl -> import -> 1 -> good.crl -> new")
    assert kept_list(someone.session.store, "partner").found is None


def test_a_kept_list_outlives_an_edit_and_a_cancelled_removal(person: Any) -> None:
    someone = desk(person, {"good.crl": crl(1)})
    someone.type("certconfig crl import 1 good.crl")
    someone.type("certconfig -> crl -> edit", "1", "https://crl.partner.example/new", "hourly", "", "")
    assert "Issuer: Example Root\n" in someone.type("certconfig crl list")
    someone.type("certconfig -> crl -> delete", "1", "^C")
    assert "Issuer: Example Root\n" in someone.type("certconfig crl list")
    someone.type("certconfig -> crl -> delete", "partner", "", "")
    assert someone.type("certconfig crl list") == "\nThere are no sources.\n"
    assert kept_list(someone.session.store, "partner").found is not None


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "A value is required."),
        ("crl.example", "it does not begin with http:// or https://."),
        ("ldap://crl.example/", "it does not begin with http:// or https://."),
        ("http://", "there is no host in it."),
        ("http://a b/", "it has blanks or characters that an address must not have."),
        ("http://ada:secret@crl.example/", "it holds a user name; an address without one is expected."),
        ("http://crl.example:0/", "its port is 0."),
        ("http://crl.example:99999/", "its host or port cannot be read."),
        ("http://localhost/", "it has only one label; a full name has two or more, like mail.example.com."),
    ],
)
def test_a_wrong_address_is_asked_for_again(person: Any, typed: str, reason: str) -> None:
    someone = person()
    shown = someone.type("certconfig -> crl -> new", "partner", typed, "^C")
    assert f"[]> {typed}\n" in shown
    assert f"{reason}\n\nEnter the URL of the list:\n[]> ^C\n" in shown
    assert not someone.session.staged.revocation.sources


def test_a_damaged_file_of_a_list_is_a_sentence(person: Any) -> None:
    someone = desk(person, {})
    someone.session.store.folder.write("crl/partner.json", b"{")
    assert "   List: The kept list is damaged.\n" in someone.type("certconfig crl list")
