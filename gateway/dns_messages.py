"""One question to the DNS and what one message says of it (RFC 1035, RFC 6891, RFC 8914).

Names and the data of records are read by dnspython. The walk through a message is ours, for `from_wire` takes all of
it or nothing: a TLSA record with a digest of the wrong length, which must be judged (rule T5), or a damaged text in an
extended error makes it refuse the whole answer, and it reads every record that a stranger put in. Here only the records
on the way from the question are read, and whatever they cannot be is an error (rule D2).

A question is written here too: it always has the same form, and making and comparing messages of dnspython takes
longer than all else that is done for a look-up.
"""

from __future__ import annotations

import os
import re
import socket
import struct
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import dns.edns
import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.wire

from gateway.answers import MailExchanger, TlsaRecord
from state.names import InvalidName, host_name
from state.wording import printable

Kind = Literal["A", "AAAA", "CNAME", "MX", "SOA", "TLSA", "TXT"]

PAYLOAD = 1232
"""Bytes that an answer by UDP may have; what is longer is truncated and asked for by TCP (DNS Flag Day 2020)."""
MOST_RECORDS = 1000
"""Records of a message that are walked through; one for a mail domain has a few dozen."""
MOST_ALIASES = 16
MOST_NAMES = 4096
"""Names whose forms are remembered; reading one takes longer than finding its answer in the cache."""
LONGEST_TOLD = 200
"""Characters of the text of an extended error that are repeated."""

AD, TC, QR = dns.flags.AD.value, dns.flags.TC.value, dns.flags.QR.value
OPCODE = 0x7800
HEADER, RECORD = "!HHHHHH", "!HHIH"
ASKING = dns.flags.RD.value | AD
OPT = struct.pack("!BHHIH", 0, dns.rdatatype.OPT, PAYLOAD, dns.flags.DO.value, 0)
"""The record of EDNS that ends every question: what we take by UDP, and that DNSSEC is known here (RFC 6891 s6.1.2)."""
FIRST_NAME = struct.pack("!H", 0xC000 | struct.calcsize(HEADER))
"""A compressed name that is the one of the question (RFC 1035 s4.1.4)."""
SOA_SIZE = 22
"""Octets of the shortest data of an SOA record; the last four are what matters here."""
WITHOUT_QUESTION = {dns.rcode.FORMERR, dns.rcode.SERVFAIL, dns.rcode.NOTIMP, dns.rcode.REFUSED}
"""Failures that may come without the question: some servers could not read it."""
HOST_LABEL = "[a-z0-9_-]{1,63}"
"""A label of a host. Underscores break RFC 1123 s2.1, but there are such hosts, and they can be asked for."""


class BadAnswer(Exception):
    """The answer is a failure or cannot be believed; its text ends the sentence "The resolver ... "."""


class Question(NamedTuple):
    """A query with one question.

    Attributes:
        id: by which its answer is known.
        name: what is asked about.
        kind: the number of the type.
        section: the question as it stands in the message.
        wire: the message.
    """

    id: int
    name: dns.name.Name
    kind: int
    section: bytes
    wire: bytes


class Reply(NamedTuple):
    """What a resolver says to a question.

    Attributes:
        authenticated: the AD flag as it came; whether it counts is not known here (rule D4).
        exists: False after NXDOMAIN.
        aliases: the names that CNAMEs led to, in order.
        records: the values of the records behind the last alias.
        ttl: seconds for which this may be kept; 0 where nothing says so (RFC 2308 s5).
    """

    authenticated: bool
    exists: bool
    aliases: tuple[str, ...]
    records: tuple[Any, ...]
    ttl: int


class _Record(NamedTuple):
    owner: dns.name.Name
    kind: int
    ttl: int
    start: int
    size: int


@lru_cache(maxsize=MOST_NAMES)
def owner_name(text: str) -> dns.name.Name:
    """Return the name that is asked for; what is typed in other letters becomes A-labels, and no search list is used.

    Raises:
        InvalidName: the DNS cannot hold it.
    """
    if not text:
        raise InvalidName("there is no name in it")
    if not text.isascii():
        labels = text.split(".")
        first = next((place for place, label in enumerate(labels) if not label.startswith("_")), 0)
        text = ".".join([*labels[:first], host_name(".".join(labels[first:]))])
    try:
        return dns.name.from_text(text.lower())
    except (dns.exception.DNSException, ValueError):
        raise InvalidName(
            "it has an empty label, a label of more than 63 characters, or more than 253 in all"
        ) from None


def host(text: str) -> dns.name.Name:
    """Return the name of a host or domain that is asked for.

    Raises:
        InvalidName: no host can have it; names out of MX records can be anything.
    """
    name = owner_name(text)
    labels = name_text(name).split(".")
    if not all(re.fullmatch(HOST_LABEL, label) for label in labels):
        raise InvalidName("labels of a host are letters, digits, - and _")
    if labels[-1].isdigit():
        raise InvalidName("its last label is a number; a host name is a name, not an address")
    return name


@lru_cache(maxsize=MOST_NAMES)
def asked_name(text: str, of_host: bool) -> tuple[dns.name.Name, str]:
    """Return the name that is asked for, and its one text; `of_host` is whether it has to be a host's.

    Raises:
        InvalidName: the DNS cannot hold it, or no host can have it.
    """
    name = host(text) if of_host else owner_name(text)
    return name, name_text(name)


def name_text(name: dns.name.Name) -> str:
    r"""Return a name as a text, in lower case without the final dot; bytes that are no letters are escaped (`\000`)."""
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def question(name: dns.name.Name, kind: Kind) -> Question:
    """Return a query that asks for validation (AD, DO: rule D4) and for no more than fits a datagram."""
    number = dns.rdatatype.RdataType[kind].value
    identity = int.from_bytes(os.urandom(2), "big")
    section = (name.to_wire() or b"") + struct.pack("!HH", number, dns.rdataclass.IN)
    wire = struct.pack(HEADER, identity, ASKING, 1, 0, 0, 1) + section + OPT
    return Question(identity, name, number, section, wire)


def answers(query: Question, wire: bytes) -> bool:
    """Tell whether a message is an answer to a query: its id, its question, and that it is an answer at all."""
    if len(wire) < struct.calcsize(HEADER):
        return False
    identity, flags, questions, *_ = struct.unpack_from(HEADER, wire)
    if identity != query.id or not flags & QR or flags & OPCODE:
        return False
    if not questions:
        return flags & 15 in WITHOUT_QUESTION
    begin = struct.calcsize(HEADER)
    section = wire[begin : begin + len(query.section)]
    # No length of a label is a letter, and the four octets behind the name are numbers.
    same = section[:-4].lower() == query.section[:-4].lower() and section[-4:] == query.section[-4:]
    return same and questions == 1


def truncated(wire: bytes) -> bool:
    """Tell whether an answer was cut to fit a datagram."""
    return bool(int.from_bytes(wire[2:4], "big") & TC)


def read(query: Question, wire: bytes) -> Reply:
    """Return what a message says that answers a query, as `answers` told.

    Raises:
        BadAnswer: it is a failure, breaks its format, or makes no sense.
    """
    try:
        return _read(query, wire)
    except (dns.exception.DNSException, struct.error, ValueError):  # their words do not say where
        raise BadAnswer("gave an answer that breaks its format") from None


def _read(query: Question, wire: bytes) -> Reply:
    _, flags, questions, *counts = struct.unpack_from(HEADER, wire)
    if sum(counts) > MOST_RECORDS:
        raise BadAnswer(f"gave an answer of {sum(counts)} records; at most {MOST_RECORDS} are read")
    place = struct.calcsize(HEADER) + (len(query.section) if questions else 0)
    asked = query.name if questions else None
    answer, place = _walk(wire, place, counts[0], asked)
    authority, place = _walk(wire, place, counts[1], asked)
    additional, _ = _walk(wire, place, counts[2], asked)
    rcode, told = flags & 15, ""
    for record in additional:
        if record.kind == dns.rdatatype.OPT:
            rcode |= record.ttl >> 24 << 4
            told = told or _extended_error(wire, record)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise BadAnswer(f"answered {dns.rcode.to_text(dns.rcode.Rcode.make(rcode))}{told}")
    if flags & TC:
        raise BadAnswer("cut its answer short")
    kind = query.kind
    end, aliases, ttls = _follow(wire, answer, query.name, kind)
    found = [record for record in answer if record.kind == kind and (record.owner is end or record.owner == end)]
    if found and rcode == dns.rcode.NXDOMAIN:
        raise BadAnswer("says that the name does not exist, and gives records of it")
    if found:
        ttl = min([*ttls, *(record.ttl for record in found)])
    elif not any(record.kind == dns.rdatatype.SOA for record in authority) and _referral(authority, flags):
        raise BadAnswer("does not look names up for others; it only says who may know")
    else:
        ttl = min([*ttls, _negative_ttl(wire, authority, end)])
    values = dict.fromkeys(_value(wire, record) for record in found)
    exists = rcode != dns.rcode.NXDOMAIN
    return Reply(bool(flags & AD), exists, tuple(name_text(name) for name in aliases), tuple(values), ttl)


def _walk(wire: bytes, place: int, count: int, asked: dns.name.Name | None) -> tuple[list[_Record], int]:
    """Return the records of a section that can matter, without having looked into them, and where the next one begins.

    `asked` is the name of the question, if there is one.
    """
    found = []
    for _ in range(count):
        if asked is not None and wire[place : place + 2] == FIRST_NAME:
            owner = asked
            place += 2
        else:
            parser = dns.wire.Parser(wire, place)
            owner = parser.get_name(decompress=True)
            place = parser.current
        kind, of_class, ttl, size = struct.unpack_from(RECORD, wire, place)
        start = place + struct.calcsize(RECORD)
        place = start + size
        if place > len(wire):
            raise dns.exception.FormError
        if kind == dns.rdatatype.OPT:
            found.append(_Record(owner, kind, ttl, start, size))
        elif of_class == dns.rdataclass.IN:
            found.append(_Record(owner, kind, ttl if ttl < 1 << 31 else 0, start, size))  # RFC 2181 s8
    return found, place


def _follow(
    wire: bytes, answer: list[_Record], name: dns.name.Name, kind: int
) -> tuple[dns.name.Name, list[dns.name.Name], list[int]]:
    """Return the name behind the last alias, all of them, and their times to live."""
    aliases: list[dns.name.Name] = []
    ttls: list[int] = []
    links: dict[dns.name.Name, tuple[dns.name.Name, int]] = {}
    for record in answer:
        if record.kind == dns.rdatatype.CNAME and kind != dns.rdatatype.CNAME:
            target = _data(wire, record).target
            if links.setdefault(record.owner, (target, record.ttl))[0] != target:
                raise BadAnswer("gives a name two aliases")
    if not links:
        return name, aliases, ttls
    seen = {name}
    while name in links:
        name, ttl = links[name]
        if name in seen or len(seen) > MOST_ALIASES:
            raise BadAnswer("gives aliases that lead in a circle" if name in seen else "gives too many aliases")
        seen.add(name)
        aliases.append(name)
        ttls.append(ttl)
    return name, aliases, ttls


def _referral(authority: list[_Record], flags: int) -> bool:
    """Tell whether an answer without records sends elsewhere (RFC 2308 s2.2): it does not say that there are none."""
    return not flags & dns.flags.AA and any(record.kind == dns.rdatatype.NS for record in authority)


def _negative_ttl(wire: bytes, authority: list[_Record], name: dns.name.Name) -> int:
    for record in authority:
        if record.kind == dns.rdatatype.SOA and name.is_subdomain(record.owner):
            octets = _bytes(wire, record)
            if len(octets) < SOA_SIZE:
                raise BadAnswer("gave an answer that breaks its format")
            return min(record.ttl, int.from_bytes(octets[-4:], "big"))
    return 0


def _data(wire: bytes, record: _Record) -> Any:
    """Return the data of a record as dnspython reads them; it has a class for each kind."""
    parser = dns.wire.Parser(wire, record.start)  # a name never leaves a parser behind where it has been
    with parser.restrict_to(record.size):
        return dns.rdata.from_wire_parser(dns.rdataclass.IN, record.kind, parser)  # type: ignore[arg-type] # an int is one


def _bytes(wire: bytes, record: _Record) -> bytes:
    return wire[record.start : record.start + record.size]


def _value(wire: bytes, record: _Record) -> Any:
    if record.kind == dns.rdatatype.TLSA:
        octets = _bytes(wire, record)
        usage, selector, matching_type = (*octets[:3], -1, -1, -1)[:3]
        return TlsaRecord(usage, selector, matching_type, octets[3:])
    if record.kind == dns.rdatatype.A:
        return socket.inet_ntop(socket.AF_INET, _bytes(wire, record))
    if record.kind == dns.rdatatype.AAAA:
        return socket.inet_ntop(socket.AF_INET6, _bytes(wire, record))
    data = _data(wire, record)
    if record.kind == dns.rdatatype.MX:
        return MailExchanger(data.preference, name_text(data.exchange))
    if record.kind == dns.rdatatype.CNAME:
        return name_text(data.target)
    if record.kind == dns.rdatatype.TXT:
        return data.strings
    return data.to_text()


def _extended_error(wire: bytes, record: _Record) -> str:
    """Return what the resolver tells of a failure (RFC 8914) as ` (EDE 6 (DNSSEC Bogus): ...)`; "" if it is damaged."""
    options, texts = _bytes(wire, record), []
    while len(options) >= 4:
        kind, size = int.from_bytes(options[:2], "big"), int.from_bytes(options[2:4], "big")
        option, options = options[4 : 4 + size], options[4 + size :]
        if kind == dns.edns.OptionType.EDE and len(option) == size >= 2:
            words = option[2:].decode("utf-8", "replace").rstrip("\0")
            told = dns.edns.EDEOption(int.from_bytes(option[:2], "big"), words or None)  # type: ignore[arg-type] # numbers are taken
            texts.append(told.to_text())
    text = "; ".join(texts)
    text = text if len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1] + "…"
    return f" ({printable(text)})" if text else ""
