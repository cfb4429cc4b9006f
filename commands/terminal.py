"""The commands' end of a conversation: what they say, what they ask, what was answered ahead.

A command never prints and never reads. It calls `Terminal.say`, whose text goes to a sink that a front
end gave, and awaits `Terminal.ask`, which yields a `Question` to whoever drives the command's coroutine.
The driver answers with `coroutine.send(answer)`, or throws `Cancelled` (Ctrl-C), `EndOfInput` (Ctrl-D),
`Disconnected` (end of a pipe) or `StillAsks` (one line only, nobody to ask). No event loop is needed for that.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Sequence
    from typing import Any, Literal, TypeAlias

    Kind: TypeAlias = Literal["command", "line", "hidden", "paste"]
    Conversation: TypeAlias = Coroutine["Question", Any, None]


class Refused(Exception):
    """What was typed is understood but not done; its text is the sentence for the operator."""

    status = 1


class WrongUse(Refused):
    """What was typed is no command, or does not fit a form of its command."""

    status = 2


class Unsuccessful(Refused):
    """A command has done what it was told and has said what it found, and that is not good: scripts see its status."""


class Cancelled(Exception):
    """Ctrl-C at a question, or Ctrl-D inside a command."""


class EndOfInput(Exception):
    """Ctrl-D: leaves the shell at the main prompt, abandons the command at a question."""


class Disconnected(Exception):
    """Nobody will ever answer: the pipe ended, the line was cut."""


class StillAsks(Exception):
    """A question was asked where nobody can answer: `asyncsh -c`."""


class Volatile(str):
    """A part of the output that differs from run to run: a time, a serial number, a counter, a PEM block.

    `kind` is the placeholder a recording writes in its place: time, date, int, hex, any or pem.
    """

    __slots__ = ("kind",)
    kind: str

    def __new__(cls, kind: str, text: str) -> Volatile:
        """Mark `text` as one of the kinds above."""
        self = super().__new__(cls, text)
        self.kind = kind
        return self


class Choice:
    """One thing that can be answered: the word, and a sentence that explains it (may be empty)."""

    __slots__ = ("sentence", "word")

    def __init__(self, word: str, sentence: str = "") -> None:
        self.word = word
        self.sentence = sentence


class Question:
    """What a front end shows and gets an answer to.

    Attributes:
        prompt: the beginning of the line on which the answer is typed, trailing blank included;
            "" for pasted lines and secrets.
        text: the lines above the prompt, each ended by a newline; a blank line stands first.
        kind: "command" at the main prompt, "line" for a visible answer, "hidden" for a secret,
            "paste" for one line of a pasted text.
        choices: gives what Tab completes and `?` lists; called only when somebody wants it.
        hint: one sentence for `?`: what can be answered here.
    """

    __slots__ = ("choices", "hint", "kind", "prompt", "text")

    def __init__(
        self,
        prompt: str,
        text: str = "",
        kind: Kind = "line",
        choices: Callable[[], Iterable[Choice]] | None = None,
        hint: str = "",
    ) -> None:
        self.prompt = prompt
        self.text = text
        self.kind = kind
        self.choices = choices
        self.hint = hint

    @property
    def asked(self) -> str:
        """The line that asks, for where the question itself is not shown; a bare list is its options in a row."""
        lines = self.text.strip().rpartition("\n\n")[2].splitlines()
        if not self.prompt.startswith(("[", ">")):
            return self.prompt.strip() or (lines[-1] if lines else self.hint)
        if not lines:
            return self.hint
        if lines[-1].endswith((":", "?", ".")) and not lines[-1].startswith("- "):
            return lines[-1]
        return ", ".join(lines) if lines[0].startswith("1. ") else lines[0]


class _Asking:
    """The awaitable that hands a question to the driver and gives back the answer."""

    __slots__ = ("question",)

    def __init__(self, question: Question) -> None:
        self.question = question

    def __await__(self) -> Generator[Question, str, str]:
        return (yield self.question)


class Terminal:
    """Where commands say and ask.

    Attributes:
        width: columns of the screen; None where the output is no terminal (long names are never cut then).
        ahead: the words typed after a command's name, which answer its first questions.
        showing: whether the front end is showing what is said `at_once` now; it may wait for a key meanwhile.
    """

    def __init__(
        self,
        sink: Callable[[Sequence[str]], None],
        error_sink: Callable[[Sequence[str]], None] | None = None,
        width: Callable[[], int] | None = None,
        progress: Callable[[str], None] | None = None,
        flush: Callable[[], None] | None = None,
        go_on: Callable[[], None] | None = None,
    ) -> None:
        """Say things to `sink`.

        Args:
            sink: takes what is printed.
            error_sink: takes what is wrong, where that goes elsewhere.
            width: columns of the screen.
            progress: shows a person what takes a while.
            flush: has what was printed arrive.
            go_on: has the screen roll; given where a person watches and ends with Ctrl-C what has no end.
        """
        self._go_on = go_on
        self._sink = sink
        self._error_sink = error_sink or sink
        self._width = width
        self._progress = progress
        self._flush = flush
        self.showing = False
        self.ahead: deque[str] = deque()

    @property
    def width(self) -> int | None:
        """Columns of the screen, None where there is none."""
        return self._width() if self._width else None

    def say(self, *parts: str) -> None:
        """Print the parts as they stand and end the line; parts may be `Volatile`."""
        self._sink((*parts, "\n"))

    @property
    def watched(self) -> bool:
        """Whether a person sees what is said at once, and can end it; pipes, playback and `asyncsh -c` never are."""
        return self._go_on is not None

    def go_on(self) -> None:
        """Have the screen roll with what is said next, without waiting for a key."""
        if self._go_on is not None:
            self._go_on()

    @contextmanager
    def working(self, sentence: str) -> Iterator[None]:
        """Show a person what takes a while, as long as it takes; it is no part of the dialog.

        Pipes, playback and recordings never see it.
        """
        if self._progress is None:
            yield
            return
        self._progress(sentence)
        try:
            yield
        finally:
            self._progress("")

    def show_progress(self, done: int, of: int, sentence: str) -> None:
        """Show a person how much of a work is done, in place of what was shown of it before.

        Pipes, playback and recordings never see it.
        """
        if self._progress is not None:
            filled = 30 * done // max(of, 1)
            self._progress("")
            self._progress(f"{sentence} [{'#' * filled}{'.' * (30 - filled)}] {done} of {of}")

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Have what is said meanwhile reach whoever reads it as it is said, not with the next question."""
        sinks = self._sink, self._error_sink
        flush = self._flush or (lambda: None)

        def shown_by(sink: Callable[[Sequence[str]], None]) -> Callable[[Sequence[str]], None]:
            def show(parts: Sequence[str]) -> None:
                self.showing = True
                try:
                    sink(parts)
                    flush()
                finally:
                    self.showing = False

            return show

        flush()
        self._sink, self._error_sink = map(shown_by, sinks)
        try:
            yield
        finally:
            self._sink, self._error_sink = sinks

    def say_error(self, sentence: str) -> None:
        """Print one line about something wrong; under `asyncsh -c` it goes to standard error."""
        self._error_sink((sentence, "\n"))

    def no_more_words(self) -> None:
        """Refuse words that nothing asked for; said before something is done that cannot be undone.

        Raises:
            WrongUse: words typed ahead are left.
        """
        if self.ahead:
            from state.wording import quoted

            raise WrongUse(f"{quoted(self.ahead[0])} is not expected here; end the line before it.")

    async def ask(self, question: Question) -> str:
        """Return the answer to a question; one typed ahead is taken without showing the question."""
        if self.ahead:
            return self.ahead.popleft()
        return await _Asking(question)
