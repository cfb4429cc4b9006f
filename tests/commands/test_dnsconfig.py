"""How a DNS server is typed and named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.answers import NotAccepted
from commands.dnsconfig.servers import key, read_server
from state.model_network import DnsServer
from state.wording import CONTROL

TYPED = {
    "192.0.2.53": ("192.0.2.53", 53, "192.0.2.53"),
    "192.0.2.53:53": ("192.0.2.53", 53, "192.0.2.53"),
    "127.0.0.1:5353": ("127.0.0.1", 5353, "127.0.0.1:5353"),
    "2001:DB8::53": ("2001:db8::53", 53, "2001:db8::53"),
    "[2001:db8::53]": ("2001:db8::53", 53, "2001:db8::53"),
    "[2001:db8::53]:5353": ("2001:db8::53", 5353, "[2001:db8::53]:5353"),
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_server_is_its_address_with_a_port_where_that_is_not_53(typed: str) -> None:
    address, port, name = TYPED[typed]
    assert read_server(typed) == (address, port)
    assert key(DnsServer(address=address, port=port)) == name
    assert read_server(name) == (address, port)


@given(st.text(st.characters(), max_size=40) | st.text("0123456789.:[]%ab \x00", max_size=40))
def test_whatever_is_typed_is_a_server_or_refused_with_a_sentence(typed: str) -> None:
    try:
        address, port = read_server(typed)
    except NotAccepted as error:
        assert str(error).endswith(".")
        assert not re.search(CONTROL, str(error))
    else:
        assert read_server(key(DnsServer(address=address, port=port))) == (address, port)


def test_older_dialogs_do_not_ask_and_another_address_is_not_trusted_for_it(person: Any) -> None:
    # D4
    someone = person('dialogs = "classic"\n[[dns.resolvers]]\naddress = "192.0.2.53"\ntrusted = true\n')
    someone.type("dnsconfig", "edit", "1", "", "5", "")
    assert someone.session.staged.dns.resolvers[0].trusted
    someone.type("dnsconfig", "edit", "1", "192.0.2.54", "", "")
    assert not someone.session.staged.dns.resolvers[0].trusted
