"""Times, and words of settings, as the dialogs print them."""

from __future__ import annotations

from commands.terminal import Volatile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def time_text(moment: datetime) -> Volatile:
    """Return a UTC time as `Fri May 23 11:42:12 2014 GMT`, whatever the locale is."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return Volatile("time", f"{day} {month} {moment:%d %H:%M:%S %Y} GMT")
