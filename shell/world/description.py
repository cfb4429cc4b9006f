"""What a world is described by: one table with authorities, zones, mail servers, web servers and resolvers.

All that is wrong with a description is told at once, each problem with its key and what is accepted there.
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from state.problems import Problem
from state.section import Port, Section
from state.validation import value_problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PUBLIC = "public"
"""The authority of the system list that every world has."""

SELF_SIGNED = "self-signed"

Days = Annotated[int, Meta(ge=-36500, le=36500, description="a number of days before (-) or after the clock")]
Count = Annotated[int, Meta(ge=0, le=1000)]
KeyKind = Literal["P-256", "P-384", "RSA-1024", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"]
Usage = Literal["server", "client", "mail", "code", "any"]
KeyUsage = Literal[
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
]
Digest = Literal["SHA-256", "SHA-384", "SHA-512"]
TlsVersion = Literal["1.0", "1.1", "1.2", "1.3"]


class Certificate(Section, frozen=True):
    """A server's certificate.

    Attributes:
        issuer: the name of an authority, `public`, or `self-signed`.
        names: SAN dNSNames; where they are left out, the host names that the zones give the server's address.
        common_name: the subject's CN; the first of the names where it is left out, no CN where it is "".
        begins: written `from`: the beginning of its validity, in days from the world's clock.
        ends: written `to`.
        usage: the extended key usage; no such extension where it is empty.
        key_usage: no such extension where it is empty.
        ca: whether it says that it is an authority.
        chain: the authorities that are presented behind it; all up to the root where it is left out.
        filler: how many certificates of strangers follow, for a chain that is too long.
        pem: a key and a chain as PEM, presented as they are; nothing else counts then.
    """

    issuer: str = PUBLIC
    names: list[str] | None = None
    common_name: str | None = None
    begins: Days = field(name="from", default=-1)
    ends: Days = field(name="to", default=90)
    key: KeyKind = "P-256"
    usage: list[Usage] = field(default_factory=lambda: list[Usage](["server"]))
    key_usage: list[KeyUsage] = field(default_factory=list)
    digest: Digest = "SHA-256"
    ca: bool = False
    chain: list[str] | None = None
    filler: Count = 0
    pem: str | None = None


class Authority(Section, frozen=True):
    """An authority.

    Attributes:
        issuer: as of a certificate; a root is `self-signed`.
        common_name: the name of its table where it is left out.
        system: whether the appliances of this world have it in their system list.
        ca: False for one that signs without being an authority.
        path_length: how many authorities may stand below it.
        permitted, excluded: name constraints, dNSNames.
    """

    issuer: str = SELF_SIGNED
    common_name: str | None = None
    system: bool = False
    begins: Days = field(name="from", default=-365)
    ends: Days = field(name="to", default=3650)
    key: KeyKind = "P-256"
    key_usage: list[KeyUsage] = field(default_factory=lambda: list[KeyUsage](["key_cert_sign", "crl_sign"]))
    digest: Digest = "SHA-256"
    ca: bool = True
    path_length: Count | None = None
    permitted: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


class ZoneTable(Section, frozen=True):
    """A zone.

    Attributes:
        dnssec: `bogus` fails (SERVFAIL with EDE 6) unless the query sets CD.
        records: one a line, as in a zone file.
        behaviour: for `OWNER` or `OWNER TYPE`, what goes wrong when it is asked for.
        ttl: seconds, for records that do not say.
    """

    dnssec: Literal["signed", "unsigned", "bogus"] = "signed"
    records: list[str] = field(default_factory=list)
    behaviour: dict[str, str] = field(default_factory=dict)
    ttl: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 3600


class Mta(Section, frozen=True):
    """A mail server.

    Attributes:
        address: public-looking; the world leads it to loopback. `ipv6` is a second address of the same server.
        starttls: whether EHLO offers it; where it is not offered, the command is answered 500.
        implicit_tls: TLS begins with the connection (port 465).
        keywords: what EHLO says besides STARTTLS.
        replies: for a step, what is answered in place of the usual; lines are separated by newlines.
        behaviour: `accepts`, `silent`, or what it does wrong and where (`behaviour.py`).
        delay: milliseconds, for `waits` and `drips`.
        tls: the versions that it speaks.
        ciphers: an OpenSSL cipher string for TLS 1.2 and older.
        weak_dh: only finite-field Diffie-Hellman with a group of 1024 bits, up to TLS 1.2; it takes an RSA key.
    """

    address: str
    ipv6: str | None = None
    port: Port = 25
    certificate: Certificate = Certificate()
    starttls: bool = True
    implicit_tls: bool = False
    keywords: list[str] = field(default_factory=lambda: ["SIZE 10485760", "8BITMIME"])
    replies: dict[str, str] = field(default_factory=dict)
    behaviour: str = "accepts"
    delay: Annotated[int, Meta(ge=0, le=60_000)] = 100
    tls: list[TlsVersion] = field(default_factory=lambda: list[TlsVersion](["1.2", "1.3"]))
    ciphers: str | None = None
    weak_dh: bool = False


class Policy(Section, frozen=True):
    """The MTA-STS policy of a domain and the host that serves it.

    Attributes:
        body: the whole document, where it is not to be made of `mode`, `mx` and `max_age`.
        filler: so many octets follow it, in lines that mean nothing.
        address: a free one where it is left out. The zone gets the A record of `mta-sts.DOMAIN` unless it has one.
        certificate: by `public` for `mta-sts.DOMAIN` where it is left out.
        location: where a redirect leads to.
        headers: more lines of the answer's head.
    """

    mode: str = "enforce"
    mx: list[str] = field(default_factory=list)
    max_age: int = 604800
    body: str | None = None
    filler: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    address: str | None = None
    port: Port = 443
    certificate: Certificate = Certificate()
    status: Annotated[int, Meta(ge=100, le=999)] = 200
    media_type: str = "text/plain; charset=utf-8"
    location: str | None = None
    headers: list[str] = field(default_factory=list)
    behaviour: str = "accepts"
    delay: Annotated[int, Meta(ge=0, le=60_000)] = 100
    tls: list[TlsVersion] = field(default_factory=lambda: list[TlsVersion](["1.2", "1.3"]))


class RevocationList(Section, frozen=True):
    """A revocation list, signed by an authority.

    Attributes:
        issuer: the authority that it is of.
        revoked: mail servers, policy hosts or web servers whose certificates it revokes, by name.
        begins: written `from`: when it was issued, in days from the world's clock.
        ends: written `to`: its nextUpdate.
    """

    issuer: str = PUBLIC
    revoked: list[str] = field(default_factory=list)
    begins: Days = field(name="from", default=-1)
    ends: Days = field(name="to", default=6)


class Web(Section, frozen=True):
    """A web server, of the host that its table is named after.

    Attributes:
        tls: the versions that it speaks; empty for a server without TLS.
        address: a free one where it is left out. The zone gets its A record unless it has one.
        port: 443, or 80 without TLS, where it is left out.
        certificate: by `public` for the host where it is left out.
        documents: texts by path.
        lists: revocation lists by path.
        status: of the answer to every path that there is; another one is answered 404.
        location: where a redirect leads to.
    """

    address: str | None = None
    port: Port | None = None
    certificate: Certificate = Certificate()
    documents: dict[str, str] = field(default_factory=dict)
    lists: dict[str, RevocationList] = field(default_factory=dict)
    status: Annotated[int, Meta(ge=100, le=999)] = 200
    media_type: str = "application/octet-stream"
    location: str | None = None
    behaviour: str = "accepts"
    delay: Annotated[int, Meta(ge=0, le=60_000)] = 100
    tls: list[TlsVersion] = field(default_factory=list)


class Resolver(Section, frozen=True):
    """A resolver.

    Attributes:
        trusted: whether the appliance takes its AD flag for what it is (rule D4).
        behaviour: `validates`, `does not validate`, `always AD`, or a word for what goes wrong with every question.
    """

    address: str = "192.0.2.53"
    port: Port = 53
    trusted: bool = True
    behaviour: str = "validates"
    delay: Annotated[int, Meta(ge=0, le=60_000)] = 100


class Description(Section, frozen=True):
    """A world.

    Attributes:
        source: the appliance's own address, as it sees it in its connections.
        resolvers: one that validates, at 192.0.2.53, where there are none.
    """

    source: str = "192.168.42.42"
    authorities: dict[str, Authority] = field(default_factory=dict)
    zones: dict[str, ZoneTable] = field(default_factory=dict)
    mtas: dict[str, Mta] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    webs: dict[str, Web] = field(default_factory=dict)
    resolvers: dict[str, Resolver] = field(default_factory=lambda: {"resolver": Resolver()})


class WorldRefused(ValueError):
    """A description that no world can be made of; `problems` has all that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def read_description(values: str | Mapping[str, object]) -> Description:
    """Return the description that a TOML text, or its values, stand for.

    Raises:
        WorldRefused: it is no TOML, has unknown keys or wrong values. What spans tables is checked when it is built.
    """
    try:
        table = tomllib.loads(values) if isinstance(values, str) else dict(values)
    except tomllib.TOMLDecodeError as error:
        raise WorldRefused([Problem((), f"The description is no TOML: {error}")]) from None
    try:
        return msgspec.convert(table, Description)
    except (msgspec.ValidationError, RecursionError) as error:
        raise WorldRefused(value_problems(table, Description) or [Problem((), str(error))]) from None
