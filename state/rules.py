"""Rules that span sections, and values that a type cannot describe: one function a rule.

Each yields what breaks it as (path, sentence). They hold for every commit, every file that is taken in and
every hand edit alike.
"""

from __future__ import annotations

import ipaddress
import re

from state.addresses import ipv4_with_prefix, ipv6_with_prefix, mail_address
from state.mail_patterns import mapped_domain, masquerade, masqueraded, recipient
from state.model import Configuration, bounce_profile_uses, certificate_uses
from state.model_listeners import BUILT_IN_POLICIES, LARGEST_MESSAGE, message_bytes
from state.names import destination_domain, host_name, profile_name, web_address_fault, without_user
from state.rules_network import NETWORK_RULES
from state.rules_relay import RELAY_RULES
from state.section import DEFAULT_PROFILE, DEMO
from state.senders import ALL as EVERYBODY
from state.senders import sender
from state.stored_form import in_stored_form
from state.wording import CONTROL, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from state.model import BounceProfile, DaneSetting, Interface, TlsSetting
    from state.model_listeners import DefaultPolicy, Policy, Response
    from state.stored_form import Broken, Path


_NEEDS_TLS = "{0} needs TLS; choose another TLS setting, or turn {0} off first"


def broken_rules(configuration: Configuration) -> list[Broken]:
    """Return what breaks a rule, in the order of the rules; an empty list for a sound configuration."""
    return [broken for rule in RULES for broken in rule(configuration)]


def tls_conflict(tls: TlsSetting | None, dane: DaneSetting | None, mta_sts: bool | None) -> str | None:
    """Return why one entry's own DANE or MTA-STS cannot stand beside its own TLS setting (rule P7), or None."""
    if tls != "no":
        return None
    if dane not in (None, "none"):
        return f"DANE is {dane.capitalize()}, but TLS is No: {_NEEDS_TLS.format('DANE')}"
    if mta_sts:
        return f"MTA-STS is On, but TLS is No: {_NEEDS_TLS.format('MTA-STS')}"
    return None


def host_names_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """The appliance and its interfaces have full host names."""
    named: list[tuple[Path, str]] = [(("hostname",), configuration.hostname)]
    for name, interface in configuration.interfaces.items():
        if interface.hostname is not None:
            named.append((("interfaces", name, "hostname"), interface.hostname))
    for path, value in named:
        yield from in_stored_form(path, value, host_name, "host name")


def names_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """Interfaces, listeners, certificate and bounce profiles have names that can be typed."""
    for section in ("interfaces", "listeners", "certificates", "bounce_profiles"):
        for name in getattr(configuration, section):
            yield from in_stored_form((section, name), name, profile_name, "name")
    if DEMO in configuration.certificates:
        yield ("certificates", DEMO), f'"{DEMO}" is the certificate that every system has; use another name'


def interface_addresses_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """An interface has an IPv4 address with its prefix, and perhaps one of IPv6."""
    for name, interface in configuration.interfaces.items():
        yield from in_stored_form(
            ("interfaces", name, "address"), interface.address, ipv4_with_prefix, "IPv4 address with its prefix"
        )
        if interface.ipv6 is not None:
            yield from in_stored_form(
                ("interfaces", name, "ipv6"), interface.ipv6, ipv6_with_prefix, "IPv6 address with its prefix"
            )


def interface_addresses_are_distinct(configuration: Configuration) -> Iterator[Broken]:
    """No two interfaces have one address."""
    first: dict[str, str] = {}
    for name, interface in configuration.interfaces.items():
        for key, written in (("address", interface.address), ("ipv6", interface.ipv6)):
            if written is not None:
                address = written.partition("/")[0]
                other = first.setdefault(address, name)
                if other != name:
                    yield (
                        ("interfaces", name, key),
                        f"{quoted(address)} is the address of the interface {quoted(other)}",
                    )


def service_ports(interface: Interface) -> dict[str, int]:
    """Return the port of each service that an interface has, by its key in the configuration."""
    https = interface.https.port if interface.https else None
    ports = {"ssh": interface.ssh, "http": interface.http, "https": https}
    return {service: port for service, port in ports.items() if port is not None}


def interface_ports_are_distinct(configuration: Configuration) -> Iterator[Broken]:
    """No two services of an interface have one port."""
    for name, interface in configuration.interfaces.items():
        first: dict[int, str] = {}
        for service, port in service_ports(interface).items():
            other = first.setdefault(port, service)
            if other != service:
                yield ("interfaces", name, service), f"port {port} is taken by {other.upper()} on this interface"


def destination_domains_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """A destination entry's key is a domain in its stored form."""
    for name in configuration.destinations.domains:
        yield from in_stored_form(("destinations", "domains", name), name, destination_domain, "domain name")


def dane_and_mta_sts_need_tls(configuration: Configuration) -> Iterator[Broken]:
    """P7: DANE or MTA-STS of its own beside a TLS setting No of its own is refused; inherited ones are ignored."""
    destinations = configuration.destinations
    default = destinations.default
    if reason := tls_conflict(default.tls, default.dane, default.mta_sts):
        yield ("destinations", "default"), reason
    for name, entry in destinations.domains.items():
        if entry.tls == "no" and (reason := tls_conflict(entry.tls, entry.dane, entry.mta_sts)):
            yield ("destinations", "domains", name), reason


def certificates_exist(configuration: Configuration) -> Iterator[Broken]:
    """A service names a certificate profile that exists and has a private key."""
    for path, _, certificate in certificate_uses(configuration):
        if certificate == DEMO:
            continue
        profile = configuration.certificates.get(certificate)
        if profile is None:
            yield path, f"there is no certificate profile {quoted(certificate)}"
        elif not profile.private_key:
            yield path, f"the certificate profile {quoted(certificate)} has no private key"


def private_keys_stand_where_they_are_sealed(configuration: Configuration) -> Iterator[Broken]:
    """A private key stands in `private_key` only: nothing else is sealed, or masked where it is shown."""
    texts: list[tuple[Path, str]] = []
    for name, profile in configuration.certificates.items():
        path = ("certificates", name)
        texts += [((*path, "certificate"), profile.certificate), ((*path, "request"), profile.request or "")]
        texts += [((*path, "intermediates", index), text) for index, text in enumerate(profile.intermediates)]
    for index, authority in enumerate(configuration.authorities.certificates):
        texts.append((("authorities", "certificates", index, "certificate"), authority.certificate))
    for place, text in texts:
        if "PRIVATE KEY-----" in text:
            yield place, "holds a private key, which would be shown in clear text; only private_key is sealed"


def authority_names_are_distinct(configuration: Configuration) -> Iterator[Broken]:
    """Every authority of the custom list has a friendly name of its own."""
    seen: set[str] = set()
    for index, authority in enumerate(configuration.authorities.certificates):
        if authority.name in seen:
            yield (
                ("authorities", "certificates", index, "name"),
                f"{quoted(authority.name)} is the name of another authority of the custom list; use another one",
            )
        seen.add(authority.name)


def revocation_sources_are_web_addresses(configuration: Configuration) -> Iterator[Broken]:
    """A source of revocation lists has a name that can be typed and an HTTP or HTTPS address."""
    for name, source in configuration.revocation.sources.items():
        yield from in_stored_form(("revocation", "sources", name), name, profile_name, "name")
        if reason := web_address_fault(source.url):
            shown = quoted(without_user(source.url))
            yield ("revocation", "sources", name, "url"), f"{shown} is not a valid web address: {reason}"


def interfaces_exist(configuration: Configuration) -> Iterator[Broken]:
    """A listener names an interface that exists."""
    for name, listener in configuration.listeners.items():
        if listener.interface not in configuration.interfaces:
            yield ("listeners", name, "interface"), f"there is no interface {quoted(listener.interface)}"


def listener_sockets_are_distinct(configuration: Configuration) -> Iterator[Broken]:
    """Two listeners never share an interface's address and port."""
    first: dict[tuple[str, int], str] = {}
    for name, listener in configuration.listeners.items():
        interface = configuration.interfaces.get(listener.interface)
        if interface is None:
            continue
        try:
            address = str(ipaddress.ip_interface(interface.address).ip)
        except ValueError:
            continue  # another rule's business
        socket = (address, listener.port)
        other = first.setdefault(socket, name)
        if other != name:
            yield (
                ("listeners", name, "port"),
                f"{socket[0]} port {socket[1]} is taken by the listener {quoted(other)}",
            )


def bounce_profiles_exist(configuration: Configuration) -> Iterator[Broken]:
    """A destination or listener names a bounce profile that exists; Default always does."""
    known = {DEFAULT_PROFILE, *configuration.bounce_profiles}
    for path, _, profile in bounce_profile_uses(configuration):
        if profile not in known:
            yield path, f"there is no bounce profile {quoted(profile)}"


def waits_conflict(profile: BounceProfile) -> str | None:
    """Return why the two waits of a bounce profile do not go together, or None."""
    if profile.initial_wait > profile.max_wait:
        return f"max_wait is {profile.max_wait} seconds; it must be at least initial_wait, {profile.initial_wait}"
    return None


def bounce_waits_are_in_order(configuration: Configuration) -> Iterator[Broken]:
    """The longest wait of a bounce profile is no shorter than its first."""
    for name, profile in configuration.bounce_profiles.items():
        if reason := waits_conflict(profile):
            yield ("bounce_profiles", name), reason


_LISTENER_ROWS = {
    "recipient_access": (("address", recipient, "recipient"),),
    "masquerade": (("address", masqueraded, "address to masquerade"), ("to", masquerade, "masqueraded address")),
    "domain_map": (("domain", mapped_domain, "domain name"), ("to", host_name, "domain name")),
}
"""The fields of each table of a listener; the first one names a row."""


def listener_rows_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """A row of a listener's tables has addresses and domains in their stored form, and is there once."""
    for name, listener in configuration.listeners.items():
        for table, fields in _LISTENER_ROWS.items():
            seen: set[str] = set()
            for index, row in enumerate(getattr(listener, table)):
                for field, read, kind in fields:
                    path = ("listeners", name, table, index, field)
                    yield from in_stored_form(path, getattr(row, field), read, kind)
                key = getattr(row, fields[0][0])
                if key in seen:
                    yield ("listeners", name, table, index, fields[0][0]), f"{quoted(key)} is there already"
                seen.add(key)


def policies_exist(configuration: Configuration) -> Iterator[Broken]:
    """A sender group names a mail flow policy that its listener has; the built-in ones always are there."""
    for name, listener in configuration.listeners.items():
        table = listener.host_access
        for index, group in enumerate(table.groups):
            if group.policy not in BUILT_IN_POLICIES and group.policy not in table.policies:
                yield (
                    ("listeners", name, "host_access", "groups", index, "policy"),
                    f"there is no policy {quoted(group.policy)}",
                )


def host_access_names_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """Policies and sender groups have names that can be typed, and no two groups of a listener have the same."""
    for name, listener in configuration.listeners.items():
        here = ("listeners", name, "host_access")
        for policy in listener.host_access.policies:
            yield from in_stored_form((*here, "policies", policy), policy, profile_name, "name")
        seen: set[str] = set()
        for index, group in enumerate(listener.host_access.groups):
            path = (*here, "groups", index, "name")
            yield from in_stored_form(path, group.name, profile_name, "name")
            if group.name in seen:
                yield path, f"{quoted(group.name)} is the name of another sender group; use another one"
            if group.name == EVERYBODY and group.senders != [EVERYBODY]:
                yield (
                    (*path[:-1], "senders"),
                    f'the sender group "{EVERYBODY}" stands for everybody else: ["{EVERYBODY}"]',
                )
            seen.add(group.name)


def senders_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """A sender is an address, a network, a range, a host name, a partial one or ALL, in its stored form."""
    for name, listener in configuration.listeners.items():
        for number, group in enumerate(listener.host_access.groups):
            for index, one in enumerate(group.senders):
                path = ("listeners", name, "host_access", "groups", number, "senders", index)
                yield from in_stored_form(path, one, sender, "sender")


_NO_LINE = "is not one line of printable text"


def _is_one_line(text: str) -> bool:
    """Tell whether a text can be typed as an answer, and stand in a line of a table's text form."""
    return text.strip() == text and not re.search(CONTROL, text.replace("\t", " "))


def listener_settings_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """Names and texts of a listener, its policies and groups are such, and no message size is beyond counting."""
    for name, listener in configuration.listeners.items():
        here: Path = ("listeners", name)
        if listener.default_domain is not None:
            yield from in_stored_form((*here, "default_domain"), listener.default_domain, host_name, "domain name")
        table = listener.host_access
        policies: list[tuple[Path, Policy | DefaultPolicy]] = [((*here, "host_access", "default"), table.default)]
        policies += [((*here, "host_access", "policies", key), policy) for key, policy in table.policies.items()]
        for path, policy in policies:
            if policy.banner_hostname is not None:
                yield from in_stored_form((*path, "banner_hostname"), policy.banner_hostname, host_name, "host name")
            size = policy.max_message_size
            if size is not None and not 1 <= message_bytes(size) <= LARGEST_MESSAGE:
                yield (*path, "max_message_size"), f"{quoted(size)} is not from 1 to {LARGEST_MESSAGE} bytes"
            for key in ("acceptance", "rejection"):
                response: Response | None = getattr(policy, key)
                if response is not None and not _is_one_line(response.text):
                    yield (*path, key, "text"), f"{quoted(response.text)} {_NO_LINE}"
        for index, group in enumerate(table.groups):
            if not _is_one_line(group.comment):
                yield (*here, "host_access", "groups", index, "comment"), f"{quoted(group.comment)} {_NO_LINE}"


def alert_recipients_are_valid(configuration: Configuration) -> Iterator[Broken]:
    """An alert recipient has an e-mail address of its own, and is told about something."""
    first: dict[str, int] = {}
    for index, told in enumerate(configuration.alerts.recipients):
        path = ("alerts", "recipients", index)
        yield from in_stored_form((*path, "address"), told.address, mail_address, "e-mail address")
        if first.setdefault(told.address.lower(), index) != index:
            yield (*path, "address"), f"{quoted(told.address)} stands there already; an address has one entry"
        for key in ("classes", "severities"):
            words = getattr(told, key)
            if not words:
                yield (*path, key), 'is empty; "All" stands for every one'
            elif "All" in words and len(words) > 1:
                yield (*path, key), '"All" stands for every one; it stands alone'
            elif len(set(words)) != len(words):
                yield (*path, key), "the same word stands there twice"
    if configuration.alerts.from_address is not None:
        path_of_sender = ("alerts", "from_address")
        yield from in_stored_form(path_of_sender, configuration.alerts.from_address, mail_address, "e-mail address")


def tls_methods_are_chosen(configuration: Configuration) -> Iterator[Broken]:
    """Every direction has a TLS version; what its cipher string stands for is told by the OpenSSL that uses it."""
    tls = configuration.tls
    for name, service in (("gui", tls.gui), ("inbound", tls.inbound), ("outbound", tls.outbound)):
        if not service.methods:
            yield ("tls", name, "methods"), "is empty; at least one TLS version is needed"


RULES: tuple[Callable[[Configuration], Iterable[Broken]], ...] = (
    host_names_are_valid,
    names_are_valid,
    interface_addresses_are_valid,
    interface_addresses_are_distinct,
    interface_ports_are_distinct,
    destination_domains_are_valid,
    dane_and_mta_sts_need_tls,
    certificates_exist,
    private_keys_stand_where_they_are_sealed,
    authority_names_are_distinct,
    revocation_sources_are_web_addresses,
    interfaces_exist,
    listener_sockets_are_distinct,
    bounce_profiles_exist,
    alert_recipients_are_valid,
    tls_methods_are_chosen,
    policies_exist,
    host_access_names_are_valid,
    senders_are_valid,
    listener_settings_are_valid,
    bounce_waits_are_in_order,
    listener_rows_are_valid,
    *NETWORK_RULES,
    *RELAY_RULES,
)
