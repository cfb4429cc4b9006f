"""The line for scripts: what a peer has put into a value is data there too."""

from __future__ import annotations

import json

from commands.verifying.as_json import as_line


def test_nothing_that_a_terminal_obeys_is_in_the_line_and_every_value_comes_back() -> None:
    hostile = {"names": ["a\x1b[31m\n", "b\x9b2J\x85", "\u202eczz", "\x7f", "\U000e0041", "m\u00fcnchen", "\\"]}
    line = as_line(hostile)
    assert line.isprintable()
    assert "m\u00fcnchen" in line
    assert json.loads(line) == hostile
