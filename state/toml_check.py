"""What was edited is parsed once more before anybody relies on it."""

from __future__ import annotations

import tomllib

from state.toml_writing import render_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from state.toml_sections import Path, Sections

MANY = 20
"""Tables from which on all are parsed in one piece first, which takes half the time."""


class UnwritableEdit(AssertionError):
    """Raised by an edit that the text has no place for, such as a key below a number: an error of the program."""


def refuse_broken(sections: Sections, changed: Collection[Path]) -> None:
    """Refuse tables that are not TOML.

    Raises:
        UnwritableEdit: one is not; it is named.
    """
    if len(changed) > MANY:
        places = sorted(sections.headers[path] for path in changed)
        try:
            tomllib.loads("\n".join(sections.by_place[place].text for place in places))
        except tomllib.TOMLDecodeError:
            pass  # one of them, or tables that are none without those between them: each by itself tells
        else:
            return
    for path in changed:
        try:
            tomllib.loads(sections.by_place[sections.headers[path]].text)
        except tomllib.TOMLDecodeError as error:
            raise UnwritableEdit(f"{render_path(path)} would not be TOML any more: {error}") from error
