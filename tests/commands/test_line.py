"""How a typed line is read: words, quotes, arrows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.line import split_line
from commands.terminal import WrongUse


@pytest.mark.parametrize(
    ("line", "words", "arrows"),
    [
        ("", [], False),
        ("  commit  ", ["commit"], False),
        ("destconfig setup", ["destconfig", "setup"], False),
        ("destconfig -> setup", ["destconfig", "setup"], True),
        ("DESTCONFIG > SETUP", ["DESTCONFIG", "SETUP"], True),
        ("destconfig->setup>x", ["destconfig", "setup", "x"], True),
        ('commit "First listener"', ["commit", "First listener"], False),
        ("commit 'it said \"no\"'", ["commit", 'it said "no"'], False),
        ('commit "a -> b > c"', ["commit", "a -> b > c"], False),
        (r'commit "a \"b\" \\ c"', ["commit", 'a "b" \\ c'], False),
        ('clear ""', ["clear", ""], False),
        ('a --comment="x y"z', ["a", "--comment=x yz"], False),
        ("new a-b.example --tls no", ["new", "a-b.example", "--tls", "no"], False),
        (r"a\b", [r"a\b"], False),
        ("a\tb", ["a", "b"], False),
    ],
)
def test_a_line_is_read(line: str, words: list[str], arrows: bool) -> None:
    assert split_line(line) == (words, arrows)


@pytest.mark.parametrize(("line", "column"), [('commit "x', 8), ("commit don't", 11), ('"', 1), ('a "b\\"', 3)])
def test_an_open_quotation_mark_is_named_by_its_column(line: str, column: int) -> None:
    with pytest.raises(WrongUse, match=f"at column {column} is not closed"):
        split_line(line)


@given(st.text())
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        words, _ = split_line(line)
    except WrongUse:
        return
    assert all(isinstance(word, str) for word in words)


@given(st.lists(st.text(), max_size=5))
def test_quoted_words_come_back(words: list[str]) -> None:
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert split_line(quoted) == (words, False)
