"""Replies out of bytes: what the RFC writes, what servers send, and what is none (RFC 5321 s4.2)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp_replies import LONGEST_LINE, MOST_LINES, BadReply, Reply, ReplyReader, extensions
from state.wording import CONTROL

REPLIES = {
    b"220 mx.example.com ESMTP\r\n": Reply(220, ("mx.example.com ESMTP",)),
    b"250\r\n": Reply(250, ("",)),
    b"250 \r\n": Reply(250, ("",)),
    b"250-one\r\n250-\r\n250 three\r\n": Reply(250, ("one", "", "three")),
    b"250-one\r\n250\r\n": Reply(250, ("one", "")),
    b"250 bare\n": Reply(250, ("bare",)),
    b"554 5.7.1 \x1b[2Jgone\0\r\n": Reply(554, (r"5.7.1 \x1b[2Jgone\x00",)),
    b"550 caf\xc3\xa9 \xff\r\n": Reply(550, (r"café \xff",)),
    b"250-a\r250 b\r\n": None,
    b"220 begun": None,
    b"250-one\r\n": None,
    b"": None,
}

NONE = {
    b"HTTP/1.1 400 Bad Request\r\n": 'a line does not begin with a code from 200 to 599: "HTTP/1.1 400 Bad Request"',
    b"\r\n": 'a line does not begin with a code from 200 to 599: ""',
    b"199 low\r\n": 'a line does not begin with a code from 200 to 599: "199 low"',
    b"650 high\r\n": 'a line does not begin with a code from 200 to 599: "650 high"',
    b"25 short\r\n": 'a line does not begin with a code from 200 to 599: "25 short"',
    b"2500 long\r\n": 'a line does not begin with a code from 200 to 599: "2500 long"',
    b"250=x\r\n": 'a line does not begin with a code from 200 to 599: "250=x"',
    b"\x16\x03\x01\0\n": r'a line does not begin with a code from 200 to 599: "\x16\x03\x01\x00"',
    b"250-one\r\n220 two\r\n": "one reply has two codes, 250 and 220",
    b"220 " + b"x" * LONGEST_LINE: "a line has more than 4096 bytes",
    b"220-x\r\n" * MOST_LINES + b"220 x\r\n": "it has more than 100 lines",
}


@pytest.mark.parametrize("arrived", REPLIES)
@pytest.mark.parametrize("at_a_time", [1, 4096])
def test_a_reply(arrived: bytes, at_a_time: int) -> None:
    reader = ReplyReader()
    found = None
    for begin in range(0, len(arrived), at_a_time):
        assert found is None
        reader.feed(arrived[begin : begin + at_a_time])
        found = reader.next()
    assert found == REPLIES[arrived]
    assert reader.pending == (found is None and bool(arrived))


@pytest.mark.parametrize("arrived", NONE, ids=range(len(NONE)))
def test_no_reply(arrived: bytes) -> None:
    reader = ReplyReader()
    reader.feed(arrived)
    with pytest.raises(BadReply) as refused:
        reader.next()
    assert str(refused.value) == NONE[arrived]


def test_replies_that_arrive_together_are_given_one_by_one() -> None:
    reader = ReplyReader()
    reader.feed(b"220 one\r\n250 two\r\n3")
    assert [reader.next(), reader.next(), reader.next()] == [Reply(220, ("one",)), Reply(250, ("two",)), None]
    assert reader.pending


def test_a_hundred_lines_of_the_longest_are_taken() -> None:
    line = b"250-" + b"x" * (LONGEST_LINE - 6) + b"\r\n"
    reader = ReplyReader()
    reader.feed(line * (MOST_LINES - 1) + b"250 end\r\n")
    reply = reader.next()
    assert reply is not None
    assert len(reply.lines) == MOST_LINES


def test_extensions_are_the_first_words_of_the_lines_behind_the_greeting() -> None:
    ehlo = Reply(250, ("STARTTLS.example.com", "starttls", "SIZE 10240000", "", "AUTH=LOGIN", "8BITMIME"))
    assert extensions(ehlo) == {"STARTTLS", "SIZE", "AUTH=LOGIN", "8BITMIME"}


def test_what_a_code_means() -> None:
    kinds = [(code, Reply(code, ()).temporary, Reply(code, ()).permanent) for code in (250, 354, 421, 554)]
    assert kinds == [(250, False, False), (354, False, False), (421, True, False), (554, False, True)]


PIECES = st.one_of(
    st.binary(max_size=40), st.sampled_from([b"250", b"-", b" ", b"\r", b"\n", b"\r\n", b"250-x\r\n", b"220 y\r\n"])
)


@given(st.lists(PIECES, max_size=30))
def test_any_bytes_give_replies_or_our_own_error(pieces: list[bytes]) -> None:
    reader = ReplyReader()
    try:
        for piece in pieces:
            reader.feed(piece)
            while reply := reader.next():
                assert 200 <= reply.code <= 599
                assert not re.search(CONTROL, str(reply))
    except BadReply as refused:
        assert not re.search(CONTROL, str(refused))
