"""What is wrong with a configuration, as an operator reads it."""

from __future__ import annotations

from typing import NamedTuple

from state.wording import key_text


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


class InvalidConfiguration(Exception):
    """A text that cannot be taken as a configuration; `problems` has all that is wrong, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line or 0, problem.path and str(problem.path)))
        super().__init__("\n".join(map(str, self.problems)))
