"""Bytes and lines: the front end for pipes, robots and one line on the command line.

A prompt goes out as it stands, with its trailing blank, without cursor movement; the answer that arrives is
not echoed, but its line is ended, so that the output reads as the dialog without its answers. Enter may
arrive as CR, LF, CRLF or CR NUL.
"""

from __future__ import annotations

import os
import sys

from commands.terminal import Cancelled, Disconnected, StillAsks, Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TextIO

    from commands.session import Session
    from commands.terminal import Conversation

LONGEST_LINE = 65536
"""Bytes of a typed line; a longer one is not taken, and nothing of it is kept."""

CHUNK = 65536


class NotTaken(Exception):
    """A line that cannot be an answer; the text says why."""


class LineReader:
    """Lines out of bytes that arrive in pieces."""

    def __init__(self, read: Callable[[int], bytes], echoed: bool = False) -> None:
        """Read with `read`, which waits for bytes and returns none at the end.

        `echoed` says that a terminal shows what is typed, its Enter too.
        """
        self._read = read
        self.echoed = echoed
        self._pending = b""
        self._after_return = False

    def line(self) -> str:
        """Return the next line without its end.

        Raises:
            Disconnected: there is no further line.
            NotTaken: the line is too long, or not UTF-8.
        """
        length = 0
        parts: list[bytes] = []
        while True:
            if not self._pending:
                self._pending = self._read(CHUNK)
                if not self._pending:
                    if not parts:
                        raise Disconnected
                    break  # the last line has no end
            if self._after_return and self._pending[:1] in (b"\n", b"\0"):
                self._pending = self._pending[1:]
                self._after_return = False
                continue
            self._after_return = False
            end = _line_end(self._pending)
            part = self._pending if end < 0 else self._pending[:end]
            length += len(part)
            if length <= LONGEST_LINE:
                parts.append(part)
            if end < 0:
                self._pending = b""
                continue
            self._after_return = self._pending[end : end + 1] == b"\r"
            self._pending = self._pending[end + 1 :]
            break
        if length > LONGEST_LINE:
            raise NotTaken(f"The line has {length} bytes; a line of at most {LONGEST_LINE} is taken.")
        try:
            return b"".join(parts).decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotTaken(f"The line is not UTF-8 text (byte {error.start + 1}).") from None


def _line_end(data: bytes) -> int:
    newline, carriage = data.find(b"\n"), data.find(b"\r")
    return carriage if newline < 0 or 0 <= carriage < newline else newline


def converse(session: Session, read: Callable[[int], bytes] | None = None, write: TextIO | None = None) -> int:
    """Hold a conversation over bytes that come in and text that goes out; return 0, or 1 where it was cut off."""
    out = write or sys.stdout
    reader = LineReader(read or (lambda size: os.read(0, size)), echoed=read is None and sys.stdin.isatty())

    def show(parts: Sequence[str]) -> None:
        _print(out, "".join(parts))

    drive(session.converse(Terminal(show, flush=lambda: _flush(out))), reader, out)
    out.flush()
    return 1 if session.cut_off else 0


def drive(conversation: Conversation, reader: LineReader, out: TextIO) -> None:
    """Answer a conversation's questions with lines until it ends or the lines do."""
    try:
        question = conversation.send(None)
        while True:
            try:
                _print(out, question.text + question.prompt)
                out.flush()
                answer = reader.line()
            except NotTaken as error:
                out.write(f"\n{error}\n")
                continue
            except Disconnected as end:
                out.write("\n")
                question = conversation.throw(end)
                continue
            except KeyboardInterrupt:
                conversation.throw(Cancelled())
                conversation.close()
                raise
            if question.prompt and not reader.echoed:
                out.write("\n")
            question = conversation.send(answer)
    except StopIteration:
        pass


def _print(out: TextIO, text: str) -> None:
    """Print a text.

    Raises:
        Disconnected: nobody reads it any more.
    """
    try:
        out.write(text)
    except OSError:
        raise Disconnected from None


def _flush(out: TextIO) -> None:
    """Have what was printed arrive.

    Raises:
        Disconnected: nobody reads it any more.
    """
    try:
        out.flush()
    except OSError:
        raise Disconnected from None


def run_line(session: Session, line: str, out: TextIO, errors: TextIO) -> int:
    """Run one line that may not ask; return 0 where it was done, 1 refused, 2 wrong use."""
    printed = False

    def show(parts: Sequence[str]) -> None:
        nonlocal printed
        text = "".join(parts)
        if not printed:
            text = text.lstrip("\n")  # the blank line that sets a block off from the prompt
        printed |= bool(text)
        _print(out, text)

    def show_error(parts: Sequence[str]) -> None:
        out.flush()
        errors.write("".join(parts))

    running = session.run(line, Terminal(show, show_error, flush=lambda: _flush(out)))
    try:
        question = running.send(None)
        from state.wording import printable

        running.throw(
            StillAsks(
                f"This would still ask: {printable(question.asked)}\n"
                "Nothing was staged. Give every answer on the line, or use a batch form (help COMMAND)."
            )
        )
    except StopIteration as end:
        status: Any = end.value
        out.flush()
        return int(status)
    except Disconnected:  # nobody reads what is printed
        return 1
    raise RuntimeError("a refused line went on asking")
