"""A leaf and what came with it, in order; every link's signature is checked."""

from __future__ import annotations

import itertools

import pytest
from cryptography import x509

from gateway.chain_order import chain, intermediates, leaf_of, read_bundle, read_chain
from gateway.refusals import CertificateRefused
from tests.gateway.conftest import Family
from tests.gateway.making import make


def test_any_order_becomes_nearest_first(family: Family) -> None:
    ordered = [made.certificate for made in family[::-1]]
    for shuffled in itertools.permutations(family):
        found = read_chain("".join(made.pem for made in shuffled))
        assert [found.certificate, *found.intermediates] == ordered


def test_repetitions_count_once(family: Family) -> None:
    middle, leaf = family.intermediate.certificate, family.leaf.certificate
    assert intermediates(leaf, [middle, leaf, middle]) == [middle]


def test_lets_encrypt_full_chain_and_key_are_split(family: Family) -> None:
    text = family.leaf.pem + family.intermediate.pem + family.leaf.key_pem
    for data in (text, family.leaf.key_pem + family.intermediate.pem + family.leaf.pem, text.encode("utf-16")):
        bundle = read_bundle(data)
        assert bundle.certificate == family.leaf.certificate
        assert bundle.intermediates == [family.intermediate.certificate]
        assert bundle.key is not None


def test_the_key_tells_which_of_several_certificates_is_meant(family: Family) -> None:
    other = make("other.example.com", key=5)
    with pytest.raises(CertificateRefused, match=r'^"mail.example.com" is a second end-entity certificate'):
        read_bundle(family.leaf.pem + other.pem + other.key_pem)
    assert chain(other.certificate, [family.leaf.certificate]) == []


def test_a_cross_certificate_is_a_second_way_and_no_mistake(family: Family) -> None:
    old_root = make("Old Root", key=4, ca=True)
    cross = make("Example Root", old_root, key=1, ca=True)
    others = [family.intermediate.certificate, family.root.certificate, cross.certificate]
    assert intermediates(family.leaf.certificate, others) == others[:2]


def test_a_chain_may_be_of_authorities_only(family: Family) -> None:
    found = read_chain(family.root.pem + family.intermediate.pem)
    assert (found.certificate, found.intermediates) == (family.intermediate.certificate, [family.root.certificate])


def loop() -> list[x509.Certificate]:
    one, two = make("Loop 1", key=3, ca=True), make("Loop 2", key=4, ca=True)
    return [make("Loop 1", two, key=3, ca=True).certificate, make("Loop 2", one, key=4, ca=True).certificate]


def test_a_loop_of_issuers_is_refused() -> None:
    one, two = loop()
    with pytest.raises(CertificateRefused, match=r'^The issuers form a loop among "Loop 1" and "Loop 2"\.$'):
        chain(one, [two])
    with pytest.raises(CertificateRefused, match=r"^The issuers form a loop: each of the certificates signs another"):
        leaf_of([one, two])


def test_the_name_of_an_issuer_alone_is_not_enough(family: Family) -> None:
    impostor = make("Example Intermediate", family.root, key=6, ca=True)
    assert chain(family.leaf.certificate, [impostor.certificate]) == []
    with pytest.raises(
        CertificateRefused,
        match=r'^"Example Intermediate" has the name of the issuer of "mail.example.com", but its key did not sign',
    ):
        intermediates(family.leaf.certificate, [impostor.certificate])


def test_an_unrelated_authority_is_refused(family: Family) -> None:
    stranger = make("Stranger CA", key=6, ca=True)
    with pytest.raises(
        CertificateRefused,
        match=r'^"Stranger CA" is not of the chain of "mail.example.com": it signed none of its certificates\.$',
    ):
        intermediates(family.leaf.certificate, [family.intermediate.certificate, stranger.certificate])


def test_two_end_entity_certificates_are_refused(family: Family) -> None:
    other = make("other.example.com", family.intermediate, key=5)
    with pytest.raises(
        CertificateRefused,
        match=r'^There is more than one end-entity certificate: "mail.example.com" and "other.example.com"; one is',
    ):
        read_chain(family.leaf.pem + other.pem + family.intermediate.pem)


def test_too_many_certificates_are_refused_before_they_are_compared() -> None:
    many = [make(f"CA {number}", ca=True).certificate for number in range(22)]
    with pytest.raises(CertificateRefused, match="There are 22 certificates in it; at most 21 are taken"):
        leaf_of(many)
    with pytest.raises(CertificateRefused, match="There are 21 certificates beside the first; at most 20 are taken"):
        chain(many[0], many[1:])
