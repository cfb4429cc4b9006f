"""DANE: a presented certificate beside TLSA records, and the digest of a key that is written anew."""

from __future__ import annotations

from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.dane import TLSA, judge
from tests.benchmarks.table import seconds, show
from tests.gateway.making import NOW, make

MATCHES = 10_000


def main(count: int = MATCHES) -> None:
    """Print the tables."""
    root = make("Example Root", key=1, ca=True)
    leaf = make("mx.example.net", root, names=("mx.example.net",)).certificate
    key, anchor = TLSA.of(leaf, 3, 1, 1), TLSA.of(root.certificate, 2, 0, 1)
    presented, names = [leaf, root.certificate], ["mx.example.net"]
    many = [*(TLSA(3, 1, 1, number.to_bytes(32)) for number in range(99)), key]

    def written_anew() -> bool:
        """Match as it is done at first: the key is parsed and written again."""
        info = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return sha256(info).digest() == key.data

    def times(records: list[TLSA], rounds: int) -> float:
        assert judge(records, presented, names, NOW).good
        return seconds(lambda: [judge(records, presented, names, NOW) for _ in range(rounds)], 3) / rounds

    assert written_anew()
    naive = seconds(lambda: [written_anew() for _ in range(count)], 3) / count
    show(
        f"One match; {count:,} DANE-EE matches take {times([key], count) * 1000 * count:.0f} ms (goal below 500)",
        [
            ("the key written anew, digest compared, no rule looked at", naive, ""),
            ("DANE-EE record", times([key], count), ""),
            ("the last of 100 DANE-EE records", times(many, count // 100), ""),
            ("DANE-TA record: path, dates, names", times([anchor], count // 20), ""),
        ],
        unit=1_000_000,
        name="us",
    )


if __name__ == "__main__":
    main()
