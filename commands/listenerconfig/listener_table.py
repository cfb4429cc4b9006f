"""Tables inside a listener: where their rows stand, and the two words a line of most of them is made of."""

from __future__ import annotations

import re
from typing import TypeVar

from msgspec.structs import replace

from commands.answers import NotAccepted
from commands.listenerconfig.listeners import staged
from commands.table_dialog import Table
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.session import Session
    from state.model_listeners import Listener

Row = TypeVar("Row")


class ListenerTable(Table[Row]):
    """A table that is a field of a listener; `about` is the listener's name.

    Attributes:
        field: the field, a list of rows.
    """

    field: str

    def rows(self, session: Session, *about: str) -> Sequence[Row]:
        """Return the listener's rows."""
        rows: Sequence[Row] = getattr(_listener(session, *about), self.field)
        return rows

    def put(self, session: Session, rows: Sequence[Row], *about: str) -> None:
        """Stage the listener with these rows."""
        listener = replace(_listener(session, *about), **{self.field: list(rows)})
        (name,) = about
        listeners = {**session.staged.listeners, name: listener}
        session.staged = replace(session.staged, listeners=listeners)


def _listener(session: Session, name: str) -> Listener:
    return staged(session, name)


def two_words(line: str, example: str) -> tuple[str, str]:
    """Return the two words of a line; blanks inside double quotes part nothing.

    Raises:
        NotAccepted: there are not two.
    """
    words = re.findall(r'(?:"(?:[^"\\]|\\.)*"|\S)+', line)
    if len(words) != 2:
        raise NotAccepted(f"{quoted(line)} is not a row; one looks like {example}.")
    return words[0], words[1]
