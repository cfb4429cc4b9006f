"""MTA-STS (RFC 8461): what a record and a policy may say, and whom a policy allows."""

from __future__ import annotations

import re
import time
from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mta_sts import (
    LARGEST,
    LONGEST_LIFE,
    MODES,
    Policy,
    Record,
    StsRefused,
    parse_policy,
    policy_domain,
    policy_host,
    policy_url,
    read_records,
    record_name,
)
from gateway.verdict import REASONS, Verdict
from state.wording import CONTROL

GOOD_RECORDS = [
    # M4 M5: to the letter of RFC 8461 s3.1
    ("v=STSv1; id=20160831085700Z;", "20160831085700Z"),
    ("v=STSv1; id=20160831085700Z", "20160831085700Z"),
    ("v=STSv1;id=a", "a"),
    ("v=STSv1;id=a;", "a"),
    ("v=STSv1; id=a; more=a", "a"),
    ("v=STSv1; more=a; id=a", "a"),
    ("v=STSv1; \t id=20160831085700Z  \t;", "20160831085700Z"),
    ("v=STSv1; id=a ;more=b ; \t", "a"),
    ("v=STSv1; id=" + "9" * 32, "9" * 32),
    ("v=STSv1; id=aZ09", "aZ09"),
    ("v=STSv1; id=a; " + "n" * 32 + "=1", "a"),
    ("v=STSv1; id=a; 0_-.=!:<>~", "a"),
    ("v=STSv1; id=a; ID=-", "a"),
    ("v=STSv1; id=a; v=STSv2", "a"),
    # M6: the first counts, and what stands behind it is only a field
    ("v=STSv1; id=a; id=b", "a"),
    ("v=STSv1; id=a; id=not-an-id", "a"),
]

BAD_RECORDS = [
    # M2: no MTA-STS record at all
    ("", "no-record", "There is no MTA-STS record."),
    ("v=spf1 -all", "no-record", "no MTA-STS record"),
    ("v=STSv1", "no-record", "no MTA-STS record"),
    ("v=STSv10; id=a", "no-record", "no MTA-STS record"),
    ("v=STSv2; id=a", "no-record", "no MTA-STS record"),
    ("v=stsv1; id=a", "no-record", "no MTA-STS record"),
    ("V=STSv1; id=a", "no-record", "no MTA-STS record"),
    (" v=STSv1; id=a", "no-record", "no MTA-STS record"),
    ("v=STSv1 ; id=a", "no-record", "no MTA-STS record"),
    ("id=a; v=STSv1", "no-record", "no MTA-STS record"),
    ('"v=STSv1; id=a"', "no-record", "no MTA-STS record"),
    # M4 M5
    ("v=STSv1;", "record-invalid", "there is no id in it"),
    ("v=STSv1; ", "record-invalid", "there is no id in it"),
    ("v=STSv1; more=1", "record-invalid", "there is no id in it"),
    ("v=STSv1; ID=a", "record-invalid", "there is no id in it"),
    ("v=STSv1; id=", "record-invalid", '"id=" is no field like name=value'),
    ("v=STSv1; id", "record-invalid", '"id" is no field like name=value'),
    ("v=STSv1; id=" + "1" * 33, "record-invalid", "is not 1 to 32 letters and digits"),
    ("v=STSv1; id=test-123", "record-invalid", 'the id "test-123" is not 1 to 32 letters and digits'),
    ("v=STSv1; id=test-123; id=a", "record-invalid", 'the id "test-123" is not'),
    ("v=STSv1; id=a;;", "record-invalid", "there is nothing between two semicolons"),
    ("v=STSv1;; id=a", "record-invalid", "there is nothing between two semicolons"),
    ("v=STSv1; id=a; ;", "record-invalid", "there is nothing between two semicolons"),
    ("v=STSv1; id=a; more=", "record-invalid", '"more=" is no field'),
    ("v=STSv1; id=a; =b", "record-invalid", '"=b" is no field'),
    ("v=STSv1; id=a; " + "n" * 33 + "=1", "record-invalid", "is no field"),
    ("v=STSv1; id=a; _n=1", "record-invalid", '"_n=1" is no field'),
    ("v=STSv1; id=a; 1%=a", "record-invalid", '"1%=a" is no field'),
    ("v=STSv1; id=a; test==", "record-invalid", '"test==" is no field'),
    ("v=STSv1; id=a; b=c d", "record-invalid", '"b=c d" is no field'),
    ("v=STSv1; id =a", "record-invalid", '"id =a" is no field'),
    ("v=STSv1; id= a", "record-invalid", '"id= a" is no field'),
    ("v=STSv1; id=a ", "record-invalid", '"id=a " is no field'),
    ("v=STSv1; id=a\n", "record-invalid", r'"id=a\n" is no field'),
    ("v=STSv1; id=a; b=\0", "record-invalid", r'"b=\x00" is no field'),
    ("v=STSv1; id=a, b=c", "record-invalid", "is no field"),
    ("v=STSv1; id=\u00e4", "record-invalid", "it holds bytes beyond ASCII"),
    ("v=STSv1; id=\u0663", "record-invalid", "it holds bytes beyond ASCII"),
]


@pytest.mark.parametrize(("text", "record_id"), GOOD_RECORDS)
def test_a_record_announces_the_id_of_a_policy(text: str, record_id: str) -> None:  # M4 M5 M6
    assert read_records([[text.encode()]]) == Record(record_id)


@pytest.mark.parametrize(("text", "outcome", "sentence"), BAD_RECORDS)
def test_a_text_that_breaks_the_grammar_is_no_record(text: str, outcome: str, sentence: str) -> None:  # M2 M4 M5
    found = read_records([[text.encode()]])
    assert isinstance(found, Verdict)
    assert found.outcome == outcome
    assert sentence in found.sentence
    assert (found.good, found.reason) == ((True, None) if outcome == "no-record" else (False, "sts-policy-invalid"))


def test_strings_of_one_record_join_without_blanks() -> None:  # M3
    assert read_records([[b"v=ST", b"Sv1; i", b"", b"d=2026", b"01;"]]) == Record("202601")
    assert read_records([[b"x" * 255] * 250, [b"v=STSv1;", b"id=" + b"1" * 32]]) == Record("1" * 32)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], "no-record"),
        ([b"v=spf1 -all", b"hello"], "no-record"),
        ([b"v=spf1 -all", b"v=STSv1; id=a", b"v=STSv10; id=b", b"\xff\x00"], "a"),
        ([b"v=STSv1; id=a", b"v=STSv1; id=a"], "several-records"),
        ([b"v=STSv1; id=a", b"v=STSv1; broken"], "several-records"),
        ([b"v=STSv1; id=a"] * 1000, "several-records"),
    ],
)
def test_exactly_one_of_the_records_must_be_left(texts: list[bytes], expected: str) -> None:  # M2
    found = read_records([[text] for text in texts])
    assert (found.id if isinstance(found, Record) else found.outcome) == expected
    assert isinstance(found, Record) or found.good == (found.reason is None) == (expected == "no-record")


def policy_text(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


FULL = ("version: STSv1", "mode: enforce", "mx: mail.example.com", "max_age: 86400")
ENFORCE = Policy("enforce", 86400, ("mail.example.com",))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # M8: LF or CRLF, either way mixed, with or without an end of the last line
        (policy_text(*FULL), ENFORCE),
        (policy_text(*FULL, end="\r\n"), ENFORCE),
        (policy_text(*FULL).rstrip(), ENFORCE),
        (b"version: STSv1\r\nmode: enforce\nmx: mail.example.com\r\nmax_age: 86400", ENFORCE),
        # M8: order, blanks behind colon and value, none at all
        (policy_text(*reversed(FULL)), ENFORCE),
        (b"version:STSv1\nmode:\t enforce \t\nmx:  mail.example.com \nmax_age:86400\t", ENFORCE),
        # M8: unknown keys, and known ones in another case, which are unknown
        (policy_text(*FULL, "more: ext e  ns ion", "Mode: what", "x.y-z_0: \u00e4\u20ac:;="), ENFORCE),
        (policy_text(*FULL, "n" * 32 + ": 1"), ENFORCE),
        # M6: the first counts, but mx adds up
        (policy_text(*FULL, "mode: none", "max_age: x", "version: STSv2", "mode: what"), ENFORCE),
        (
            policy_text(*FULL, "mx: *.example.net", "mx: MAIL.example.com"),
            Policy("enforce", 86400, (*ENFORCE.mx, "*.example.net")),
        ),
        # M8: modes and bounds; none needs no mx and may have one
        (
            policy_text("version: STSv1", "mode: testing", "mx: a.example", "max_age: 0"),
            Policy("testing", 0, ("a.example",)),
        ),
        (policy_text("version: STSv1", "mode: none", "max_age: 31557600"), Policy("none", LONGEST_LIFE)),
        (policy_text("version: STSv1", "mode: none", "max_age: 0000000001"), Policy("none", 1)),
        (
            policy_text("version: STSv1", "mode: none", "max_age: 5", "mx: *.a.example"),
            Policy("none", 5, ("*.a.example",)),
        ),
    ],
)
def test_a_policy_is_read(body: bytes, expected: Policy) -> None:  # M6 M8
    assert parse_policy(body) == expected


@pytest.mark.parametrize(
    "mx",
    [
        "mail.example.com",
        "*.example.com",
        "example",
        "a",
        "*.com",
        "xn--mller-kva.example",
        "1.2.example",
        "a-b.c3",
        "a" * 63 + ".example",
    ],
)
def test_an_mx_is_a_name_or_a_pattern(mx: str) -> None:  # M9
    assert parse_policy(policy_text("version: STSv1", "mode: enforce", "max_age: 1", f"mx: {mx}")).mx == (mx,)


@pytest.mark.parametrize(
    "mx",
    [
        "[192.0.2.1]", "[IPv6:2001:db8::1]", "192.0.2.10", "2001:db8::1",
        "*", "*.", "**.a.example", "*.*.a.example", "m*.a.example", "*m.a.example", "mail.*.com", ".a.example",
        "a..example", "a.example.", "-a.example", "a-.example", "a_b.example", "a.example, b.example",
        "a.example b.example", "m\u00fcller.example", "\u212a.example", "a" * 64 + ".example", "a." * 130 + "example",
        "mail.example.com;", "https://mail.example.com",
    ],
)  # fmt: skip
def test_an_mx_that_is_no_name_spoils_the_policy(mx: str) -> None:  # M9
    with pytest.raises(StsRefused, match=r"line 5: the mx .* is no host name, and no \*\. with a name behind it"):
        parse_policy(policy_text(*FULL, f"mx: {mx}"))


BAD_POLICIES = [
    (b"", "it lacks version, mode and max_age"),
    (policy_text("mode: none", "max_age: 1"), "it lacks version"),
    (policy_text("version: STSv1", "max_age: 1", "mx: a.example"), "it lacks mode"),
    (policy_text("version: STSv1", "mode: none"), "it lacks max_age"),
    (policy_text("Version: STSv1", "mode: none", "max_age: 1"), "it lacks version"),
    (policy_text("version: STSv1", "mode: enforce", "max_age: 1"), "it lacks an mx, which the mode enforce needs"),
    (policy_text("version: STSv1", "mode: testing", "max_age: 1"), "it lacks an mx, which the mode testing needs"),
    (policy_text("version: STSv1", "mode: enforce", "max_age: 1", "MX: a.example"), "it lacks an mx"),
    (policy_text("version: STSv2"), 'line 1: the version is "STSv2", not STSv1'),
    (policy_text("version: STSv10"), 'line 1: the version is "STSv10", not STSv1'),
    (policy_text("version: stsv1"), 'line 1: the version is "stsv1", not STSv1'),
    (policy_text("version: STSv2", "version: STSv1"), 'line 1: the version is "STSv2"'),
    (policy_text("mode: Enforce"), 'line 1: the mode is "Enforce", not enforce, testing or none'),
    (policy_text("mode: report"), 'the mode is "report"'),
    (policy_text("max_age: 31557601"), 'max_age is "31557601", not a number of seconds from 0 to 31557600'),
    (policy_text("max_age: 01234567890"), "max_age is"),
    (policy_text("max_age: -1"), "max_age is"),
    (policy_text("max_age: +1"), "max_age is"),
    (policy_text("max_age: 1.0"), "max_age is"),
    (policy_text("max_age: 1_0"), "max_age is"),
    (policy_text("max_age: 1 2"), "max_age is"),
    (policy_text("max_age: \u0663"), "max_age is"),
    (policy_text("max_age: " + "9" * 5000), "max_age is"),
    (policy_text(*FULL, ""), "line 5: it is empty"),
    (policy_text("", *FULL), "line 1: it is empty"),
    (policy_text(*FULL, "", end="\r\n"), "line 5: it is empty"),
    (policy_text(*FULL, "  "), 'line 5: "  " is no field like key: value'),
    (policy_text(*FULL, "hello"), 'line 5: "hello" is no field like key: value'),
    (policy_text(*FULL, "more:"), "line 5: the field more has no value"),
    (policy_text(*FULL, "more: \t"), "line 5: the field more has no value"),
    (policy_text(*FULL, ": a"), 'line 5: "" is no key; a key is 1 to 32 letters, digits, _, - and .'),
    (policy_text(*FULL, " more: a"), 'line 5: " more" is no key'),
    (policy_text(*FULL, "more : a"), 'line 5: "more " is no key'),
    (policy_text(*FULL, "_more: a"), 'line 5: "_more" is no key'),
    (policy_text(*FULL, "n" * 33 + ": a"), "is no key"),
    (policy_text(*FULL, "m\u00fcx: a"), "is no key"),
    (policy_text(*FULL, "more: a\tb"), "line 5: the value of more has control characters"),
    (policy_text(*FULL, "more: a\0b"), "line 5: the value of more has control characters"),
    (policy_text(*FULL, end="\r"), "has control characters"),
    (policy_text(*FULL) + b"more: a\r", "line 5: the value of more has control characters"),
    (policy_text(*FULL, end="\n\r"), "line 2: "),
    (b"\xef\xbb\xbf" + policy_text(*FULL), 'line 1: "\ufeffversion" is no key'),
    (policy_text(*FULL) + b"more: \xff\n", "line 5: it is not UTF-8 text"),
    ("version: STSv1\n".encode("utf-16"), "line 1: it is not UTF-8 text"),
    (b"\0" * 1000, "line 1: "),
    (b"<html><body>Not found</body></html>", "line 1: "),
    (b"\n" * LARGEST, "line 1: it is empty"),
    (b"x" * (LARGEST + 1), "it is larger than 64 KiB"),
    (policy_text(*FULL, "more: " + "x" * (1 << 20)), "it is larger than 64 KiB"),
]


@pytest.mark.parametrize(("body", "fault"), BAD_POLICIES)
def test_a_policy_that_breaks_the_grammar_is_refused(body: bytes, fault: str) -> None:  # M7 M8
    with pytest.raises(StsRefused) as refused:
        parse_policy(body)
    assert str(refused.value).startswith("The MTA-STS policy is not valid: ")
    assert fault in str(refused.value)
    assert refused.value.verdict == (False, "policy-invalid", "sts-policy-invalid", str(refused.value))


def test_ten_thousand_names_are_read_and_searched_at_once() -> None:
    short = ["".join(pair) for pair in product(ascii_lowercase, repeat=2)]
    lines = b"".join(b"mx:%s\n" % short[number % len(short)].encode() for number in range(10_000))
    begun = time.process_time()
    policy = parse_policy(policy_text("version:STSv1", "mode:enforce", "max_age:1") + lines)
    assert policy.mx == tuple(short)
    many = policy._replace(mx=tuple(f"{number}.example" for number in range(10_000)))
    assert not any(many.allows(f"mail{number}.example") for number in range(10))
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("size", [LARGEST - 1, LARGEST, LARGEST + 1, 1 << 20])
def test_a_policy_may_have_64_kib(size: int) -> None:  # M7
    text = policy_text(*FULL) + b"more: "
    body = text + b"x" * (size - len(text))
    if size <= LARGEST:
        assert parse_policy(body) == ENFORCE
    else:
        with pytest.raises(StsRefused, match="larger than 64 KiB"):
            parse_policy(body)


ALLOWED = [
    # M10: RFC 8461 s4.1
    ("*.example.com", "mail.example.com", True),
    ("*.example.com", "example.com", False),
    ("*.example.com", "a.b.example.com", False),
    ("*.example.com", ".example.com", False),
    ("*.example.com", "*.example.com", False),
    ("*.example.com", "mailexample.com", False),
    ("*.example.com", "mail.example.com.evil.example", False),
    ("*.example.com", "MAIL.Example.COM.", True),
    ("*.example.com", "xn--mller-kva.example.com", True),
    ("*.com", "example.com", True),
    ("mail.example.com", "mail.example.com", True),
    ("mail.example.com", "Mail.EXAMPLE.com.", True),
    ("mail.example.com", "mail.example.com..", False),
    ("mail.example.com", "mail2.example.com", False),
    ("mail.example.com", "a.mail.example.com", False),
    ("mail.example.com", "example.com", False),
    ("example.com", "mail.example.com", False),
    ("mail.example.com", "", False),
    ("mail.example.com", ".", False),
    ("mail.example.com", "mail.example.com\0", False),
    ("mail.example.com", "192.0.2.1", False),
    ("mk.example.com", "m\u212a.example.com", False),
    ("*.example.com", "m\u00fcller.example.com", False),
]


@pytest.mark.parametrize(("pattern", "host", "allowed"), ALLOWED)
def test_a_pattern_stands_for_exactly_one_label(pattern: str, host: str, allowed: bool) -> None:  # M10
    assert Policy("enforce", 1, ("other.example", pattern)).allows(host) is allowed


LONGEST = ".".join(["a" * 61, *["a" * 60] * 3])


@pytest.mark.parametrize(
    ("recipient", "route", "domain"),
    [
        ("example.com", None, "example.com"),  # M1
        ("mail.example.com", None, "mail.example.com"),
        ("Example.COM.", None, "example.com"),
        ("b\u00fccher.example", None, "xn--bcher-kva.example"),
        ("[192.0.2.1]", None, None),
        ("[IPv6:2001:db8::1]", None, None),
        ("192.0.2.1", None, None),
        ("localhost", None, None),
        ("", None, None),
        (".", None, None),
        ("a_b.example", None, None),
        ("a\0.example", None, None),
        ("a" * 70 + ".example", None, None),
        (LONGEST, None, LONGEST),  # 253 characters with _mta-sts. before it
        (f"a{LONGEST}", None, None),
        (".".join(["a" * 49] * 5), None, None),
        # M17: the route's host, whatever the recipient's domain is
        ("example.com", "relay.example.net", "relay.example.net"),
        ("example.com", "Relay.example.net.", "relay.example.net"),
        ("[192.0.2.1]", "relay.example.net", "relay.example.net"),
        ("example.com", "[192.0.2.1]", None),
        ("example.com", "192.0.2.1", None),
        ("example.com", "2001:db8::1", None),
    ],
)
def test_the_policy_domain(recipient: str, route: str | None, domain: str | None) -> None:  # M1 M17
    assert policy_domain(recipient, route) == domain


def test_where_record_and_policy_are() -> None:  # M1 M7
    assert record_name("example.com") == "_mta-sts.example.com"
    assert policy_host("example.com") == "mta-sts.example.com"
    assert policy_url("example.com") == "https://mta-sts.example.com/.well-known/mta-sts.txt"


PIECES = st.sampled_from(
    [
        "v=STSv1;",
        "id=",
        "a",
        "=",
        ";",
        " ",
        "\t",
        "\0",
        "\n",
        "\r\n",
        "version: STSv1",
        "mode:",
        "none",
        "mx: *.a.example",
        "max_age: 1",
        ":",
    ]
)
HOSTILE = st.one_of(st.binary(max_size=200), st.lists(PIECES).map(lambda pieces: "".join(pieces).encode()))


@given(st.lists(st.lists(HOSTILE, max_size=3), max_size=3))
def test_no_record_is_an_error(answer: list[list[bytes]]) -> None:
    found = read_records(answer)
    if isinstance(found, Record):
        assert re.fullmatch("[A-Za-z0-9]{1,32}", found.id)
    else:
        assert found.reason in (None, *REASONS)
        assert not re.search(CONTROL, found.sentence)


@given(HOSTILE)
def test_no_policy_is_another_error(body: bytes) -> None:
    try:
        policy = parse_policy(body)
    except StsRefused as refused:
        assert not re.search(CONTROL, str(refused))
    else:
        assert policy.mode in MODES
        assert 0 <= policy.max_age <= LONGEST_LIFE


@given(st.text(max_size=80), st.none() | st.text(max_size=80))
def test_a_policy_domain_is_a_name_or_none(recipient: str, route: str | None) -> None:
    found = policy_domain(recipient, route)
    assert found is None or re.fullmatch(r"[a-z0-9.-]{3,245}", found)
