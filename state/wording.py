"""How values and lists of words stand in a sentence for the operator."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHOWN = 60
"""Characters of a typed value that an error repeats; the rest is cut."""

CONTROL = "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
"""What never reaches a screen as it stands: control characters, direction marks, stray surrogates."""


def printable(text: str) -> str:
    """Return `text` with everything that could move a cursor or turn a line shown as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(CONTROL, lambda found: ascii(found[0])[1:-1], text)


def quoted(value: object) -> str:
    """Return a value between double quotes, on one line, cut where it is too long to be read."""
    text = str(value)
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return f'"{printable(shown)}"'


def listed(words: Sequence[str], last: str = "or") -> str:
    """Return `A, B or C`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was probably meant to be, None where none is near."""
    import difflib  # only when something is wrong

    return next(iter(difflib.get_close_matches(word[:SHOWN], list(known), n=1, cutoff=0.6)), None)


def key_text(path: Iterable[str | int]) -> str:
    """Return a key as an operator reads it: `destinations.domains."a.example".tls`, `recipients[2].address`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) else quoted(part))
    return text


def counted(number: int, noun: str, several: str | None = None) -> str:
    """Return `1 certificate`, `3 certificates`; `several` is a plural that is not made with an s."""
    return f"1 {noun}" if number == 1 else f"{number} {several or noun + 's'}"
