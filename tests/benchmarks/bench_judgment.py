"""How long it takes to judge what a server presented, with the whole system list in force."""

from __future__ import annotations

import sys
from datetime import timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from gateway.authorities import load_list
from gateway.chain import TrustStore, judge_anchored, read_presented
from gateway.crl import read_crl
from gateway.system_list import installed
from tests.benchmarks.table import seconds, show
from tests.gateway.making import KEYS, NOW, Made, make, make_crl

CHECKS = 20
SERVER = "mx.example.com"


def identified(issuer: int, own: int) -> tuple[x509.ExtensionType, ...]:
    """Return the key identifiers and the key usage without which pyca's verifier takes nothing."""
    return (
        x509.AuthorityKeyIdentifier.from_issuer_public_key(KEYS[issuer].public_key()),
        x509.SubjectKeyIdentifier.from_public_key(KEYS[own].public_key()),
    )


def usage(authority: bool) -> x509.KeyUsage:
    """Return the key usage of an authority or of a server."""
    return x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)


def made_chain() -> list[Made]:
    """Return a leaf, its intermediate and a root, as public authorities make them."""
    root = make("Root", key=1, ca=True, extensions=identified(1, 1), critical=(usage(True),))
    between = make("Intermediate", root, key=2, ca=True, extensions=identified(1, 2), critical=(usage(True),))
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    parts = (*identified(2, 3), purposes)
    leaf = make(SERVER, between, key=3, names=(SERVER,), extensions=parts, critical=(usage(False),))
    return [leaf, between, root]


def main(repeat: int = 5) -> None:
    """Print the tables."""
    leaf, between, root = made_chain()
    listed = [*(one.certificate for one in load_list(installed(NOW).text).authorities), root.certificate]
    presented = [leaf.certificate, between.certificate]
    store = TrustStore(listed)
    revoking = TrustStore(listed, [read_crl(make_crl(between)), read_crl(make_crl(root))])
    stale = make("Intermediate", root, key=2, ca=True, begin=-400, days=100).certificate
    strangers = [leaf.certificate, stale, between.certificate]
    verifier = PolicyBuilder().store(Store(listed)).time(NOW).build_server_verifier(x509.DNSName(SERVER))
    assert store.judge(presented, NOW).good
    assert revoking.judge(presented, NOW).good
    assert store.judge(strangers, NOW).good
    assert judge_anchored(presented, [root.certificate], [], NOW).good
    assert not store.judge(presented, NOW + timedelta(days=400)).good
    verifier.verify(presented[0], presented[1:])

    def one(work: object) -> float:
        assert callable(work)
        return seconds(lambda: [work() for _ in range(CHECKS)], repeat) / CHECKS

    show(
        f"One chain judged, {len(listed)} authorities in force",
        [
            ("the store built for each check", seconds(lambda: TrustStore(listed).judge(presented, NOW), repeat), ""),
            ("a chain of three", one(lambda: store.judge(presented, NOW)), "goal 1.5 ms"),
            ("from the octets of the handshake", one(lambda: _from_octets(store, [leaf.der, between.der])), ""),
            ("with revocation lists", one(lambda: revoking.judge(presented, NOW)), ""),
            ("a stale intermediate first", one(lambda: store.judge(strangers, NOW)), ""),
            ("nobody above it", one(lambda: store.judge(presented[:1], NOW)), ""),
            ("a trust anchor of DANE", one(lambda: judge_anchored(presented, [root.certificate], [], NOW)), ""),
            ("pyca's verifier", one(lambda: verifier.verify(presented[0], presented[1:])), "refuses what rules take"),
        ],
    )


def _from_octets(store: TrustStore, ders: list[bytes]) -> None:
    store.judge(read_presented(ders), NOW)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
