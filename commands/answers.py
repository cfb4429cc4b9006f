"""How a typed answer is read: what is accepted, and the line that anything else gets.

Pure functions from text to value, shared by the questions of a dialog and the options of a batch line.
"""

from __future__ import annotations

import re

from state.wording import CONTROL, listed, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

LONGEST_TEXT = 1000
"""Characters of a free text, such as a comment."""

REQUIRED = "A value is required."
CONTROL_REFUSED = "Control characters are not accepted."


class NotAccepted(Exception):
    """An answer that the question does not take; the text is the line that the operator sees."""


class OfAnotherKind(NotAccepted):
    """The same, where the text tells only what is accepted: whoever does not see the question needs to be told it."""


def keyword(typed: str, keywords: Iterable[str]) -> str:
    """Return the keyword that was typed, in any case, whole or as a unique beginning.

    Raises:
        NotAccepted: it is the beginning of none or of several.
    """
    known = list(keywords)
    wanted = typed.upper()
    if wanted in known:
        return wanted
    found = [word for word in known if word.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotAccepted(f"{quoted(typed)} could be {listed(found)}.")
    raise NotAccepted(f"{quoted(typed)} is not one of the operations: {', '.join(known)}.")


def read_yes_no(answer: str, default: bool) -> bool:
    """Return what y, yes, n or no means, in any case; the default for an empty answer.

    Raises:
        NotAccepted: it is none of them.
    """
    if not answer:
        return default
    if answer.lower() in ("y", "yes"):
        return True
    if answer.lower() in ("n", "no"):
        return False
    raise OfAnotherKind("Enter Y or N.")


def read_choice(answer: str, options: Sequence[str], default: int | None) -> int:
    """Return the index of the option that a number or a text names.

    Raises:
        NotAccepted: there is no such option.
    """
    if not answer and default is not None:
        return default
    if re.fullmatch("[0-9]{1,9}", answer) and 1 <= int(answer) <= len(options):
        return int(answer) - 1
    for index, option in enumerate(options):
        if answer and answer.lower() == option.lower():
            return index
    raise OfAnotherKind(f"Enter a number from 1 to {len(options)}.")


def read_choices(answer: str, count: int, default: Sequence[int]) -> list[int]:
    """Return the indexes of several numbered options, `1,3` or `2-4`, ascending.

    Raises:
        NotAccepted: a part is no number or range of them.
    """
    if not answer and default:
        return list(default)
    chosen: set[int] = set()
    for part in answer.split(","):
        span = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:-\s*([0-9]{1,9})\s*)?", part)
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (0, 0)
        if not 1 <= first <= last <= count:
            raise OfAnotherKind(f"Enter numbers from 1 to {count}, separated by commas.")
        chosen.update(range(first - 1, last))
    return sorted(chosen)


def read_number(answer: str, low: int, high: int, default: int | None = None) -> int:
    """Return the whole number that was typed.

    Raises:
        NotAccepted: it is none, or out of bounds.
    """
    if not answer:
        if default is None:
            raise OfAnotherKind(REQUIRED)
        return default
    if not re.fullmatch("[0-9]{1,15}", answer) or not low <= int(answer) <= high:
        raise OfAnotherKind(f"Enter a whole number from {low} to {high}.")
    return int(answer)


def free_text(answer: str) -> str:
    """Return a line of text as it was typed.

    Raises:
        NotAccepted: it is too long, or has control characters.
    """
    if len(answer) > LONGEST_TEXT:
        raise OfAnotherKind(f"Enter at most {LONGEST_TEXT} characters.")
    refuse_control_characters(answer)
    return answer


def refuse_control_characters(answer: str) -> None:
    """Refuse what could move a cursor or end a line.

    Raises:
        NotAccepted: there is such a character; a tab counts as a blank.
    """
    if not (answer.isascii() and answer.isprintable()) and re.search(CONTROL, answer.replace("\t", " ")):
        raise OfAnotherKind(CONTROL_REFUSED)


def named(typed: str, read: Callable[[str], str], kind: str) -> str:
    """Return what a reader of `state.names` makes of a typed name.

    Raises:
        NotAccepted: it is no such name; the reason is given.
    """
    from state.names import InvalidName

    try:
        return read(typed)
    except InvalidName as error:
        raise NotAccepted(f"{quoted(typed)} is not a valid {kind}: {error}.") from None


def read_new_name(typed: str, taken: Container[str]) -> str:
    """Return the name of something new.

    Raises:
        NotAccepted: it is no name, or taken.
    """
    from state.names import profile_name

    name = named(typed, profile_name, "name")
    if name in taken:
        raise NotAccepted(f"{quoted(name)} already exists; enter another name.")
    return name


def name_or_number(typed: str, names: Sequence[str]) -> int | None:
    """Return the index of what was typed as its name, as its number in a list, or as its name in another case.

    None where nothing is meant, or more than one.
    """
    if typed in names:
        return names.index(typed)
    if typed.isascii() and typed.isdigit() and len(typed) < 9 and 1 <= int(typed) <= len(names):
        return int(typed) - 1
    lower = [name.lower() for name in names]
    return lower.index(typed.lower()) if lower.count(typed.lower()) == 1 else None
