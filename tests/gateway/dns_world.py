"""A small world of names, and a resolver that knows nothing else."""

from __future__ import annotations

from typing import get_args

from gateway.answers import Answer, MailExchanger, Security
from gateway.tlsa import TLSA

USABLE = "3 1 1 " + "ab" * 32
ANCHOR = "2 0 1 " + "cd" * 32
UNUSABLE = "1 1 1 " + "ab" * 32
SHORT = "3 1 1 abcd"

# A small world of names. A line: what is asked, the security of the answer, the aliases on the way (behind the security
# of the first), and the records. AAAA is as A, without records; what else is not in it has no records, securely.
WORLD = f"""
signed.example          MX    secure    10 mx1.signed.example, 20 mx2.signed.example
mx1.signed.example      A     secure    192.0.2.1
mx1.signed.example      AAAA  secure    2001:db8::1
mx2.signed.example      A     secure    192.0.2.2
_25._tcp.mx1.signed.example   TLSA  secure    {USABLE}
_587._tcp.mx1.signed.example  TLSA  secure    {ANCHOR}

order.example           MX    secure    20 mx1.signed.example, 10 plain.signed.example, 10 mx2.signed.example
plain.signed.example    A     secure    192.0.2.3
twice.example           MX    secure    20 mx1.signed.example, 10 mx1.signed.example

unsigned.example        MX    insecure  10 mx1.signed.example
null.example            MX    secure    0 .
null-insecure.example   MX    insecure  0 .
two-nulls.example       MX    insecure  0 ., 10 .
null-and-more.example   MX    secure    0 ., 10 mx1.signed.example
gone.example            MX    secure    NXDOMAIN
gone-insecure.example   MX    insecure  NXDOMAIN
gone-alias.example      MX    secure    -> secure nothing.example : NXDOMAIN
broken.example          MX    error
self.example            A     secure    192.0.2.4
_25._tcp.self.example   TLSA  secure    {USABLE}
self-insecure.example   MX    insecure
self-insecure.example   A     insecure  192.0.2.5
alias.example           MX    secure    -> secure target.example : 10 mx1.signed.example
weak-alias.example      MX    insecure  -> secure target.example : 10 mx1.signed.example
web.example             A     secure    -> secure host.example : 192.0.2.6
web.example             MX    secure    -> secure host.example
_25._tcp.host.example   TLSA  secure    {ANCHOR}

insecure.example        A     insecure  192.0.2.7
mixed.example           A     insecure  192.0.2.8
mixed.example           AAAA  secure    2001:db8::8
half.example            A     error
half.example            AAAA  secure    2001:db8::9
half-insecure.example   A     insecure  192.0.2.9
half-insecure.example   AAAA  error
down.example            A     error
down.example            AAAA  error
half-down.example       A     secure
half-down.example       AAAA  error
no-host.example         A     secure    NXDOMAIN
no-host.example         AAAA  secure    NXDOMAIN

chain.example           A     secure    -> secure middle.example last.example : 192.0.2.10
_25._tcp.middle.example TLSA  secure    {USABLE}
into-unsigned.example   A     insecure  -> secure cloud.example : 192.0.2.11
_25._tcp.into-unsigned.example  TLSA  secure  {USABLE}
_25._tcp.cloud.example  TLSA  secure    {USABLE}
out-of-unsigned.example A     insecure  -> insecure last.example : 192.0.2.12
_25._tcp.out-of-unsigned.example  TLSA  secure  {USABLE}
unknown-alias.example   A     insecure  -> error last.example : 192.0.2.13
both-alias.example      A     insecure  -> secure cloud.example : 192.0.2.14
both-alias.example      AAAA  insecure  -> secure cloud.example

either.example          A     secure    -> secure first.example : 192.0.2.15
_25._tcp.first.example  TLSA  secure    {USABLE}
_25._tcp.either.example TLSA  secure    {ANCHOR}
second.example          A     secure    -> secure empty.example : 192.0.2.16
_25._tcp.second.example TLSA  secure    {ANCHOR}
shadowed.example        A     secure    -> secure useless.example : 192.0.2.17
_25._tcp.useless.example  TLSA  secure  {UNUSABLE}
_25._tcp.shadowed.example TLSA  secure  {USABLE}
failing.example         A     secure    -> secure bogus.example : 192.0.2.18
_25._tcp.bogus.example  TLSA  error
_25._tcp.failing.example  TLSA  secure  {USABLE}
passing.example         A     secure    -> secure forged.example : 192.0.2.19
_25._tcp.forged.example TLSA  insecure  {UNUSABLE}
_25._tcp.passing.example  TLSA  secure  {USABLE}
useless.example         A     secure    192.0.2.20
partly.example          A     secure    192.0.2.21
_25._tcp.partly.example TLSA  secure    {UNUSABLE}, {SHORT}, {USABLE}
tlsa-alias.example      A     secure    192.0.2.22
_25._tcp.tlsa-alias.example   TLSA  secure    -> secure _dane.example : {USABLE}
weak-tlsa-alias.example A     secure    192.0.2.23
_25._tcp.weak-tlsa-alias.example  TLSA  insecure  -> secure _dane.cloud.example : {USABLE}
none-insecurely.example A     secure    192.0.2.24
_25._tcp.none-insecurely.example  TLSA  insecure  NXDOMAIN
none-at-all.example     A     secure    192.0.2.25
_25._tcp.none-at-all.example  TLSA  secure  NXDOMAIN
bogus.example           A     secure    192.0.2.26
"""


class World:
    """Answers by name and type, as a resolver would give them."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, str], tuple[str, str]] = {}
        for line in filter(None, text.splitlines()):
            name, kind, security, *rest = line.split(None, 3)
            assert (name, kind) not in self._lines
            self._lines[name, kind] = (security, rest[0] if rest else "")

    def ask(self, name: str, kind: str) -> Answer[str]:
        """Return an answer whose records are texts."""
        line = self._lines.get((name, kind))
        if line is None and kind == "AAAA":
            return self.ask(name, "A")._replace(records=())
        security, rest = line or ("secure", "")
        if security == "error":
            return Answer(name, "error", fault="SERVFAIL.")
        first, aliases = "", list[str]()
        if rest.startswith("-> "):
            way, _, rest = rest.partition(" : ")
            _, first, *aliases = way.split()
        exists = rest != "NXDOMAIN"
        records = tuple(filter(None, rest.split(", "))) if exists else ()
        return Answer(name, _security(security), records, tuple(aliases), _security(first) if first else None, exists)

    def mx(self, name: str) -> Answer[MailExchanger]:
        answer = self.ask(name, "MX")
        pairs = [record.split() for record in answer.records]
        records = tuple(MailExchanger(int(preference), host.strip(".")) for preference, host in pairs)
        return Answer(
            answer.name, answer.security, records, answer.aliases, answer.first_alias, answer.exists, answer.fault
        )

    def tlsa(self, owner: str) -> Answer[TLSA]:
        answer = self.ask(owner, "TLSA")
        records = tuple(map(TLSA.from_text, answer.records))
        return Answer(owner, answer.security, records, answer.aliases, answer.first_alias, answer.exists, answer.fault)


def _security(word: str) -> Security:
    return next(security for security in get_args(Security) if security == word)


DNS = World(WORLD)
