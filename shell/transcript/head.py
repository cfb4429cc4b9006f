"""The head of a transcript: the `#:` lines, which are TOML, and everything that can be wrong in them."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from shell.transcript.match import KINDS, NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


KEYS = ("config", "clock", "secrets", "files", "logs", "user", "vars", "world", "dialogs", "blank_lines")

Value = TypeVar("Value")


class Problem(NamedTuple):
    """One thing that is wrong: the line's number in its file, and a sentence."""

    line: int
    sentence: str


class Head(NamedTuple):
    """The settings of a transcript.

    Attributes:
        config: the start configuration, a file beside the transcript; None is the factory one.
        clock: what the appliance's clock stands at, in UTC; None lets it go.
        secrets: the texts that `{secret NAME}` stands for.
        files: name and text of what is put into the configuration directory first; None where the text
            is that of the file of this name beside the transcript.
        logs: the same for the folder of the logs.
        user: who types.
        vars: the texts of names that stand in the body as `<name>`.
        world: the peers to start for commands that reach the network: a table, or a file beside the transcript.
        dialogs: "current", "classic", or None for what the configuration says.
        ignore_blank: blank lines mean nothing (`blank_lines = "ignore"`).
        numbers: for each key that was given, the number of its line.
    """

    config: str | None
    clock: datetime | None
    secrets: Mapping[str, str]
    files: Mapping[str, str | None]
    logs: Mapping[str, str | None]
    user: str
    vars: Mapping[str, str]
    world: Mapping[str, object] | str | None
    dialogs: str | None
    ignore_blank: bool
    numbers: Mapping[str, int]


def read_head(lines: Sequence[tuple[int, str]]) -> tuple[Head, list[Problem]]:
    """Read the `#:` lines.

    Args:
        lines: number in the file and TOML text of each of them.

    Returns:
        The head, with defaults where something is wrong, and all that is wrong.
    """
    problems: list[Problem] = []
    data = _read_toml(lines, problems) if lines else {}
    numbers = {key: _line_of(key, lines) for key in data}
    problems += [
        Problem(numbers[key], f"{key} is not a key of the head{_nearest(key)}") for key in data if key not in KEYS
    ]

    def take(key: str, read: Callable[[object], Value], default: Value) -> Value:
        if key not in data:
            return default
        try:
            return read(data[key])
        except ValueError as wrong:
            problems.append(Problem(numbers[key], f"{key} {wrong}"))
            return default

    head = Head(
        config=take("config", _config, None),
        clock=take("clock", _clock, None),
        secrets=take("secrets", _texts, {}),
        files=take("files", _files, {}),
        logs=take("logs", _files, {}),
        user=take("user", _user, "admin"),
        vars=take("vars", _vars, {}),
        world=take("world", _world, None),
        dialogs=take("dialogs", _dialogs, None),
        ignore_blank=take("blank_lines", _blank_lines, False),
        numbers=numbers,
    )
    return head, problems


def _read_toml(lines: Sequence[tuple[int, str]], problems: list[Problem]) -> dict[str, object]:
    """Read what can be read; a statement that is no TOML is a problem, and reading goes on behind it."""
    texts = [text for _, text in lines]
    data: dict[str, object] = {}
    begin = 0
    table = ""
    while begin < len(texts):
        try:
            _merge(data, tomllib.loads("\n".join([table, *texts[begin:]])))
        except tomllib.TOMLDecodeError as error:
            sentence, line = _position(str(error))
            # the table header that was put before the text is line 1
            wrong = len(texts) - 1 if line is None else max(begin + line - 2, begin)
            good = _readable(table, texts, begin, wrong, data)
            problems.append(Problem(lines[good if line is None else wrong][0], f"not TOML: {sentence}"))
            table = next((text for text in reversed(texts[: wrong + 1]) if text.startswith("[")), "")
            begin = wrong + 1
        else:
            break
    return data


def _readable(table: str, texts: Sequence[str], begin: int, end: int, data: dict[str, object]) -> int:
    """Read as many of the lines `begin` to `end` as are whole statements; return where that ends."""
    for good in range(end, begin, -1):
        try:
            _merge(data, tomllib.loads("\n".join([table, *texts[begin:good]])))
        except tomllib.TOMLDecodeError:
            continue
        return good
    return begin


def _merge(data: dict[str, object], more: Mapping[str, object]) -> None:
    """Add keys; tables that are there already get the new keys."""
    for key, value in more.items():
        old = data.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        else:
            data[key] = value


def _position(message: str) -> tuple[str, int | None]:
    """Split a message of tomllib into its sentence and its line, None at the end of the text."""
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    if match is None:
        return message, None
    return match[1], int(match[2]) if match[2] else None


def _line_of(key: str, lines: Sequence[tuple[int, str]]) -> int:
    """Return the number of the line that a key of the head stands on."""
    written = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[].=]""")
    return next((number for number, text in lines if written.match(text)), lines[0][0])


def _nearest(key: str) -> str:
    import difflib  # only where something is wrong

    near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(KEYS)}"


def _config(value: object) -> str:
    if not isinstance(value, str) or not value or value.startswith("/") or "\\" in value:
        raise ValueError("must be the name of a file beside the transcript")
    if ".." in value.split("/"):
        raise ValueError("must be the name of a file beside the transcript, without ..")
    return value


def _clock(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("must be a time with its offset and without quotes, as in 2014-05-23T11:42:12Z")
    return value.astimezone(UTC)


def _texts(value: object) -> Mapping[str, str]:
    """Read a table of texts; a sentence about it never shows a value, since it may be a secret."""
    if not isinstance(value, dict):
        raise ValueError('must be a table of texts, as in { NAME = "text" }')
    wrong = [name for name, text in value.items() if not isinstance(text, str)]
    if wrong:
        raise ValueError(f"must be a table of texts; {', '.join(wrong)} is none")
    return value


def _vars(value: object) -> Mapping[str, str]:
    texts = _texts(value)
    for name, text in texts.items():
        if not re.fullmatch(NAME, name) or name in KINDS or name == "pem":
            raise ValueError(f"cannot have a name {name!r}: letters, digits, - and _, and not a placeholder")
        if "\n" in text:
            raise ValueError(f"must be texts of one line; {name} has several")
    return texts


def _files(value: object) -> Mapping[str, str | None]:
    files: Mapping[str, str | None]
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        files = dict.fromkeys(value)
    elif isinstance(value, dict):
        files = dict(_texts(value))
    else:
        raise ValueError('must be names of files beside the transcript, or a table { "NAME" = "its text" }')
    for name in files:
        if not name or name in {".", ".."} or "/" in name or "\\" in name:
            raise ValueError(f"must have bare file names; {name!r} is none")
    return files


def _user(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[a-z][a-z0-9_-]{0,31}", value):
        raise ValueError("must be a user name: a lower-case letter, then at most 31 of a-z 0-9 _ -")
    return value


def _world(value: object) -> Mapping[str, object] | str:
    if isinstance(value, dict):
        return value
    try:
        return _config(value)
    except ValueError as wrong:
        raise ValueError(f"{wrong}, or a table") from None


def _dialogs(value: object) -> str:
    if value not in ("current", "classic"):
        raise ValueError('must be "current" or "classic"')
    return str(value)


def _blank_lines(value: object) -> bool:
    if value != "ignore":
        raise ValueError('can only be "ignore"')
    return True
