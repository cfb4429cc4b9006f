"""RCPTACCESS: the Recipient Access Table, which says for whom a listener takes mail."""

from __future__ import annotations

from commands.answers import NotAccepted, named
from commands.dialog import choose, text
from commands.listenerconfig.listener_table import ListenerTable, two_words
from commands.terminal import Terminal
from state.mail_patterns import ALL, recipient
from state.model_listeners import RecipientRow
from state.names import InvalidName
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.session import Session
    from state.model_listeners import RecipientAction

ACTIONS: tuple[RecipientAction, ...] = ("accept", "reject")
KIND = "recipient"
STAYS = f"The row {ALL} is always there; EDIT changes what happens to everybody else."


class RecipientAccess(ListenerTable[RecipientRow]):
    """Rows like `.example.com ACCEPT`; `ALL` is always the last one and rejects until it is edited.

    The most specific row decides, so that their order means nothing.
    """

    field = "recipient_access"
    noun, plural, unique = "recipient", "recipients", "address"

    def rows(self, session: Session, *about: str) -> Sequence[RecipientRow]:
        """Return the rows, ALL last, also where it is not written."""
        rows = super().rows(session, *about)
        everybody = [row for row in rows if row.address == ALL] or [RecipientRow(address=ALL, action="reject")]
        return [*(row for row in rows if row.address != ALL), *everybody]

    def put(self, session: Session, rows: Sequence[RecipientRow], *about: str) -> None:
        """Stage the rows; an ALL that rejects is not written."""
        super().put(session, [row for row in rows if (row.address, row.action) != (ALL, "reject")], *about)

    def name(self, row: RecipientRow) -> str:
        """Return the recipients."""
        return row.address

    async def ask(
        self, session: Session, terminal: Terminal, present: RecipientRow | None, *about: str
    ) -> RecipientRow:
        """Ask recipients and action; of ALL only the action."""

        def read(answer: str) -> str:
            address = named(answer, recipient, KIND)
            self.refuse_taken(session, address, present, *about)
            return address

        address = ALL
        if present is None or present.address != ALL:
            address = await text(
                terminal,
                "Enter the recipient address for this entry.",
                read,
                default=present.address if present else None,
                hint="A domain like example.com, all below one like .example.com, or an address like ops@example.com.",
            )
        chosen = await choose(
            terminal,
            ("Accept", "Reject"),
            default=ACTIONS.index(present.action) if present else 0,
            above="Select the action to apply to this address.",
        )
        return RecipientRow(address=address, action=ACTIONS[chosen])

    def line(self, row: RecipientRow) -> str:
        """Return `.example.com ACCEPT`."""
        return f"{row.address} {row.action.upper()}"

    def read_line(self, session: Session, line: str, *about: str) -> RecipientRow:
        """Return the row of a line."""
        address, action = two_words(line, ".example.com ACCEPT")
        stored = named(address, recipient, KIND)
        for known in ACTIONS:
            if action.lower() == known:
                return RecipientRow(address=stored, action=known)
        raise NotAccepted(f"{quoted(action)} is not accepted; it takes ACCEPT or REJECT.")

    def typed_name(self, typed: str) -> str:
        """Return the recipients as they are stored."""
        try:
            return recipient(typed)
        except InvalidName:
            return typed

    def place(self, rows: Sequence[RecipientRow], row: RecipientRow) -> int:
        """Return the place before ALL."""
        return len(rows) - 1

    def built_in(self, row: RecipientRow) -> str | None:
        """Refuse to remove ALL."""
        return STAYS if row.address == ALL else None

    def cleared(self, row: RecipientRow) -> RecipientRow:
        """Return ALL as it is before anybody edits it."""
        return RecipientRow(address=row.address, action="reject")


TABLE = RecipientAccess()


async def dialog(session: Session, terminal: Terminal, listener: str) -> None:
    """Show the listener's table and the operations, until Enter leaves."""
    await TABLE.dialog(session, terminal, listener)
