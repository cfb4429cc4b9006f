"""One question to the DNS and what one message says of it (RFC 1035, RFC 6891, RFC 8914).

Names, headers and the data of records are read by dnspython. The walk through a message is ours, for `from_wire` takes
all of it or nothing: a TLSA record with a digest of the wrong length, which must be judged (rule T5), or a damaged text
in an extended error makes it refuse the whole answer, and it reads every record that a stranger put in. Here only the
records on the way from the question are read, and whatever they cannot be is an error (rule D2).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.wire

from gateway.answers import MailExchanger, TlsaRecord
from state.names import InvalidName, host_name
from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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

AD, TC = dns.flags.AD.value, dns.flags.TC.value
HEADER = "!HHHHHH"
HOST_LABEL = "[a-z0-9_-]{1,63}"
"""A label of a host. Underscores break RFC 1123 s2.1, but there are such hosts, and they can be asked for."""


class BadAnswer(Exception):
    """The answer is a failure or cannot be believed; its text ends the sentence "The resolver ... "."""


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


@lru_cache(maxsize=MOST_NAMES)
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
def name_text(name: dns.name.Name) -> str:
    r"""Return a name as a text, in lower case without the final dot; bytes that are no letters are escaped (`\000`)."""
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def question(name: dns.name.Name, kind: Kind) -> dns.message.QueryMessage:
    """Return a query that asks for validation (AD, DO: rule D4) and for no more than fits a datagram."""
    flags = dns.flags.RD | dns.flags.AD
    return dns.message.make_query(name, kind, use_edns=0, want_dnssec=True, payload=PAYLOAD, flags=flags)


def answers(query: dns.message.QueryMessage, wire: bytes) -> bool:
    """Tell whether a message is an answer to a query: its id, its question, and that it is an answer at all."""
    if len(wire) < 12 or int.from_bytes(wire[:2], "big") != query.id or int.from_bytes(wire[4:6], "big") > 1:
        return False
    try:
        return query.is_response(dns.message.from_wire(wire, question_only=True))
    except (dns.exception.DNSException, ValueError):
        return False


def truncated(wire: bytes) -> bool:
    """Tell whether an answer was cut to fit a datagram."""
    return bool(int.from_bytes(wire[2:4], "big") & TC)


def read(query: dns.message.QueryMessage, wire: bytes) -> Reply:
    """Return what a message that answers a query says.

    Raises:
        BadAnswer: it is a failure, breaks its format, or makes no sense.
    """
    try:
        return _read(query, wire)
    except (dns.exception.DNSException, ValueError):  # their words name a class of dnspython, and not the place
        raise BadAnswer("gave an answer that breaks its format") from None


def _read(query: dns.message.QueryMessage, wire: bytes) -> Reply:
    parser = dns.wire.Parser(wire)
    _, flags, questions, *counts = parser.get_struct(HEADER)
    if sum(counts) > MOST_RECORDS:
        raise BadAnswer(f"gave an answer of {sum(counts)} records; at most {MOST_RECORDS} are read")
    for _ in range(questions):
        parser.get_name(decompress=True)
        parser.get_struct("!HH")
    answer, authority, additional = (list(_walk(parser, count)) for count in counts)
    rcode, told = flags & 15, ""
    for record in additional:
        if record.kind == dns.rdatatype.OPT:
            rcode |= record.ttl >> 24 << 4
            told = told or _extended_error(parser, record)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise BadAnswer(f"answered {dns.rcode.to_text(dns.rcode.Rcode.make(rcode))}{told}")
    if flags & TC:
        raise BadAnswer("cut its answer short")
    asked = query.question[0]
    kind = asked.rdtype
    end, aliases, ttls = _follow(parser, answer, asked.name, kind)
    found = [record for record in answer if record.owner == end and record.kind == kind]
    if found and rcode == dns.rcode.NXDOMAIN:
        raise BadAnswer("says that the name does not exist, and gives records of it")
    if found:
        ttl = min([*ttls, *(record.ttl for record in found)])
    elif not any(record.kind == dns.rdatatype.SOA for record in authority) and _referral(authority, flags):
        raise BadAnswer("does not look names up for others; it only says who may know")
    else:
        ttl = min([*ttls, _negative_ttl(parser, authority, end)])
    values = dict.fromkeys(_value(parser, record) for record in found)
    exists = rcode != dns.rcode.NXDOMAIN
    return Reply(bool(flags & AD), exists, tuple(name_text(name) for name in aliases), tuple(values), ttl)


def _walk(parser: dns.wire.Parser, count: int) -> Iterator[_Record]:
    """Yield the records of a section that can matter, without looking into them."""
    for _ in range(count):
        owner = parser.get_name(decompress=True)
        kind, of_class, ttl, size = parser.get_struct("!HHIH")
        start = parser.current
        parser.seek(start + size)
        if kind == dns.rdatatype.OPT:
            yield _Record(owner, kind, ttl, start, size)
        elif of_class == dns.rdataclass.IN:
            yield _Record(owner, kind, ttl if ttl < 1 << 31 else 0, start, size)  # RFC 2181 s8


def _follow(
    parser: dns.wire.Parser, answer: list[_Record], name: dns.name.Name, kind: int
) -> tuple[dns.name.Name, list[dns.name.Name], list[int]]:
    """Return the name behind the last alias, all of them, and their times to live."""
    aliases: list[dns.name.Name] = []
    ttls: list[int] = []
    links: dict[dns.name.Name, tuple[dns.name.Name, int]] = {}
    for record in answer:
        if record.kind == dns.rdatatype.CNAME and kind != dns.rdatatype.CNAME:
            target = _data(parser, record).target
            if links.setdefault(record.owner, (target, record.ttl))[0] != target:
                raise BadAnswer("gives a name two aliases")
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


def _negative_ttl(parser: dns.wire.Parser, authority: list[_Record], name: dns.name.Name) -> int:
    for record in authority:
        if record.kind == dns.rdatatype.SOA and name.is_subdomain(record.owner):
            return min(record.ttl, int(_data(parser, record).minimum))
    return 0


def _data(parser: dns.wire.Parser, record: _Record) -> Any:
    """Return the data of a record as dnspython reads them; it has a class for each kind."""
    parser = dns.wire.Parser(parser.wire, record.start)  # a name never leaves a parser behind where it has been
    with parser.restrict_to(record.size):
        return dns.rdata.from_wire_parser(dns.rdataclass.IN, record.kind, parser)  # type: ignore[arg-type] # an int is one


def _bytes(parser: dns.wire.Parser, record: _Record) -> bytes:
    return parser.wire[record.start : record.start + record.size]


def _value(parser: dns.wire.Parser, record: _Record) -> Any:
    if record.kind == dns.rdatatype.TLSA:
        octets = _bytes(parser, record)
        usage, selector, matching_type = (*octets[:3], -1, -1, -1)[:3]
        return TlsaRecord(usage, selector, matching_type, octets[3:])
    data = _data(parser, record)
    if record.kind == dns.rdatatype.MX:
        return MailExchanger(data.preference, name_text(data.exchange))
    if record.kind == dns.rdatatype.CNAME:
        return name_text(data.target)
    if record.kind == dns.rdatatype.TXT:
        return data.strings
    return data.address if record.kind in (dns.rdatatype.A, dns.rdatatype.AAAA) else data.to_text()


def _extended_error(parser: dns.wire.Parser, record: _Record) -> str:
    """Return what the resolver tells of a failure (RFC 8914) as ` (EDE 6 (DNSSEC Bogus): ...)`; "" if it is damaged."""
    options, texts = _bytes(parser, record), []
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
