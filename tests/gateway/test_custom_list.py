"""The custom list as certificates; what was damaged by hand keeps its place."""

from __future__ import annotations

import pytest

from gateway.custom_list import custom_entries, custom_list
from state.model import Authorities, CustomAuthority
from tests.gateway.conftest import Family


def listed(*texts: str) -> Authorities:
    names = (f"Authority {number}" for number in range(1, len(texts) + 1))
    return Authorities(
        certificates=[CustomAuthority(name=name, certificate=text) for name, text in zip(names, texts, strict=True)]
    )


def test_an_authority_has_its_friendly_name_and_its_certificate(family: Family) -> None:
    authorities = listed(family.root.pem, family.leaf.pem)
    assert custom_list(authorities) == [
        ("Authority 1", family.root.certificate),
        ("Authority 2", family.leaf.certificate),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "It is empty; a certificate in PEM form is expected."),
        ("nothing", "It is not a certificate: there is no line -----BEGIN CERTIFICATE-----"),
        ("-----BEGIN CERTIFICATE-----\nMAMC", "is cut off"),
        ("-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n", "This is a private key;"),
        ("two", "There are 2 certificates in it; one is expected."),
    ],
)
def test_one_that_cannot_be_read_keeps_its_place_and_breaks_no_other(family: Family, text: str, reason: str) -> None:
    text = family.root.pem + family.leaf.pem if text == "two" else text
    authorities = listed(family.root.pem, text, family.leaf.pem)
    entries = custom_entries(authorities)
    assert [entry.certificate is None for entry in entries] == [False, True, False]
    assert entries[1].problem.startswith('The custom authority "Authority 2" is left out: ')
    assert reason in entries[1].problem
    assert [one.name for one in custom_list(authorities)] == ["Authority 1", "Authority 3"]
