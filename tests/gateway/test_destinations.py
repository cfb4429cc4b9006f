"""Which entry holds for mail to a domain, and what it takes from the default entry."""

from __future__ import annotations

import pytest

from gateway.destinations import DeliverySettings, delivery_settings
from state.validation import read_configuration

CONFIG = """
[destinations.default]
tls = "preferred"
dane = "opportunistic"
mta_sts = true
[destinations.domains."partner.example"]
tls = "required-verify"
dane = "mandatory"
mta_sts = false
[destinations.domains.".partner.example"]
tls = "required"
[destinations.domains.".sales.partner.example"]
dane = "none"
[destinations.domains."clear.example"]
tls = "no"
[destinations.domains."[192.0.2.1]"]
tls = "required-verify-hosted"
bounce_profile = "patient"
[bounce_profiles.patient]
initial_wait = 600
"""

# domain, entry, TLS, DANE, MTA-STS, seconds to the next try
SETTINGS = [
    ("partner.example", "partner.example", "required-verify", "mandatory", False, 60),
    ("mail.partner.example", ".partner.example", "required", "opportunistic", True, 60),
    ("a.b.partner.example", ".partner.example", "required", "opportunistic", True, 60),
    ("eu.sales.partner.example", ".sales.partner.example", "preferred", "none", True, 60),  # the longest partial entry
    ("sales.partner.example", ".partner.example", "required", "opportunistic", True, 60),  # not its own subdomain
    ("otherpartner.example", "DEFAULT", "preferred", "opportunistic", True, 60),  # a suffix is no domain
    ("example", "DEFAULT", "preferred", "opportunistic", True, 60),
    ("clear.example", "clear.example", "no", "none", False, 60),  # P7: what is inherited counts for nothing
    ("[192.0.2.1]", "[192.0.2.1]", "required-verify-hosted", "opportunistic", True, 600),
    ("[192.0.2.2]", "DEFAULT", "preferred", "opportunistic", True, 60),  # no dot of a literal begins a partial domain
]


@pytest.mark.parametrize(("domain", "key", "tls", "dane", "mta_sts", "wait"), SETTINGS)
def test_what_holds_for_a_domain(  # P7
    domain: str, key: str, tls: str, dane: str, mta_sts: bool, wait: int
) -> None:
    found = delivery_settings(read_configuration(CONFIG), domain)
    assert found._asdict() == dict(zip(DeliverySettings._fields, (key, tls, dane, mta_sts, wait), strict=True))


def test_a_factory_configuration_delivers_in_the_clear() -> None:
    assert delivery_settings(read_configuration(""), "a.example") == ("DEFAULT", "no", "none", False, 60)
