"""An operator at a terminal is told of a resolver that DANE cannot rely on, and waits for nothing (rule D4).

It is found out beside the conversation, in a thread with an event loop of its own, and told before the next prompt.
Where no domain has DANE there is no thread, and nothing of it is loaded.
"""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from commands.session import Session
    from gateway.network import Network
    from state.model import Configuration

PAUSE = 0.5
"""Seconds before it begins: until then the first prompt is there, and who only looks in has left again."""


@contextmanager
def resolvers_watched(session: Session) -> Iterator[None]:
    """Have the session tell of a resolver that DANE cannot rely on, as long as this lasts; then nothing of it is left.

    The appliance is open already; the configuration is the one that was committed when this began.
    """
    configuration = session.store.committed.configuration
    if not configuration.destinations.dane_domains:
        yield
        return
    watch = ResolverWatch(configuration, session.news.append)
    try:
        yield
    finally:
        watch.end()


class ResolverWatch:
    """One look at the resolvers, in a thread."""

    def __init__(
        self,
        configuration: Configuration,
        tell: Callable[[str], object],
        network: Callable[[], Network] | None = None,
        pause: float = PAUSE,
    ) -> None:
        """Begin.

        Args:
            configuration: whose resolvers are asked.
            tell: is told a sentence for each that DANE cannot rely on, in the thread.
            network: makes what opens sockets; that of this system, if None.
            pause: seconds before it begins.
        """
        import threading

        self._configuration = configuration
        self._tell = tell
        self._network = network
        self._pause = pause
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._looking: tuple[asyncio.AbstractEventLoop, asyncio.Task[list[str]]] | None = None
        # A daemon: a process that is ended in another way than by `end` waits for nobody either.
        self._thread = threading.Thread(target=self._run, name="resolvers", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Break off what is still going on, and return when the thread has ended; its sockets are closed then."""
        with self._lock:
            self._ended.set()
            if self._looking is not None:
                loop, task = self._looking
                loop.call_soon_threadsafe(task.cancel)
        self._thread.join()

    def wait(self, seconds: float) -> bool:
        """Wait until all is told; return whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._ended.wait(self._pause):
            return
        try:
            found = self._look()
        except Exception:  # a hint, for which nobody is to be disturbed; daneverify says what is wrong
            return
        for sentence in found:
            self._tell(sentence)

    def _look(self) -> list[str]:
        """Return the sentences; none where it was broken off."""
        import asyncio

        from gateway.network import Network
        from gateway.resolver_check import resolver_faults
        from gateway.system_resolvers import system_resolvers

        network = (self._network or Network)()
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(lambda loop, context: None)  # it would print
            work = resolver_faults(network, self._configuration, system_resolvers())
            with self._lock:
                if self._ended.is_set():
                    work.close()
                    return []
                task = loop.create_task(work)
                self._looking = loop, task
            try:
                return loop.run_until_complete(task)
            except asyncio.CancelledError:
                return []
            finally:
                with self._lock:
                    self._looking = None
