"""SMTP routes as text: what is typed, what is shown, and that a file reads back as the same routes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.answers import NotAccepted
from commands.session import Session
from commands.smtproutes.routes import TABLE, NamedRoute
from commands.smtproutes.routes_text import destinations, read_destinations
from state.folder import Memory
from state.model_network import RouteHost, SmtpRoute
from state.store import Store
from state.validation import require_rules
from state.wording import CONTROL
from tests.conftest import NOON

TYPED = {
    "relay.example.net": [RouteHost(host="relay.example.net")],
    "Relay.Example.Net. , b.example:2525": [
        RouteHost(host="relay.example.net"),
        RouteHost(host="b.example", port=2525),
    ],
    "b.example:25/pri=0": [RouteHost(host="b.example")],
    "b.example/PRI=65535": [RouteHost(host="b.example", priority=65535)],
    "[b.example]:26/pri=1": [RouteHost(host="[b.example]", port=26, priority=1)],
    "10.0.0.1:26": [RouteHost(host="[10.0.0.1]", port=26)],
    "2001:db8::1/pri=3": [RouteHost(host="[IPv6:2001:db8::1]", priority=3)],
    "[2001:db8::1]:2525": [RouteHost(host="[IPv6:2001:db8::1]", port=2525)],
    "b.example:25,b.example:26": [RouteHost(host="b.example"), RouteHost(host="b.example", port=26)],
}


@pytest.mark.parametrize("typed", TYPED)
def test_hosts_are_read_and_shown_so_that_they_read_back(typed: str) -> None:
    route = read_destinations(typed)
    assert route == SmtpRoute(hosts=TYPED[typed])
    assert read_destinations(destinations(route)) == route


hosts = st.builds(
    RouteHost,
    host=st.sampled_from(["a.example", "[b.example]", "[10.0.0.1]", "[IPv6:2001:db8::1]", "xn--bcher-kva.example"]),
    port=st.sampled_from([25, 26, 65535]),
    priority=st.sampled_from([0, 1, 65535]),
)
routes = st.one_of(
    st.sampled_from([SmtpRoute(to="dns"), SmtpRoute(to="discard")]),
    st.builds(SmtpRoute, hosts=st.lists(hosts, min_size=1, max_size=4, unique_by=lambda one: (one.host, one.port))),
)
domains = st.sampled_from(["a.example", ".a.example", "b.a.example", "[10.0.0.1]", "[IPv6:2001:db8::1]", "ALL"])


def session() -> Session:
    return Session(lambda: Store(Memory(), lambda: NOON))


@settings(max_examples=30)
@given(st.dictionaries(domains, routes, max_size=5))
def test_what_is_exported_is_imported_as_the_same_routes(table: dict[str, SmtpRoute]) -> None:
    first, second = session(), session()
    TABLE.put(first, [NamedRoute(*item) for item in table.items()])
    require_rules(first.staged)
    text = TABLE.text(TABLE.rows(first))
    TABLE.read_file(second, text.replace("\n", "\r\n").encode())
    assert TABLE.rows(second) == TABLE.rows(first)
    assert TABLE.text(TABLE.rows(second)) == text


@given(st.text(st.characters(), max_size=60) | st.text("ab.:/[]=,pri0126 \x00", max_size=60))
def test_whatever_is_typed_makes_a_sound_route_or_is_refused_with_a_sentence(typed: str) -> None:
    try:
        route = read_destinations(typed)
    except NotAccepted as error:
        assert str(error).endswith(".")
        assert not re.search(CONTROL, str(error))
    else:
        one = session()
        TABLE.put(one, [NamedRoute("a.example", route)])
        require_rules(one.staged)
