"""Replies of SMTP out of bytes that arrive in pieces (RFC 5321 s4.2); what breaks the form is refused with a sentence.

A server may be anything that listens on a port, so lines and their number are bounded, and every text is printable.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from state.wording import printable, quoted

LONGEST_LINE = 4096
"""Bytes of a reply line with its end; RFC 5321 s4.5.3.1.5 allows 512, and some servers need more."""

MOST_LINES = 100
"""Lines of a reply; an EHLO has some twenty at most."""

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)


class BadReply(Exception):
    """What arrived is no reply; its text is the end of a sentence: `a line does not begin with a code: "HTTP/1.1"`."""


class Reply(NamedTuple):
    """A reply: its code, and the text of each line, printable."""

    code: int
    lines: tuple[str, ...]

    @property
    def temporary(self) -> bool:
        """Whether the same may succeed later (RFC 5321 s4.2.1)."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """Whether the same will fail again."""
        return self.code >= 500

    def __str__(self) -> str:
        """Return code and text on one line."""
        return f"{self.code} {' '.join(self.lines)}".rstrip()


class ReplyReader:
    """Takes bytes and gives replies."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._searched = 0
        self._code = b""
        self._lines: list[str] = []

    @property
    def pending(self) -> bool:
        """Whether there is anything that belongs to a reply not given yet."""
        return bool(self._bytes or self._lines)

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._bytes += data

    def next(self) -> Reply | None:
        """Return the next whole reply, None where more must arrive first.

        Lines end with CR LF, or with LF alone as some servers send it.

        Raises:
            BadReply: it is none, or is longer than any reply.
        """
        while True:
            end = self._bytes.find(b"\n", self._searched, LONGEST_LINE)
            if end < 0:
                if len(self._bytes) >= LONGEST_LINE:
                    raise BadReply(f"a line has more than {LONGEST_LINE} bytes")
                self._searched = len(self._bytes)
                return None
            line = bytes(self._bytes[:end]).removesuffix(b"\r")
            del self._bytes[: end + 1]
            self._searched = 0
            reply = self._take(line)
            if reply is not None:
                return reply

    def _take(self, line: bytes) -> Reply | None:
        found = _LINE.fullmatch(line)
        if found is None:
            raise BadReply(f"a line does not begin with a code from 200 to 599: {quoted(_text(line))}")
        code, mark, text = found.groups()
        if self._lines and code != self._code:
            raise BadReply(f"one reply has two codes, {self._code.decode()} and {code.decode()}")
        if len(self._lines) == MOST_LINES:
            raise BadReply(f"it has more than {MOST_LINES} lines")
        self._code = code
        self._lines.append(printable(_text(text or b"")))
        if mark == b"-":
            return None
        reply = Reply(int(code), tuple(self._lines))
        self._lines.clear()
        return reply


def extensions(ehlo: Reply) -> frozenset[str]:
    """Return the keywords of the extensions that a reply to EHLO names, in capitals (RFC 5321 s4.1.1.1)."""
    return frozenset(line.split()[0].upper() for line in ehlo.lines[1:] if line.strip())


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
