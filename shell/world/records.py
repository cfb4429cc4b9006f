"""Records as a zone file has them, one a line: `mx1 A 192.0.2.10`, `_25._tcp.mx1 TLSA 3 1 1 from mx1`.

Names without a final dot are relative to their zone, `@` is the zone itself, as in every zone file (RFC 1035 s5.1).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.txtbase import TXTBase

from shell.world.behaviour import NotUnderstood
from state.wording import printable, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

LINE = re.compile(r"(\S+)(?:\s+(\d{1,9}))?(?:\s+IN)?\s+([A-Za-z][A-Za-z0-9]*)\s+(\S.*)", re.DOTALL)
FROM = re.compile(r"([0-9]{1,3})\s+([01])\s+([012])\s+from\s+(\S+)")
GENERIC = re.compile(r"\\#\s+([0-9]{1,5})(?:\s+([0-9A-Fa-f\s]*))?")
NAMED = ("MX", "CNAME", "NS", "DNAME", "SRV", "PTR")
"""Types whose data end with a name."""


class Certified(NamedTuple):
    """A TLSA record whose data are made from what a server presents."""

    usage: int
    selector: int
    matching: int
    source: str


class Record(NamedTuple):
    """One record; its data are still to be made where they come from a certificate."""

    owner: dns.name.Name
    ttl: int
    kind: dns.rdatatype.RdataType
    data: dns.rdata.Rdata | Certified


def read_record(line: str, zone: dns.name.Name, ttl: int, zones: Collection[dns.name.Name] = ()) -> Record:
    """Return the record of a line.

    Args:
        line: owner, time to live if it is not `ttl`, type and data; a TXT record needs no quotes.
        zone: what relative names are relative to.
        ttl: seconds.
        zones: all zones there are, by which a forgotten final dot is found.

    Raises:
        NotUnderstood: it is no record, or one of another zone.
    """
    found = LINE.fullmatch(line.strip())
    if found is None:
        raise NotUnderstood(f'must read "OWNER TYPE DATA", like "mx1 A 192.0.2.10", not {quoted(line)}')
    owner = read_owner(found[1], zone)
    type_name = found[3].upper()
    try:
        kind = dns.rdatatype.from_text(type_name)
    except (dns.exception.DNSException, ValueError):
        raise NotUnderstood(f"has {quoted(type_name)} as a type, which is none") from None
    text = found[4]
    if type_name in NAMED:
        _refuse_forgotten_dot(text.split()[-1], zones)
    return Record(owner, int(found[2] or ttl), kind, _data(type_name, kind, text, zone))


def read_owner(text: str, zone: dns.name.Name) -> dns.name.Name:
    """Return the full name of an owner.

    Raises:
        NotUnderstood: it is none, or not of this zone.
    """
    if zone != dns.name.root:
        _refuse_forgotten_dot(text, [zone])
    try:
        owner = dns.name.from_text(text, zone)
    except (dns.exception.DNSException, UnicodeError):
        raise NotUnderstood(f"has the owner {quoted(text)}, which is no name") from None
    if not owner.is_subdomain(zone):
        raise NotUnderstood(f"has the owner {quoted(text)}, which is not in the zone {shown(zone)}")
    return owner


def shown(name: dns.name.Name) -> str:
    """Return a name as people write it: lower case, without the final dot."""
    return name.to_text(omit_final_dot=True).lower()


def _data(type_name: str, kind: dns.rdatatype.RdataType, text: str, zone: dns.name.Name) -> dns.rdata.Rdata | Certified:
    if type_name == "TLSA" and " from " in text:
        found = FROM.fullmatch(text)
        if found is None or int(found[1]) > 255:
            raise NotUnderstood(
                f'must read "USAGE SELECTOR MATCHING from SERVER", like "3 1 1 from mx1", not {quoted(text)}'
            )
        return Certified(int(found[1]), int(found[2]), int(found[3]), found[4])
    if generic := GENERIC.fullmatch(text):
        # any bytes under any type, so that a record may be malformed (RFC 3597)
        octets = bytes.fromhex(generic[2] or "")
        if len(octets) != int(generic[1]):
            raise NotUnderstood(f"says {generic[1]} octets and has {len(octets)}")
        return dns.rdata.GenericRdata(dns.rdataclass.IN, kind, octets)
    if type_name == "TXT" and not text.startswith('"'):
        octets = text.encode()
        return TXTBase(dns.rdataclass.IN, kind, [octets[at : at + 255] for at in range(0, len(octets), 255)])
    try:
        return dns.rdata.from_text(dns.rdataclass.IN, kind, text, zone, relativize=False)
    except (dns.exception.DNSException, ValueError) as error:
        reason = printable(str(error)).rstrip(".") or type(error).__name__
        raise NotUnderstood(f"has {quoted(text)} as the data of a {type_name} record: {reason}") from None


def _refuse_forgotten_dot(text: str, zones: Collection[dns.name.Name]) -> None:
    """Refuse `mx1.partner.example` inside partner.example, which would stand for it twice."""
    if text.endswith(".") or "." not in text:
        return
    for zone in zones:
        end = shown(zone)
        if end and text.lower().endswith("." + end):
            raise NotUnderstood(f"has {quoted(text)} without a final dot; write {quoted(text + '.')} for the full name")
