"""Lock step: the program asks, the transcript has the prompt and the answer, and all output between.

The player looks for the line that holds the program's prompt and takes what follows it as the answer.
Nothing in a transcript marks input: the split into output, prompt and answer comes from the program.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from contextlib import suppress

from commands.terminal import Cancelled, Disconnected, EndOfInput, Question, Refused, StillAsks
from shell.transcript.head import Problem
from shell.transcript.match import BadPattern, Difference, Found, find, fold, replace_names
from shell.transcript.parse import TranscriptError
from shell.transcript.program import ABSENT
from shell.transcript.report import Mismatch, Passed, mismatch
from shell.transcript.values import same_value, toml_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.terminal import Conversation
    from shell.transcript.match import Bindings
    from shell.transcript.parse import Check, Transcript
    from shell.transcript.program import OpenProgram, Program

    Answer = str | type[Exception]
    """What is typed, or the exception that a key stands for."""

_KEYS: dict[str, type[Exception]] = {"^C": Cancelled, "^D": EndOfInput}
_ESCAPED = re.compile(r"\\+(?:\^[CD]$|\{secret)")
_SECRET = re.compile(r"\{secret ([^{}]+)\}")
_MARKS = ("^", "\\", "{")
_END = "(the end of the transcript)"
_ENDED = "(the program has ended)"


def play(transcript: Transcript, open_program: OpenProgram) -> Passed | Mismatch:
    """Play a transcript against a program of its own.

    Args:
        transcript: what to play.
        open_program: makes the program; what it says is to go to the sink it is given.

    Raises:
        TranscriptError: the transcript cannot be played (a pattern is none, it needs what is not there).
    """
    player = _Player(transcript)
    return player.play(open_program(transcript, player.said.extend))


class _Differs(Exception):
    """Raised where the program and the transcript part; carries the report."""

    def __init__(self, report: Mismatch) -> None:
        super().__init__()
        self.report = report


class _Player:
    """One transcript being played.

    Attributes:
        said: what the program has said since the last answer, in pieces.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.said: list[str] = []
        self._transcript = transcript
        self._script = transcript.script
        self._texts = transcript.script.texts
        # a copy: a pasted blank line takes a part of a run of blanks away
        self._starts = transcript.script.starts.copy()
        self._at = 0
        self._behind = 0
        self._bindings: Bindings = tuple(sorted(transcript.head.vars.items()))
        self._secret_lines: list[str] = []
        self._secret_place = 0
        self._turns = 0

    def play(self, program: Program) -> Passed | Mismatch:
        """Play the body, then look at what must hold."""
        conversation = program.conversation()
        try:
            self._converse(conversation)
            for check in self._transcript.checks:
                self._check(check, program)
        except _Differs as differs:
            return differs.report
        except BadPattern as bad:
            number = self._starts[bad.line] + 1
            raise TranscriptError(self._transcript.path, [Problem(number, str(bad))]) from None
        finally:
            # the last question is never answered; what a broken program does about that is no matter
            with suppress(Exception):
                conversation.close()
        return Passed(self._turns)

    def _converse(self, conversation: Conversation) -> None:
        question = self._resume(conversation, None)
        while question is not None:
            answer = self._answer(question)
            if answer is None:
                return
            self._turns += 1
            question = self._resume(conversation, answer)
        self._ended()

    def _resume(self, conversation: Conversation, answer: Answer | None) -> Question | None:
        """Hand over an answer; return the next question, None when the conversation has ended."""
        try:
            if isinstance(answer, type):
                question: Question = conversation.throw(answer())
            else:
                question = conversation.send(answer)
        except (StopIteration, Cancelled, EndOfInput, Disconnected, StillAsks):
            return None
        except Refused as refused:
            self.said.append(f"{refused}\n")
            return None
        except Exception as error:
            raise self._internal_error(self._last_place(), error) from error
        if not isinstance(question, Question):
            raise self._internal_error(self._last_place(), TypeError(f"no question but {question!r}"))
        return question

    # --- from a question to its answer

    def _answer(self, question: Question) -> Answer | None:
        """Match what the program said and asks; return the answer, None at the end of the transcript."""
        prompt = question.prompt
        said = self.said
        said.append(question.text)
        output = "".join(said).split("\n")
        said.clear()
        if not output[-1]:
            output.pop()
        if self._secret_lines:
            return self._next_of_secret(question, output)
        if not prompt:
            return self._verbatim(question, output)
        # nearly always everything is the same to the letter, and the prompt is the line behind it
        at = self._at + len(output)
        texts = self._texts
        if at < len(texts) and texts[self._at : at] == output:
            line = texts[at]
            if line.startswith(prompt) or line == prompt.rstrip():
                self._at = at + 1
                return self._typed(line[len(prompt) :], self._starts[at], question)
        return self._search(question, output)

    def _search(self, question: Question, output: list[str]) -> Answer | None:
        """Do what `_answer` does for any output and any expected lines."""
        prompt = question.prompt
        bare = prompt.rstrip()
        texts = self._texts

        def typed_after_prompt(index: int, bindings: Bindings) -> str | None:
            line = texts[index]
            if not line.startswith(prompt) and line != bare and "<" in line:
                line = replace_names(line, bindings)
            return line[len(prompt) :] if line.startswith(prompt) or line == bare else None

        def accepts(index: int, bindings: Bindings) -> bool:
            if index == len(texts):
                return question.kind == "command"
            return typed_after_prompt(index, bindings) is not None

        found = self._find(output, accepts, prompt, "asks")
        if found.line == len(texts):
            return None
        self._at = found.line + 1
        typed = typed_after_prompt(found.line, found.bindings) or ""
        return self._typed(typed, self._starts[found.line], question)

    def _verbatim(self, question: Question, output: list[str]) -> Answer:
        """Answer a question without a prompt with the next line of the source as it stands."""
        asks = "(a pasted line is asked)" if question.kind == "paste" else "(a hidden answer is asked)"
        if output:
            found = self._find(output, lambda index, bindings: True, asks, "asks")
            self._at = found.line
        place = self._next_place()
        if place >= self._transcript.body[1]:
            raise self._differs(place - 1, "the program still asks, the transcript ends", _END, [asks])
        self._behind = place + 1
        self._at = bisect_left(self._starts, place + 1)
        within_blanks = self._at > 0 and not self._texts[self._at - 1]
        if within_blanks and place + 1 not in self._starts[self._at : self._at + 1]:
            # only a part of a run of blanks was taken; the rest of it is a run still
            self._at -= 1
            self._starts[self._at] = place + 1
        line = self._transcript.source[place]
        return self._special(line, place, question) if line.startswith(_MARKS) else line

    def _typed(self, text: str, place: int, question: Question) -> Answer:
        """Return what the rest of a prompt's line stands for."""
        if text.startswith(_MARKS):
            return self._special(text, place, question)
        return replace_names(text, self._bindings) if "<" in text else text

    def _special(self, text: str, place: int, question: Question) -> Answer:
        """Return what an answer stands for that may be a key, a secret, or one of them escaped."""
        if text in _KEYS:
            return _KEYS[text]
        if _ESCAPED.match(text):
            return text[1:]
        if text.startswith("{secret"):
            return self._secret(text, place, question)
        return replace_names(text, self._bindings) if question.prompt else text

    # --- secrets

    def _secret(self, text: str, place: int, question: Question) -> str:
        """Return the secret, or the first line of one that is pasted; the others are kept for `_answer`."""
        written = _SECRET.fullmatch(text.rstrip())
        if written is None:
            sentence = "a secret reads {secret NAME}; to type such a text, write \\{secret"
            raise self._differs(place, sentence, text, [_asked(question)])
        name = written[1]
        secrets = self._transcript.head.secrets
        if name not in secrets:
            known = f"(secrets of the head: {', '.join(secrets) or 'none'})"
            raise self._differs(place, f"there is no secret {name} in the head", text, [known])
        lines = secrets[name].replace("\r\n", "\n").removesuffix("\n").split("\n")
        if question.kind == "paste":
            if lines[-1] != ".":
                lines.append(".")
        elif len(lines) > 1:
            sentence = f"the secret {name} has several lines, the program asks for one"
            raise self._differs(place, sentence, text, [_asked(question)])
        self._secret_lines = lines[:0:-1]
        self._secret_place = place
        return lines[0]

    def _next_of_secret(self, question: Question | None, output: list[str]) -> str:
        """Return the next line of a pasted secret; the program must not do anything but take it."""
        if question is None or output or question.kind != "paste":
            came = [*output, _asked(question)]
            sentence = "the program stops reading in the middle of a secret"
            raise self._differs(self._secret_place, sentence, self._transcript.source[self._secret_place], came)
        return self._secret_lines.pop()

    # --- the end

    def _ended(self) -> None:
        """The program has ended: all that is left of the transcript must be what it said last."""
        output = "".join(self.said).removesuffix("\n").split("\n") if self.said else []
        if self._secret_lines:
            self._next_of_secret(None, output)
        self._find(output, lambda index, bindings: index == len(self._texts), _ENDED, "has ended")

    def _check(self, check: Check, program: Program) -> None:
        """Compare what a key of the configuration is with what it must be."""
        which = "staged" if check.kind == "staged" else "committed"
        try:
            found = program.lookup(which, check.path)
        except Exception as error:
            raise self._internal_error(check.line - 1, error) from error
        expected = ABSENT if check.kind == "absent" else check.value
        if not same_value(expected, found):
            sentence = f"{check.key} in the {which} configuration"
            raise self._differs(check.line - 1, sentence, toml_text(expected), [toml_text(found)])

    # --- positions

    def _next_place(self) -> int:
        """Return the place in the source behind everything that is used up."""
        folded = self._starts[self._at - 1] + 1 if self._at else self._transcript.body[0]
        return max(folded, self._behind)

    def _last_place(self) -> int:
        """Return the place in the source of the last line that is used up: the last answer."""
        return max(self._next_place() - 1, self._transcript.body[0])

    def _find(
        self,
        output: list[str],
        accepts: Callable[[int, Bindings], bool],
        came_last: str,
        does: str,
    ) -> Found:
        """Find the line that `accepts` takes behind all the output; keep the names bound on the way."""
        texts = self._texts
        folded = fold(output, self._transcript.head.ignore_blank)
        if not self._turns and folded and not folded[0]:
            # blank lines at the very beginning are layout, as they are between head and body
            del folded[0]
        found = find(self._script, self._at, folded, self._bindings, accepts)
        if isinstance(found, Difference) and folded and not folded[-1]:
            # so are those at the very end
            at_end = find(
                self._script,
                self._at,
                folded[:-1],
                self._bindings,
                lambda index, bindings: index == len(texts) and accepts(index, bindings),
            )
            found = at_end if isinstance(at_end, Found) else found
        if isinstance(found, Found):
            self._bindings = found.bindings
            return found
        came = [*folded[found.output :], came_last]
        if found.line < len(texts):
            differs = "the output differs" if len(came) > 1 else f"the program {does}, the transcript goes on"
            raise self._differs(self._starts[found.line], differs, texts[found.line], came)
        does = "goes on" if len(came) > 1 else "still asks"
        raise self._differs(self._transcript.body[1] - 1, f"the program {does}, the transcript ends", _END, came)

    def _differs(self, place: int, sentence: str, expected: str, came: Sequence[str]) -> _Differs:
        """Make the report of a difference, to be raised."""
        return _Differs(mismatch(self._transcript, place, sentence, expected, came, self._turns))

    def _internal_error(self, place: int, error: Exception) -> _Differs:
        """Make the report of an error of the program itself, for its developers."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"in {trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}" if trace else "nowhere"
        sentence = f"internal error: {type(error).__name__}: {error}"
        return self._differs(place, sentence, "(no error)", [where])


def _asked(question: Question | None) -> str:
    """Say in a report what the program waits for."""
    if question is None:
        return _ENDED
    return question.prompt or f"(an answer of kind {question.kind})"
