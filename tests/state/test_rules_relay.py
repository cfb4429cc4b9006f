"""What is wrong with a relay in a text; no sentence holds the password."""

from __future__ import annotations

import pytest

from state.problems import InvalidConfiguration
from state.validation import read_configuration

RELAY = '[smtp_relay]\nserver = "{}"\nfrom_address = "alerts@example.com"\n'
NAMED = RELAY.format("relay.example.net")
AUTH = 'user = "ALERTS"\npassword = "hush"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[smtp_relay]\n", "server: is missing"),
        (RELAY.format("relay"), "it has only one label"),
        (RELAY.format("Relay.example.net"), 'must be written as "relay.example.net"'),
        (RELAY.format("[192.0.2.1]") + 'encryption = "none"', 'must be written as "192.0.2.1"'),
        (NAMED.replace("alerts@example.com", "alerts"), "is not a valid e-mail address"),
        (NAMED + "port = 0", "must be a whole number from 1 to 65535"),
        (NAMED + 'user = "ALERTS"', "smtp_relay.user: has no password beside it"),
        (NAMED + 'password = "hush"', "smtp_relay.password: has no user name beside it"),
        (NAMED + AUTH.replace("ALERTS", "a\\u0000b"), "control characters are not accepted"),
        (NAMED + AUTH.replace("hush", "hush\\u0007"), "smtp_relay.password: is not a valid password: control"),
        (NAMED + AUTH.replace("hush", "hush" * 64), "smtp_relay.password: is not a valid password: it has more"),
        (NAMED + AUTH.replace('"hush"', "5"), "smtp_relay.password: must be"),
        # S6
        (NAMED + AUTH + 'encryption = "none"', "AUTH without encryption is refused"),
        (RELAY.format("192.0.2.1"), "a certificate is verified against a host name"),
        (RELAY.format("2001:db8::1"), "a certificate is verified against a host name"),
        (NAMED + 'encryption = "tls"', "encryption"),
    ],
)
def test_what_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        read_configuration(text)
    assert problem in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        NAMED,
        NAMED + AUTH,
        NAMED + AUTH + 'encryption = "smtps"\nport = 465',
        NAMED + AUTH.replace("hush", "masked"),
        RELAY.format("192.0.2.1") + 'encryption = "none"',
    ],
)
def test_what_is_accepted(text: str) -> None:
    assert read_configuration(text).smtp_relay is not None
