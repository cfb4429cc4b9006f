"""From a description to servers: what spans its tables is resolved and checked, and nothing is opened yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import NamedTuple

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from shell.world.behaviour import HTTP_STEPS, STEPS, NotUnderstood, read_behaviour
from shell.world.certificates import Office, Presented, association
from shell.world.description import Certificate, Description, Mta, Policy, Resolver, Web, WorldRefused, ZoneTable
from shell.world.mta import MailServer, require_steps
from shell.world.names import FAULTS, NameServer
from shell.world.policy import documents
from shell.world.records import Certified, Record, read_owner, read_record
from shell.world.server_tls import server_context
from shell.world.web import WebServer
from shell.world.zones import Records, Zone, Zones, start_of_authority
from state.problems import Problem
from state.wording import listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shell.world.behaviour import Behaviour

NEVER_SIGNED = [dns.name.from_text(name) for name in ("10.in-addr.arpa", "254.169.in-addr.arpa")]
"""Zones that every resolver serves by itself, unsigned (RFC 6303); AD on both of them is how a liar shows."""

WEB_ADDRESSES = "198.51.100."
"""Where policy hosts and web servers are that say no address (RFC 5737)."""


class Plan(NamedTuple):
    """All servers of a world, before they have sockets.

    Attributes:
        addresses: of each server that has some, by its place: `mtas.mx1`, `policies.a.example`, `resolvers.main`.
        silent: the addresses that answer nobody.
    """

    office: Office
    mail_servers: dict[str, MailServer]
    policy_hosts: dict[str, WebServer]
    webs: dict[str, WebServer]
    resolvers: dict[str, NameServer]
    presented: dict[tuple[str, str], Presented]
    addresses: dict[tuple[str, str], list[tuple[str, int]]]
    silent: set[tuple[str, str]]


def plan(description: Description, now: datetime) -> Plan:
    """Make the servers of a world.

    Args:
        description: the world.
        now: the aware time that dates of certificates count from.

    Raises:
        WorldRefused: with all that is wrong.
    """
    return _Builder(description, now).plan()


class _Builder:
    """A plan that is being made; problems are gathered on the way."""

    def __init__(self, description: Description, now: datetime) -> None:
        self._description = description
        self._now = now
        self._problems: list[Problem] = []
        self._presented: dict[tuple[str, str], Presented] = {}
        self._taken: dict[tuple[str, int], tuple[str, str]] = {}
        self._addresses: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._silent: set[tuple[str, str]] = set()

    def plan(self) -> Plan:
        description = self._description
        with self._at("source"):
            _address(description.source)
        office = Office(description.authorities, self._now)
        for name in description.authorities:
            with self._at("authorities", name):
                office.authority(name)
        self._refuse()
        hosts_at = self._place_webs()
        for name, mta in description.mtas.items():
            self._place(("mtas", name), [mta.address, *([mta.ipv6] if mta.ipv6 else [])], mta.port)
        for name, resolver in description.resolvers.items():
            self._place(("resolvers", name), [resolver.address], resolver.port)
        records = self._records(hosts_at)
        for zone in NEVER_SIGNED:
            records.setdefault(zone, (str(zone), ZoneTable(dnssec="unsigned"), []))
        hosts = Zones(self._zone(name, some, None) for name, some in records.items())
        mail_servers = {name: self._mail_server(name, mta, hosts, office) for name, mta in description.mtas.items()}
        policy_hosts = {name: self._policy_host(name, policy, office) for name, policy in description.policies.items()}
        self._refuse()
        self._present_webs(office)
        webs = {name: self._web(name, web, office) for name, web in description.webs.items()}
        zones = Zones(self._zone(name, some, office) for name, some in records.items())
        resolvers = {name: self._resolver(name, one, zones) for name, one in description.resolvers.items()}
        self._refuse()
        return Plan(
            office,
            {name: server for name, server in mail_servers.items() if server},
            {name: host for name, host in policy_hosts.items() if host},
            {name: one for name, one in webs.items() if one},
            {name: one for name, one in resolvers.items() if one},
            self._presented,
            self._addresses,
            self._silent,
        )

    @contextmanager
    def _at(self, *path: str | int) -> Iterator[None]:
        """Gather what is not understood there."""
        try:
            yield
        except NotUnderstood as wrong:
            self._problems.append(Problem(path, str(wrong)))

    def _refuse(self) -> None:
        if self._problems:
            raise WorldRefused(self._problems)

    def _place(self, who: tuple[str, str], addresses: list[str], port: int) -> None:
        places = []
        for written in addresses:
            with self._at(*who, "address"):
                place = (_address(written), port)
                if place in self._taken:
                    other = ".".join(self._taken[place])
                    raise NotUnderstood(f"{written} port {port} is the address of {other} already")
                self._taken[place] = who
                places.append(place)
        self._addresses[who] = places

    def _place_webs(self) -> dict[tuple[str, str, str], str]:
        """Give every policy host and web server an address; return them by their tables and hosts."""
        description = self._description
        servers: list[tuple[tuple[str, str, str], Policy | Web, int]] = [
            (("policies", domain, f"mta-sts.{domain}"), policy, policy.port)
            for domain, policy in description.policies.items()
        ]
        for host, web in description.webs.items():
            servers.append((("webs", host, host), web, web.port or (443 if web.tls else 80)))
        taken = {mta.address for mta in description.mtas.values()}
        taken |= {server.address for _, server, _ in servers if server.address}
        free = (address for address in (f"{WEB_ADDRESSES}{number}" for number in range(1, 255)) if address not in taken)
        given = {}
        for who, server, port in servers:
            given[who] = server.address or next(free, f"{WEB_ADDRESSES}255")
            self._place(who[:2], [given[who]], port)
        return given

    def _records(
        self, webs: Mapping[tuple[str, str, str], str]
    ) -> dict[dns.name.Name, tuple[str, ZoneTable, list[Record]]]:
        """Return the records of all zones, by zone, still without the data of certificates."""
        zones: dict[dns.name.Name, tuple[str, ZoneTable, list[Record]]] = {}
        for written, table in self._description.zones.items():
            with self._at("zones", written):
                name = _domain(written)
                if name in zones:
                    raise NotUnderstood(f"is the zone {quoted(zones[name][0])} once more")
                zones[name] = (written, table, [])
        for name, (written, table, records) in zones.items():
            for index, line in enumerate(table.records):
                with self._at("zones", written, "records", index):
                    record = read_record(line, name, table.ttl, zones)
                    self._require_source(record)
                    records.append(record)
        for (table_name, key, written), address in webs.items():
            with self._at(table_name, key):
                host = _domain(written)
                zone = next((name for name in _upwards(host) if name in zones), None)
                if zone is not None and all(record.owner != host for record in zones[zone][2]):
                    kind = "AAAA" if ":" in address else "A"
                    zones[zone][2].append(read_record(f"{host} {kind} {address}", zone, zones[zone][1].ttl))
        return zones

    def _require_source(self, record: Record) -> None:
        if isinstance(record.data, Certified):
            source, description = record.data.source, self._description
            known = [*description.mtas, *description.authorities]
            if source not in known:
                raise NotUnderstood(
                    f"is from {quoted(source)}; there are {listed([quoted(one) for one in known]) or 'none'}"
                )

    def _zone(self, name: dns.name.Name, found: tuple[str, ZoneTable, list[Record]], office: Office | None) -> Zone:
        written, table, records = found
        by_name: Records = {name: {dns.rdatatype.SOA: start_of_authority(name)}}
        for record in records:
            data = record.data
            if isinstance(data, Certified):
                if office is None:
                    continue
                data = self._tlsa(data, office)
            by_type = by_name.setdefault(record.owner, {})
            if record.kind in by_type and record.kind != dns.rdatatype.SOA:
                with self._at("zones", written, "records"):
                    _add(by_type[record.kind], data, record.ttl)
            else:
                by_type[record.kind] = dns.rrset.from_rdata(record.owner, record.ttl, data)
        words = {}
        for key, word in table.behaviour.items() if office else ():
            with self._at("zones", written, "behaviour", key):
                owner, _, kind = key.partition(" ")
                if word not in FAULTS:
                    raise NotUnderstood(f"must be one of {listed([quoted(one) for one in FAULTS])}, not {quoted(word)}")
                words[read_owner(owner, name), _kind(kind) if kind else None] = word
        return Zone(name, table.dnssec, by_name, words)

    def _tlsa(self, wanted: Certified, office: Office) -> dns.rdata.Rdata:
        """Return the data that match a server's certificate, or its issuer for usages 0 and 2."""
        if ("mtas", wanted.source) in self._presented:
            issued = self._presented["mtas", wanted.source].issued
            anchor = wanted.usage in (0, 2) and issued.issuers
            certificate = issued.issuers[0] if anchor else issued.certificate
        else:
            certificate = office.authority(wanted.source).certificate
        octets = association(certificate, wanted.selector, wanted.matching)
        text = f"{wanted.usage} {wanted.selector} {wanted.matching} {octets.hex()}"
        return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.TLSA, text)

    def _mail_server(self, name: str, mta: Mta, zones: Zones, office: Office) -> MailServer | None:
        behaviour = self._behaviour(("mtas", name), mta.behaviour, STEPS)
        hosts = [host for address, _ in self._addresses["mtas", name] for host in zones.hosts(address)]
        with self._at("mtas", name, "replies"):
            require_steps(mta.replies, STEPS)
        presented = self._present(("mtas", name), mta.certificate, list(dict.fromkeys(hosts)), office)
        if presented is None:
            return None
        with self._at("mtas", name):
            context = server_context(presented, mta.tls, mta.ciphers, mta.weak_dh)
            return MailServer(mta, hosts[0] if hosts else name, behaviour, context)
        return None

    def _policy_host(self, domain: str, policy: Policy, office: Office) -> WebServer | None:
        behaviour = self._behaviour(("policies", domain), policy.behaviour, HTTP_STEPS)
        presented = self._present(("policies", domain), policy.certificate, [f"mta-sts.{domain}"], office)
        if presented is None:
            return None
        with self._at("policies", domain):
            context = server_context(presented, policy.tls)
            return WebServer(policy, documents(policy), behaviour, context, policy.headers)
        return None

    def _present_webs(self, office: Office) -> None:
        for host, web in self._description.webs.items():
            if web.tls:
                self._present(("webs", host), web.certificate, [host], office)

    def _web(self, host: str, web: Web, office: Office) -> WebServer | None:
        """Return a web server; lists name servers by their certificates, which are all there by now."""
        behaviour = self._behaviour(("webs", host), web.behaviour, HTTP_STEPS if web.tls else HTTP_STEPS[1:])
        served = {path: text.encode() for path, text in web.documents.items()}
        for path, table in web.lists.items():
            with self._at("webs", host, "lists", path):
                serials = [self._serial(name) for name in table.revoked]
                served[path] = office.revocation_list(table, serials)
        presented = self._presented.get(("webs", host))
        if web.tls and presented is None:
            return None
        with self._at("webs", host):
            context = server_context(presented, web.tls) if presented else None
            return WebServer(web, served, behaviour, context)
        return None

    def _serial(self, name: str) -> int:
        """Return the serial number of a server's certificate."""
        for (_, known), presented in self._presented.items():
            if known == name:
                return presented.issued.certificate.serial_number
        names = listed([quoted(known) for _, known in self._presented], "and") or "none"
        raise NotUnderstood(f"revokes the certificate of {quoted(name)}; there are {names}")

    def _resolver(self, name: str, table: Resolver, zones: Zones) -> NameServer | None:
        with self._at("resolvers", name, "behaviour"):
            return NameServer(zones, table.behaviour, table.delay / 1000)
        return None

    def _behaviour(self, who: tuple[str, str], text: str, steps: tuple[str, ...]) -> Behaviour:
        behaviour = read_behaviour("accepts")
        with self._at(*who, "behaviour"):
            behaviour = read_behaviour(text, steps)
        if behaviour.silent:
            self._silent.add(who)
        return behaviour

    def _present(
        self, who: tuple[str, str], certificate: Certificate, hosts: list[str], office: Office
    ) -> Presented | None:
        with self._at(*who, "certificate"):
            self._presented[who] = office.present(certificate, who[1], hosts)
            return self._presented[who]
        return None


def _add(records: dns.rrset.RRset, data: dns.rdata.Rdata, ttl: int) -> None:
    try:
        records.add(data, ttl)
    except dns.exception.DNSException:  # signatures of several types do not fit into one set
        kind = dns.rdatatype.to_text(records.rdtype)
        raise NotUnderstood(
            f"have {kind} records of {records.name} that cover several types; one is accepted"
        ) from None


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise NotUnderstood(f"must be an IPv4 or IPv6 address, not {quoted(text)}") from None


def _domain(text: str) -> dns.name.Name:
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError):
        raise NotUnderstood(f"{quoted(text)} is no domain name") from None


def _kind(text: str) -> dns.rdatatype.RdataType:
    try:
        return dns.rdatatype.from_text(text)
    except (dns.exception.DNSException, ValueError):
        raise NotUnderstood(f"has {quoted(text)} as a type of records, which is none") from None


def _upwards(name: dns.name.Name) -> list[dns.name.Name]:
    names = [name]
    while names[-1] != dns.name.root:
        names.append(names[-1].parent())
    return names
