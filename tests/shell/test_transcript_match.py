"""Expected lines against output lines: every pattern, what it matches and what it does not."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shell.transcript.match import BadPattern, Difference, Found, find, fold, script

if TYPE_CHECKING:
    from shell.transcript.match import Bindings

TIME = "Fri May 23 11:42:12 2014"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n\nabc=\n-----END CERTIFICATE-----"


def outcome(expected: str, output: str, bindings: Bindings = ()) -> Found | Difference:
    lines = expected.split("\n")
    whole = script(lines, 0, len(lines))
    folded = fold(output.split("\n")) if output else []
    return find(whole, 0, folded, bindings, lambda line, bound: line == len(whole.texts))


def matches(expected: str, output: str, bindings: Bindings = ()) -> bool:
    return isinstance(outcome(expected, output, bindings), Found)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("at <time>", f"at {TIME}"),
        ("at <time>", f"at {TIME} GMT"),
        ("at <time> GMT", f"at {TIME} GMT"),
        ("<time>", "Sat Feb  1 00:00:00 2020"),
        ("<time>", "Sat Feb 01 23:59:60 2020"),
        ('Commit at <time> with "x"', f'Commit at {TIME} GMT with "x"'),
        ("<date>", "2014-05-23"),
        ("<date>", "2014.05.23"),
        ("<date>", "20140523"),
        ("mail-<date>.toml", "mail-20140523T114212.toml"),
        ("<date>", "2014-05-23T11:42:12Z"),
        ("<date>", "May 23 2014"),
        ("<date>", "Fri May  3 2014"),
        ("<int> entries", "12 entries"),
        ("<int>", "-1"),
        ("<int><int>", "12"),
        ("serial <hex>", "serial 0aF9"),
        ("<hex>", "AB:0c:12"),
        ("<hex>", "0x1f"),
        ("from <any> to <any>", "from here to there to anywhere"),
        ("a* (glob)", "abc"),
        ("a* (glob)", "a"),
        ("a?c (glob)", "abc"),
        (r"a\* (glob)", "a*"),
        (r"a\\* (glob)", "a\\bc"),
        ("[Y]> * (glob)", "[Y]> n"),
        ("<int> * (glob)", "5 days"),
        ("[ab]+ (re)", "abba"),
        (r"(?P<x>.)(?P=x) (re)", "oo"),
        ("a\n.* (re)\nb", "a\n\nb"),
        ("...", ""),
        ("...", "a\n\nb"),
        ("a\n...\nb", "a\nb"),
        ("a\n...\nb", "a\nx\ny\nb"),
        ("a\n...\nb", "a\nb\nb"),
        ("a\n\n...\n\nb", "a\n\nb"),
        ("a\n\n...\n\nb", "a\n\nx\n\ny\n\nb"),
        ("...\n...\nb\n...", "b"),
        ("...\nb", "...\na\nb"),
        ("<pem>", PEM),
        ("a\n<pem>\nb", f"a\n{PEM}\nb"),
        ("...\n<pem>\n...", f"x\n{PEM}\n{PEM}\ny"),
        ("<pem>\n<pem>", f"{PEM}\n{PEM}"),
    ],
)
def test_patterns_match(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("<time>", "Fri Foo 23 11:42:12 2014"),
        ("<time>", "Foo May 23 11:42:12 2014"),
        ("<time>", "fri may 23 11:42:12 2014"),
        ("<time>", "Fri May 32 11:42:12 2014"),
        ("<time>", "Fri May  0 11:42:12 2014"),
        ("<time>", "Fri May 3 11:42:12 2014"),
        ("<time>", "Fri May 23 24:00:00 2014"),
        ("<time>", "Fri May 23 11:60:12 2014"),
        ("<time>", "Fri May 23 11:42 2014"),
        ("<time>", f"{TIME} UTC"),
        ("<time>", f"x{TIME}"),
        ("<time>", TIME.replace("2014", "14")),
        ("<date>", "2014-13-23"),
        ("<date>", "2014-05.23"),
        ("<date>", "23.05.2014"),
        ("<date>", TIME),
        ("<int>", "12a"),
        ("<int>", ""),
        ("<int>", "1.5"),
        ("<int>", "\u0661"),
        ("<hex>", "xyz"),
        ("<hex>", "ab:"),
        ("<any>", ""),
        ("a <any>", "a"),
        ("a* (glob)", "ba"),
        ("a?c (glob)", "ac"),
        (r"a\* (glob)", "ab"),
        ("[ab] (glob)", "a"),
        ("a.c (glob)", "abc"),
        ("[ab]+ (re)", "abbac"),
        ("[ab]+ (re)", "xab"),
        ("a(re)", "a"),
        ("a\n...\nb", "a\nx"),
        ("a\n...\nb", "x\nb"),
        ("a\n...\nb\nc", "a\nb\nx"),
        ("....", "a"),
        ("... ...", "a"),
        ("<pem>", PEM.replace("END CERTIFICATE", "END KEY")),
        ("<pem>", PEM.replace("-----END CERTIFICATE-----", "")),
        ("<pem>", PEM.replace("-----BEGIN CERTIFICATE-----", "x")),
        ("<pem>", f"{PEM}\n{PEM}"),
        ("a <pem>", f"a {PEM}"),
        ("<x>", "anything"),
        ("<Int>", "5"),
    ],
)
def test_patterns_do_not_match(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


@pytest.mark.parametrize(
    "line",
    [
        "<x>",
        "<time>",
        "a <int> b",
        "...",
        "a* (glob)",
        "[a (re)",
        "<pem>",
        "<name:int>",
        "5 < 6 > 4",
        "<a:int> <a:int>",
    ],
)
def test_a_line_that_matches_to_the_letter_always_wins(line: str) -> None:
    assert matches(line, line)
    assert matches(f"a\n{line}\nb", f"a\n{line}\nb")


@pytest.mark.parametrize("line", ["<x>", "<time>", "a <int> b", "...", "<pem>", "<name:int>"])
def test_so_does_one_behind_an_ellipsis(line: str) -> None:
    assert matches(f"...\n{line}\nb", f"a\n{line}\nb")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("<n:int> and <n>", "12 and 12"),
        ("<n:int>\n<n>", "12\n12"),
        ("<n:int>\n<n>\n<n:int>\n<n>", "1\n1\n2\n2"),
        ("<t:time>\nat <t>.", f"{TIME}\nat {TIME}."),
        ("<a:any> <b:hex>\n<b> <a>", "x y 0a\n0a x y"),
        ("...\n<n:int>\n...\nsum <n>", "1\n2\n3\nsum 2"),
        ("<key:pem>\nx\n<key>\ny", f"{PEM}\nx\n{PEM}\ny"),
        ("<n:any>\n<n> (glob)", "a.*\na.*"),
        ("<n>\n<n:int>\n<n>", "<n>\n5\n5"),
    ],
)
def test_a_bound_name_is_the_same_text_later(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("<n:int> and <n>", "12 and 13"),
        ("<n:int>\n<n>", "12\n13"),
        ("<n:int>\n<n>\n<n:int>\n<n>", "1\n1\n2\n1"),
        ("<n:int>\n<n>", "1a\n1a"),
        ("...\n<n:int>\n...\nsum <n>", "1\n2\n3\nsum 4"),
        ("<key:pem>\n<key>", f"{PEM}\n{PEM.replace('MIIB', 'MIIC')}"),
        ("<n:any>\n<n>", "a.c\nabc"),
        ("<n>\n<n:int>", "5\n5"),
    ],
)
def test_another_text_does_not_match_a_bound_name(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


def test_names_bound_before_hold_their_texts() -> None:
    assert matches("for <domain>.", "for a.example.", (("domain", "a.example"),))
    assert not matches("for <domain>.", "for b.example.", (("domain", "a.example"),))


def test_the_bindings_come_back() -> None:
    found = outcome("<n:int> <unused:int>\n<n>", "12 3\n12")
    assert found == Found(2, (("n", "12"),))


@pytest.mark.parametrize(
    ("line", "output", "sentence"),
    [
        ("[a (re)", "a", "not a regular expression: unterminated character set at position 0"),
        ("<n:int> <n:int>", "1 2", "<n:…> stands twice in this line; write <n> for the same text"),
    ],
)
def test_a_bad_pattern_names_its_line(line: str, output: str, sentence: str) -> None:
    with pytest.raises(BadPattern, match=re.escape(sentence)) as caught:
        outcome(f"x\n{line}", f"x\n{output}")
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("lines", "folded"),
    [
        (["a", "", "", "b", ""], ["a", "", "b", ""]),
        (["", " ", "\t", "a  ", " b\t"], ["", "a", " b"]),
        ([], []),
        (["a\r", "\r", "b"], ["a", "", "b"]),
    ],
)
def test_blank_runs_fold_and_trailing_blanks_do_not_count(lines: list[str], folded: list[str]) -> None:
    assert fold(lines) == folded


def test_blank_lines_can_be_dropped() -> None:
    assert fold(["", "a", "", "", "b", " "], ignore_blank=True) == ["a", "b"]


@pytest.mark.parametrize(
    ("expected", "output", "difference"),
    [
        ("a\nb\nc", "a\nx\nc", (1, 1)),
        ("a\nb", "a\nb\nc", (2, 2)),
        ("a\nb", "a", (1, 1)),
        ("a\n\nb", "a\nb", (1, 1)),
        ("a\nb", "a\n\nb", (1, 1)),
        ("a\n...\nz", "a\nb\nc", (2, 1)),
        ("a\n...\nb\nc", "a\nb\nx\nb\ny", (3, 4)),
        ("<int>\nb", "x\nb", (0, 0)),
    ],
)
def test_the_first_difference(expected: str, output: str, difference: tuple[int, int]) -> None:
    assert outcome(expected, output) == Difference(*difference)


def test_the_first_line_that_is_accepted_is_found() -> None:
    lines = ["...", "> 1", "x", "> 2"]
    whole = script(lines, 0, len(lines))
    found = find(whole, 0, ["a", "> 1", "x"], (), lambda line, _: whole.texts[line].startswith("> "))
    assert found == Found(1, ())


def test_to_the_letter_wins_over_an_earlier_line_that_could_be_it() -> None:
    lines = ["...", "> 1", "> 2"]
    whole = script(lines, 0, len(lines))
    found = find(whole, 0, ["...", "> 1"], (), lambda line, _: whole.texts[line].startswith("> "))
    assert found == Found(2, ())


@pytest.mark.parametrize("between", ["a", "<any>", "a* (glob)", "<n:any>"])
def test_many_ellipses_end_quickly(between: str) -> None:
    lines = ["...", between] * 30 + ["never"]
    whole = script(lines, 0, len(lines))
    begin = time.perf_counter()
    found = find(whole, 0, ["a"] * 500, (), lambda line, _: line == len(lines))
    assert isinstance(found, Difference)
    assert time.perf_counter() - begin < 2


def test_too_many_ways_to_bind_are_refused() -> None:
    lines = [line for name in "abcdef" for line in ("...", f"<{name}:any>")] + ["<a><b><c><d><e><f>"]
    whole = script(lines, 0, len(lines))
    begin = time.perf_counter()
    with pytest.raises(BadPattern, match="too many ways"):
        find(whole, 0, [str(number) for number in range(300)], (), lambda line, _: line == len(lines))
    assert time.perf_counter() - begin < 2


plain_lines = st.lists(st.text("ab ", max_size=3), max_size=8)


@given(plain_lines, plain_lines)
def test_plain_lines_match_exactly_when_they_fold_to_the_same(one: list[str], other: list[str]) -> None:
    whole = script(one, 0, len(one))
    found = find(whole, 0, fold(other), (), lambda line, _: line == len(whole.texts))
    assert isinstance(found, Found) == (fold(one) == fold(other))


@given(st.lists(st.sampled_from(["a", "b", "..."]), max_size=7), st.lists(st.sampled_from("ab"), max_size=8))
def test_ellipses_match_what_the_regular_expression_does(expected: list[str], output: list[str]) -> None:
    oracle = "".join("[ab]*" if line == "..." else line for line in expected)
    lines = expected or ["..."]
    oracle = oracle if expected else "[ab]*"
    assert matches("\n".join(lines), "\n".join(output)) == bool(re.fullmatch(oracle, "".join(output)))
