"""HOSTACCESS: the Host Access Table of a listener, a table of policies and sender groups, and its defaults."""

from __future__ import annotations

from commands.answers import NotAccepted, free_text, read_new_name
from commands.dialog import Operation, choose, text
from commands.listenerconfig.host_access_text import Entry, entry_lines, read_senders, read_table
from commands.listenerconfig.listeners import staged, with_host_access
from commands.listenerconfig.parameters import block
from commands.listenerconfig.policy_questions import ask_parameters, ask_policy
from commands.table_dialog import Table
from commands.table_rows import StillUsed
from commands.terminal import Choice, Terminal
from state.model_listeners import BUILT_IN_POLICIES, Policy, SenderGroup
from state.senders import ALL, KINDS
from state.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from commands.session import Session

NO_COMMENT = "-"


async def default(session: Session, terminal: Terminal, listener: str) -> None:
    """Ask everything about the default policy."""
    present = staged(session, listener).host_access.default
    with_host_access(session, listener, default=await ask_parameters(session, terminal, present))


class HostAccessTable(Table[Entry]):
    """Policies first, the built-in ones before others, then sender groups in the order in which they are tried."""

    keywords = ("NEW", "EDIT", "DELETE", "MOVE", "PRINT", "IMPORT", "EXPORT", "CLEAR")
    extra = (Operation("DEFAULT", "Set the defaults.", default),)

    def rows(self, session: Session, *about: str) -> Sequence[Entry]:
        """Return policies and sender groups."""
        table = staged(session, about[0]).host_access
        policies = [Entry(name, policy) for name, policy in table.every_policy.items()]
        return policies + [Entry(group.name, group) for group in table.groups]

    def put(self, session: Session, rows: Sequence[Entry], *about: str) -> None:
        """Stage them; a built-in policy that is as it was built in is not written."""
        policies: dict[str, Policy] = {}
        groups: list[SenderGroup] = []
        for row in rows:
            if isinstance(row.value, SenderGroup):
                groups.append(row.value)
            elif BUILT_IN_POLICIES.get(row.name) != row.value:
                policies[row.name] = row.value
        with_host_access(session, about[0], policies=policies, groups=groups)

    def name(self, row: Entry) -> str:
        """Return the name, that of a policy behind `$`."""
        return row.shown

    def line(self, row: Entry) -> str:
        """Return the lines of the text form."""
        return "\n".join(entry_lines(row))

    def read_text(self, session: Session, text: str, *about: str) -> list[Entry]:
        """Return the rows of a text form."""
        return read_table(text)

    def state(self, session: Session, *about: str) -> list[str]:
        """Return the block of default parameters and the counts."""
        table = staged(session, about[0]).host_access
        return [
            *block(table.default),
            "",
            f"There are currently {len(table.every_policy)} policies defined.",
            f"There are currently {len(table.groups)} sender groups.",
        ]

    def index(self, session: Session, typed: str, *about: str) -> int:
        """Return the index of a row; a policy may be typed without its `$` where no group has the name."""
        try:
            return super().index(session, typed, *about)
        except NotAccepted:
            names = [self.name(row).lower() for row in self.rows(session, *about)]
            if f"${typed.lower()}" in names:
                return names.index(f"${typed.lower()}")
            raise

    def place(self, rows: Sequence[Entry], row: Entry) -> int:
        """Return where a new row stands: a policy behind the policies, a group before that of everybody else."""
        if isinstance(row.value, Policy):
            return sum(isinstance(one.value, Policy) for one in rows)
        return len(rows) - (_is_last(rows[-1]) if rows else 0)

    def places(self, rows: Sequence[Entry], index: int) -> tuple[int, int]:
        """Return where MOVE may put a row: a group among the groups, before that of everybody else."""
        if isinstance(rows[index].value, Policy) or _is_last(rows[index]):
            return index, index
        first = sum(isinstance(one.value, Policy) for one in rows)
        return first, len(rows) - 1 - _is_last(rows[-1])

    def built_in(self, row: Entry) -> str | None:
        """Return why a built-in policy and the group of everybody else stay."""
        if isinstance(row.value, Policy) and row.name in BUILT_IN_POLICIES:
            return f"{quoted(row.name)} is built in and stays; EDIT changes it."
        if _is_last(row):
            return f"{quoted(row.name)} stands for everybody else and stays; EDIT gives it another policy."
        return None

    def users(self, session: Session, *about: str) -> dict[str, list[str]]:
        """Return the sender groups of each policy."""
        found: dict[str, list[str]] = {}
        for group in staged(session, about[0]).host_access.groups:
            found.setdefault(f"${group.policy}", []).append(f"the sender group {group.name}")
        return found

    def take(self, session: Session, rows: Sequence[Entry], *about: str) -> None:
        """Stage other rows, unless a group of them would name a policy that is not among them."""
        policies = {row.name for row in rows if isinstance(row.value, Policy)}
        users: dict[str, list[str]] = {}
        for row in rows:
            if isinstance(row.value, SenderGroup) and row.value.policy not in policies:
                users.setdefault(row.value.policy, []).append(row.name)
        if users:
            raise StillUsed(
                "\n".join(
                    f"The policy {quoted(policy)} is that of the sender group {quoted(groups[0])}"
                    f"{f' and {len(groups) - 1} more' if len(groups) > 1 else ''}; choose another one there first."
                    for policy, groups in users.items()
                )
            )
        self.put(session, rows, *about)

    async def ask(self, session: Session, terminal: Terminal, present: Entry | None, *about: str) -> Entry:
        """Ask whether it is a group or a policy where it is new, then everything about it."""
        if present is None:
            group = await choose(terminal, ("New Sender Group", "New Policy"), default=0) == 0
            policies = staged(session, about[0]).host_access.every_policy
            if not group:
                name = await self._name(terminal, "Enter a name for this policy.", policies, None)
                return Entry(name, await ask_policy(session, terminal, Policy()))
            row = await self._ask_group(session, terminal, None, about[0])
        elif isinstance(present.value, Policy):
            return Entry(present.name, await ask_policy(session, terminal, present.value))
        else:
            row = await self._ask_group(session, terminal, present.value, about[0])
        return Entry(row.name, row)

    async def _ask_group(
        self, session: Session, terminal: Terminal, present: SenderGroup | None, listener: str
    ) -> SenderGroup:
        table = staged(session, listener).host_access
        everybody = present is not None and _is_last(Entry(present.name, present))
        name, senders = (present.name, present.senders) if present else ("", [])
        if not everybody:
            taken = {group.name for group in table.groups} - {name}
            name = await self._name(terminal, "Enter a name for this sender group.", taken, name or None)
            senders = await _senders(terminal, senders)
        policies = list(table.every_policy)
        chosen = await choose(
            terminal,
            policies,
            default=policies.index(present.policy) if present and present.policy in policies else 0,
            above="Select a behavior for this entry.",
        )
        comment = await text(
            terminal,
            "Enter a comment for this sender group.",
            _comment,
            default=present.comment or None if present else None,
            required=False,
            hint=f"A line of text, {NO_COMMENT} for no comment; Enter takes what is in the brackets.",
        )
        return SenderGroup(name=name, policy=policies[chosen], comment=comment, senders=senders)

    @staticmethod
    async def _name(terminal: Terminal, question: str, taken: Iterable[str], present: str | None) -> str:
        known = {*taken, ALL} - {present}
        return await text(
            terminal,
            question,
            lambda answer: read_new_name(answer, known),
            default=present,
            hint="A name that is not taken yet.",
        )


async def _senders(terminal: Terminal, present: list[str]) -> list[str]:
    """Ask for senders to add, and of those there are, which to remove."""
    added = await text(
        terminal,
        "Enter the senders to add, separated by commas.",
        read_senders,
        required=False,
        choices=lambda: [Choice(ALL, "Everybody")],
        hint=f"Each is {KINDS}; like 10.0.0.0/8, or .example.com; Enter takes none.",
    )
    gone: list[str] = []
    if present:
        gone = await text(
            terminal,
            "Enter the senders to remove, separated by commas.",
            _known_senders(present),
            required=False,
            choices=lambda: [Choice(one) for one in present],
            hint="Senders of this group; Enter takes none.",
        )
    removed = set(gone)
    return list(dict.fromkeys([*(one for one in present if one not in removed), *added]))


def _known_senders(present: list[str]) -> Callable[[str], list[str]]:
    def read(answer: str) -> list[str]:
        typed = read_senders(answer)
        for one in typed:
            if one not in present:
                raise NotAccepted(f"{quoted(one)} is not a sender of this group.")
        return typed

    return read


def _comment(answer: str) -> str:
    return "" if answer == NO_COMMENT else free_text(answer)


def _is_last(row: Entry) -> bool:
    """Tell whether a row is the group that stands for everybody else."""
    return isinstance(row.value, SenderGroup) and row.name == ALL


HOST_ACCESS = HostAccessTable()
