"""From DNS answers to TLSA records: hosts, addresses, base domains, what is found (rules D1 to D17, T1 to T9, T17)."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.answers import Answer, MailExchanger
from gateway.decision import policy_in_force
from gateway.tlsa import TLSA
from gateway.tlsa_search import (
    BaseDomains,
    MailHost,
    TlsaSearch,
    host_addresses,
    literal_address,
    mail_hosts,
    reference_names,
    route_hosts,
    tlsa_base_domains,
    tlsa_owner,
    tlsa_search,
)
from state.wording import CONTROL
from tests.gateway.dns_world import DNS, USABLE


class Hosts(NamedTuple):
    """A domain and what is to be said of its hosts."""

    domain: str
    hosts: str
    outcome: str
    reply: str
    security: str = ""


HOSTS = (
    Hosts("signed.example", "mx1.signed.example mx2.signed.example", "found", "", "secure"),  # D1
    # D14: the preference alone orders; plain.signed.example has no TLSA records and comes first all the same
    Hosts("order.example", "plain.signed.example mx2.signed.example mx1.signed.example", "found", "", "secure"),
    Hosts("twice.example", "mx1.signed.example", "found", "", "secure"),
    Hosts("unsigned.example", "mx1.signed.example", "found", "", "insecure"),  # D1, D15
    Hosts("null.example", "", "null-mx", "556 5.1.10"),  # D12
    Hosts("null-insecure.example", "", "null-mx", "556 5.1.10"),  # D12
    Hosts("two-nulls.example", "", "null-mx", "556 5.1.10"),  # D12
    Hosts("null-and-more.example", "mx1.signed.example", "found", "", "secure"),
    Hosts("gone.example", "", "no-such-domain", "550 5.1.2"),  # D3, D13
    Hosts("gone-insecure.example", "", "no-such-domain", "550 5.1.2"),  # D3, D13
    Hosts("gone-alias.example", "", "no-such-domain", "550 5.1.2"),  # D13
    Hosts("broken.example", "", "error", "451 4.4.3"),  # D2, D7
    Hosts("self.example", "self.example", "found", "", "secure"),  # D3, D13
    Hosts("self-insecure.example", "self-insecure.example", "found", "", "secure"),  # D3, D13: its address decides
    Hosts("web.example", "web.example", "found", "", "secure"),  # D13: the alias is followed by the address look-up
    Hosts("alias.example", "mx1.signed.example", "found", "", "secure"),
    Hosts("weak-alias.example", "mx1.signed.example", "found", "", "insecure"),  # D5
)


@pytest.mark.parametrize("case", HOSTS, ids=lambda case: case.domain)
def test_the_hosts_of_a_domain(case: Hosts) -> None:
    found = mail_hosts(case.domain, DNS.mx(case.domain))
    assert [host.host for host in found.hosts] == case.hosts.split()
    assert (found.outcome, found.reply) == (case.outcome, case.reply)
    assert {host.security for host in found.hosts} == set(case.security.split())


def test_a_failed_look_up_delays_and_no_mail_taken_is_permanent() -> None:  # D7, D12, D13
    assert {case.domain for case in HOSTS if mail_hosts(case.domain, DNS.mx(case.domain)).permanent} == {
        "null.example",
        "null-insecure.example",
        "two-nulls.example",
        "gone.example",
        "gone-insecure.example",
        "gone-alias.example",
    }


def test_a_domain_with_thousands_of_hosts_is_tried_at_the_most_preferred() -> None:
    records = tuple(MailExchanger(5000 - number, f"mx{number}.example") for number in range(5000))
    hosts = mail_hosts("a.example", Answer("a.example", "secure", records)).hosts
    assert len(hosts) == 100
    assert hosts[0].host == "mx4999.example"


ADDRESSES = (
    ("mx1.signed.example", "192.0.2.1 2001:db8::1", False),
    ("insecure.example", "192.0.2.7", False),
    ("half.example", "2001:db8::9", False),
    ("half-insecure.example", "192.0.2.9", False),
    ("down.example", "", True),  # D2, D7
    ("half-down.example", "", True),  # D2, D7: what could not be looked up may be there
    ("no-host.example", "", False),  # D3, D11
    ("null.example", "", False),  # D3, D11
)


@pytest.mark.parametrize(("name", "addresses", "error"), ADDRESSES)
def test_the_addresses_of_a_host(name: str, addresses: str, error: bool) -> None:
    host = MailHost(name, 10, "mx", "secure")
    found = host_addresses(host, DNS.ask(name, "A"), DNS.ask(name, "AAAA"))
    assert (found.addresses, found.error) == (tuple(addresses.split()), error)


def test_a_host_that_is_not_there_is_told_from_one_without_addresses() -> None:  # D3, D11
    there = Answer[str]("a.example", "secure")
    gone = there._replace(exists=False)
    for a, aaaa, said in (
        (there, there, "has no address."),
        (gone, gone, "does not exist."),
        (gone, there, "does not exist."),
        (there, gone, "does not exist."),
    ):
        assert host_addresses(MailHost("a.example", 10, "mx", "secure"), a, aaaa).sentence.endswith(said)


BASES = (
    ("mx1.signed.example", "found", "mx1.signed.example"),  # T2
    ("insecure.example", "insecure-address", ""),  # D9
    ("mixed.example", "found", "mixed.example"),  # D10
    ("half.example", "found", "half.example"),  # D10
    ("half-insecure.example", "insecure-address", ""),  # D9
    ("down.example", "error", ""),  # D7
    ("half-down.example", "error", ""),  # D7
    ("no-host.example", "no-address", ""),  # D11
    ("null.example", "no-address", ""),  # D11
    (
        "chain.example",
        "found",
        "last.example chain.example",
    ),  # T2: never the name between; D6: an alias of a DNAME is one like others
    ("into-unsigned.example", "found", "into-unsigned.example"),  # D5, D9, T2
    ("both-alias.example", "found", "both-alias.example"),  # D5, T2
    ("out-of-unsigned.example", "insecure-alias", ""),  # D5, D9, T2
    ("unknown-alias.example", "error", ""),  # D2, D8
)


@pytest.mark.parametrize(("name", "outcome", "candidates"), BASES)
def test_the_base_domains_of_a_host(name: str, outcome: str, candidates: str) -> None:
    found = _bases(MailHost(name, 10, "mx", "secure"))
    assert (found.outcome, found.candidates) == (outcome, tuple(candidates.split()))


def test_an_insecure_mx_leaves_the_ordinary_setting_and_delays_where_dane_is_mandatory() -> None:  # D15
    bases = _bases(MailHost("mx1.signed.example", 10, "mx", "insecure"))
    assert bases[:2] == ((), "insecure-mx")
    found = tlsa_search(bases, [])
    assert _state(found) == ("absent", "")
    assert found is not None
    assert policy_in_force("preferred", "opportunistic", found.state, "off").refusal is None
    refusal = policy_in_force("preferred", "mandatory", found.state, "off").refusal
    assert refusal is not None
    assert (refusal.outcome, refusal.reason) == ("next-host", "dane-required")


def test_no_dane_for_an_address_literal() -> None:  # D16
    for literal, address in (
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:db8::1]", "2001:db8::1"),
        ("[ipv6:2001:db8::1]", "2001:db8::1"),
    ):
        (host,) = route_hosts(literal).hosts
        assert literal_address(host) == address
        bases = _bases(host)
        assert bases[:2] == ((), "address-literal")
        assert _state(tlsa_search(bases, [])) == ("absent", "")


def test_the_host_of_a_route_is_as_good_as_a_secure_mx() -> None:  # D17
    (host,) = route_hosts("mx1.signed.example", "unsigned.example").hosts
    assert host.security == "secure"
    assert literal_address(host) is None
    assert _bases(host).candidates == ("mx1.signed.example",)
    assert reference_names(host, "mx1.signed.example") == ("mx1.signed.example", "unsigned.example")  # T17


def test_the_name_of_a_route_counts_beside_what_its_alias_leads_to() -> None:  # T17: no MX record was used
    (host,) = route_hosts("web.example", "unsigned.example").hosts
    assert _bases(host).candidates == ("host.example", "web.example")
    assert reference_names(host, "host.example") == ("host.example", "web.example", "unsigned.example")
    assert reference_names(route_hosts("web.example").hosts[0], "host.example") == ("host.example", "web.example")


def test_an_alias_whose_first_link_nobody_asked_for_is_no_way_around_dane() -> None:  # D5, D8
    answer = Answer("a.example", "insecure", ("192.0.2.1",), ("b.example",), None)
    host = MailHost("a.example", 10, "mx", "secure")
    assert tlsa_base_domains(host, answer, Answer("a.example", "insecure")).outcome == "error"


SEARCHES = (
    ("mx1.signed.example", 25, "usable", "mx1.signed.example", ""),  # T1, T6 a, T9
    ("mx1.signed.example", 587, "usable", "mx1.signed.example", ""),  # T1: the real port
    ("mx1.signed.example", 465, "absent", "", ""),  # T1
    ("mx2.signed.example", 25, "absent", "", ""),  # D3, T6 c: proven
    ("none-at-all.example", 25, "absent", "", ""),  # D3, T6 c: proven by NXDOMAIN
    ("none-insecurely.example", 25, "absent", "", ""),  # D3, T6 c
    ("insecure.example", 25, "absent", "", ""),  # D9, T6 c
    ("out-of-unsigned.example", 25, "absent", "", ""),  # T2
    ("down.example", 25, "error", "", "dnssec-invalid"),  # D7
    ("no-host.example", 25, "error", "", None),  # D11
    ("unknown-alias.example", 25, "error", "", "dnssec-invalid"),  # D8
    ("bogus.example", 25, "error", "bogus.example", "dnssec-invalid"),  # D2, D8, T6 d
    ("into-unsigned.example", 25, "usable", "into-unsigned.example", ""),  # T2, T9
    ("web.example", 25, "usable", "host.example", ""),  # T2, T9: SNI is the expanded name
    ("chain.example", 25, "absent", "", ""),  # T2: a record at the name between counts nowhere
    ("either.example", 25, "usable", "first.example", ""),  # T4
    ("second.example", 25, "usable", "second.example", ""),  # T2, T4
    ("shadowed.example", 25, "unusable", "useless.example", "tlsa-invalid"),  # T4: even when unusable
    ("failing.example", 25, "error", "bogus.example", "dnssec-invalid"),  # D8: no second base after a failure
    ("passing.example", 25, "usable", "passing.example", ""),  # T4: an insecure one does not win
    (
        "useless.example",
        25,
        "unusable",
        "useless.example",
        "tlsa-invalid",
    ),  # T5, T6 b, upon which Mandatory delays (T7)
    ("partly.example", 25, "usable", "partly.example", ""),  # T6 a: one is enough
    ("tlsa-alias.example", 25, "usable", "tlsa-alias.example", ""),  # T3: the base stays
    ("weak-tlsa-alias.example", 25, "absent", "", ""),  # T3: the whole chain has to be secure
)


@pytest.mark.parametrize(("name", "port", "state", "base", "reason"), SEARCHES)
def test_the_search_for_tlsa_records(name: str, port: int, state: str, base: str, reason: str | None) -> None:
    host = MailHost(name, 10, "mx", "secure")
    bases = _bases(host)
    answers: list[Answer[TLSA]] = []
    while (found := tlsa_search(bases, answers)) is None:
        answers.append(DNS.tlsa(tlsa_owner(port, bases.candidates[len(answers)])))
    assert _state(found) == (state, base)
    assert (found.reason or "") == (reason or "")
    assert bool(found.records) == found.tls_required == (state in ("usable", "unusable"))  # T6 a and b, T8


def test_the_second_base_is_asked_for_only_if_the_first_says_nothing() -> None:  # T4
    bases = BaseDomains(("a.example", "b.example"), "found", "")
    assert tlsa_search(bases, []) is None
    assert tlsa_search(bases, [Answer[TLSA]("_25._tcp.a.example", "secure")]) is None
    assert tlsa_search(bases, [DNS.tlsa("_25._tcp.mx1.signed.example")]) is not None


def test_records_may_be_plain_values_as_a_look_up_returns_them() -> None:
    answer = Answer("_25._tcp.a.example", "secure", ((3, 1, 1, b"\xab" * 32), (-1, -1, -1, b"")))
    found = tlsa_search(BaseDomains(("a.example",), "found", ""), [answer])
    assert found is not None
    assert found.records[0] == TLSA.from_text(USABLE)
    assert found.sentence == '"_25._tcp.a.example" has 2 secure TLSA records, 1 usable.'


SENTENCES = (
    (
        "useless.example",
        '"_25._tcp.useless.example" has 1 secure TLSA record, none usable: the PKIX-EE record 1 1 1 abababababababab',
    ),
    ("bogus.example", 'The TLSA records of "_25._tcp.bogus.example" cannot be looked up: SERVFAIL.'),
    ("second.example", '"_25._tcp.second.example" has 1 secure TLSA record, 1 usable.'),
    ("chain.example", 'There is no secure TLSA record at "_25._tcp.last.example" and "_25._tcp.chain.example".'),
)


@pytest.mark.parametrize(("name", "sentence"), SENTENCES)
def test_a_search_says_where_it_looked(name: str, sentence: str) -> None:
    bases = _bases(MailHost(name, 10, "mx", "secure"))
    found = tlsa_search(bases, [DNS.tlsa(tlsa_owner(25, base)) for base in bases.candidates])
    assert found is not None
    assert found.sentence.startswith(sentence)


REFERENCES = (  # T17
    ("signed.example", "mx1.signed.example", "mx1.signed.example signed.example"),  # a secure MX
    ("alias.example", "mx1.signed.example", "mx1.signed.example alias.example target.example"),  # and its expansion
    ("unsigned.example", "mx1.signed.example", "mx1.signed.example"),  # an insecure MX
    ("weak-alias.example", "mx1.signed.example", "mx1.signed.example"),
    ("self.example", "self.example", "self.example"),  # no MX
    ("web.example", "host.example", "host.example web.example"),  # no MX, base is the expanded name
    ("web.example", "web.example", "web.example"),  # no MX, base is the original name
)


@pytest.mark.parametrize(("domain", "base", "names"), REFERENCES)
def test_the_reference_names(domain: str, base: str, names: str) -> None:
    host = mail_hosts(domain, DNS.mx(domain)).hosts[0]
    assert reference_names(host, base) == tuple(names.split())


NAME = st.sampled_from(["a.example", "b.example", "", "\0", "ü", "x" * 300]) | st.text(max_size=5)
RDATA = st.tuples(st.integers(-1, 255), st.integers(-1, 3), st.integers(-1, 3), st.binary(max_size=70))
SECURITY = st.sampled_from(["secure", "insecure", "error"])
ALIASES = st.lists(NAME, max_size=3).map(tuple)
FIRST = st.none() | SECURITY


@given(
    st.builds(Answer, NAME, SECURITY, st.lists(NAME, max_size=3).map(tuple), ALIASES, FIRST, st.booleans()), st.data()
)
def test_no_answer_harms(a: Answer[str], data: st.DataObject) -> None:
    mx = data.draw(st.lists(st.builds(MailExchanger, st.integers(0, 65535), NAME), max_size=4))
    found = mail_hosts(a.name, Answer(a.name, a.security, tuple(mx), a.aliases, a.first_alias, a.exists))
    assert bool(found.hosts) == (not found.reply) == (found.outcome == "found")
    tlsa = st.builds(Answer, NAME, SECURITY, st.lists(RDATA, max_size=4).map(tuple))
    for host in found.hosts:
        bases = tlsa_base_domains(host, a, a._replace(records=()))
        answers: list[Answer[tuple[int, int, int, bytes]]] = []
        while (search := tlsa_search(bases, answers)) is None:
            answers.append(data.draw(tlsa))
        assert len(answers) <= 2
        assert search.state != "usable" or search.records
        assert not re.search(CONTROL, found.sentence + bases.sentence + search.sentence)


def _bases(host: MailHost) -> BaseDomains:
    return tlsa_base_domains(host, DNS.ask(host.host, "A"), DNS.ask(host.host, "AAAA"))


def _state(found: TlsaSearch | None) -> tuple[str, str]:
    assert found is not None
    return found.state, found.base
