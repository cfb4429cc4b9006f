"""What the DNS said, as values: records, whether DNSSEC vouches for them, the aliases on the way (rules D1 to D6).

`gateway.dns` fills them from the network; the judgments of DANE and MTA-STS read them, and tests write them by hand.
Names are A-labels in lower case without the final dot.
"""

from __future__ import annotations

from typing import Generic, Literal, NamedTuple, TypeVar

Security = Literal["secure", "insecure", "error"]
"""`error` is bogus, indeterminate, SERVFAIL, REFUSED, a timeout, or an answer that cannot be read (rules D1, D2)."""

R = TypeVar("R")


class MailExchanger(NamedTuple):
    """A record of the type MX; the host is "" for a null MX (RFC 7505)."""

    preference: int
    host: str


class TlsaRecord(NamedTuple):
    """A record of the type TLSA as it came (RFC 6698 s2.1), which may be one that no rule allows (rule T5).

    Attributes:
        usage: the certificate usage; this and the next two are -1 where the record ends before them.
        selector: which part of the certificate is meant.
        matching_type: how the data stand for it.
        data: the certificate association data, of whatever length.
    """

    usage: int
    selector: int
    matching_type: int
    data: bytes


class Answer(NamedTuple, Generic[R]):
    """The answer to one question.

    Attributes:
        name: the name that was asked for.
        security: that of all of it, aliases and records together.
        records: () where there are none of that type, which is no error (rule D3), and after an error.
        aliases: the names that CNAMEs led to, in order; the last one has the records.
        first_alias: the security of the first CNAME alone (rule D5); None where there is no alias. Behind an insecure
            alias it takes a query of its own, which only the answers for addresses are worth: no rule asks elsewhere.
        exists: False after NXDOMAIN.
        fault: what went wrong, a sentence with what the resolver told of it (RFC 8914); "" where neither the security
            nor that of the first alias is an error.
        ttl: seconds for which the answer may still be kept.
    """

    name: str
    security: Security
    records: tuple[R, ...] = ()
    aliases: tuple[str, ...] = ()
    first_alias: Security | None = None
    exists: bool = True
    fault: str = ""
    ttl: int = 0

    @property
    def expanded(self) -> str:
        """The name behind the last alias, the name itself where there is none."""
        return self.aliases[-1] if self.aliases else self.name
