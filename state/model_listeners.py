"""Listeners as immutable typed values: what receives mail, from whom, and on which terms.

A listener that says nothing of its Host Access Table has the built-in one: `BUILT_IN_POLICIES` and
`built_in_groups`. A built-in policy is always there; one that is written takes the place of that of its name.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from msgspec import Meta, field

from state.section import DEFAULT_PROFILE, DEMO, Port, Seconds, Section

ListenerType = Literal["public", "private", "blackhole"]
ListenerProtocol = Literal["smtp", "qmqp"]
ListenerTls = Literal["no", "preferred", "required"]
RecipientAction = Literal["accept", "reject"]
PolicyBehavior = Literal["accept", "relay", "reject", "tcp-refuse"]

LISTENER_TYPES: tuple[ListenerType, ...] = get_args(ListenerType)
LISTENER_TLS: tuple[ListenerTls, ...] = get_args(ListenerTls)
BEHAVIORS: tuple[PolicyBehavior, ...] = get_args(PolicyBehavior)

MOST = 100_000
"""The largest limit of connections, messages or recipients that a policy may have."""
MOST_AN_HOUR = 1_000_000_000

MessageSize = Annotated[str, Meta(pattern=r"^[0-9]{1,10}[kKM]?$", description="a size like 10M, 512k or 1048576")]
LARGEST_MESSAGE = 9_999_999_999
"""Bytes that a message may have at most, whatever the unit in which the size is written."""

Limit = Annotated[int, Meta(ge=1, le=MOST)]
PerHour = Annotated[int, Meta(ge=0, le=MOST_AN_HOUR)]
ResponseCode = Annotated[int, Meta(ge=200, le=599)]


def message_bytes(size: str) -> int:
    """Return a message size in bytes: 10M are 10 * 1024 * 1024."""
    factor = {"k": 1024, "K": 1024, "M": 1024 * 1024}.get(size[-1])
    return int(size) if factor is None else int(size[:-1]) * factor


class Response(Section, frozen=True, kw_only=True):
    """An SMTP response of one's own: its code and its text."""

    inline: ClassVar[bool] = True
    code: ResponseCode
    text: str


class Policy(Section, frozen=True, kw_only=True):
    """What a sender may do (mail flow policy); None: the default policy's value holds. 0 an hour: no limit."""

    behavior: PolicyBehavior = "accept"
    max_message_size: MessageSize | None = None
    max_connections_per_address: Limit | None = None
    max_messages_per_connection: Limit | None = None
    max_recipients_per_message: Limit | None = None
    banner_hostname: str | None = None
    acceptance: Response | None = None
    rejection: Response | None = None
    max_recipients_per_hour: PerHour | None = None
    use_senderbase: bool | None = None
    max_invalid_recipients_per_hour: PerHour | None = None
    spam_check: bool | None = None
    virus_check: bool | None = None
    tls: ListenerTls | None = None
    verify_client_certificate: bool | None = None
    smtp_authentication: bool | None = None
    require_tls_for_authentication: bool | None = None
    dkim_signing: bool | None = None
    dkim_verification: bool | None = None
    spf_verification: bool | None = None
    envelope_sender_verification: bool | None = None
    domain_exception_table: bool | None = None
    accept_untagged_bounces: bool | None = None


class DefaultPolicy(Section, frozen=True, kw_only=True):
    """What holds where a policy has no value of its own. 0 an hour: no limit."""

    max_message_size: MessageSize = "10M"
    max_connections_per_address: Limit = 10
    max_messages_per_connection: Limit = 10
    max_recipients_per_message: Limit = 50
    banner_hostname: str | None = None
    acceptance: Response | None = None
    rejection: Response | None = None
    max_recipients_per_hour: PerHour = 0
    use_senderbase: bool = True
    max_invalid_recipients_per_hour: PerHour = 25
    spam_check: bool = True
    virus_check: bool = True
    tls: ListenerTls = "no"
    verify_client_certificate: bool = False
    smtp_authentication: bool = False
    require_tls_for_authentication: bool = False
    dkim_signing: bool = False
    dkim_verification: bool = False
    spf_verification: bool = False
    envelope_sender_verification: bool = False
    domain_exception_table: bool = False
    accept_untagged_bounces: bool = False


class SenderGroup(Section, frozen=True, kw_only=True):
    """A row of the Host Access Table: senders (`state.senders`) and the policy for them; the first match decides."""

    name: str
    policy: str
    comment: str = ""
    senders: list[str] = field(default_factory=list)


BUILT_IN_POLICIES: dict[str, Policy] = {
    "ACCEPTED": Policy(),
    "THROTTLED": Policy(
        spam_check=True,
        max_messages_per_connection=10,
        max_connections_per_address=10,
        max_recipients_per_message=25,
        max_recipients_per_hour=1,
        max_invalid_recipients_per_hour=0,
        virus_check=True,
        max_message_size="1M",
        use_senderbase=True,
        tls="no",
    ),
    "TRUSTED": Policy(
        spam_check=False,
        max_messages_per_connection=5000,
        max_connections_per_address=600,
        max_recipients_per_message=5000,
        max_recipients_per_hour=0,
        max_invalid_recipients_per_hour=0,
        virus_check=True,
        max_message_size="100M",
        use_senderbase=False,
        tls="no",
    ),
    "BLOCKED": Policy(behavior="reject"),
}
"""The policies of every listener, until others of their names are written."""

_BUILT_IN_GROUPS = (
    SenderGroup(
        name="WHITELIST",
        policy="TRUSTED",
        comment="My trusted senders have no anti-spam scanning or rate limiting",
    ),
    SenderGroup(name="BLACKLIST", policy="BLOCKED", comment="Spammers are rejected"),
    SenderGroup(name="SUSPECTLIST", policy="THROTTLED", comment="Suspicious senders are throttled"),
    SenderGroup(name="UNKNOWNLIST", policy="ACCEPTED", comment="Reviewed but undecided, continue normal acceptance"),
    SenderGroup(name="ALL", policy="ACCEPTED", senders=["ALL"]),
)


def built_in_groups() -> list[SenderGroup]:
    """Return the sender groups of a listener that has none written."""
    return list(_BUILT_IN_GROUPS)


class HostAccess(Section, frozen=True, kw_only=True):
    """The Host Access Table of a listener: the default policy, policies of its own, and sender groups in order."""

    default: DefaultPolicy = DefaultPolicy()
    policies: dict[str, Policy] = field(default_factory=dict)
    groups: list[SenderGroup] = field(default_factory=built_in_groups)

    @property
    def every_policy(self) -> dict[str, Policy]:
        """All policies by name, the built-in ones first."""
        return {**BUILT_IN_POLICIES, **self.policies}


class RecipientRow(Section, frozen=True, kw_only=True):
    """A row of the Recipient Access Table: recipients (`state.addresses.recipient`), and whether their mail is taken.

    The row `ALL` stands for everybody else; where it is not written it rejects.
    """

    address: str
    action: RecipientAction = "accept"


class MasqueradeRow(Section, frozen=True, kw_only=True):
    """A row of the Domain Masquerading Table: senders, and what is written in their place."""

    address: str
    to: str


class DomainMapRow(Section, frozen=True, kw_only=True):
    """A row of the domain map: the domain of recipients, and the one their mail is sent to instead."""

    domain: str
    to: str


class Listener(Section, frozen=True, kw_only=True):
    """An SMTP service on an interface and port."""

    type: ListenerType
    interface: str
    port: Port = 25
    protocol: ListenerProtocol = "smtp"
    certificate: str = DEMO
    max_concurrency: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    tcp_queue: Annotated[int, Meta(ge=1, le=10_000)] = 50
    default_domain: str | None = None
    received_header: bool = True
    clean_bare_newlines: bool = True
    senderbase: bool = True
    bounce_profile: str = DEFAULT_PROFILE
    host_access: HostAccess = HostAccess()
    recipient_access: list[RecipientRow] = field(default_factory=list)
    masquerade: list[MasqueradeRow] = field(default_factory=list)
    domain_map: list[DomainMapRow] = field(default_factory=list)

    @property
    def concurrency(self) -> int:
        """The connections at one time: its own limit, else that of its type."""
        return self.max_concurrency or (600 if self.type == "private" else 1000)


class Receiving(Section, frozen=True, kw_only=True):
    """What holds for all listeners together; timeouts in seconds."""

    max_connections: Annotated[int, Meta(ge=1, le=10_000)] = 300
    max_tls_connections: Annotated[int, Meta(ge=1, le=10_000)] = 100
    unsuccessful_timeout: Seconds = 300
    connection_timeout: Seconds = 900
