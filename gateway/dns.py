"""Look-ups in the DNS: records, and whether DNSSEC vouches for them (rules D1 to D6).

There is no validator here. A validating resolver says by the AD flag that it validated an answer, which counts only if
that resolver is trusted and so is the way to it (rule D4); it answers SERVFAIL where validation failed.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal, NamedTuple

from gateway.answers import Answer, MailExchanger, TlsaRecord
from gateway.dns_exchange import Unanswered, ask
from gateway.dns_messages import BadAnswer, asked_name
from state.names import InvalidName
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import dns.name

    from gateway.dns_cache import AnswerCache
    from gateway.dns_exchange import Server
    from gateway.dns_messages import Kind, Reply
    from gateway.network import Network

LONGEST = 86_400
"""Seconds; an answer is not kept for longer than a day."""
LONGEST_NEGATIVE = 3_600
"""Seconds for which it is believed that something does not exist (RFC 2308 s5 advises one to three hours)."""
FAILURE = 5
"""Seconds for which a failure is remembered, so that nobody is flooded with what just failed (RFC 9520)."""


class Limits(NamedTuple):
    """How long is waited, in seconds.

    Attributes:
        each: for one resolver.
        overall: for one look-up.
        rounds: how often each resolver that says nothing is asked.
    """

    each: float = 3.0
    overall: float = 12.0
    rounds: int = 2


class Dns:
    """Asks the resolvers of a configuration. Nothing here raises: what fails is an answer that says so."""

    def __init__(
        self,
        network: Network,
        resolvers: Callable[[str], Sequence[Server]],
        cache: AnswerCache,
        *,
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        minimum_ttl: int = 0,
    ) -> None:
        """Join what a look-up needs.

        Args:
            network: opens the sockets.
            resolvers: the servers for a name, in the order in which they are asked.
            cache: what is known already; it may be shared and outlive this object.
            limits: how long is waited.
            minimum_ttl: seconds for which answers are kept at least. TLSA records are not: they are changed together
                with a key, and their time to live tells when (RFC 7671 s8.1).
        """
        self._network = network
        self._resolvers = resolvers
        self._cache = cache
        self._limits = limits
        self._minimum_ttl = minimum_ttl

    async def mx(self, name: str) -> Answer[MailExchanger]:
        """Return the mail exchangers of a domain, in the order in which they came.

        A host that is no host name stays in the answer, for with it gone the domain could seem to have none (D13).
        """
        return await self._look_up(name, "MX")

    async def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> Answer[str]:
        """Return the addresses of a host.

        Behind an insecure alias the first CNAME is asked for alone, since the answer does not tell whether it is
        secure (rules D5, T2).
        """
        answer: Answer[str] = await self._look_up(name, kind)
        if not answer.aliases or answer.first_alias is not None:
            return answer
        alias = await self.cname(name)
        ttl = min(answer.ttl, alias.ttl)
        if alias.security != "error" and not alias.records:
            fault = f"The alias of {quoted(name)} is gone when it is asked for alone."
            return answer._replace(first_alias="error", fault=fault, ttl=min(ttl, FAILURE))
        return answer._replace(first_alias=alias.security, fault=alias.fault, ttl=ttl)

    async def tlsa(self, owner: str) -> Answer[TlsaRecord]:
        """Return the TLSA records of an owner such as `_25._tcp.mail.example.com`, those that no rule allows too."""
        return await self._look_up(owner, "TLSA")

    async def txt(self, name: str) -> Answer[tuple[bytes, ...]]:
        """Return the texts of a name, each a sequence of strings that are joined without blanks (rule M3)."""
        return await self._look_up(name, "TXT")

    async def cname(self, name: str) -> Answer[str]:
        """Return the alias of a name, and its own security (rule D5); it is not followed."""
        return await self._look_up(name, "CNAME")

    async def _look_up(self, text: str, kind: Kind) -> Answer[Any]:
        try:
            name, asked = asked_name(text, kind in ("A", "AAAA", "MX"))
        except InvalidName as error:
            return Answer(text, "error", fault=f"{quoted(text)} cannot be looked up in the DNS: {error}.")
        servers = list(self._resolvers(asked))
        if any(server.trusted for server in servers):
            # An answer that nobody vouches for must not stand in for one that a trusted resolver could not give: who
            # breaks that one's look-up would so turn DANE off (rule D2).
            servers = [server for server in servers if server.trusted]
        key = (asked, kind, tuple((server.address, server.port, server.trusted) for server in servers))
        answer = self._cache.find(key)
        if answer is None:
            answer = await self._ask(name, asked, kind, servers)
            self._cache.keep(key, answer)
        return answer

    async def _ask(self, name: dns.name.Name, asked: str, kind: Kind, servers: Sequence[Server]) -> Answer[Any]:
        """Ask resolvers in turn; one that failed is not asked again, one that said nothing is.

        `asked` is the name as a text.
        """
        failures: dict[str, str] = {}
        waiting = self._cache.in_order(servers)
        try:
            async with asyncio.timeout(self._limits.overall):
                for _ in range(self._limits.rounds):
                    silent = []
                    for server in waiting:
                        try:
                            reply = await ask(self._network, server, name, kind, self._limits.each)
                        except BadAnswer as error:
                            failures[shown(server)] = str(error)
                        except Unanswered as error:
                            failures[shown(server)] = str(error)
                            silent.append(server)
                            if error.its_fault:
                                self._cache.rest(server)
                        else:
                            return self._answer(asked, kind, server, reply)
                    waiting = silent
        except TimeoutError:
            if shown(server) not in failures:
                self._cache.rest(server)
            failures.setdefault(shown(server), f"gave no answer before {self._limits.overall:g} s were over")
        told = "; ".join(f"{where} {what}" for where, what in failures.items()) or "no resolver is configured"
        fault = f"The DNS look-up of {kind} for {quoted(asked)} failed: {told}."
        return Answer(asked, "error", fault=fault, ttl=FAILURE)

    def _answer(self, asked: str, kind: Kind, server: Server, reply: Reply) -> Answer[Any]:
        secure = reply.authenticated and server.trusted
        ttl = min(reply.ttl, LONGEST if reply.records else LONGEST_NEGATIVE)
        if ttl and kind != "TLSA":  # 0 forbids to keep it
            ttl = max(ttl, self._minimum_ttl)
        first_alias: Literal["secure", "insecure"] | None = None
        if reply.aliases and (secure or not server.trusted):
            first_alias = "secure" if secure else "insecure"
        return Answer(
            asked,
            "secure" if secure else "insecure",
            reply.records,
            reply.aliases,
            first_alias,
            reply.exists,
            ttl=ttl,
        )


def shown(server: Server) -> str:
    """Return how a resolver is called in a sentence: `the resolver 127.0.0.53`; its port where it is not 53."""
    return f"the resolver {server.address}" + (f" port {server.port}" if server.port != 53 else "")
