"""From DNS answers to TLSA records: which hosts get a domain's mail, does DANE apply, where is which record (RFC 7672)?

Pure, and one question a function, in the order in which a delivery asks them; whoever has the answers to look up asks:

| question | function | answers it needs |
| --- | --- | --- |
| Where does the mail go? (s2.2.1, RFC 5321 s5.1) | `mail_hosts`, `route_hosts` | MX of the domain; none |
| Which addresses has a host? | `host_addresses` | A and AAAA of the host |
| Below which names may its TLSA records be? (s2.2.2, s2.2.3) | `tlsa_base_domains` | the same |
| What has been found there? (s2.2) | `tlsa_search` | TLSA, one base after the other |
| Which names must a certificate below an anchor present? (s3.2.2) | `reference_names` | none |

The security of an answer is the resolver's word, and `gateway.dns` knows whose word counts (rule D4).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from gateway.dane import usable
from gateway.fields import shown
from gateway.tlsa import TLSA, fault
from state.wording import counted, listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from gateway.answers import Answer, MailExchanger, Security
    from gateway.verdict import Reason

    Rdata = TypeVar("Rdata", bound=tuple[int, int, int, bytes])
    """Usage, selector, matching type and data of a TLSA record: `TLSA`, or what a look-up calls its records."""

Origin = Literal["mx", "implicit-mx", "route", "address-literal"]
HostsOutcome = Literal["found", "null-mx", "no-such-domain", "error"]
BasesOutcome = Literal[
    "found", "address-literal", "insecure-mx", "insecure-address", "insecure-alias", "no-address", "error"
]
TlsaState = Literal["usable", "unusable", "absent", "error"]
"""What the search of a host's TLSA records found (rule T6, a to d)."""

MOST_HOSTS = 100
"""Hosts of a domain that are tried at most, the most preferred ones."""

_TAG = "ipv6:"

LONGEST_FAULT = 300
"""Characters of a failure that a sentence repeats; a resolver may have put what it likes into it."""


class MailHost(NamedTuple):
    """A host that mail for a domain goes to.

    Attributes:
        host: its name, or an address literal such as `[192.0.2.1]`.
        preference: of the MX record; 0 without one.
        origin: why it is the host: an MX record, there being none (RFC 5321 s5.1), an SMTP route, an address literal.
        security: that of the MX look-up; a name that an operator wrote is as good as secure (rule D17).
        domains: the domain and what its CNAMEs lead to, which count as reference names too where `security` allows it.
    """

    host: str
    preference: int
    origin: Origin
    security: Security
    domains: tuple[str, ...] = ()


class MailHosts(NamedTuple):
    """The hosts of a domain, the most preferred first, or why there are none.

    Attributes:
        hosts: () unless `outcome` is `found`.
        outcome: what the MX look-up said.
        reply: the SMTP reply that stands for the failure, with its enhanced status code; "" where hosts were found.
        sentence: the same for people.
    """

    hosts: tuple[MailHost, ...]
    outcome: HostsOutcome
    reply: str
    sentence: str

    @property
    def permanent(self) -> bool:
        """Whether mail for the domain can never be delivered; otherwise a failure only delays it."""
        return self.reply.startswith("5")


class HostAddresses(NamedTuple):
    """The addresses of a host; () where it cannot be reached, for the reason that the sentence gives.

    `error` says that a look-up failed: another try may find some.
    """

    addresses: tuple[str, ...]
    error: bool
    sentence: str


class BaseDomains(NamedTuple):
    """Below which names a host's TLSA records may be.

    Attributes:
        candidates: TLSA base domains in the order in which they are asked for; () where none is.
        outcome: whether there are any, or why not. After `error` and `no-address` the host is not connected to.
        sentence: the same for people.
    """

    candidates: tuple[str, ...]
    outcome: BasesOutcome
    sentence: str


class TlsaSearch(NamedTuple):
    """What was found of a host's TLSA records.

    Attributes:
        state: usable ones (T6 a), only unusable ones (b), none that is secure or none at all (c), or a failure (d),
            after which the host is not connected to (D8).
        base: the TLSA base domain whose records these are, which is the SNI and the first reference name too (T9); "".
        records: all of them, the unusable ones among them.
        reason: of a failure, or of records that cannot be used; None elsewhere.
        sentence: the same for people.
    """

    state: TlsaState
    base: str
    records: tuple[TLSA, ...]
    reason: Reason | None
    sentence: str

    @property
    def tls_required(self) -> bool:
        """Whether the host never gets mail without STARTTLS (rules T6 a and b, T8)."""
        return self.state in ("usable", "unusable")


def mail_hosts(domain: str, mx: Answer[MailExchanger]) -> MailHosts:
    """Return the hosts for a domain (rules D7, D12 to D15); hosts of the same preference stay in the answer's order.

    Args:
        domain: as it stands in the recipient's address, an A-label.
        mx: the answer to the question for its MX records.
    """
    if mx.security == "error":  # D2, D7
        sentence = f"The MX records of {quoted(domain)} cannot be looked up: {_fault(mx)}"
        return MailHosts((), "error", "451 4.4.3", sentence)
    if not mx.exists:  # D13
        sentence = f"The domain {quoted(domain)} does not exist."
        return MailHosts((), "no-such-domain", "550 5.1.2", sentence)
    if not mx.records:  # D13: its own host; its name is the operator's or the sender's, so its address alone decides
        sentence = f"The domain {quoted(domain)} has no MX record and is its own host."
        return MailHosts((MailHost(domain, 0, "implicit-mx", "secure"),), "found", "", sentence)
    named = [record for record in mx.records if record.host]
    if not named:  # D12
        sentence = f"The domain {quoted(domain)} takes no mail: its MX record is a null MX (RFC 7505)."
        return MailHosts((), "null-mx", "556 5.1.10", sentence)
    domains = tuple(dict.fromkeys((domain, mx.expanded)))
    ordered = sorted(named, key=lambda record: record.preference)  # D14: the preference alone, TLSA or not
    hosts: dict[str, MailHost] = {}
    for record in ordered[:MOST_HOSTS]:
        hosts.setdefault(record.host, MailHost(record.host, record.preference, "mx", mx.security, domains))
    sentence = f"The domain {quoted(domain)} has {counted(len(hosts), f'{mx.security} MX host')}."
    return MailHosts(tuple(hosts.values()), "found", "", sentence)


def route_hosts(route: str, domain: str = "") -> MailHosts:
    """Return the host of a configured SMTP route, or of a domain that is an address literal (rules D16, D17).

    Args:
        route: a host name or an address literal.
        domain: the recipient's domain, which counts as a reference name as behind a secure MX; "" if it is the route.
    """
    if route.startswith("["):
        host = MailHost(route, 0, "address-literal", "insecure")
        return MailHosts((host,), "found", "", f"Mail goes to the address {quoted(route)}.")
    host = MailHost(route, 0, "route", "secure", (domain,) if domain else ())
    return MailHosts((host,), "found", "", f"Mail goes to {quoted(route)} by an SMTP route.")


def host_addresses(host: MailHost, a: Answer[str], aaaa: Answer[str]) -> HostAddresses:
    """Return the addresses of a host, those of A records first (rules D7, D11).

    Where one of the look-ups fails, the addresses of the other serve: neither hides anything from the other.
    """
    addresses = (*a.records, *aaaa.records)
    name = quoted(host.host)
    if addresses:
        return HostAddresses(
            addresses, False, f"The host {name} has {counted(len(addresses), 'address', 'addresses')}."
        )
    if failed := [answer for answer in (a, aaaa) if answer.security == "error"]:
        return HostAddresses((), True, f"The addresses of the host {name} cannot be looked up: {_fault(failed[0])}")
    if not (a.exists and aaaa.exists):
        return HostAddresses((), False, f"The host {name} does not exist.")
    return HostAddresses((), False, f"The host {name} has no address.")


def literal_address(host: MailHost) -> str | None:
    """Return the address of an address literal as a socket takes it; None for a host that has a name.

    The tag before IPv6 addresses is read in any case, as all words of RFC 5321's grammar are (s2.4).
    """
    if host.origin != "address-literal":
        return None
    address = host.host.strip("[]")
    return address[len(_TAG) :] if address.lower().startswith(_TAG) else address


def tlsa_base_domains(host: MailHost, a: Answer[str], aaaa: Answer[str]) -> BaseDomains:
    """Return below which names the host's TLSA records may be (rules D8 to D11, D15 to D17, T2; RFC 7672 s2.2.2).

    One secure answer for an address is enough (D10). The names between a host and what its aliases lead to never count.
    """
    name = quoted(host.host)
    if host.origin == "address-literal":
        return BaseDomains((), "address-literal", f"DANE does not apply to the address {name}.")
    found = host_addresses(host, a, aaaa)
    if not found.addresses:
        return BaseDomains((), "error" if found.error else "no-address", found.sentence)
    if host.security != "secure":  # D15
        return BaseDomains((), "insecure-mx", f"The MX record that names {name} is not secure: DANE does not apply.")
    answers = [answer for answer in (a, aaaa) if answer.security != "error"]
    if (secure := _first(answers, "secure")) is not None:
        candidates = tuple(dict.fromkeys((secure.expanded, host.host)))
        return BaseDomains(candidates, "found", f"The addresses of {name} are secure: DANE applies.")
    aliased = [answer for answer in answers if answer.aliases]
    if not aliased:  # D9
        return BaseDomains((), "insecure-address", f"The addresses of {name} are not secure: DANE does not apply.")
    states = {answer.first_alias for answer in aliased}
    if "secure" in states:  # T2
        sentence = f"The alias {name} is secure and what it leads to is not: its own name may have TLSA records."
        return BaseDomains((host.host,), "found", sentence)
    if states == {"insecure"}:  # D9
        return BaseDomains((), "insecure-alias", f"The alias {name} is not secure: DANE does not apply.")
    # D8: what nobody could find out may be secure, and whoever broke the look-up must gain nothing by it.
    unknown = next(answer for answer in aliased if answer.first_alias != "insecure")
    return BaseDomains((), "error", f"Whether the alias {name} is secure cannot be looked up: {_fault(unknown)}")


def tlsa_owner(port: int, base: str) -> str:
    """Return the name that has the TLSA records of a port (rule T1, RFC 6698 s3)."""
    return f"_{port}._tcp.{base}"


def tlsa_search(bases: BaseDomains, answers: Sequence[Answer[Rdata]]) -> TlsaSearch | None:
    """Return what was found of a host's TLSA records (rules T3, T4, T6, D8); None while the next base is to be asked.

    The first base with secure records has the word, even if none of them is usable. What an answer says of aliases is
    part of its security, and the base stays the name that was asked for (T3).

    Args:
        bases: from `tlsa_base_domains`.
        answers: to the questions for TLSA records, in the order of the candidates, as many as were asked so far.
    """
    if bases.outcome in ("error", "no-address"):
        return TlsaSearch("error", "", (), "dnssec-invalid" if bases.outcome == "error" else None, bases.sentence)
    if not bases.candidates:
        return TlsaSearch("absent", "", (), None, bases.sentence)
    for base, answer in zip(bases.candidates, answers, strict=False):
        if answer.security == "error":
            sentence = f"The TLSA records of {quoted(answer.name)} cannot be looked up: {_fault(answer)}"
            return TlsaSearch("error", base, (), "dnssec-invalid", sentence)
        if answer.security == "secure" and answer.records:
            return _found(base, answer.name, tuple(TLSA(*record) for record in answer.records))
    if len(answers) < len(bases.candidates):
        return None
    asked = listed([quoted(answer.name) for answer in answers], "and")
    return TlsaSearch("absent", "", (), None, f"There is no secure TLSA record at {asked}.")


def reference_names(host: MailHost, base: str) -> tuple[str, ...]:
    """Return the names of which a certificate below a trust anchor presents one (rule T17, RFC 7672 s3.2.2).

    Args:
        host: whose certificate it is.
        base: the TLSA base domain whose records are matched.
    """
    if host.security != "secure":
        return (base,)
    own = (host.host,) if host.origin != "mx" else ()  # no MX record led here: the name is what was asked for
    return tuple(dict.fromkeys((base, *own, *host.domains)))


def _found(base: str, owner: str, records: tuple[TLSA, ...]) -> TlsaSearch:
    good = len(usable(records))
    found = f"{quoted(owner)} has {counted(len(dict.fromkeys(records)), 'secure TLSA record')}"
    if good:
        return TlsaSearch("usable", base, records, None, f"{found}, {good} usable.")
    sentence = f"{found}, none usable: the {records[0].shown} is not, since {fault(records[0])}."
    return TlsaSearch("unusable", base, records, "tlsa-invalid", sentence)


def _first(answers: Sequence[Answer[str]], security: Security) -> Answer[str] | None:
    return next((answer for answer in answers if answer.security == security), None)


def _fault(answer: Answer[Any]) -> str:
    return shown(answer.fault, LONGEST_FAULT) or "the look-up failed."
