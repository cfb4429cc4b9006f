"""The text form of a Host Access Table: what PRINT shows and EXPORT writes, and IMPORT reads back.

Policies begin with `$NAME` and their behavior, sender groups with `NAME:`, their senders and `$POLICY (comment)`;
`ALL` alone stands for everybody else. A text with a bad line stands for nothing: every bad line is named.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from commands.answers import NotAccepted, free_text, named
from commands.listenerconfig.parameters import BEHAVIOR_WORDS, PARAMETERS, as_text, from_text
from commands.table_text import BadLines, numbered_lines
from state.model_listeners import BUILT_IN_POLICIES, Policy, SenderGroup
from state.names import InvalidName, profile_name
from state.senders import ALL, sender
from state.wording import listed, nearest, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_BEHAVIORS = {word: behavior for behavior, word in BEHAVIOR_WORDS.items()}
_BY_WORD = {one.word: one for one in PARAMETERS}
_REFERENCE = re.compile(r"\$\s*([^(]*?)\s*(?:\((.*)\))?")
_BEHAVIOR = re.compile(r"([A-Za-z]+)\s*(\{\s*\}?)?")
_ASSIGNMENT = re.compile(r"([^=\s]+)\s*=\s*(.*)")


class Entry(NamedTuple):
    """A row of the table: a policy or a sender group."""

    name: str
    value: Policy | SenderGroup

    @property
    def shown(self) -> str:
        """The name that no other row has: that of a policy begins with `$`."""
        return f"${self.name}" if isinstance(self.value, Policy) else self.name


def table_text(entries: Iterable[Entry]) -> str:
    """Return the text that stands for a table."""
    return "".join(f"{line}\n" for entry in entries for line in entry_lines(entry))


def entry_lines(entry: Entry) -> Iterator[str]:
    """Yield the lines of one row."""
    value = entry.value
    if isinstance(value, Policy):
        yield f"${entry.name}"
        pairs = [
            f"        {one.word} = {as_text(one, own)}"
            for one in PARAMETERS
            if (own := getattr(value, one.field)) is not None
        ]
        behavior = BEHAVIOR_WORDS[value.behavior]
        yield from (f"    {behavior} {{", *pairs, "    }") if pairs else (f"    {behavior}",)
        return
    comment = f" ({value.comment})" if value.comment else ""
    if value.name == ALL and value.senders == [ALL]:
        yield from (ALL, f"    ${value.policy}{comment}")
        return
    yield f"{value.name}:"
    yield from (f"    {one}" for one in value.senders)
    yield f"        ${value.policy}{comment}"


def read_table(text: str) -> list[Entry]:
    """Return the rows of a text, policies first; a built-in policy that it lacks is there as it is built in.

    Raises:
        BadLines: something in it is wrong; all of it is named.
    """
    reading = _Reading()
    for number, line in numbered_lines(text):
        try:
            reading.line(number, line)
        except NotAccepted as error:
            reading.problems.append((number, str(error)))
    return reading.finished()


class _Reading:
    """A text while it is read: inside a policy, inside a sender group, or between rows."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self._policies: dict[str, Policy] = {}
        self._groups: list[SenderGroup] = []
        self._first: dict[str, int] = {}
        self._references: list[tuple[int, str]] = []
        self._policy: str | None = None
        self._group: tuple[int, str] | None = None
        self._open = False
        self._senders: list[str] = []
        self._values: dict[str, Any] = {}

    def line(self, number: int, line: str) -> None:
        if self._open:
            self._parameter(line)
        elif self._group is not None and not self._is_header(line):
            self._in_group(number, line)
        elif (
            self._policy is not None and not self._is_header(line) and not line.startswith("$") and line.upper() != ALL
        ):
            self._behavior(line)
        else:
            self._end()
            self._header(number, line)

    def finished(self) -> list[Entry]:
        self._end()
        policies = {**BUILT_IN_POLICIES, **self._policies}
        for number, name in self._references:
            if name not in policies:
                known = listed([quoted(one) for one in list(policies)[:6]], "and")
                self.problems.append((number, f"There is no policy {quoted(name)}; there are {known}."))
        if self.problems:
            raise BadLines(self.problems)
        entries = [Entry(name, policy) for name, policy in policies.items()]
        return entries + [Entry(group.name, group) for group in self._groups]

    @staticmethod
    def _is_header(line: str) -> bool:
        return line.endswith(":") and not line.startswith("$") and line.count(":") == 1

    def _header(self, number: int, line: str) -> None:
        if line.startswith("$"):
            name = named(line[1:].strip(), profile_name, "name")
            self._note(number, f"${name}")
            self._policy, self._values = name, {}
        elif line.upper() == ALL or self._is_header(line):
            name = ALL if line.upper() == ALL else named(line[:-1].strip(), profile_name, "name")
            self._group, self._senders = (number, name), [ALL] if line.upper() == ALL else []
            self._note(number, name)
        else:
            raise NotAccepted(f"{quoted(line)} is neither $POLICY nor GROUP:.")

    def _note(self, number: int, shown: str) -> None:
        earlier = self._first.setdefault(shown, number)
        if earlier != number:
            self.problems.append((number, f"{quoted(shown)} is there already (line {earlier})."))

    def _behavior(self, line: str) -> None:
        found = _BEHAVIOR.fullmatch(line)
        behavior = _BEHAVIORS.get(found[1].upper()) if found else None
        if found is None or behavior is None or "behavior" in self._values:
            self._values.setdefault("behavior", "accept")  # that it is missing need not be told too
            raise NotAccepted(f"{quoted(line)} is no behavior; it is {listed(list(_BEHAVIORS))}, once for a policy.")
        self._values["behavior"] = behavior
        self._open = found[2] == "{"

    def _parameter(self, line: str) -> None:
        if line == "}":
            self._open = False
            return
        pair = _ASSIGNMENT.fullmatch(line)
        if pair is None:
            raise NotAccepted(f"{quoted(line)} is neither KEY = VALUE nor }}.")
        parameter = _BY_WORD.get(pair[1].lower())
        if parameter is None:
            near = nearest(pair[1], _BY_WORD)
            hint = f"did you mean {near}?" if near else f"it takes {listed(list(_BY_WORD))}."
            raise NotAccepted(f"{quoted(pair[1])} is not a parameter; {hint}")
        if parameter.field in self._values:
            raise NotAccepted(f"{parameter.word} is set twice.")
        self._values[parameter.field] = from_text(parameter, pair[2])

    def _in_group(self, number: int, line: str) -> None:
        if not line.startswith("$"):
            self._senders += read_senders(line)
            return
        reference = _REFERENCE.fullmatch(line)
        if reference is None or self._group is None:
            raise NotAccepted(f"{quoted(line)} is not $POLICY (COMMENT).")
        comment = free_text((reference[2] or "").strip())
        self._references.append((number, reference[1]))
        self._groups.append(
            SenderGroup(name=self._group[1], policy=reference[1], comment=comment, senders=self._senders)
        )
        self._group = None

    def _end(self) -> None:
        """End the row that is read; what it lacks is told at the line where it begins."""
        if self._policy is not None:
            begun = self._first[f"${self._policy}"]
            if self._open:
                self.problems.append((begun, f'The policy {quoted(self._policy)} is not closed with "}}".'))
            if "behavior" not in self._values:
                self.problems.append((begun, f"The policy {quoted(self._policy)} has no behavior."))
            self._policies[self._policy] = Policy(**self._values)
        if self._group is not None:
            self.problems.append((self._group[0], f"The sender group {quoted(self._group[1])} has no $POLICY."))
        self._policy, self._group, self._open = None, None, False


def read_senders(typed: str) -> list[str]:
    """Return senders that are typed with commas between them, as they are stored.

    Raises:
        NotAccepted: one is none.
    """
    found = []
    for part in typed.split(","):
        if part.strip():
            try:
                found.append(sender(part))
            except InvalidName as error:
                raise NotAccepted(f"{quoted(part.strip())} is not a valid sender: {error}.") from None
    return list(dict.fromkeys(found))
