"""What the zones of a world say: one look-up, over aliases and zones, with what DNSSEC makes of it.

It answers as a resolver that has validated (RFC 4035 s3.2.3): what is signed is authentic, what is bogus is a failure.
No signatures are made: whoever trusts a resolver reads its AD flag (rule D4).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import dns.name
import dns.rdatatype
import dns.rrset
from dns.rdatatype import CNAME, DNAME, SOA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Dnssec = Literal["signed", "unsigned", "bogus"]
Outcome = Literal["found", "nxdomain", "servfail"]
MOST_ALIASES = 16
_ORDER: tuple[Dnssec, ...] = ("signed", "unsigned", "bogus")

Records = dict[dns.name.Name, dict[dns.rdatatype.RdataType, dns.rrset.RRset]]


class Zone(NamedTuple):
    """A zone: its name, its security, its records, and the names that misbehave.

    Attributes:
        words: by owner and type (None for every type), the word of what goes wrong there.
    """

    name: dns.name.Name
    dnssec: Dnssec
    records: Records
    words: Mapping[tuple[dns.name.Name, dns.rdatatype.RdataType | None], str]

    def word(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> str | None:
        """Return the word for a name and a type, None for a name that behaves."""
        return self.words.get((name, kind)) or self.words.get((name, None))


class Found(NamedTuple):
    """What a look-up ends with.

    Attributes:
        outcome: `found` with an empty answer is NODATA.
        security: that of all of it, the worst of the zones on the way.
        answer: aliases and records.
        authority: the SOA record of a negative answer.
    """

    outcome: Outcome
    security: Dnssec
    answer: list[dns.rrset.RRset]
    authority: list[dns.rrset.RRset]


class Zones:
    """All zones of a world; the root is there in any case, signed."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        self._zones = {zone.name: zone for zone in zones}
        self._zones.setdefault(dns.name.root, _root())

    def zone_of(self, name: dns.name.Name) -> Zone:
        """Return the zone that a name stands in."""
        while name not in self._zones:
            name = name.parent()
        return self._zones[name]

    def word(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> str | None:
        """Return the word of a name that misbehaves when it is asked for."""
        return self.zone_of(name).word(name, kind)

    def look_up(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Found:
        """Return what there is of a name and a type; aliases are followed through all zones."""
        answer: list[dns.rrset.RRset] = []
        security: Dnssec = "signed"
        for step in range(MOST_ALIASES):
            zone = self.zone_of(name)
            word = zone.word(name, kind)
            security = _worse(security, "bogus" if word == "bogus" else zone.dnssec)
            if step and word is not None and word != "bogus":
                break  # the resolver itself has no answer from there
            alias = self._alias(zone, name, kind, answer)
            if alias is None:
                return self._last(zone, name, kind, security, answer)
            name = alias
        return Found("servfail", security, [], [])

    def _alias(
        self, zone: Zone, name: dns.name.Name, kind: dns.rdatatype.RdataType, answer: list[dns.rrset.RRset]
    ) -> dns.name.Name | None:
        """Return where an alias leads, having put it into the answer; None where there is none."""
        at = name
        while at != zone.name and at != dns.name.root:
            at = at.parent()
            if (dname := zone.records.get(at, {}).get(DNAME)) is not None:
                target = name.relativize(at).concatenate(dns.name.from_text(dname[0].to_text()))
                answer += [dname, dns.rrset.from_text(name, dname.ttl, "IN", "CNAME", target.to_text())]
                return target
        found = _records(zone, name)
        if found is None or kind == CNAME or CNAME not in found:
            return None
        rrset = _renamed(found[CNAME], name)
        answer.append(rrset)
        return dns.name.from_text(rrset[0].to_text())

    def _last(
        self,
        zone: Zone,
        name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
        security: Dnssec,
        answer: list[dns.rrset.RRset],
    ) -> Found:
        found = _records(zone, name)
        if found is not None and kind in found:
            return Found("found", security, [*answer, _renamed(found[kind], name)], [])
        exists = found is not None or any(one.is_subdomain(name) for one in (*zone.records, *self._zones))
        authority = zone.records.get(zone.name, {}).get(SOA)
        return Found("found" if exists else "nxdomain", security, answer, [authority] if authority else [])

    def hosts(self, address: str) -> list[str]:
        """Return the names that have this address, in the order of the description."""
        return [
            owner.to_text(omit_final_dot=True)
            for zone in self._zones.values()
            for owner, by_type in zone.records.items()
            for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)
            for data in by_type.get(kind, ())
            if data.to_text() == address
        ]


def start_of_authority(zone: dns.name.Name) -> dns.rrset.RRset:
    """Return the SOA record that every zone has."""
    data = "localhost. hostmaster.localhost. 1 3600 600 86400 300"
    return dns.rrset.from_text(zone, 300, "IN", "SOA", data)


def _root() -> Zone:
    records: Records = {
        dns.name.root: {
            SOA: start_of_authority(dns.name.root),
            dns.rdatatype.NS: dns.rrset.from_text(".", 3600, "IN", "NS", "localhost."),
        }
    }
    return Zone(dns.name.root, "signed", records, {})


def _records(zone: Zone, name: dns.name.Name) -> dict[dns.rdatatype.RdataType, dns.rrset.RRset] | None:
    """Return the records of a name, those of a wildcard where it stands for it (RFC 4592 s3.3.1)."""
    if name in zone.records:
        return zone.records[name]
    encloser = name
    while encloser != zone.name:
        if any(one.is_subdomain(encloser) for one in zone.records):
            return None if encloser == name else zone.records.get(_star(encloser))
        encloser = encloser.parent()
    return zone.records.get(_star(zone.name)) if name != zone.name else None


def _star(name: dns.name.Name) -> dns.name.Name:
    return dns.name.Name((b"*", *name.labels))


def _renamed(rrset: dns.rrset.RRset, name: dns.name.Name) -> dns.rrset.RRset:
    """Return records under the name that was asked for, which is another than their own below a wildcard."""
    if rrset.name == name:
        return rrset
    return dns.rrset.from_rdata_list(name, rrset.ttl, list(rrset))


def _worse(one: Dnssec, other: Dnssec) -> Dnssec:
    return max(one, other, key=_ORDER.index)
