"""What is remembered of the DNS: answers for as long as they may be kept, and resolvers that did not answer.

It holds nothing of an event loop, so it outlives commands. It is bounded by answers and by bytes, for strangers decide
how large an answer is.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import TypeVar

    from gateway.answers import Answer
    from gateway.dns_exchange import Server

    S = TypeVar("S", bound=Server)

REST = 30.0
"""Seconds for which a resolver that did not answer is asked after the others."""
OVERHEAD = 500
"""Bytes that an answer takes beside its records, about."""


class AnswerCache:
    """Answers by question; the one that was not asked for the longest goes first."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        most_answers: int = 10_000,
        most_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        """Make an empty one.

        Args:
            clock: seconds that only grow.
            most_answers: how many are kept.
            most_bytes: how much memory they may take, about.
        """
        self._clock = clock
        self._most_answers = most_answers
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, tuple[float, int, Answer[Any]]] = OrderedDict()
        self._bytes = 0
        self._resting: dict[tuple[str, int], float] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> Answer[Any] | None:
        """Return a kept answer, its `ttl` what is left of it; None where there is none any more."""
        if (kept := self._kept.get(key)) is None:
            return None
        left = kept[0] - self._clock()
        if left <= 0:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept[2]._replace(ttl=int(left))

    def keep(self, key: Hashable, answer: Answer[Any]) -> None:
        """Keep an answer for its `ttl`; one that may not be kept is not."""
        self._drop(key)
        size = OVERHEAD + len(answer.fault) + sum(map(_size, answer.records)) + sum(map(len, answer.aliases))
        if answer.ttl <= 0 or size > self._most_bytes:
            return
        self._kept[key] = (self._clock() + answer.ttl, size, answer)
        self._bytes += size
        while len(self._kept) > self._most_answers or self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything (`dnsflush`)."""
        self._kept.clear()
        self._resting.clear()
        self._bytes = 0

    def rest(self, server: Server) -> None:
        """Remember that a resolver did not answer."""
        now = self._clock()
        self._resting = {place: until for place, until in self._resting.items() if until > now}
        self._resting[server.address, server.port] = now + REST

    def in_order(self, servers: Sequence[S]) -> list[S]:
        """Return resolvers in the order to ask them: those that lately did not answer come last."""
        now = self._clock()
        return sorted(servers, key=lambda one: self._resting.get((one.address, one.port), now) > now)

    def _drop(self, key: Hashable) -> None:
        if kept := self._kept.pop(key, None):
            self._bytes -= kept[1]


def _size(value: object) -> int:
    if isinstance(value, tuple):
        return OVERHEAD // 10 + sum(map(_size, value))
    return len(value) if isinstance(value, (str, bytes)) else 0
