"""A resolver of a world: DNS over UDP and TCP, validating as a good one does, or failing in a way of its own.

AD is set where the question set AD or DO and all of the answer is signed (RFC 6840 s5.7); bogus is SERVFAIL with
EDE 6 (RFC 8914), and answered where the question set CD.
"""

from __future__ import annotations

import asyncio
import struct
from typing import Literal, NamedTuple

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from shell.world.behaviour import NotUnderstood
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from shell.world.peer import Peer
    from shell.world.zones import Found, Zones

Transport = Literal["udp", "tcp"]

RCODES = {
    "servfail": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED,
    "formerr": dns.rcode.FORMERR,
    "notimp": dns.rcode.NOTIMP,
    "nxdomain": dns.rcode.NXDOMAIN,
}
FAULTS = (
    *RCODES,
    "bogus",
    "timeout",
    "slow",
    "truncated",
    "truncated, then closed",
    "truncated, then silent",
    "malformed",
    "empty",
    "wrong id",
    "wrong question",
    "no response bit",
    "loop",
    "AD",
    "no AD",
)
"""What may go wrong with one name, or with all of a resolver. `AD` is the lie that everything is authentic."""

MANNERS = ("validates", "does not validate", "always AD")
MOST_QUERIES = 10_000


class Query(NamedTuple):
    """One question that came, and which of its flags matter to security."""

    name: str
    kind: str
    transport: Transport
    ad: bool
    do: bool
    cd: bool


class NameServer:
    """A resolver.

    Attributes:
        queries: what was asked, in order.
    """

    def __init__(self, zones: Zones, behaviour: str, delay: float) -> None:
        """Take the zones.

        Args:
            zones: what it answers from.
            behaviour: one of `MANNERS`, or of `FAULTS` for everything.
            delay: seconds, for `slow`.

        Raises:
            NotUnderstood: the behaviour is none.
        """
        if behaviour not in (*MANNERS, *FAULTS):
            known = listed([quoted(word) for word in (*MANNERS, *FAULTS)])
            raise NotUnderstood(f"must be one of {known}, not {quoted(behaviour)}")
        self._zones = zones
        self._always = behaviour if behaviour in FAULTS else None
        self._validates = behaviour != "does not validate"
        self._lies = behaviour == "always AD"
        self._delay = delay
        self.queries: list[Query] = []

    def receive(self, datagrams: socket.socket) -> None:
        """Answer the datagrams that are there."""
        while True:
            try:
                octets, peer = datagrams.recvfrom(65535)
            except OSError:
                return
            answer, delay = self.answer(octets, "udp")
            if answer is None:
                continue
            if delay:
                asyncio.get_running_loop().call_later(delay, _send, datagrams, answer, peer)
            else:
                _send(datagrams, answer, peer)

    async def serve(self, peer: Peer) -> None:
        """Answer the questions of one TCP connection (RFC 7766).

        Raises:
            Gone: it is over.
        """
        kept = b""
        while True:
            while len(kept) < 2 or len(kept) < 2 + struct.unpack("!H", kept[:2])[0]:
                kept += await peer.receive()
            length = 2 + struct.unpack("!H", kept[:2])[0]
            octets, kept = kept[2:length], kept[length:]
            answer, delay = self.answer(octets, "tcp")
            if answer == b"" and delay < 0:
                return
            if answer is None:
                continue
            await asyncio.sleep(delay)
            await peer.send(struct.pack("!H", len(answer)) + answer)

    def answer(self, octets: bytes, transport: Transport) -> tuple[bytes | None, float]:
        """Return the answer to a question and after how many seconds it goes out.

        No answer is None; a connection that is to be closed is an empty answer after less than nothing.
        """
        try:
            query = dns.message.from_wire(octets)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError, ValueError):
            return None, 0
        if query.flags & dns.flags.QR:
            return None, 0  # an answer is not answered
        flags = (
            bool(query.flags & dns.flags.AD),
            bool(query.ednsflags & dns.flags.DO),
            bool(query.flags & dns.flags.CD),
        )
        if len(self.queries) < MOST_QUERIES:
            name = question.name.to_text(omit_final_dot=True).lower()
            self.queries.append(Query(name, dns.rdatatype.to_text(question.rdtype), transport, *flags))
        word = self._always or self._zones.word(question.name, question.rdtype)
        delay = self._delay if word == "slow" else 0.0
        if word == "timeout" or (word == "truncated, then silent" and transport == "tcp"):
            return None, 0
        if word == "truncated, then closed" and transport == "tcp":
            return b"", -1
        reply = self._reply(query, question, word)
        if transport == "udp" and word is not None and word.startswith("truncated"):
            reply.answer.clear()
            reply.authority.clear()
            reply.flags |= dns.flags.TC
        return _spoiled(self._wire(reply, query, transport), word), delay

    def _reply(self, query: dns.message.Message, question: dns.rrset.RRset, word: str | None) -> dns.message.Message:
        reply = dns.message.make_response(query, recursion_available=True)
        if word in RCODES:
            reply.set_rcode(RCODES[word])
            return reply
        if word == "loop":
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", question.name.to_text()))
            return reply
        found = self._zones.look_up(question.name, question.rdtype)
        checked = self._validates and not query.flags & dns.flags.CD
        bogus = found.security == "bogus" or self._always == "bogus"
        if found.outcome == "servfail" or (bogus and checked):
            reply.set_rcode(dns.rcode.SERVFAIL)
            if bogus and query.edns >= 0:
                reply.use_edns(
                    0,
                    reply.ednsflags,
                    reply.payload,
                    options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "the signatures do not verify")],
                )
            return reply
        self._fill(reply, found)
        asked = query.flags & dns.flags.AD or query.ednsflags & dns.flags.DO
        authentic = found.security == "signed" and checked and asked and word != "no AD"
        if authentic or self._lies or word == "AD":
            reply.flags |= dns.flags.AD
        if word == "wrong question":
            reply.question = [dns.rrset.RRset(dns.name.from_text("wrong.example."), question.rdclass, question.rdtype)]
        return reply

    def _fill(self, reply: dns.message.Message, found: Found) -> None:
        if found.outcome == "nxdomain":
            reply.set_rcode(dns.rcode.NXDOMAIN)
        reply.answer.extend(found.answer)
        reply.authority.extend(found.authority)

    def _wire(self, reply: dns.message.Message, query: dns.message.Message, transport: Transport) -> bytes:
        # Records stand in the order of the description: what a transcript shows must not change from run to run.
        bound = 65535 if transport == "tcp" else max(512, query.payload)
        try:
            return reply.to_wire(max_size=bound, want_shuffle=False)
        except dns.exception.TooBig:
            reply.flags |= dns.flags.TC
            reply.answer.clear()
            reply.authority.clear()
            return reply.to_wire(max_size=bound, want_shuffle=False)


def _spoiled(octets: bytes, word: str | None) -> bytes:
    if word == "malformed":
        return octets[:6] + b"\xff\xff" + octets[8:]  # it says that it has 65,535 records
    if word == "empty":
        return b""
    if word == "wrong id":
        return bytes([octets[0] ^ 0xFF]) + octets[1:]
    if word == "no response bit":
        return octets[:2] + bytes([octets[2] & 0x7F]) + octets[3:]
    return octets


def _send(datagrams: socket.socket, octets: bytes, peer: tuple[str, int]) -> None:
    try:
        datagrams.sendto(octets, peer)
    except OSError:
        return  # the world has ended, or the peer is gone
