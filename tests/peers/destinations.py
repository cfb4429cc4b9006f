"""The destinations of the lab: what each one publishes and presents, and what DANE makes of it.

Every domain `NAME.signed.test` (or of another zone) has one MX host `mx.NAME.signed.test` with an address of its own on
loopback, port 25, unless its records say otherwise.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Zone = Literal["signed", "unsigned", "bogus"]
Word = Literal["SUCCESS", "FAILED", "missing"]
"""The last line of daneverify."""


class Destination(NamedTuple):
    """One destination.

    Attributes:
        name: its label; `NAME.ZONE.test` is the domain.
        certificate: the words of `CERTIFICATES` that say what its host presents.
        tlsa: usage, selector and matching type of each record, and of what it is made: leaf, ca, root, other, junk.
        dane: what DANE says.
        verified: whether Verify passes with the lab's root in the custom list.
        zone: signed, not, or with signatures that are out of date.
        records: beside MX, A and TLSA; `@` is the domain.
        host: the MX host, where it is no `mx.NAME.ZONE.test`.
        security: the TLS level of its Postfix: may, encrypt, none.
        difference: why another program says something else, where one does.
    """

    name: str
    certificate: str
    tlsa: tuple[str, ...]
    dane: Word
    verified: bool = True
    zone: Zone = "signed"
    records: tuple[str, ...] = ()
    host: str = ""
    security: str = "may"
    difference: str = ""

    @property
    def domain(self) -> str:
        """The recipient's domain."""
        return f"{self.name}.{self.zone}.test"

    @property
    def mx(self) -> str:
        """The MX host as the DNS names it."""
        return self.host or f"mx.{self.domain}"


CERTIFICATES = ("good", "with-root", "self-signed", "wrong-name", "expired")

DESTINATIONS = (
    Destination("ee-spki", "good", ("3 1 1 leaf",), "SUCCESS"),
    Destination("ee-cert", "good", ("3 0 1 leaf",), "SUCCESS"),
    Destination("ee-sha512", "good", ("3 1 2 leaf",), "SUCCESS"),
    Destination("ee-full", "good", ("3 0 0 leaf",), "SUCCESS"),
    Destination("ee-self-signed", "self-signed", ("3 1 1 leaf",), "SUCCESS", verified=False),
    Destination("ee-expired", "expired", ("3 1 1 leaf",), "SUCCESS", verified=False),
    Destination("ee-wrong-name", "wrong-name", ("3 1 1 leaf",), "SUCCESS", verified=False),
    Destination("ee-mismatch", "good", ("3 1 1 other",), "FAILED"),
    Destination("ee-one-of-two", "good", ("3 1 1 other", "3 1 1 leaf"), "SUCCESS"),
    Destination("agility", "good", ("3 1 1 leaf", "3 1 2 other"), "FAILED"),
    Destination("ta-cert", "good", ("2 0 1 ca",), "SUCCESS"),
    Destination("ta-spki", "good", ("2 1 1 ca",), "SUCCESS"),
    Destination("ta-root-presented", "with-root", ("2 0 1 root",), "SUCCESS"),
    Destination("ta-full-not-presented", "good", ("2 0 0 root",), "SUCCESS"),
    Destination("ta-key-not-presented", "good", ("2 1 0 root",), "SUCCESS"),
    Destination("ta-digest-not-presented", "good", ("2 0 1 root",), "FAILED"),
    Destination("ta-wrong-name", "wrong-name", ("2 0 1 ca",), "FAILED", verified=False),
    Destination("ta-expired", "expired", ("2 0 1 ca",), "FAILED", verified=False),
    Destination("ta-is-a-leaf", "self-signed", ("2 0 1 leaf",), "FAILED", verified=False),
    Destination("ta-other", "good", ("2 0 1 other",), "FAILED"),
    Destination("ta-and-ee", "good", ("2 0 1 other", "3 1 1 leaf"), "SUCCESS"),
    Destination("pkix-only", "good", ("0 0 1 root", "1 0 1 leaf"), "FAILED"),
    Destination("junk-only", "good", ("3 1 9 junk",), "FAILED"),
    Destination("no-tlsa", "good", (), "missing"),
    Destination("no-starttls", "good", ("3 1 1 leaf",), "FAILED", verified=False, security="none"),
    Destination("plain", "good", ("3 1 1 leaf",), "missing", zone="unsigned"),
    Destination("broken", "good", ("3 1 1 leaf",), "FAILED", verified=False, zone="bogus"),
    Destination("alias", "good", ("3 1 1 leaf",), "SUCCESS", records=("_25._tcp.mx CNAME tlsa",)),
)
