"""MASQUERADE: the Domain Masquerading Table, which rewrites the senders of outgoing mail."""

from __future__ import annotations

from commands.answers import named
from commands.dialog import text
from commands.listenerconfig.listener_table import ListenerTable, two_words
from commands.terminal import Terminal
from state.mail_patterns import masquerade, masqueraded
from state.model_listeners import MasqueradeRow
from state.names import InvalidName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from commands.session import Session

KIND = "address to masquerade"
NEW_KIND = "masqueraded address"


class Masquerade(ListenerTable[MasqueradeRow]):
    """Rows like `@a.example @b.example`; the most specific one decides."""

    field = "masquerade"
    unique = "address"

    def name(self, row: MasqueradeRow) -> str:
        """Return the senders that are rewritten."""
        return row.address

    async def ask(
        self, session: Session, terminal: Terminal, present: MasqueradeRow | None, *about: str
    ) -> MasqueradeRow:
        """Ask who is rewritten, and to what."""

        def read(answer: str) -> str:
            address = named(answer, masqueraded, KIND)
            self.refuse_taken(session, address, present, *about)
            return address

        address = await text(
            terminal,
            "Enter the source address or domain to masquerade.",
            read,
            default=present.address if present else None,
            hint="A domain like @example.com, all below one like @.example.com, or an address like ops@example.com.",
        )
        to = await text(
            terminal,
            "Enter the masqueraded address or domain.",
            lambda answer: named(answer, masquerade, NEW_KIND),
            default=present.to if present else None,
            hint="A domain like @example.com, or an address like ops@example.com.",
        )
        return MasqueradeRow(address=address, to=to)

    def line(self, row: MasqueradeRow) -> str:
        """Return `@a.example @b.example`."""
        return f"{row.address} {row.to}"

    def read_line(self, session: Session, line: str, *about: str) -> MasqueradeRow:
        """Return the row of a line."""
        address, to = two_words(line, "@a.example @b.example")
        return MasqueradeRow(address=named(address, masqueraded, KIND), to=named(to, masquerade, NEW_KIND))

    def typed_name(self, typed: str) -> str:
        """Return the senders as they are stored."""
        try:
            return masqueraded(typed)
        except InvalidName:
            return typed


TABLE = Masquerade()


async def dialog(session: Session, terminal: Terminal, listener: str) -> None:
    """Show the listener's table and the operations, until Enter leaves."""
    await TABLE.dialog(session, terminal, listener)
