"""The system list, what the custom list takes, and that an exported list is read back as it was."""

from __future__ import annotations

import certifi
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from gateway.authorities import (
    Authority,
    check_friendly_name,
    check_import,
    export_text,
    friendly_name,
    load_list,
)
from gateway.certificates import common_name, details, issuer_common_name, remaining_days, status
from gateway.refusals import CertificateRefused
from tests.gateway.conftest import Family
from tests.gateway.making import KEYS, NOW, make, with_serial

SYSTEM = certifi.contents()


def test_every_authority_of_the_system_list_is_loaded_serial_number_0_or_not() -> None:
    found = load_list(SYSTEM)
    assert found.problems == []
    assert len(found.authorities) == SYSTEM.count("BEGIN CERTIFICATE") > 100
    assert len({authority.name for authority in found.authorities}) == len(found.authorities)
    zero = with_serial(0, ca=True)
    again = load_list(export_text([Authority("Zero CA", zero)])).authorities[0]
    assert dict(details(again.certificate))["Serial number"] == "00"


def test_everything_that_a_list_prints_can_be_had_of_every_system_authority() -> None:
    for authority in load_list(SYSTEM).authorities:
        certificate = authority.certificate
        assert all((common_name(certificate), issuer_common_name(certificate), status(certificate, NOW)))
        assert remaining_days(certificate, NOW) >= 0


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ("-----BEGIN CERTIFICATE-----\nMAMC\n", "Block 1 (CERTIFICATE) is cut off: its line -----END CERTIFICATE-----"),
        (
            "-----BEGIN CERTIFICATE-----\nMAMC!\n-----END CERTIFICATE-----\n",
            'Block 1 (CERTIFICATE) is not base64: "!" stands in it.',
        ),
        (
            "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n",
            "Authority 1 cannot be read as a certificate: its content is damaged or is no X.509 certificate.",
        ),
    ],
)
def test_one_bad_authority_breaks_no_list(family: Family, broken: str, problem: str) -> None:
    found = load_list(broken + family.root.pem)
    assert [authority.certificate for authority in found.authorities] == [family.root.certificate]
    assert len(found.problems) == 1
    assert found.problems[0].startswith(problem)


def test_an_empty_list_has_nothing_and_no_problem() -> None:
    assert load_list("") == load_list(b"") == ([], [])


def test_an_import_names_what_it_takes_and_what_not(family: Family) -> None:
    expired = make("Old Root", key=3, ca=True, begin=-400, days=365)
    orphan = make("Orphan CA", make("Nobody", key=4, ca=True), key=5, ca=True)
    partner = make("partner.example", key=6)
    tomorrow = make("Tomorrow CA", key=7, ca=True, begin=1)
    first = make("First CA", ca=None)
    custom = [Authority("root", family.root.certificate)]
    offered = [expired, family.root, family.intermediate, orphan, partner, tomorrow, first, partner]
    text = "".join(made.pem for made in offered) + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    found = check_import(text, custom, [], NOW)
    assert found.refused == [
        'Certificate 1, "Old Root", expired on 2026-04-18.',
        'Certificate 2, "Example Root", is in the list already, as "root".',
        'Certificate 8, "partner.example", is in the list already, as "partner.example".',
        "Certificate 9 cannot be read as a certificate: its content is damaged or is no X.509 certificate.",
    ]
    only = "has no CA flag; only this very certificate is trusted, nothing that it signs."
    assert {one.authority.name: one.warnings for one in found.accepted} == {
        "Example Intermediate": [],
        "Orphan CA": ['The issuer of "Orphan CA", "Nobody", is in no list.'],
        "partner.example": [f'"partner.example" {only}'],
        "Tomorrow CA": ['"Tomorrow CA" is not valid before 2026-05-24.'],
        "First CA": [f'"First CA" {only}'],
    }


def test_the_issuer_of_an_intermediate_may_be_in_the_system_list_or_in_the_same_file(family: Family) -> None:
    system = [Authority("root", family.root.certificate)]
    assert check_import(family.intermediate.pem, [], system, NOW).accepted[0].warnings == []
    both = check_import(family.intermediate.pem + family.root.pem, [], [], NOW)
    assert [one.warnings for one in both.accepted] == [[], []]


def test_der_and_friendly_names_are_imported(family: Family) -> None:
    found = check_import(family.root.der, [], [], NOW)
    assert found.accepted[0].authority == Authority("Example Root", family.root.certificate)
    text = export_text([Authority("Our own", family.root.certificate)])
    assert check_import(text, [], [], NOW).accepted[0].authority.name == "Our own"


NAMES = st.text(min_size=1, max_size=64)
ROOTS = [make(f"Root {number}", key=number, ca=True).certificate for number in range(len(KEYS))]


@given(st.lists(st.tuples(NAMES, st.sampled_from(ROOTS)), max_size=6, unique_by=lambda pair: pair[1]))
def test_an_exported_list_is_read_back_as_it_was(pairs: list[tuple[str, x509.Certificate]]) -> None:
    authorities: list[Authority] = []
    for wanted, certificate in pairs:
        name = friendly_name(wanted, {authority.name for authority in authorities})
        authorities.append(Authority(name, certificate))
    text = export_text(authorities)
    assert load_list(text) == (authorities, [])
    assert load_list(text.replace("\n", "\r\n").encode()) == (authorities, [])
    if authorities:
        assert [one.authority for one in check_import(text, [], [], NOW).accepted] == authorities


@given(st.text(max_size=200), st.sets(st.text(max_size=70), max_size=3))
def test_a_friendly_name_is_always_one_that_may_be_typed(wanted: str, taken: set[str]) -> None:
    name = friendly_name(wanted, taken)
    assert check_friendly_name(name, taken) == name


def test_friendly_names_are_made_unique() -> None:
    assert friendly_name("Example CA", {"Example CA"}) == "Example CA (2)"
    assert friendly_name("Example CA", {"Example CA", "Example CA (2)"}) == "Example CA (3)"
    assert friendly_name("x" * 70, {"x" * 64}) == "x" * 60 + " (2)"
    assert friendly_name(" \x1b ", ()) == "Authority"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (" ", "A friendly name has 1 to 64 characters."),
        ("x" * 65, "A friendly name has 1 to 64 characters."),
        ("a\x1bb", "A friendly name has no control characters and no ----- in it."),
        ("a-----BEGIN X-----", "A friendly name has no control characters and no ----- in it."),
        ("Mine", '"Mine" already exists; enter another name.'),
    ],
)
def test_friendly_names_that_are_refused(typed: str, sentence: str) -> None:
    with pytest.raises(CertificateRefused) as refused:
        check_friendly_name(typed, {"Mine"})
    assert str(refused.value) == sentence
