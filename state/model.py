"""The configuration as immutable typed values: a Struct a section, field names as in the TOML.

A field that is None was not set: the entry uses the default entry's value, or the program's. Values are
words of the dialogs, never codes. What has its default is left out of the text (`state.document`).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, NamedTuple, get_args

import msgspec
from msgspec import Meta, field

from state.model_listeners import Listener, Receiving
from state.model_logs import Logs
from state.model_network import Dns, SmtpRoute
from state.model_relay import SmtpRelay
from state.section import DEFAULT_PROFILE, DEMO, Port, Seconds, Section

DialogGeneration = Literal["current", "classic"]
TlsSetting = Literal["no", "preferred", "required", "preferred-verify", "required-verify", "required-verify-hosted"]
DaneSetting = Literal["none", "opportunistic", "mandatory"]
IpPreference = Literal["prefer-v6", "require-v6", "prefer-v4", "require-v4"]
LimitsApplyTo = Literal["domain", "mail-exchanger"]
LimitsEnforced = Literal["system", "virtual-gateway"]
TlsMethod = Literal["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
AlertClass = Literal[
    "All",
    "System",
    "Hardware",
    "Updater",
    "Outbreak Filters",
    "Anti-Virus",
    "Anti-Spam",
    "Directory Harvest Attack Prevention",
    "Message Delivery",
]
RefreshInterval = Literal["hourly", "daily", "weekly", "monthly"]
Severity = Literal["All", "Critical", "Warning", "Information"]

Concurrency = Annotated[int, Meta(ge=1, le=1000)]
Minutes = Annotated[int, Meta(ge=1, le=60)]
RecipientLimit = Annotated[int, Meta(ge=1, le=1_000_000_000)]
CipherString = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=r"^[!-~]([ -~]*[!-~])?\Z",
        description="a cipher string of OpenSSL in printable ASCII",
    ),
]
MOST_RETRIES = 10_000

TLS_SETTINGS: tuple[TlsSetting, ...] = get_args(TlsSetting)
DANE_SETTINGS: tuple[DaneSetting, ...] = get_args(DaneSetting)
TLS_METHODS: tuple[TlsMethod, ...] = get_args(TlsMethod)
ALERT_CLASSES: tuple[AlertClass, ...] = get_args(AlertClass)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class Https(Section, frozen=True, kw_only=True):
    """The HTTPS service of an interface; stored and shown, nothing serves it yet."""

    inline: ClassVar[bool] = True
    port: Port = 443
    certificate: str = DEMO


class Interface(Section, frozen=True, kw_only=True):
    """An IP interface: its IPv4 address with prefix, one of IPv6 beside it, and the services on it (stored only)."""

    identity: ClassVar[str | None] = "address"
    address: str
    ipv6: str | None = None
    hostname: str | None = None
    ssh: Port | None = None
    http: Port | None = None
    https: Https | None = None


class Recipients(Section, frozen=True, kw_only=True):
    """A recipient limit: at most `limit` recipients in `minutes` minutes."""

    inline: ClassVar[bool] = True
    limit: RecipientLimit
    minutes: Minutes = 60


class Destination(Section, frozen=True, kw_only=True):
    """What holds for mail to one domain; None means that the default entry's value holds."""

    tls: TlsSetting | None = None
    dane: DaneSetting | None = None
    mta_sts: bool | None = None
    concurrency: Concurrency | None = None
    recipients: Recipients | None = None
    messages_per_connection: Concurrency | None = None
    limits_apply_to: LimitsApplyTo = "domain"
    limits_enforced: LimitsEnforced = "system"
    bounce_verification: bool | None = None
    bounce_profile: str | None = None


class DefaultDestination(Section, frozen=True, kw_only=True):
    """What holds for mail to every domain that has no setting of its own."""

    tls: TlsSetting = "no"
    dane: DaneSetting = "none"
    mta_sts: bool = False
    ip_preference: IpPreference = "prefer-v6"
    concurrency: Concurrency = 500
    recipients: Recipients | None = None
    messages_per_connection: Concurrency = 50
    limits_apply_to: LimitsApplyTo = "domain"
    limits_enforced: LimitsEnforced = "system"
    bounce_verification: bool = False
    bounce_profile: str = DEFAULT_PROFILE


class Destinations(Section, frozen=True, kw_only=True):
    """Destination controls: the certificate offered on outgoing TLS connections, and the entries."""

    certificate: str = DEMO
    send_tls_alert: bool = False
    default: DefaultDestination = DefaultDestination()
    domains: dict[str, Destination] = field(default_factory=dict)

    @property
    def dane_domains(self) -> list[str]:
        """The domains whose entries have DANE on; "" stands for all that have no setting of their own."""
        own = [name for name, entry in self.domains.items() if entry.dane is not None and entry.dane != "none"]
        return own if self.default.dane == "none" else ["", *own]


class CertificateProfile(Section, frozen=True, kw_only=True):
    """A certificate with its key; the key is sealed (`state.secrets`), intermediates nearest first.

    `request` is the signing request that was taken out; it goes when the signed certificate comes.
    """

    certificate: str
    private_key: str | None = None
    intermediates: list[str] = field(default_factory=list)
    request: str | None = None


class BounceProfile(Section, frozen=True, kw_only=True):
    """How undeliverable mail is tried again and bounced; stored and shown, times in seconds."""

    max_retries: Annotated[int, Meta(ge=0, le=MOST_RETRIES)] = 100
    max_queue_time: Seconds = 259_200
    initial_wait: Seconds = 60
    max_wait: Seconds = 3600
    send_bounces: bool = True
    send_delay_warnings: bool = False


class CustomAuthority(Section, frozen=True, kw_only=True):
    """A certificate authority of the custom list under its friendly name."""

    name: str
    certificate: str


class Authorities(Section, frozen=True, kw_only=True):
    """Which lists of certificate authorities are in force, and the custom list."""

    system: bool = True
    custom: bool = False
    certificates: list[CustomAuthority] = field(default_factory=list)


class RevocationSource(Section, frozen=True, kw_only=True):
    """Where a certificate revocation list comes from, and how often it is fetched."""

    url: str
    refresh: RefreshInterval = "daily"


class Revocation(Section, frozen=True, kw_only=True):
    """For whom revocation lists are checked (the GUI's is stored only), and their sources by name."""

    listener: bool = False
    delivery: bool = False
    gui: bool = False
    sources: dict[str, RevocationSource] = field(default_factory=dict)


class AlertRecipient(Section, frozen=True, kw_only=True):
    """Who is told about alerts of which classes and severities."""

    address: str
    classes: list[AlertClass] = field(default_factory=lambda: ["All"])
    severities: list[Severity] = field(default_factory=lambda: ["All"])


class Alerts(Section, frozen=True, kw_only=True):
    """Alert mail: recipients, and how long duplicates are held back (seconds)."""

    initial_wait: Seconds = 300
    maximum_wait: Seconds = 3600
    stored: Annotated[int, Meta(ge=1, le=10_000)] = 50
    from_address: str | None = None
    recipients: list[AlertRecipient] = field(default_factory=list)


class TlsService(Section, frozen=True, kw_only=True):
    """TLS versions of one direction, and its ciphers as OpenSSL writes them; None is OpenSSL's DEFAULT."""

    methods: list[TlsMethod] = field(default_factory=lambda: ["TLSv1.2", "TLSv1.3"])
    ciphers: CipherString | None = None


class OutboundTls(TlsService, frozen=True, kw_only=True):
    """TLS where this system is the client, and what is asked of the names and the form of the peer's certificate."""

    require_fqdn: bool = False
    require_x509: bool = False


class Tls(Section, frozen=True, kw_only=True):
    """TLS settings of the three directions (sslconfig)."""

    gui: TlsService = TlsService()
    inbound: TlsService = TlsService()
    outbound: OutboundTls = OutboundTls()


class Sessions(Section, frozen=True, kw_only=True):
    """Sessions at the prompt: minutes without a key after which one ends."""

    idle_minutes: Annotated[int, Meta(ge=1, le=1440)] = 30


class Configuration(Section, frozen=True, kw_only=True):
    """The whole configuration of one appliance."""

    hostname: str = "mail.example.com"
    dialogs: DialogGeneration = "current"
    interfaces: dict[str, Interface] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    receiving: Receiving = Receiving()
    dns: Dns = Dns()
    smtp_routes: dict[str, SmtpRoute] = field(default_factory=dict)
    destinations: Destinations = Destinations()
    bounce_profiles: dict[str, BounceProfile] = field(default_factory=dict)
    certificates: dict[str, CertificateProfile] = field(default_factory=dict)
    authorities: Authorities = Authorities()
    revocation: Revocation = Revocation()
    alerts: Alerts = Alerts()
    smtp_relay: SmtpRelay | None = None
    tls: Tls = Tls()
    sessions: Sessions = Sessions()
    logs: Logs = Logs()

    def with_destinations(self, **changes: object) -> Configuration:
        """Return the configuration with other values in `destinations`."""
        return msgspec.structs.replace(self, destinations=msgspec.structs.replace(self.destinations, **changes))


class BounceProfileUse(NamedTuple):
    """What uses a bounce profile: its key in the configuration, its name for people, the profile."""

    path: tuple[str, ...]
    user: str
    profile: str


def bounce_profile_uses(configuration: Configuration) -> list[BounceProfileUse]:
    """Return everything that names a bounce profile of its own."""
    destinations = configuration.destinations
    of_default = ("destinations", "default", "bounce_profile")
    uses = [BounceProfileUse(of_default, "the default entry of destconfig", destinations.default.bounce_profile)]
    for name, entry in destinations.domains.items():
        if entry.bounce_profile is not None:
            path = ("destinations", "domains", name, "bounce_profile")
            uses.append(BounceProfileUse(path, f"the destination {name}", entry.bounce_profile))
    for name, listener in configuration.listeners.items():
        uses.append(
            BounceProfileUse(("listeners", name, "bounce_profile"), f"the listener {name}", listener.bounce_profile)
        )
    return uses


class CertificateUse(NamedTuple):
    """A service that uses a certificate profile: its key in the configuration, its name for people, the profile."""

    path: tuple[str, ...]
    service: str
    certificate: str


def certificate_uses(configuration: Configuration) -> list[CertificateUse]:
    """Return every service that has a certificate, and which one it uses."""
    uses = [
        CertificateUse(("listeners", name, "certificate"), f"Listener {name}", listener.certificate)
        for name, listener in configuration.listeners.items()
    ]
    outbound = configuration.destinations.certificate
    uses.append(CertificateUse(("destinations", "certificate"), "Outbound TLS (destconfig)", outbound))
    for name, interface in configuration.interfaces.items():
        if interface.https:
            path = ("interfaces", name, "https", "certificate")
            uses.append(CertificateUse(path, f"HTTPS of {name}", interface.https.certificate))
    return uses


def certificate_choices(configuration: Configuration) -> list[str]:
    """Return the profiles that a service can use: those with a private key, in order, Demo last."""
    with_key = [name for name, profile in configuration.certificates.items() if profile.private_key]
    return [*with_key, DEMO]
