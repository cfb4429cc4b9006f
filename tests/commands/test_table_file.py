"""The import and export file: what is written reads back, and every bad line is named."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.destconfig.table_file import read_table, table_text
from commands.table_text import BadLines
from state import model
from state.model import DefaultDestination, Destination, Destinations, Recipients
from state.rules import tls_conflict

PROFILES = ["Default", "Patient"]
CERTIFICATES = ["partner", "Demo"]

numbers = st.integers(1, 1000)
settings = {
    "tls": st.sampled_from(model.TLS_SETTINGS),
    "dane": st.sampled_from(model.DANE_SETTINGS),
    "mta_sts": st.booleans(),
    "concurrency": numbers,
    "messages_per_connection": numbers,
    "bounce_verification": st.booleans(),
    "bounce_profile": st.sampled_from(PROFILES),
}
shared = {
    "recipients": st.none() | st.builds(Recipients, limit=st.integers(1, 10**9), minutes=st.integers(1, 60)),
    "limits_apply_to": st.sampled_from(get_args(model.LimitsApplyTo)),
    "limits_enforced": st.sampled_from(get_args(model.LimitsEnforced)),
}


def sound(entry: Destination | DefaultDestination) -> bool:
    return tls_conflict(entry.tls, entry.dane, entry.mta_sts) is None


entries = st.builds(Destination, **{name: st.none() | values for name, values in settings.items()}, **shared).filter(
    sound
)
defaults = st.builds(
    DefaultDestination, ip_preference=st.sampled_from(get_args(model.IpPreference)), **settings, **shared
).filter(sound)
names = st.sampled_from(["a.example", ".example", "xn--bcher-kva.example", "[10.0.0.1]", "[IPv6:2001:db8::1]", "z.jp"])
tables = st.builds(
    Destinations,
    certificate=st.sampled_from(CERTIFICATES),
    send_tls_alert=st.booleans(),
    default=defaults,
    domains=st.dictionaries(names, entries),
)


@given(tables)
def test_export_then_import_gives_the_same_table(table: Destinations) -> None:
    assert read_table(table_text(table), PROFILES, CERTIFICATES) == table


def test_the_file_is_the_documented_one() -> None:
    table = Destinations(
        domains={
            "partner.example": Destination(
                tls="required", concurrency=100, recipients=Recipients(limit=1000, minutes=60), bounce_verification=True
            ),
            "plain.example": Destination(),
        }
    )
    assert (
        table_text(table)
        == """\
[DEFAULT]
ip_sort_pref = PREFER_V6
max_host_concurrency = 500
max_messages_per_connection = 50
limit_type = host
limit_apply = system
bounce_validation = 0
table_tls = off
dane = none
mta_sts = 0
bounce_profile = Default
send_tls_req_alert = 0
certificate = Demo

[partner.example]
max_host_concurrency = 100
recipient_minutes = 60
recipient_limit = 1000
bounce_validation = 1
table_tls = require

[plain.example]
"""
    )


def test_codes_words_case_comments_and_windows_lines_are_read() -> None:
    lines = ("; a comment", "[default]", "LIMIT_TYPE = 1", "limit_apply=vg", "", "# another", "[A.example]")
    text = "\r\n".join((*lines, "table_tls = ON_VERIFY", ""))
    table = read_table(text, PROFILES, CERTIFICATES)
    assert table.default.limits_apply_to == "mail-exchanger"
    assert table.default.limits_enforced == "virtual-gateway"
    assert table.domains == {"a.example": Destination(tls="preferred-verify")}


def test_the_default_section_does_not_leak_into_the_domains() -> None:
    table = read_table("[DEFAULT]\ntable_tls = require\n[a.example]\n", PROFILES, CERTIFICATES)
    assert table.domains["a.example"].tls is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("table_tls = on", 'line 1: "table_tls = on" stands before the first [DEFAULT] or [DOMAIN].'),
        ("[a.example]\nnonsense", 'line 2: "nonsense" is neither [DOMAIN] nor KEY = VALUE.'),
        ("[a.example]\ntable_tsl = on", 'line 2: "table_tsl" is not a key; did you mean table_tls?'),
        ("[a.example]\ntable_tls = on\n\ntable_tls = off", 'line 4: "table_tls" is there already (line 2).'),
        ("[a.example]\n[b.example]\n[A.example]\ntable_tls = x", "line 3: [a.example] is there already (line 1)."),
        ("[a.example]\nsend_tls_req_alert = 1", "line 2: send_tls_req_alert stands in [DEFAULT] only."),
        ("[a..b]\ntable_tls = x", 'line 1: "a..b" is not a valid domain name: '),
        (
            "[a.example]\nmax_host_concurrency = 0",
            'line 2: max_host_concurrency: "0" is not accepted; it takes a whole',
        ),
        ("[a.example]\nmax_host_concurrency =", 'line 2: max_host_concurrency: "" is not accepted; it takes a whole'),
        ("[a.example]\nbounce_profile = X", 'line 2: bounce_profile: there is no "X"; there is Default and Patient.'),
        ("[DEFAULT]\ncertificate = X", 'line 2: certificate: there is no "X"; there is partner and Demo.'),
        ("[a.example]\nbounce_validation = yes", 'line 2: bounce_validation: "yes" is not accepted; it takes 0 or 1.'),
        ("[a.example]\ntable_tls = off\nmta_sts = 1", "line 1: MTA-STS is On, but TLS is No: "),
    ],
)
def test_a_bad_line_is_named(text: str, problem: str) -> None:
    with pytest.raises(BadLines) as refused:
        read_table(text, PROFILES, CERTIFICATES)
    assert str(refused.value).startswith(problem)
    assert len(refused.value.problems) == 1


@given(st.text())
def test_any_text_is_a_table_or_has_bad_lines(text: str) -> None:
    try:
        read_table(text, PROFILES, CERTIFICATES)
    except BadLines as refused:
        assert all(line.startswith("line ") for line in str(refused).split("\n"))


@given(
    st.lists(
        st.sampled_from(["[DEFAULT]", "[a.example]", "table_tls = on", " x", "=", "[", "certificate=Demo", "%(x)s = 1"])
    )
)
def test_any_order_of_lines_is_a_table_or_has_bad_lines(lines: list[str]) -> None:
    try:
        read_table("\n".join(lines), PROFILES, CERTIFICATES)
    except BadLines as refused:
        assert refused.problems
