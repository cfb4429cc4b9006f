"""The mail log: stamped lines in the appliance directory, and the numbers of what they tell.

Several processes write it at once. Whole lines are added under a lock of its own, which is taken last of all locks and
let go at once; a killed writer leaves at most half a line, which nobody reads and the next writer removes.
"""

from __future__ import annotations

from gateway.log_counters import take
from gateway.mail_log_files import CURRENT, LOCK, rotate
from state.problems import disk_trouble
from state.wording import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from gateway.log_counters import Counter
    from gateway.log_line import LogLine
    from state.store import Store

LONGEST = 2000
"""Characters of a line; the rest is cut. Longer lines could only come from a peer."""


class MailLog:
    """The mail log of one appliance."""

    def __init__(self, store: Store) -> None:
        """Take the log of an appliance; nothing is read or made before a line is written."""
        self._store = store
        self._told = False

    def write(self, *lines: LogLine) -> bool:
        """Add lines, stamped with the time by the appliance's clock; Debug only where the committed level says so.

        They stand together: nobody else's line comes between them. They outlive this process as soon as this returns.

        A disk that refuses them never stops what they tell of: the operator is told so once, at the next prompt, and
        False is returned.
        """
        settings = self._store.committed.configuration.logs.mail_logs
        if settings.level != "debug":
            lines = tuple(line for line in lines if line.level != "Debug")
        if not lines:
            return True
        now = self._store.now()
        content = "".join(f"{stamped(line, now)}\n" for line in lines).encode()
        folder = self._store.folder
        try:
            with folder.lock(LOCK):
                if not folder.append(CURRENT, content, settings.max_bytes):
                    rotate(folder, settings.max_files)
                    folder.append(CURRENT, content, settings.max_bytes)
        except OSError as error:
            if not self._told:
                self._store.notices.append(f"Lines of the mail log are missing. {disk_trouble(error)}")
            self._told = True
            return False
        self._told = False
        return True

    def number(self, counter: Counter) -> int:
        """Return the next number of incoming connections, outgoing connections or messages; never given again.

        Raises:
            OSError: the disk does not keep it. What should have had the number must not begin.
        """
        return self.numbers(counter, 1)[0]

    def numbers(self, counter: Counter, count: int) -> range:
        """Return the next `count` numbers of a kind at once, as `number` does.

        Raises:
            OSError: as there.
        """
        folder = self._store.folder
        with folder.lock(LOCK):
            return take(folder, counter, count)


def stamped(line: LogLine, now: datetime) -> str:
    """Return a line as it stands in the file: `Wed Jul 20 19:47:40 2005 Info: ...`, the day padded with a blank.

    The time is GMT, as all times that are shown. What could move a cursor or begin a line of its own is an escape.
    """
    text = printable(str(line))
    return f"{now.ctime()} {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"
