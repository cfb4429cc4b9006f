"""Trust anchors of DANE, usage 2 (rules T11 to T14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.chain import (
    judge_anchored,
)
from tests.gateway.chains import (
    FOR_CLIENTS,
    IMPOSTOR,
    INTERMEDIATE,
    LEAF,
    OTHER_ROOT,
    ROOT,
    SELF_SIGNED,
    between,
    constrained,
    excluded,
    leaf,
    under,
)
from tests.gateway.making import DER, KEYS, NOW, Made, make, name


class Anchored(NamedTuple):
    """What is presented, what TLSA records trust, and the outcome."""

    what: str
    presented: Sequence[Made]
    anchors: Sequence[Made]
    keys: Sequence[Made]
    outcome: str


OLD = make("Old", key=1, ca=True, begin=-400, days=100)
OLD_LINK = make("Intermediate", ROOT, key=2, ca=True, begin=-400, days=100)
NO_CA = make("Server", key=6)
CA_LEAF = leaf(INTERMEDIATE, ca=True)
ANCHORED = [
    Anchored("the intermediate matches", [LEAF, INTERMEDIATE], [INTERMEDIATE], [], "trusted"),  # T11, T14
    Anchored("the root matches", [LEAF, INTERMEDIATE, ROOT], [ROOT], [], "trusted"),  # T11
    Anchored("the authority is only in the DNS", [LEAF, INTERMEDIATE], [ROOT], [], "trusted"),  # T13
    Anchored("an intermediate is only in the DNS", [LEAF], [INTERMEDIATE], [], "trusted"),  # T13, T14
    Anchored("somebody else matches", [LEAF, INTERMEDIATE], [OTHER_ROOT], [], "issuer-missing"),  # T11
    Anchored("an expired anchor counts", [leaf(OLD), OLD], [OLD], [], "trusted"),  # T11
    Anchored("an expired anchor between counts", [leaf(OLD_LINK), OLD_LINK], [OLD_LINK], [], "trusted"),  # T11
    Anchored("below it dates count", [leaf(OLD_LINK), OLD_LINK, ROOT], [ROOT], [], "expired"),  # T11
    Anchored("and those of the leaf", [leaf(ROOT, begin=-30, days=10), ROOT], [ROOT], [], "expired"),  # T11
    Anchored("a signature that does not hold", [LEAF, IMPOSTOR], [IMPOSTOR], [], "bad-signature"),  # T11
    Anchored("path lengths count", [*under(ROOT, lambda up: between(up, path_length=0),
             lambda up: between(up, "Third", 4), leaf), ROOT], [ROOT], [], "path-too-long"),  # T11
    Anchored("name constraints count", [*constrained(excluded("example.com")), ROOT], [ROOT], [],
             "name-constraints"),  # T11
    Anchored("what keys are for counts", [FOR_CLIENTS, ROOT], [ROOT], [], "self-signed"),  # T11
    Anchored("a leaf that is no CA", [LEAF, INTERMEDIATE], [LEAF], [], "issuer-missing"),  # T12
    Anchored("a self-signed leaf that is no CA", [SELF_SIGNED], [SELF_SIGNED], [], "self-signed"),  # T12
    Anchored("nor by its own key", [SELF_SIGNED], [], [SELF_SIGNED], "self-signed"),  # T12
    Anchored("a leaf that is a CA", [CA_LEAF], [CA_LEAF], [], "trusted"),  # T12
    Anchored("an authority that is no CA", [leaf(SELF_SIGNED, "a.example"), SELF_SIGNED], [SELF_SIGNED], [],
             "issuer-missing"),  # T12
    Anchored("the key of the root in the DNS", [LEAF, INTERMEDIATE], [], [ROOT], "trusted"),  # T13
    Anchored("the key of one that is sent", [LEAF, INTERMEDIATE], [], [INTERMEDIATE], "trusted"),  # T13
    Anchored("the key that signed the leaf", [LEAF], [], [INTERMEDIATE], "trusted"),  # T13
    Anchored("another key", [LEAF, INTERMEDIATE], [], [OTHER_ROOT], "issuer-missing"),  # T13
    Anchored("the constraints of one that is sent count", constrained(excluded("example.com")), [], [INTERMEDIATE],
             "name-constraints"),  # T11, T13
    Anchored("and its path length", under(ROOT, lambda up: between(up, path_length=0),
             lambda up: between(up, "Third", 4), leaf), [], [INTERMEDIATE], "path-too-long"),  # T11, T13
    Anchored("and that it is no CA", [leaf(NO_CA), NO_CA], [], [NO_CA], "issuer-missing"),  # T12, T13
    Anchored("not those of a stranger with that key", [LEAF, make("Stranger", key=2)], [], [INTERMEDIATE],
             "trusted"),  # T13
    Anchored("nor of an issuer with another key", [LEAF, IMPOSTOR], [], [INTERMEDIATE], "trusted"),  # T13
    Anchored("below a key dates count", [leaf(OLD_LINK), OLD_LINK], [], [ROOT], "expired"),  # T11, T13
    Anchored("a leaf below a key, expired", [leaf(ROOT, begin=-30, days=10)], [], [ROOT], "expired"),  # T11, T13
    Anchored("no list counts", [LEAF, INTERMEDIATE, ROOT], [], [], "issuer-missing"),  # T14
]  # fmt: skip


def key_info(made: Made) -> bytes:
    return made.key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("case", ANCHORED, ids=lambda case: case.what)
def test_trust_anchors_of_dane(case: Anchored) -> None:
    presented = [one.certificate for one in case.presented]
    anchors = [one.certificate for one in case.anchors]
    verdict = judge_anchored(presented, anchors, [b"", b"junk", *map(key_info, case.keys)], NOW)
    assert (verdict.outcome, verdict.good) == (case.outcome, case.outcome == "trusted"), verdict.sentence
    assert "is in no list" not in verdict.sentence


def test_a_key_is_the_same_however_it_is_encoded() -> None:  # T12
    key = SELF_SIGNED.key.public_key()
    compressed = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")  # SubjectPublicKeyInfo of P-256
    assert serialization.load_der_public_key(head + compressed) == key
    assert not judge_anchored([SELF_SIGNED.certificate], [], [head + compressed], NOW).good


@pytest.mark.parametrize(("turned", "outcome"), [(False, "trusted"), (True, "issuer-missing")])
def test_a_key_that_takes_too_long_to_check_is_none(turned: bool, outcome: str) -> None:  # T13
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()  # noqa: S505 # its size does not matter here
    p, q, d, n = numbers.p, numbers.q, numbers.d, numbers.public_numbers.n
    if turned:  # a public exponent as long as the key
        public, d = rsa.RSAPublicNumbers(d, n), 65537
        numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), numbers.iqmp, public)
    key = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    dates = (NOW - timedelta(1), NOW + timedelta(1))
    end = x509.CertificateBuilder(name("Root"), name("mx"), KEYS[3].public_key(), 1, *dates).sign(key, hashes.SHA256())
    info = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert judge_anchored([end], [], [info], NOW).outcome == outcome
    builder = x509.CertificateBuilder(name("Root"), name("Root"), key.public_key(), 1, *dates)
    above = builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(key, hashes.SHA256())
    assert judge_anchored([end], [above], [], NOW).outcome == outcome
