"""A typed line as words: blanks separate, quotes join, `->` or `>` between words means type-ahead."""

from __future__ import annotations

import re

from commands.terminal import WrongUse

_PIECE = r"""(?xs)
    (?P<blank>\s+)
  | (?P<arrow>->|>)
  | "(?P<double>(?:[^"\\]|\\.)*)"
  | '(?P<single>[^']*)'
  | (?P<bare>(?:(?!->)[^\s"'>])+)
"""


def split_line(line: str) -> tuple[list[str], bool]:
    r"""Return the words of a line, and whether arrows stand between them.

    Quotes join words with blanks: `commit "First listener"`. Inside double quotes a backslash takes the next
    character as it is. Nothing else is special.

    Raises:
        WrongUse: a quotation mark is not closed.
    """
    if not re.search("[\"'>]", line):
        return line.split(), False
    words: list[str] = []
    arrows = False
    joined = False
    position = 0
    pieces = re.compile(_PIECE)
    while position < len(line):
        piece = pieces.match(line, position)
        if piece is None:
            raise WrongUse(f"The quotation mark at column {position + 1} is not closed.")
        position = piece.end()
        kind = piece.lastgroup
        if kind in ("blank", "arrow"):
            arrows |= kind == "arrow"
            joined = False
            continue
        text = piece[kind or 0]
        if kind == "double":
            text = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
        if joined:
            words[-1] += text
        else:
            words.append(text)
        joined = True
    return words, arrows
