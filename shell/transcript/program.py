"""What the player needs of the program it plays against."""

from __future__ import annotations

from typing import Final, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.terminal import Conversation
    from shell.transcript.parse import Transcript

    Sink = Callable[[Sequence[str]], None]
    """Takes what the program says, in pieces; every line ends with a newline."""
    OpenProgram = Callable[[Transcript, Sink], "Program"]
    """Makes the program that one transcript is played against; may raise TranscriptError."""


class Absent:
    """The type of `ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""What `Program.lookup` returns for a key that has no value, not even a default one."""


class Program(Protocol):
    """One appliance in memory, made for one transcript."""

    def conversation(self) -> Conversation:
        """Return the coroutine that yields questions and is sent the answers.

        It begins at the main prompt and returns when the operator has left. It may let Cancelled,
        EndOfInput, Disconnected, StillAsks and Refused out: the conversation has ended then.
        """

    def lookup(self, which: str, path: tuple[str | int, ...]) -> object:
        """Return the effective TOML value of a key, defaults included, or `ABSENT`.

        Args:
            which: "committed" or "staged".
            path: the parts of the key; whole numbers are places in a list, from 0.
        """
