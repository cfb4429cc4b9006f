"""What is wrong with a configuration, as an operator reads it."""

from __future__ import annotations

from typing import NamedTuple

from state.wording import key_text, printable


def disk_trouble(error: OSError) -> str:
    """Return the sentence for an error of the operating system."""
    where = f" ({printable(error.filename)})" if isinstance(error.filename, str) else ""
    return f"The appliance directory cannot be used: {error.strerror or error}{where}."


class StateRefusal(Exception):
    """What was asked for cannot be, and nothing was changed; the text is what the operator reads."""


class NoAppliance(StateRefusal):
    """A directory has other files than an appliance's; it is not taken for one."""


class WaitingForConfirm(StateRefusal):
    """Another user's commit waits to be confirmed; nobody else may commit before its time is up."""


class Problem(NamedTuple):
    """One thing that is wrong with a configuration.

    Attributes:
        path: the key at which it stands; () for the whole.
        sentence: what is wrong and what is accepted, without key and line.
        line: 1-based line of the text, None where the key is not written there.
    """

    path: tuple[str | int, ...]
    sentence: str
    line: int | None = None

    def __str__(self) -> str:
        """Return `line 12: destinations.default.tls: must be ...`."""
        where = [f"line {self.line}"] if self.line else []
        where += [key_text(self.path)] if self.path else []
        return ": ".join([*where, self.sentence])


class InvalidConfiguration(StateRefusal):
    """A text that cannot be taken as a configuration; `problems` has all that is wrong, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line or 0, problem.path and str(problem.path)))
        super().__init__("\n".join(map(str, self.problems)))


class HandEditRefused(InvalidConfiguration):
    """`config.toml` was edited by hand and cannot be taken in; what was committed before stays in force."""

    def __str__(self) -> str:
        """Return which file it is about, over its problems."""
        return f"config.toml was edited and cannot be taken in:\n{super().__str__()}"
