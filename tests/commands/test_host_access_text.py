"""The text form of a Host Access Table: what is written reads back, and every bad line is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.listenerconfig.host_access_text import Entry, read_table, table_text
from commands.listenerconfig.parameters import PARAMETERS, read_size
from commands.table_text import BadLines
from state.model_listeners import (
    BEHAVIORS,
    BUILT_IN_POLICIES,
    LARGEST_MESSAGE,
    LISTENER_TLS,
    MOST,
    MOST_AN_HOUR,
    HostAccess,
    Policy,
    Response,
    SenderGroup,
)
from state.senders import sender

NAMES = st.from_regex(r"[A-Za-z0-9_.][A-Za-z0-9_. -]{0,20}", fullmatch=True).map(str.strip).filter(bool)
TEXTS = (
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=30).filter(str.isprintable).map(str.strip)
)
SENDERS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda address: f"{address}-255"),
    st.integers(0, 2**24 - 1).map(lambda number: f"{number >> 16}.{number >> 8 & 255}.{number & 255}."),
    st.ip_addresses(v=6).map(lambda address: f"{address}/128"),
    st.sampled_from([".example.com", "mx.example.com", ".com", "ALL", "10.0.0.0/8", "2001:db8::/32"]),
).map(sender)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "size": st.integers(1, LARGEST_MESSAGE).map(lambda size: read_size(str(size))),
    "limit": st.integers(1, MOST),
    "hourly": st.integers(0, MOST_AN_HOUR),
    "switch": st.booleans(),
    "tls": st.sampled_from(LISTENER_TLS),
    "host": st.sampled_from(["mx.example.com", "xn--grn-ioa.example"]),
    "response": st.builds(Response, code=st.integers(200, 599), text=TEXTS.filter(bool)),
}
POLICIES = st.builds(
    Policy,
    behavior=st.sampled_from(BEHAVIORS),
    **{one.field: st.none() | VALUES[one.kind] for one in PARAMETERS},
)


def entries(table: HostAccess) -> list[Entry]:
    policies = [Entry(name, policy) for name, policy in table.every_policy.items()]
    return policies + [Entry(group.name, group) for group in table.groups]


@st.composite
def tables(draw: st.DrawFn) -> HostAccess:
    policies = draw(st.dictionaries(NAMES, POLICIES, max_size=4))
    known = [*BUILT_IN_POLICIES, *policies]
    names = draw(st.lists(NAMES | st.just("ALL"), max_size=4, unique=True))
    groups = [
        SenderGroup(
            name=name,
            policy=draw(st.sampled_from(known)),
            comment=draw(TEXTS),
            senders=draw(st.lists(SENDERS, max_size=4, unique=True)),
        )
        for name in names
    ]
    return HostAccess(policies=policies, groups=groups)


def test_the_built_in_table_reads_back() -> None:
    assert read_table(table_text(entries(HostAccess()))) == entries(HostAccess())


@given(tables())
def test_what_is_written_reads_back(table: HostAccess) -> None:
    assert read_table(table_text(entries(table))) == entries(table)


def test_a_text_may_be_written_in_other_ways() -> None:
    text = """\
# a comment
$ PARTNER
REJECT {}
$OTHER
  accept {
  TLS=preferred
  max_rcpts_per_hour = -1
  max_message_size = "2048k"
  spam_check = OFF
  }

ONE: \r
mx.Example.com, 10.0.0.1,10.0.0.1
ALL
$PARTNER
all
$ OTHER (everybody (else))
"""
    rows = read_table(text)[len(BUILT_IN_POLICIES) :]
    assert rows == [
        Entry("PARTNER", Policy(behavior="reject")),
        Entry("OTHER", Policy(tls="preferred", max_recipients_per_hour=0, max_message_size="2M", spam_check=False)),
        Entry("ONE", SenderGroup(name="ONE", policy="PARTNER", senders=["mx.example.com", "10.0.0.1", "ALL"])),
        Entry("ALL", SenderGroup(name="ALL", policy="OTHER", senders=["ALL"], comment="everybody (else)")),
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("nonsense", ['line 1: "nonsense" is neither $POLICY nor GROUP:.']),
        ("$X", ['line 1: The policy "X" has no behavior.']),
        ("$X\nACCEPT {\ntls = off", ['line 1: The policy "X" is not closed with "}".']),
        ("$X\nMAYBE", ['line 2: "MAYBE" is no behavior; it is ACCEPT, RELAY, REJECT or TCPREFUSE, once for a policy.']),
        (
            "$X\nACCEPT\nREJECT",
            ['line 3: "REJECT" is no behavior; it is ACCEPT, RELAY, REJECT or TCPREFUSE, once for a policy.'],
        ),
        ("$X\nACCEPT {\ntls\n}", ['line 3: "tls" is neither KEY = VALUE nor }.']),
        ("$X\nACCEPT {\ntls = on\n}", ['line 3: tls: "on" is not accepted. It takes off, preferred or required.']),
        ("$X\nACCEPT {\ntls = off\ntls = off\n}", ["line 4: tls is set twice."]),
        (
            "$X\nACCEPT {\nmax_concurrency = 0\n}",
            ['line 3: max_concurrency: "0" is not accepted. Enter a whole number from 1 to 100000.'],
        ),
        (
            "$X\nACCEPT {\nacceptance = hello\n}",
            ['line 3: acceptance: "hello" is not accepted. Enter a code from 200 to 599 and a text, like 220 Welcome.'],
        ),
        ("$X\nACCEPT\n$X\nACCEPT", ['line 3: "$X" is there already (line 1).']),
        (
            "$a$\nACCEPT",
            [
                'line 1: "a$" is not a valid name: a name is 1 to 63 letters, digits, blanks, _, . and -, '
                "and begins with no blank or -.",
                'line 2: "ACCEPT" is neither $POLICY nor GROUP:.',
            ],
        ),
        ("G:\n10.0.0.1", ['line 1: The sender group "G" has no $POLICY.']),
        (
            "G:\n$GONE",
            ['line 2: There is no policy "GONE"; there are "ACCEPTED", "THROTTLED", "TRUSTED" and "BLOCKED".'],
        ),
        ("G:\n$TRUSTED\nG:\n$TRUSTED", ['line 3: "G" is there already (line 1).']),
        (
            "G:\nmx,\n$TRUSTED",
            [
                'line 2: "mx" is not a valid sender: it has only one label; a full name has two or more, '
                "like mail.example.com."
            ],
        ),
    ],
)
def test_every_bad_line_is_named(text: str, problems: list[str]) -> None:
    with pytest.raises(BadLines) as refused:
        read_table(text)
    assert str(refused.value).splitlines() == problems


def test_everybody_right_behind_a_policy() -> None:
    everybody = Entry("ALL", SenderGroup(name="ALL", policy="ACCEPTED", senders=["ALL"]))
    policies = [Entry(name, policy) for name, policy in BUILT_IN_POLICIES.items()]
    assert read_table(table_text([*policies, everybody])) == [*policies, everybody]
