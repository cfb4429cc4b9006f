"""What is wrong with DNS servers and SMTP routes in a text, and how what is changed in them is written."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from state.changes import differences
from state.document import Document
from state.model_network import DnsServer, Resolver, RouteHost, ServedDomain, SmtpRoute
from state.problems import InvalidConfiguration
from state.validation import read_configuration

RESOLVER = '[[dns.resolvers]]\naddress = "192.0.2.53"\n'
SERVED = '[dns.domains."a.example"]\nservers = '
ROUTE = '[smtp_routes."a.example"]\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[dns.resolvers]]\naddress = "dns.example.com"',
            'line 2: dns.resolvers[1].address: "dns.example.com" is not a valid IP address: '
            "it is no IP address; one looks like 192.0.2.53 or 2001:db8::53",
        ),
        (RESOLVER + "port = 0", "line 3: dns.resolvers[1].port: must be a whole number from 1 to 65535, not 0"),
        (
            RESOLVER + "priority = 10001",
            "line 3: dns.resolvers[1].priority: must be a whole number from 0 to 10000, not 10001",
        ),
        (RESOLVER + "trusted = 1", "line 3: dns.resolvers[1].trusted: must be true or false, not 1"),
        (RESOLVER * 2, 'line 4: dns.resolvers[2].address: "192.0.2.53" port 53 is there already'),
        (
            "[dns]\nreverse_timeout = 0",
            "line 2: dns.reverse_timeout: must be a whole number from 1 to 300, not 0",
        ),
        (
            SERVED + "[]",
            'line 2: dns.domains."a.example".servers: is empty; a domain with servers of its own needs at least one',
        ),
        (
            SERVED + '[{ address = "10.0.0.1/8" }]',
            'line 2: dns.domains."a.example".servers[1].address: "10.0.0.1/8" is not a valid IP address: '
            "a server has one address; give it without a prefix",
        ),
        (
            SERVED + '[{ address = "10.0.0.1" }, { address = "10.0.0.1", port = 53 }]',
            'line 2: dns.domains."a.example".servers[2].address: "10.0.0.1" port 53 is there already',
        ),
        (
            SERVED.replace("a.example", ".a.example") + '[{ address = "10.0.0.1" }]',
            'line 1: dns.domains.".a.example": ".a.example" is not a valid domain name: '
            "a server is asked for a domain and all names below it; write it without a dot before it",
        ),
        (
            ROUTE,
            'line 1: smtp_routes."a.example".hosts: is empty; name a host, or set to = "dns" or to = "discard"',
        ),
        (
            ROUTE + 'to = "dns"\nhosts = [{ host = "b.example" }]',
            'line 3: smtp_routes."a.example".hosts: names hosts, but to is "dns"; remove one of the two',
        ),
        (
            ROUTE + 'to = "nowhere"\nhosts = [{ host = "b.example" }]',
            'line 2: smtp_routes."a.example".to: must be one of "hosts", "dns" or "discard", not "nowhere"',
        ),
        (
            ROUTE + 'hosts = [{ host = "10.0.0.1" }]',
            'line 2: smtp_routes."a.example".hosts[1].host: "10.0.0.1" must be written as "[10.0.0.1]"',
        ),
        (
            ROUTE + 'hosts = [{ host = "b.example" }, { host = "b.example", priority = 5 }]',
            'line 2: smtp_routes."a.example".hosts[2].host: "b.example" port 25 is there already',
        ),
        (
            '[smtp_routes.all]\nto = "dns"',
            'line 1: smtp_routes.all: "all" must be written as "ALL"',
        ),
    ],
)  # fmt: skip
def test_one_problem_is_said_in_one_line(text: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        read_configuration(text)
    assert [str(one) for one in refused.value.problems] == [problem]


BEFORE = """\
# who is asked
[[dns.resolvers]]
address = "127.0.0.1"  # unbound

[dns.domains."partner.example"]
servers = [{ address = "192.0.2.54" }]  # theirs

[smtp_routes."partner.example"]
hosts = [
    { host = "relay.example.net" },  # contract 2214
    { host = "backup.example.net", port = 2525 },
]
"""
AFTER = """\
# who is asked
[[dns.resolvers]]
address = "127.0.0.1"  # unbound
port = 5353

[[dns.resolvers]]
address = "192.0.2.53"
trusted = true
priority = 1

[dns.domains."partner.example"]
servers = [{ address = "192.0.2.54" }]  # theirs

[dns.domains.test]
servers = [{ address = "127.0.0.2", port = 5300 }]

[smtp_routes."partner.example"]
hosts = [
    { host = "relay.example.net" },  # contract 2214
    { host = "backup.example.net", port = 587 },
]

[smtp_routes.ALL]
to = "discard"
"""


def test_a_change_is_written_where_it_belongs_and_leaves_comments_alone() -> None:
    before = read_configuration(BEFORE)
    dns, route = before.dns, before.smtp_routes["partner.example"]
    first, second = route.hosts
    document = Document(BEFORE)
    for after in (
        replace(before, dns=replace(dns, resolvers=[Resolver(address="127.0.0.1", port=5353)])),
        replace(
            before,
            dns=replace(
                dns,
                resolvers=[
                    Resolver(address="127.0.0.1", port=5353),
                    Resolver(address="192.0.2.53", priority=1, trusted=True),
                ],
                domains={**dns.domains, "test": ServedDomain(servers=[DnsServer(address="127.0.0.2", port=5300)])},
            ),
            smtp_routes={
                "partner.example": replace(route, hosts=[first, replace(second, port=587)]),
                "ALL": SmtpRoute(to="discard"),
            },
        ),
    ):
        document = document.edit(differences(before, after))
        before = after
    assert document.text == AFTER
    assert read_configuration(document.text) == before
    assert second == RouteHost(host="backup.example.net", port=2525)
