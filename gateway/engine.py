"""What the committed configuration does on the network: resolvers, trust, TLS, policies, each made when first needed.

One engine lasts as long as its session. It reads the committed configuration whenever something is asked of it; what is
expensive to make (the trust store, TLS contexts) is kept until a commit changes what it is made of.
"""

from __future__ import annotations

from functools import cached_property

from gateway.client_tls import ClientContexts
from gateway.custom_list import custom_list
from gateway.dns import Dns
from gateway.dns import Limits as DnsLimits
from gateway.dns_cache import AnswerCache
from gateway.mail_log import MailLog
from gateway.network import MappedNetwork, Network
from gateway.revocation_lists import kept_list, kept_marks
from gateway.routes import Resolver, resolvers_for
from gateway.smtp import Limits as SessionLimits
from gateway.system_list import system_list, system_mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from gateway.alert_center import AlertCenter
    from gateway.chain import TrustStore
    from gateway.domain_policy import DomainPolicy
    from gateway.https import Limits as FetchLimits
    from gateway.https import Web
    from gateway.sts_service import PolicyService
    from gateway.verdict import Verdict
    from state.model import Configuration
    from state.store import Store


class Engine:
    """The committed configuration at work.

    Attributes:
        store: the appliance.
        network: opens all sockets.
        session_limits: seconds for the steps of an SMTP session (rule S7).
        log: the mail log.
    """

    def __init__(
        self,
        store: Store,
        network: Network | None = None,
        resolvers: Sequence[tuple[str, int, bool]] | None = None,
        *,
        session_limits: SessionLimits = SessionLimits(),  # noqa: B008 - a value, never changed
        dns_limits: DnsLimits = DnsLimits(),  # noqa: B008 - the same
        policy_limits: FetchLimits | None = None,
    ) -> None:
        """Join an appliance with a network.

        Args:
            store: the appliance.
            network: that of this system, if None.
            resolvers: address, port, and whether it is trusted, of the resolvers to ask; those of the configuration, if
                None.
            session_limits: seconds for the steps of an SMTP session.
            dns_limits: seconds for look-ups.
            policy_limits: how large a policy may be, and how long fetching it may take; those of rule M7, if None.
        """
        self.store = store
        self.network = network or Network()
        self._given = None if resolvers is None else [Resolver(*one) for one in resolvers]
        self.log = MailLog(store)
        self.session_limits = session_limits
        self._dns_limits = dns_limits
        self._policy_limits = policy_limits
        self._cache = AnswerCache()
        self._contexts = ClientContexts(store)
        self._trust: tuple[Hashable, TrustStore] | None = None

    @classmethod
    def offline(cls, store: Store) -> Engine:
        """Return the engine of an appliance without a network: nothing is reached, and every look-up says so."""
        return cls(store, MappedNetwork({}), ())

    @property
    def configuration(self) -> Configuration:
        """The committed configuration."""
        return self.store.committed.configuration

    def now(self) -> datetime:
        """Return the time by the appliance's clock, aware."""
        return self.store.now()

    def resolvers(self, name: str) -> list[Resolver]:
        """Return the resolvers that are asked about a name, in their order."""
        if self._given is not None:
            return self._given
        configuration = self.configuration
        system = () if configuration.dns.resolvers else self._system_resolvers
        return resolvers_for(configuration, name, system)

    @cached_property
    def _system_resolvers(self) -> tuple[str, ...]:
        from gateway.system_resolvers import system_resolvers

        return system_resolvers()

    @property
    def dns(self) -> Dns:
        """Looks names up; answers are kept for their time to live, and for as long as dnsconfig says at least."""
        minimum_ttl = self.configuration.dns.minimum_ttl
        return Dns(self.network, self.resolvers, self._cache, limits=self._dns_limits, minimum_ttl=minimum_ttl)

    def context(self) -> ssl.SSLContext:
        """Return the context of outgoing TLS sessions.

        Raises:
            TlsUnusable: OpenSSL refuses the methods, the ciphers or the certificate.
            SecretUnavailable: the key of the certificate cannot be opened.
            OSError: the appliance directory cannot be read.
        """
        return self._contexts.context(self.configuration)

    def trust(self) -> TrustStore:
        """Return the authorities of the lists in force, with the revocation lists that deliveries are checked against.

        Raises:
            OSError: the appliance directory cannot be read.
        """
        from gateway.chain import TrustStore

        configuration = self.configuration
        authorities, revocation = configuration.authorities, configuration.revocation
        sources = list(revocation.sources) if revocation.delivery else []
        key = (
            authorities.system,
            system_mark(self.store) if authorities.system else None,
            tuple((one.name, one.certificate) for one in authorities.certificates) if authorities.custom else (),
            tuple(sources),
            tuple(kept_marks(self.store, sources)),
        )
        if self._trust is None or self._trust[0] != key:
            system = system_list(self.store) if authorities.system else None
            found = [one.certificate for one in system.authorities] if system else []
            found += [one.certificate for one in custom_list(authorities)] if authorities.custom else []
            lists = [kept.found for kept in (kept_list(self.store, name) for name in sources) if kept.found]
            self._trust = (key, TrustStore(found, lists))
        return self._trust[1]

    @cached_property
    def web(self) -> Web:
        """Fetches from the web, from servers that the lists in force vouch for."""
        from gateway.https import Web, resolved_by
        from gateway.server_trust import web_judge

        addresses = resolved_by(lambda host, kind: self.dns.addresses(host, kind))
        return Web(self.network, addresses, web_judge(self.trust, self.now))

    @cached_property
    def policy_limits(self) -> FetchLimits:
        """How large a policy may be, and how long fetching it may take."""
        from gateway.sts_service import POLICY_LIMITS

        return self._policy_limits or POLICY_LIMITS

    @cached_property
    def policies(self) -> PolicyService:
        """Knows the MTA-STS policies of domains."""
        from gateway.sts_service import PolicyService

        return PolicyService(
            self.store, lambda name: self.dns.txt(name), self.web.get, self.log.write, self.policy_limits
        )

    async def resolver_fault(self, domain: str) -> Verdict | None:
        """Return why the resolvers' word cannot be used for DANE of a domain; None where it can (rule D4)."""
        from gateway.resolver_check import resolver_fault

        return await resolver_fault(self.network, self.resolvers(domain), [domain], seconds=self._dns_limits.each)

    @cached_property
    def alerts(self) -> AlertCenter:
        """Takes alerts, and has them sent when they are due."""
        from gateway.alert_center import AlertCenter

        return AlertCenter(self.store, self.log.write)

    async def policy_for(self, domain: str | None) -> DomainPolicy:
        """Return what MTA-STS says of a policy domain now; one in use that could not be refreshed is worth an alert."""
        found = await self.policies.policy_for(domain)
        if found.alert:
            from gateway.alert_events import policy_not_refreshed

            self.alerts.raise_alert(policy_not_refreshed(found.domain, found.alert))
        return found
