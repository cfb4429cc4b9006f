"""Look-ups in the DNS, against servers on loopback that answer, fail and lie."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import dns.edns
import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.answers import Answer, MailExchanger, TlsaRecord
from gateway.dns import FAILURE, LONGEST, LONGEST_NEGATIVE, Dns, Limits
from gateway.dns_cache import REST, AnswerCache
from gateway.dns_messages import MOST_RECORDS, BadAnswer, Kind, answers, owner_name, question, read
from tests.gateway.dns_server import Asked, Resolver, Says, Server, damaged, framed, serving

T = TypeVar("T")

QUICK = Limits(each=0.3, overall=2.0, rounds=1)
HOST = "mail.example.com"
OWNER = f"_25._tcp.{HOST}"
SOA = "example.com. 900 IN SOA ns.example.com. root.example.com. 1 2 3 4 600"
ADDRESS = f"{HOST}. 300 IN A 192.0.2.1"
ALIAS = f"{HOST}. 60 IN CNAME host.example.net."
TARGET = "host.example.net. 300 IN A 192.0.2.1"
DIGEST = bytes(range(32))
MANY = [f"10.0.{number >> 8}.{number & 255}" for number in range(MOST_RECORDS + 1)]


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asking(
    work: Callable[[Dns], Awaitable[T]],
    *servers: Server,
    limits: Limits = QUICK,
    cache: AnswerCache | None = None,
    minimum_ttl: int = 0,
) -> T:
    """Return what `work` finds with these servers as resolvers; no socket may be left."""

    async def run() -> T:
        async with serving(*servers) as network:
            resolvers = [server.at for server in servers]
            known = AnswerCache() if cache is None else cache
            found = await work(Dns(network, lambda name: resolvers, known, limits=limits, minimum_ttl=minimum_ttl))
            assert network.all_closed
            return found

    return asyncio.run(run())


def look_up(kind: str, name: str = HOST) -> Callable[[Dns], Awaitable[Answer[Any]]]:
    """Return the look-up of a kind of records."""
    if kind == "A":
        return lambda dns: dns.addresses(name, "A")
    if kind == "AAAA":
        return lambda dns: dns.addresses(name, "AAAA")
    return lambda dns: getattr(dns, kind.lower())(name)


class Case(NamedTuple):
    """A look-up, what the resolver says, and the answer that comes of it."""

    kind: Kind
    name: str
    says: Says
    answer: Answer[Any]


def failed(kind: str, name: str, what: str) -> Answer[Any]:
    fault = f'The DNS look-up of {kind} for "{name}" failed: the resolver 192.0.2.53 {what}.'
    return Answer(name, "error", fault=fault, ttl=FAILURE)


STATES = {
    # D1
    "secure": Case("A", HOST, Says(flags="RA AD", answer=(ADDRESS,)), Answer(HOST, "secure", ("192.0.2.1",), ttl=300)),
    "insecure": Case("A", HOST, Says(answer=(ADDRESS,)), Answer(HOST, "insecure", ("192.0.2.1",), ttl=300)),
    # D3
    "NODATA, secure": Case("A", HOST, Says(flags="AD", authority=(SOA,)), Answer(HOST, "secure", ttl=600)),
    "NODATA, insecure": Case("A", HOST, Says(authority=(SOA,)), Answer(HOST, "insecure", ttl=600)),
    "NODATA, nothing says for how long": Case("A", HOST, Says(), Answer(HOST, "insecure")),
    "NXDOMAIN, secure": Case(
        "TLSA", OWNER, Says("NXDOMAIN", "AD", authority=(SOA,)), Answer(OWNER, "secure", exists=False, ttl=600)
    ),
    "NXDOMAIN, insecure": Case("A", HOST, Says("NXDOMAIN"), Answer(HOST, "insecure", exists=False)),
    # D2
    "SERVFAIL": Case("TLSA", OWNER, Says("SERVFAIL"), failed("TLSA", OWNER, "answered SERVFAIL")),
    "REFUSED": Case("A", HOST, Says("REFUSED"), failed("A", HOST, "answered REFUSED")),
    "FORMERR": Case("A", HOST, Says("FORMERR"), failed("A", HOST, "answered FORMERR")),
    "NOTIMP": Case("A", HOST, Says("NOTIMP"), failed("A", HOST, "answered NOTIMP")),
    "an rcode in the EDNS record": Case("A", HOST, Says("BADVERS"), failed("A", HOST, "answered BADVERS")),
    "a failure is one even with AD and records": Case(
        "A", HOST, Says("SERVFAIL", "AD", answer=(ADDRESS,)), failed("A", HOST, "answered SERVFAIL")
    ),
    "bogus": Case(
        "A",
        HOST,
        Says("SERVFAIL", ede=dns.edns.EDEOption(7, "signature of example.com")),  # type: ignore[arg-type]
        failed("A", HOST, "answered SERVFAIL (EDE 7 (Signature Expired): signature of example.com)"),
    ),
    "a hostile extended error": Case(
        "A",
        HOST,
        Says("SERVFAIL", ede=dns.edns.EDEOption(6, "\x1b[2J\r\n\u202e" + "x" * 999)),  # type: ignore[arg-type]
        failed("A", HOST, r"answered SERVFAIL (EDE 6 (DNSSEC Bogus): \027[2J\013\010\u202e" + "x" * 161 + "…)"),
    ),
    "an extended error that is no text": Case(
        "A",
        HOST,
        Says("SERVFAIL", ede=dns.edns.GenericOption(15, b"\xff\xff\xff\xfe")),  # type: ignore[arg-type]
        failed("A", HOST, "answered SERVFAIL (EDE 65535: \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER})"),
    ),
    "an extended error that is cut off": Case(
        "A",
        HOST,
        Says("SERVFAIL", ede=dns.edns.GenericOption(15, b"\0")),  # type: ignore[arg-type]
        failed("A", HOST, "answered SERVFAIL"),
    ),
    "an extended error beside an answer": Case(
        "A",
        HOST,
        Says(flags="AD", answer=(ADDRESS,), ede=dns.edns.EDEOption(0, "hello")),  # type: ignore[arg-type]
        Answer(HOST, "secure", ("192.0.2.1",), ttl=300),
    ),
    "records that cannot be read": Case(
        "A",
        HOST,
        Says(answer=(damaged(HOST, "A", b"\xc0\0\2"),)),
        failed("A", HOST, "gave an answer that breaks its format"),
    ),
    "NXDOMAIN with records": Case(
        "A",
        HOST,
        Says("NXDOMAIN", answer=(ADDRESS,)),
        failed("A", HOST, "says that the name does not exist, and gives records of it"),
    ),
    "a referral does not say that there is nothing": Case(
        "A",
        HOST,
        Says(authority=("example.com. 300 IN NS ns.example.com.",)),
        failed("A", HOST, "does not look names up for others; it only says who may know"),
    ),
    "more records than anybody has": Case(
        "A",
        HOST,
        Says("SERVFAIL", answer=(dns.rrset.from_text(f"{HOST}.", 1, "IN", "A", *MANY),)),
        failed("A", HOST, f"gave an answer of {MOST_RECORDS + 2} records; at most {MOST_RECORDS} are read"),
    ),
    # D5: secure all the way
    "alias, all secure": Case(
        "A",
        HOST,
        Says(flags="AD", answer=(ALIAS, TARGET)),
        Answer(HOST, "secure", ("192.0.2.1",), ("host.example.net",), "secure", ttl=60),
    ),
    # T3
    "TLSA behind an alias, all secure": Case(
        "TLSA",
        OWNER,
        Says(
            flags="AD",
            answer=(f"{OWNER}. 60 IN CNAME tlsa.example.net.", f"tlsa.example.net. 30 IN TLSA 3 1 1 {DIGEST.hex()}"),
        ),
        Answer(OWNER, "secure", (TlsaRecord(3, 1, 1, DIGEST),), ("tlsa.example.net",), "secure", ttl=30),
    ),
    "TLSA behind an alias, not all secure: nobody asks which": Case(
        "TLSA",
        OWNER,
        Says(answer=(f"{OWNER}. 60 IN CNAME tlsa.example.net.", f"tlsa.example.net. 30 IN TLSA 3 1 1 {DIGEST.hex()}")),
        Answer(OWNER, "insecure", (TlsaRecord(3, 1, 1, DIGEST),), ("tlsa.example.net",), None, ttl=30),
    ),
    # D6
    "DNAME": Case(
        "A",
        HOST,
        Says(flags="AD", answer=("example.com. 90 IN DNAME example.net.", f"{HOST}. 90 IN CNAME mail.example.net.")),
        Answer(HOST, "secure", (), ("mail.example.net",), "secure"),
    ),
    "NXDOMAIN behind an alias": Case(
        "A",
        HOST,
        Says("NXDOMAIN", "AD", (ALIAS,), ("example.net. 900 IN SOA ns.example.net. root.example.net. 1 2 3 4 30",)),
        Answer(HOST, "secure", (), ("host.example.net",), "secure", exists=False, ttl=30),
    ),
    "aliases in a circle": Case(
        "A",
        HOST,
        Says(answer=(ALIAS, f"host.example.net. 60 IN CNAME {HOST}.")),
        failed("A", HOST, "gives aliases that lead in a circle"),
    ),
    "an alias of itself": Case(
        "A",
        HOST,
        Says(answer=(f"{HOST}. 60 IN CNAME {HOST}.",)),
        failed("A", HOST, "gives aliases that lead in a circle"),
    ),
    "two aliases of one name": Case(
        "A",
        HOST,
        Says(answer=(ALIAS, f"{HOST}. 60 IN CNAME other.example.net.")),
        failed("A", HOST, "gives a name two aliases"),
    ),
    "too many aliases": Case(
        "A",
        "a0.example",
        Says(answer=tuple(f"a{n}.example. 60 IN CNAME a{n + 1}.example." for n in range(17))),
        failed("A", "a0.example", "gives too many aliases"),
    ),
    "records of other names": Case(
        "A",
        HOST,
        Says(flags="AD", answer=("other.example.com. 300 IN A 192.0.2.66", ADDRESS)),
        Answer(HOST, "secure", ("192.0.2.1",), ttl=300),
    ),
    "nothing but records of other names": Case(
        "A", HOST, Says(flags="AD", answer=("other.example.com. 300 IN A 192.0.2.66",)), Answer(HOST, "secure")
    ),
    "damage in records of other names": Case(
        "A",
        HOST,
        Says(answer=(damaged("other.example.com", "A", b"?"), ADDRESS)),
        Answer(HOST, "insecure", ("192.0.2.1",), ttl=300),
    ),
    "a record given twice": Case(
        "A",
        HOST,
        Says(answer=(damaged(HOST, "A", b"\xc0\0\2\1"), ADDRESS)),
        Answer(HOST, "insecure", ("192.0.2.1",), ttl=300),
    ),
    "a time to live of an age": Case(
        "A",
        HOST,
        Says(answer=(damaged(HOST, "A", b"\xc0\0\2\1", ttl=2**31 - 1),)),
        Answer(HOST, "insecure", ("192.0.2.1",), ttl=LONGEST),
    ),
    "a time to live that is none": Case(  # RFC 2181 s8
        "A",
        HOST,
        Says(answer=(damaged(HOST, "A", b"\xc0\0\2\1", ttl=2**31),)),
        Answer(HOST, "insecure", ("192.0.2.1",), ttl=0),
    ),
    "a negative answer for ever": Case(
        "A",
        HOST,
        Says(authority=("example.com. 99999 IN SOA ns.example.com. root.example.com. 1 2 3 4 99999",)),
        Answer(HOST, "insecure", ttl=LONGEST_NEGATIVE),
    ),
    "an SOA record of another zone": Case(
        "A",
        HOST,
        Says(authority=("example.net. 900 IN SOA ns.example.com. root.example.com. 1 2 3 4 600",)),
        Answer(HOST, "insecure"),
    ),
    "AAAA": Case(
        "AAAA",
        HOST,
        Says(answer=(f"{HOST}. 300 IN AAAA 2001:DB8:0::1",)),
        Answer(HOST, "insecure", ("2001:db8::1",), ttl=300),
    ),
    "MX": Case(
        "MX",
        "example.com",
        Says(answer=("example.com. 300 IN MX 20 B.Example.com.", "example.com. 300 IN MX 10 a.example.com.")),
        Answer(
            "example.com", "insecure", (MailExchanger(20, "b.example.com"), MailExchanger(10, "a.example.com")), ttl=300
        ),
    ),
    # D12
    "null MX": Case(
        "MX",
        "example.com",
        Says(answer=("example.com. 300 IN MX 0 .",)),
        Answer("example.com", "insecure", (MailExchanger(0, ""),), ttl=300),
    ),
    "MX with a host that is none": Case(
        "MX",
        "example.com",
        Says(answer=(r"example.com. 300 IN MX 0 a\027[2J\.\000.example.com.",)),
        Answer("example.com", "insecure", (MailExchanger(0, r"a\027[2j\.\000.example.com"),), ttl=300),
    ),
    # M3
    "TXT of several strings": Case(
        "TXT",
        "_mta-sts.example.com",
        Says(
            answer=(
                '_mta-sts.example.com. 300 IN TXT "v=STS" "v1; id=1;"',
                '_mta-sts.example.com. 300 IN TXT "\\000\\255"',
            )
        ),
        Answer("_mta-sts.example.com", "insecure", ((b"v=STS", b"v1; id=1;"), (b"\0\xff",)), ttl=300),
    ),
    # T5: what no rule allows is a record all the same, for the judgment to call unusable
    "TLSA with a digest of the wrong length": Case(
        "TLSA",
        OWNER,
        Says(flags="AD", answer=(damaged(OWNER, "TLSA", b"\3\1\1abc"),)),
        Answer(OWNER, "secure", (TlsaRecord(3, 1, 1, b"abc"),), ttl=300),
    ),
    "TLSA without data": Case(
        "TLSA",
        OWNER,
        Says(flags="AD", answer=(damaged(OWNER, "TLSA", b"\xff\xff\xff"),)),
        Answer(OWNER, "secure", (TlsaRecord(255, 255, 255, b""),), ttl=300),
    ),
    "TLSA that is cut off": Case(
        "TLSA",
        OWNER,
        Says(flags="AD", answer=(damaged(OWNER, "TLSA", b"\3"),)),
        Answer(OWNER, "secure", (TlsaRecord(3, -1, -1, b""),), ttl=300),
    ),
    "TLSA of nothing": Case(
        "TLSA",
        OWNER,
        Says(flags="AD", answer=(damaged(OWNER, "TLSA", b""),)),
        Answer(OWNER, "secure", (TlsaRecord(-1, -1, -1, b""),), ttl=300),
    ),
    "CNAME asked for alone": Case(
        "CNAME", HOST, Says(flags="AD", answer=(ALIAS, TARGET)), Answer(HOST, "secure", ("host.example.net",), ttl=60)
    ),
}


@pytest.mark.parametrize("case", STATES.values(), ids=STATES)
def test_what_a_resolver_says_becomes_an_answer(case: Case) -> None:
    # D1, D2, D3, D5, D6, D12, M3, T3, T5
    server = Server(case.says)
    assert asking(look_up(case.kind, case.name), server, limits=Limits()) == case.answer
    assert {(one.name, one.kind) for one in server.asked} == {(case.name, case.kind)}


def test_the_query_asks_for_validation_and_for_what_fits_a_datagram() -> None:
    server = Server(Says())
    asking(look_up("A"), server)
    query = server.queries[0]
    assert query.flags & dns.flags.AD  # D4
    assert query.ednsflags & dns.flags.DO  # D4
    assert (query.payload, query.flags & dns.flags.RD, query.flags & dns.flags.CD) == (1232, dns.flags.RD, 0)


def test_the_word_of_a_resolver_that_is_not_trusted_counts_for_nothing() -> None:
    # D4
    server = Server(Says(flags="AD", answer=(ALIAS, TARGET)), Resolver(trusted=False))
    answer = asking(look_up("A"), server)
    assert (answer.security, answer.first_alias) == ("insecure", "insecure")
    assert len(server.asked) == 1


ALIASES = {
    # what the alias is when it is asked for alone; D5
    "secure first": (Says(flags="AD", answer=(ALIAS,)), "secure", ""),
    "insecure first": (Says(answer=(ALIAS,)), "insecure", ""),
    "bogus first": (
        Says("SERVFAIL"),
        "error",
        f'The DNS look-up of CNAME for "{HOST}" failed: the resolver 192.0.2.53 answered SERVFAIL.',
    ),
    "gone": (Says(flags="AD"), "error", f'The alias of "{HOST}" is gone when it is asked for alone.'),
}


@pytest.mark.parametrize(("alone", "state", "fault"), ALIASES.values(), ids=ALIASES)
@pytest.mark.parametrize(("kind", "records"), [("A", ("192.0.2.1",)), ("AAAA", ())])
def test_the_first_alias_is_asked_for_alone_where_the_whole_is_insecure(
    kind: str, records: tuple[str, ...], alone: Says, state: str, fault: str
) -> None:
    # D5, T2
    server = Server({(HOST, kind): Says(answer=(ALIAS, TARGET)), (HOST, "CNAME"): alone})
    answer = asking(look_up(kind), server)
    assert answer[:5] == (HOST, "insecure", records, ("host.example.net",), state)
    assert answer.fault == fault
    assert [one.kind for one in server.asked] == [kind, "CNAME"]


def lies(*wrong: bytes | Callable[[dns.message.Message], bytes]) -> Server:
    """Return a server that first sends what is wrong, and then the secure answer."""

    def script(query: dns.message.Message, over: str) -> Iterable[bytes]:
        right = Says(flags="AD", answer=(ADDRESS,)).wire(query)
        return [*(one if isinstance(one, bytes) else one(query) for one in wrong), right]

    return Server(script)


def another_id(query: dns.message.Message) -> bytes:
    wire = bytearray(Says(flags="AD", answer=(f"{HOST}. 300 IN A 192.0.2.66",)).wire(query))
    wire[0] ^= 1
    return bytes(wire)


def another_question(query: dns.message.Message) -> bytes:
    other = dns.message.make_query("other.example.com", "A", id=query.id)
    return Says(flags="AD", answer=(f"{HOST}. 300 IN A 192.0.2.66",)).wire(other)


def another_type(query: dns.message.Message) -> bytes:
    return Says(flags="AD").wire(dns.message.make_query(HOST, "AAAA", id=query.id))


def two_questions(query: dns.message.Message) -> bytes:
    wire = Says(flags="AD").wire(query)
    return wire[:4] + b"\xff\xff" + wire[6:]


NOT_BELIEVED: dict[str, bytes | Callable[[dns.message.Message], bytes]] = {
    "nothing": b"",
    "noise": b"\xff" * 100,
    "a wrong id": another_id,
    "a wrong question": another_question,
    "a wrong type": another_type,
    "65,535 questions": two_questions,
    "the query itself": lambda query: query.to_wire(),
    "no question": lambda query: query.to_wire()[:2] + b"\x81\xa0" + bytes(8),
}


@pytest.mark.parametrize("wrong", NOT_BELIEVED.values(), ids=NOT_BELIEVED)
def test_what_does_not_answer_the_question_is_passed_over(
    wrong: bytes | Callable[[dns.message.Message], bytes],
) -> None:
    answer = asking(look_up("A"), lies(wrong, wrong), limits=Limits(each=1.0))
    assert (answer.security, answer.records) == ("secure", ("192.0.2.1",))


def test_only_lies_are_no_answer_and_counted() -> None:
    # D2
    answer = asking(look_up("A"), Server(lambda query, over: [another_id(query), another_question(query)]))
    what = "gave no answer within 0.3 s; 2 messages from it did not answer the question"
    assert answer == failed("A", HOST, what)


def test_a_flood_of_lies_is_given_up() -> None:
    answer = asking(look_up("A"), Server(lambda query, over: [b"?"] * 100), limits=Limits(each=1.0))
    assert answer == failed("A", HOST, "sent 100 answers to other questions")


def over_tcp(wire: Callable[[dns.message.Message], bytes]) -> Server:
    """Return a server that cuts what it says by UDP, and sends bytes of its own by TCP."""
    return Server(lambda query, over: [wire(query) if over == "tcp" else Says(flags="TC AD").wire(query)])


LARGE = bytes(60_000)
STREAMS = {
    "a long answer": (
        lambda query: framed(Says(flags="AD", answer=(damaged(OWNER, "TLSA", b"\3\0\0" + LARGE),)).wire(query)),
        Answer(OWNER, "secure", (TlsaRecord(3, 0, 0, LARGE),), ttl=300),
    ),
    "cut again": (
        lambda query: framed(Says(flags="TC AD").wire(query)),
        failed("TLSA", OWNER, "cut its answer short"),
    ),
    "broken off": (
        lambda query: framed(Says(flags="AD").wire(query))[:-3],
        failed("TLSA", OWNER, "broke off in the middle of its answer"),
    ),
    "nothing at all": (lambda query: b"", failed("TLSA", OWNER, "broke off in the middle of its answer")),
    "a wrong id": (lambda query: framed(another_id(query)), failed("TLSA", OWNER, "answered another question")),
    "a message of no bytes": (lambda query: framed(b""), failed("TLSA", OWNER, "answered another question")),
}


@pytest.mark.parametrize(("wire", "expected"), STREAMS.values(), ids=STREAMS)
def test_an_answer_that_was_cut_is_asked_for_by_tcp(
    wire: Callable[[dns.message.Message], bytes], expected: Answer[Any]
) -> None:
    server = over_tcp(wire)
    assert asking(look_up("TLSA", OWNER), server, limits=Limits(each=1.0, rounds=1)) == expected
    assert [one.over for one in server.asked] == ["udp", "tcp"]


def silent(address: str = "192.0.2.1", trusted: bool = True) -> Server:
    return Server(lambda query, over: [], Resolver(address, trusted=trusted))


def good(address: str = "192.0.2.2", trusted: bool = True) -> Server:
    return Server(Says(flags="AD", answer=(ADDRESS,)), Resolver(address, trusted=trusted))


def test_a_resolver_that_says_nothing_is_asked_again_and_then_it_is_an_error() -> None:
    # D2
    server = silent("192.0.2.53")
    answer = asking(look_up("A"), server, limits=Limits(each=0.02, rounds=3))
    assert answer == failed("A", HOST, "gave no answer within 0.02 s")
    assert len(server.asked) == 3


def test_a_look_up_has_a_limit_over_all() -> None:
    # D2
    start = time.monotonic()
    answer = asking(look_up("A"), silent(), silent("192.0.2.2"), limits=Limits(each=0.08, overall=0.1, rounds=9))
    assert time.monotonic() - start < 1
    assert answer.fault == (
        f'The DNS look-up of A for "{HOST}" failed: the resolver 192.0.2.1 gave no answer within 0.08 s; '
        "the resolver 192.0.2.2 gave no answer before 0.1 s were over."
    )


@pytest.mark.parametrize("says", [Says("SERVFAIL"), Says("REFUSED"), Says(answer=(damaged(HOST, "A", b""),))])
def test_the_next_resolver_is_asked_where_one_fails(says: Says) -> None:
    first = Server(says, Resolver("192.0.2.1"))
    assert asking(look_up("A"), first, good(), limits=Limits(each=1.0, rounds=2)).security == "secure"
    assert len(first.asked) == 1


def test_a_resolver_that_does_not_answer_is_asked_last_for_a_while() -> None:
    clock = Clock()
    cache = AnswerCache(clock)
    first, second = silent(), good()

    async def work(dns: Dns) -> list[int]:
        counts = []
        for name, later in (("a.example", 0.0), ("b.example", 0.0), ("c.example", REST + 1)):
            clock.now += later
            await dns.addresses(name, "A")
            counts.append(len(first.asked))
        return counts

    assert asking(work, first, second, cache=cache) == [1, 1, 2]


def test_no_look_up_of_a_trusted_resolver_that_failed_is_repaired_by_one_that_is_not() -> None:
    # D2, D4
    first, second = Server(Says("SERVFAIL"), Resolver("192.0.2.1")), good(trusted=False)
    assert asking(look_up("A"), first, second).security == "error"
    assert not second.asked
    assert asking(look_up("A"), silent(), good(trusted=False)).security == "error"


def test_all_failures_are_told() -> None:
    servers = [Server(Says("REFUSED"), Resolver("192.0.2.1", 5353)), silent("2001:db8::1")]
    assert asking(look_up("A"), *servers).fault == (
        f'The DNS look-up of A for "{HOST}" failed: the resolver 192.0.2.1 port 5353 answered REFUSED; '
        "the resolver 2001:db8::1 gave no answer within 0.3 s."
    )


def test_a_resolver_that_is_not_there_and_no_resolver_at_all() -> None:
    async def work(dns: Dns) -> Answer[str]:
        return await dns.addresses(HOST, "A")

    async def dead() -> Answer[str]:
        async with serving(good()) as network:  # which knows of no other address
            return await Dns(network, lambda name: [Resolver()], AnswerCache()).addresses(HOST, "A")

    what = "could not be asked (192.0.2.53 port 53 refused the connection)"
    assert asyncio.run(dead()) == failed("A", HOST, what)
    assert asking(work).fault == f'The DNS look-up of A for "{HOST}" failed: no resolver is configured.'


def test_each_name_has_its_own_resolvers() -> None:
    inner, outer = good("192.0.2.1"), good("192.0.2.2")

    async def run() -> None:
        async with serving(inner, outer) as network:
            dns = Dns(network, lambda name: [inner.at if name.endswith(".test") else outer.at], AnswerCache())
            await dns.tlsa("_25._tcp.a.test")
            await dns.mx("B.example.")

    asyncio.run(run())
    assert inner.asked == [Asked("_25._tcp.a.test", "TLSA", "udp")]
    assert outer.asked == [Asked("b.example", "MX", "udp")]


ASKED_NAMES = {
    "capitals and the dot at the end": ("Mail.Example.com.", "mail.example.com"),
    "other letters": ("bücher.example", "xn--bcher-kva.example"),
    "an underscore": ("mx_1.example.com", "mx_1.example.com"),
    "one label, and no search list": ("localhost", "localhost"),
}


@pytest.mark.parametrize(("typed", "asked"), ASKED_NAMES.values(), ids=ASKED_NAMES)
def test_a_name_is_asked_for_in_a_labels(typed: str, asked: str) -> None:
    server = good()
    assert asking(look_up("A", typed), server).name == asked
    assert [one.name for one in server.asked] == [asked]


def test_a_service_below_a_name_in_other_letters() -> None:
    # T1
    assert asking(look_up("TLSA", "_25._tcp.Bücher.example"), good()).name == "_25._tcp.xn--bcher-kva.example"


NOT_ASKED = {
    "nothing": ("", "there is no name in it"),
    "the root": (".", "labels of a host are letters, digits, - and _"),
    "an empty label": (
        "a..example",
        "it has an empty label, a label of more than 63 characters, or more than 253 in all",
    ),
    "a long label": (
        f"{'a' * 64}.example",
        "it has an empty label, a label of more than 63 characters, or more than 253 in all",
    ),
    "a long name": (
        "a." * 127 + "example",
        "it has an empty label, a label of more than 63 characters, or more than 253 in all",
    ),
    "an address": ("192.0.2.1", "its last label is a number; a host name is a name, not an address"),
    "an IPv6 address": ("2001:db8::1", "labels of a host are letters, digits, - and _"),
    "escapes out of a record": (r"a\027[2j\.\000.example.com", "labels of a host are letters, digits, - and _"),
    "control characters": ("a\x1b[2J.example", "labels of a host are letters, digits, - and _"),
    "letters that are not allowed": ("☃\u202e.example", None),
    "a stray surrogate": ("\udcff.example", None),
}


@pytest.mark.parametrize(("typed", "why"), NOT_ASKED.values(), ids=NOT_ASKED)
def test_what_is_no_host_name_is_not_asked_for(typed: str, why: str | None) -> None:
    # D7: an error for one MX's address
    server = good()
    answer = asking(look_up("A", typed), server)
    assert (answer.security, server.asked) == ("error", [])
    assert answer.fault.isprintable()
    assert why is None or answer.fault.endswith(f" cannot be looked up in the DNS: {why}.")


def test_answers_are_kept_for_their_time() -> None:
    clock = Clock()
    server = good()

    async def work(dns: Dns) -> list[tuple[int, int]]:
        seen = []
        for later in (0.0, 100.0, 199.0, 1.0):
            clock.now += later
            answer = await dns.addresses(HOST, "A")
            seen.append((answer.ttl, len(server.asked)))
        return seen

    assert asking(work, server, cache=AnswerCache(clock)) == [(300, 1), (200, 1), (1, 1), (300, 2)]


TIMES = {
    # what is said, the least time that is configured, seconds after which it is asked for again
    "records": ("A", Says(answer=(ADDRESS,)), 0, 300),
    "nothing there": ("A", Says(authority=(SOA,)), 0, 600),
    "nothing there, without a time": ("A", Says(), 0, 0),
    "a failure": ("A", Says("SERVFAIL"), 0, FAILURE),
    "a time to live of 0": ("A", Says(answer=(f"{HOST}. 0 IN A 192.0.2.1",)), 1800, 0),
    "records with a least time": ("A", Says(answer=(ADDRESS,)), 1800, 1800),
    "a failure with a least time": ("A", Says("SERVFAIL"), 1800, FAILURE),
    "TLSA with a least time": ("TLSA", Says(answer=(f"{HOST}. 60 IN TLSA 3 1 1 {DIGEST.hex()}",)), 1800, 60),
}


@pytest.mark.parametrize(("kind", "says", "least", "seconds"), TIMES.values(), ids=TIMES)
def test_how_long_an_answer_is_kept(kind: str, says: Says, least: int, seconds: int) -> None:
    clock = Clock()
    server = Server(says)

    async def work(dns: Dns) -> list[int]:
        counts = []
        for later in (0.0, seconds - 0.5, 1.0):
            clock.now += max(later, 0.0)
            await look_up(kind)(dns)
            counts.append(len(server.asked))
        return counts

    expected = [1, 1, 2] if seconds else [1, 2, 3]
    assert asking(work, server, cache=AnswerCache(clock), minimum_ttl=least) == expected


def test_what_one_set_of_resolvers_said_does_not_answer_for_another() -> None:
    # D4: the same server, trusted and not
    cache = AnswerCache()
    assert asking(look_up("A"), good(), cache=cache).security == "secure"
    assert asking(look_up("A"), good(trusted=False), cache=cache).security == "insecure"
    assert asking(look_up("A"), good("192.0.2.3"), cache=cache).security == "secure"
    assert len(cache) == 3


def test_the_cache_outlives_the_event_loop() -> None:
    cache, later = AnswerCache(), Server(Says("SERVFAIL"), Resolver("192.0.2.2"))
    asking(look_up("A"), good(), cache=cache)
    assert asking(look_up("A", "Mail.EXAMPLE.com."), later, cache=cache).records == ("192.0.2.1",)
    assert not later.asked


def test_the_cache_is_bounded_by_answers_and_by_bytes() -> None:
    cache = AnswerCache(most_answers=3, most_bytes=200_000)
    small = Answer("a.example", "secure", ("192.0.2.1",), ttl=9)
    for key in "abcd":
        cache.keep(key, small)
    assert [key for key in "abcd" if cache.find(key)] == ["b", "c", "d"]
    cache.find("b")  # asked for lately
    cache.keep("e", small)
    assert [key for key in "bcde" if cache.find(key)] == ["b", "d", "e"]
    cache = AnswerCache(most_bytes=200_000)
    for key in "fghijk":
        cache.keep(key, Answer("a.example", "secure", (TlsaRecord(3, 0, 0, bytes(60_000)),), ttl=9))
    assert len(cache) == 3
    cache.keep("too large", Answer("a.example", "secure", (TlsaRecord(3, 0, 0, bytes(200_000)),), ttl=9))
    assert (len(cache), cache.find("too large")) == (3, None)
    cache.clear()
    assert len(cache) == 0


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_cancelled_look_up_ends_at_once_and_leaves_no_socket(over: str) -> None:
    arrived: list[str] = []

    def script(query: dns.message.Message, by: str) -> Iterable[bytes]:
        arrived.append(by)
        return [Says(flags="TC").wire(query)] if (by, over) == ("udp", "tcp") else [b"\xff\xff"] if by == "tcp" else []

    async def run() -> float:
        async with serving(Server(script)) as network:
            dns = Dns(network, lambda name: [Resolver()], AnswerCache())
            running = asyncio.create_task(dns.addresses(HOST, "A"))
            async with asyncio.timeout(5):
                while over not in arrived:
                    await asyncio.sleep(0.001)
            start = time.monotonic()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            assert network.opened
            assert network.all_closed
            return time.monotonic() - start

    assert asyncio.run(run()) < 0.5


WIRES = {
    id(case): case.says.wire(dns.message.from_wire(question(owner_name(case.name), case.kind).wire))
    for case in STATES.values()
}


@settings(max_examples=60)
@given(
    st.sampled_from(list(STATES.values())),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6),
    st.integers(0, 40),
)
@example(STATES["alias, all secure"], [(-1, 255)], 0)
def test_whatever_comes_is_read_or_refused(case: Case, changes: list[tuple[int, int]], cut: int) -> None:
    # D2
    query = question(owner_name(case.name), case.kind)
    wire = bytearray(WIRES[id(case)])
    wire[:2] = query.id.to_bytes(2, "big")
    for place, value in changes:
        wire[place % len(wire)] = value
    data = bytes(wire[: len(wire) - cut])
    if answers(query, data):
        with suppress(BadAnswer):
            read(query, data)
