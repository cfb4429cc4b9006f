"""Before certificates are checked against revocation lists, those that are due are fetched; what came of it is said."""

from __future__ import annotations

from gateway.list_fetching import fetch_due
from state.wording import counted, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from gateway.engine import Engine
    from gateway.list_fetching import Fetched

    T = TypeVar("T")


async def with_due_lists(engine: Engine, tell: Callable[[str], object], check: Callable[[], Awaitable[T]]) -> T:
    """Return what a check returns that begins when the lists that are due were fetched, or could not be (rule V1).

    Args:
        engine: the appliance at work.
        tell: is told a sentence for each list.
        check: the check, which is not begun before.

    Raises:
        OSError: the appliance directory cannot be read.
    """
    for one in await fetch_due(engine):
        tell(_sentence(one))
    return await check()


def _sentence(fetched: Fetched) -> str:
    of = f"The revocation list of {quoted(fetched.source)} was"
    if fetched.found is not None:
        return f"{of} fetched: it revokes {counted(fetched.found.revoked, 'certificate')}."
    left = "The last good one stays." if fetched.before else "There is none yet, so nothing is checked against it."
    return f"{of} not fetched: {fetched.reason} {left}"
