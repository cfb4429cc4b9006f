"""The text of a configuration after an edit: exactly which bytes change."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path as FilePath

import pytest

from state.document import ABSENT, Document, Edit, Inline, Rename, UnwritableEdit


def edited(before: str, *edits: Edit | Rename) -> str:
    after = Document(before).edit(edits).text
    tomllib.loads(after)
    return after


SAMPLE = """\
# How it reads.
hostname = "mail.example.com"
dialogs = "classic"                  # current | classic

[interfaces.PublicNet]
address = "192.168.2.1/24"
https = { port = 443, certificate = "Demo" }

# the one that faces the world
[listeners.Inboundmail]
port = 25

[listeners.Inboundmail.host_access.default]
tls = "required"

[[listeners.Inboundmail.host_access.groups]]
name = "WHITELIST"
senders = ["10.0.0.0/8"]

[alerts]
initial_wait = 60                    # seconds
"""

VALUE_CHANGES = {
    "a string": ("a = 1\n", ("a",), "x", 'a = "x"\n'),
    "the comment and the blanks around stay": ("a  =  1   # why\nb = 2\n", ("a",), 2, "a  =  2   # why\nb = 2\n"),
    "an equal value keeps its notation": ("a = 0x10\n", ("a",), 16, "a = 0x10\n"),
    "an integer is not a float": ("a = 1\n", ("a",), 1.0, "a = 1.0\n"),
    "true is not 1": ("a = 1\n", ("a",), True, "a = true\n"),
    "no final newline": ("[t]\na = 1", ("t", "a"), 2, "[t]\na = 2"),
    "carriage returns": ("a = 1\r\nb = 2 \r\n", ("b",), 3, "a = 1\r\nb = 3 \r\n"),
    "a quoted key with a dot": ('["a.b"]\n"c#=]" = 1\n', ("a.b", "c#=]"), 2, '["a.b"]\n"c#=]" = 2\n'),
    "a literal key": ("['a\"b']\n'c' = 1\n", ('a"b', "c"), 2, "['a\"b']\n'c' = 2\n"),
    "an escaped key": ('["\\u0061\\\\"]\nc = 1\n', ("a\\", "c"), 2, '["\\u0061\\\\"]\nc = 2\n'),
    "a header with blanks and a comment": (
        '[ a . "b" ] # [c]\nx = 1\n',
        ("a", "b", "x"),
        2,
        '[ a . "b" ] # [c]\nx = 2\n',
    ),
    "a dotted key with blanks": ("a . b = 1\n", ("a", "b"), 2, "a . b = 2\n"),
    "behind a string that looks like a comment": ('a = "#"\nb = 1\n', ("b",), 2, 'a = "#"\nb = 2\n'),
    "behind an escaped quote": ('a = "\\"#["\nb = 1\n', ("b",), 2, 'a = "\\"#["\nb = 2\n'),
    "behind lines that look like a header": (
        'a = """\n[b]\nb = 1\n\\""" # """\nb = 1\n',
        ("b",),
        2,
        'a = """\n[b]\nb = 1\n\\""" # """\nb = 2\n',
    ),
    "behind quotes at the end of a string": ('a = """x"""""\nb = 1\n', ("b",), 2, 'a = """x"""""\nb = 2\n'),
    "behind a literal of lines": (
        "a = '''\n[b]\n\"\"\"'''''\nb = 1\n",
        ("b",),
        2,
        "a = '''\n[b]\n\"\"\"'''''\nb = 2\n",
    ),
    "behind an array of lines": (
        "a = [ # ]\n  [1, 2], # [\n  '#]',\n]\nb = 1\n",
        ("b",),
        2,
        "a = [ # ]\n  [1, 2], # [\n  '#]',\n]\nb = 2\n",
    ),
    "behind deep brackets": (
        "[x]\na = [[[[[1, # ]\n'[']]]]] # c\nb = 1\n[y]\nc = 1\n",
        ("x", "b"),
        2,
        "[x]\na = [[[[[1, # ]\n'[']]]]] # c\nb = 2\n[y]\nc = 1\n",
    ),
    "deep brackets themselves": ("a = [[[[[1]]]]]  # c\n[b]\n", ("a",), [], "a = []  # c\n[b]\n"),
    "a list of several lines": ("a = [\n 1,\n]  # c\n", ("a",), [1, "b", [True]], 'a = [1, "b", [true]]  # c\n'),
    "a table by another inline one": (
        "a = { b = 1,  c = 2 }\n",
        ("a",),
        Inline(b=1, c=3),
        "a = { b = 1,  c = 3 }\n",
    ),
    "an inline table in our own layout": ("a = { b = 1, c = 2 }\n", ("a",), Inline(c=3, b=1), "a = { b = 1, c = 3 }\n"),
    "inside an inline table": ("a = {b=1,c={d = 2}} # c\n", ("a", "c", "d"), 3, "a = {b=1,c={d = 3}} # c\n"),
    "a new key inside an inline table": ("a = {b=1}\n", ("a", "c"), "x", 'a = {b=1,c = "x"}\n'),
    "a table new in an inline table": ("a = { b = 1 }\n", ("a", "c"), {"d": 1}, "a = { b = 1, c = { d = 1 } }\n"),
    "inside an inline array of tables": (
        "a = [\n  { n = 1 }, # one\n  {n = 2}, # two\n]\n",
        ("a", 1, "n"),
        3,
        "a = [\n  { n = 1 }, # one\n  {n = 3}, # two\n]\n",
    ),
    "an inline array of tables as a whole": (
        "a = [{ n = 1 }]\n",
        ("a",),
        [{"n": 1}, {"n": 2}],
        "a = [{ n = 1 }, { n = 2 }]\n",
    ),
    "a value that becomes a table": ("a = 1\nb = 2\n", ("a",), {"c": 1}, "b = 2\n\n[a]\nc = 1\n"),
    "a table that becomes a value": ("b = 2\n\n[a]\nc = 1\n", ("a",), 1, "b = 2\na = 1\n"),
    "a table that becomes a list of tables": ("[a]\nc = 1\n", ("a",), [{"c": 1}], "[[a]]\nc = 1\n"),
    "an empty list that gets tables": ("a = []\nb = 1\n", ("a",), [{"c": 1}], "b = 1\n\n[[a]]\nc = 1\n"),
    "in the last element of an array": (
        "[[a]]\nn = 1\n[[a]]\nn = 2\n[a.s]\nx = 1\n",
        ("a", 1, "s", "x"),
        2,
        "[[a]]\nn = 1\n[[a]]\nn = 2\n[a.s]\nx = 2\n",
    ),
    "in an array inside an array": (
        "[[a]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 1\n",
        ("a", 1, "b", 0, "x"),
        2,
        "[[a]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\nx = 2\n[[a.b]]\nx = 1\n",
    ),
}


@pytest.mark.parametrize(("before", "path", "value", "after"), VALUE_CHANGES.values(), ids=VALUE_CHANGES)
def test_a_changed_value_replaces_its_own_text(before: str, path: tuple[str, ...], value: object, after: str) -> None:
    assert edited(before, Edit(path, value)) == after


NEW_KEYS = {
    "after the last key of its table": (
        "[a]\nb = 1\n\n# next\n[c]\n",
        ("a", "x"),
        1,
        "[a]\nb = 1\nx = 1\n\n# next\n[c]\n",
    ),
    "before trailing comments": ("[a]\nb = 1\n# end\n\n[c]\n", ("a", "x"), 1, "[a]\nb = 1\nx = 1\n# end\n\n[c]\n"),
    "under a header without keys": ("[a]\n[b]\n", ("a", "x"), 1, "[a]\nx = 1\n[b]\n"),
    "indented as the key before": ("[a]\n  b = 1\n", ("a", "x"), 1, "[a]\n  b = 1\n  x = 1\n"),
    "under a header that ends the file": ("[a]", ("a", "x"), 1, "[a]\nx = 1\n"),
    "with a final newline where there was none": ("a = 1", ("b",), 2, "a = 1\nb = 2\n"),
    "with the file's line ends": ("[a]\r\nb = 1\r\n", ("a", "x"), "1\n2", '[a]\r\nb = 1\r\nx = """\r\n1\r\n2"""\r\n'),
    "in an empty file": ("", ("a",), 1, "a = 1\n"),
    "in a file of comments": ("# c\n", ("a",), 1, "# c\na = 1\n"),
    "before the first header": ("a = 1\n\n# c\n[t]\n", ("b",), 2, "a = 1\nb = 2\n\n# c\n[t]\n"),
    "before the comments of the first header": ("# c\n[t]\n", ("b",), 2, "b = 2\n\n# c\n[t]\n"),
    "behind the head of the file": ("# Head\n\n# c\n[t]\n", ("b",), 2, "# Head\n\nb = 2\n\n# c\n[t]\n"),
    "quoted where needed": ("a = 1\n", ("b c",), 2, 'a = 1\n"b c" = 2\n'),
    "inline where asked": ("a = 1\n", ("b",), Inline(c=1, d=Inline()), "a = 1\nb = { c = 1, d = {} }\n"),
    "in a table of dotted keys": (
        "a.b = 1\nc = 1\na.d = 1\ne = 1\n",
        ("a", "x"),
        1,
        "a.b = 1\nc = 1\na.d = 1\na.x = 1\ne = 1\n",
    ),
    "in a table of dotted keys in a table": (
        "[d]\nr.limit = 5\nz = 1\n",
        ("d", "r", "minutes"),
        6,
        "[d]\nr.limit = 5\nr.minutes = 6\nz = 1\n",
    ),
    "in a deep table of dotted keys": ("a.b.c = 1\n[t]\n", ("a", "x"), 1, "a.b.c = 1\na.x = 1\n[t]\n"),
    "of an implicit table, in a header before its first sub-table": (
        "[z]\n\n# c\n[a.b.c]\nx = 1\n\n[a.d]\n",
        ("a", "b", "y"),
        1,
        "[z]\n\n[a.b]\ny = 1\n\n# c\n[a.b.c]\nx = 1\n\n[a.d]\n",
    ),
    "of an implicit table of arrays": ("[[a.b]]\n", ("a", "x"), 1, "[a]\nx = 1\n\n[[a.b]]\n"),
    "of a table that is not there": ("a = 1\n", ("t", "u", "x"), 1, "a = 1\n\n[t.u]\nx = 1\n"),
    "of an element of an array": ("[[a]]\nn = 1\n\n[[a]]\n", ("a", 0, "x"), 1, "[[a]]\nn = 1\nx = 1\n\n[[a]]\n"),
    "of a super-table after its sub-table": (
        "[a.b]\nx = 1\n[a]\ny = 1\n",
        ("a", "z"),
        1,
        "[a.b]\nx = 1\n[a]\ny = 1\nz = 1\n",
    ),
}


@pytest.mark.parametrize(("before", "path", "value", "after"), NEW_KEYS.values(), ids=NEW_KEYS)
def test_a_new_key_stands(before: str, path: tuple[str, ...], value: object, after: str) -> None:
    assert edited(before, Edit(path, value)) == after


NEW_TABLES = {
    "in an empty file": ("", ("a",), {"x": 1}, "[a]\nx = 1\n"),
    "behind a last line without newline": ("a = 1", ("t",), {"x": 1}, "a = 1\n\n[t]\nx = 1\n"),
    "behind the comments of a file": ("# c\n", ("t",), {"x": 1}, "# c\n\n[t]\nx = 1\n"),
    "empty, as a header": ("", ("a",), {}, "[a]\n"),
    "after its last sibling": ("[a.b]\nx = 1\n\n[c]\n", ("a", "d"), {"x": 2}, "[a.b]\nx = 1\n\n[a.d]\nx = 2\n\n[c]\n"),
    "after its sibling's own sub-tables": (
        "[a.b]\n\n[a.b.c]\n\n[e]\n",
        ("a", "d"),
        {"x": 2},
        "[a.b]\n\n[a.b.c]\n\n[a.d]\nx = 2\n\n[e]\n",
    ),
    "after its parent": ("[a]\nx = 1\n\n[e]\n", ("a", "d"), {"x": 2}, "[a]\nx = 1\n\n[a.d]\nx = 2\n\n[e]\n"),
    "before what stands detached behind its sibling": (
        "[a.b]\nx = 1\n# mine\n\n# ---- e ----\n\n[e]\n",
        ("a", "d"),
        {"x": 2},
        "[a.b]\nx = 1\n# mine\n\n[a.d]\nx = 2\n\n# ---- e ----\n\n[e]\n",
    ),
    "at the end": ("[a]\n\n[b]\n", ("c",), {"x": 2}, "[a]\n\n[b]\n\n[c]\nx = 2\n"),
    "close where its neighbours are close": ("[a.b]\n[a.c]\n[e]\n", ("a", "d"), {}, "[a.b]\n[a.c]\n[a.d]\n[e]\n"),
    "with sub-tables": (
        "",
        ("a",),
        {"b": {"y": 1}, "x": 1, "c": [{"z": 1}, {}], "i": Inline(k=1)},
        "[a]\nx = 1\ni = { k = 1 }\n\n[a.b]\ny = 1\n\n[[a.c]]\nz = 1\n\n[[a.c]]\n",
    ),
    "without a header where it holds only tables": ("", ("a",), {"b": {"c": 1}}, "[a.b]\nc = 1\n"),
    "as an array": ("a = 1\n", ("t",), [{"x": 1}, {"x": 2}], "a = 1\n\n[[t]]\nx = 1\n\n[[t]]\nx = 2\n"),
    "as an array of inline tables": ("a = 1\n", ("t",), [Inline(x=1)], "a = 1\nt = [{ x = 1 }]\n"),
    "in the right element of an array": (
        "[[a]]\nn = 1\n\n[[a]]\nn = 2\n",
        ("a", 0, "s"),
        {"x": 1},
        "[[a]]\nn = 1\n\n[a.s]\nx = 1\n\n[[a]]\nn = 2\n",
    ),
    "as one more element": ("[[a]]\nn = 1\n\n[b]\n", ("a", 1), {"n": 2}, "[[a]]\nn = 1\n\n[[a]]\nn = 2\n\n[b]\n"),
    "as dotted keys like its siblings": (
        "[d]\na.x = 1\nz = 1\n",
        ("d", "b"),
        {"x": 1, "y": {"z": 2}},
        "[d]\na.x = 1\nb.x = 1\nb.y.z = 2\nz = 1\n",
    ),
    "as dotted keys at the end of a file without newline": (
        "z.x = 1",
        ("b",),
        {"x": 1, "y": 2},
        "z.x = 1\nb.x = 1\nb.y = 2\n",
    ),
    "as a header where a sibling has one": ("a.x = 1\n\n[c]\n", ("b",), {"x": 1}, "a.x = 1\n\n[c]\n\n[b]\nx = 1\n"),
    "with the file's line ends": ("[a]\r\nx = 1\r\n", ("b",), {"y": 1}, "[a]\r\nx = 1\r\n\r\n[b]\r\ny = 1\r\n"),
    "among tables out of order": ("[a]\n\n[b]\n\n[a.c]\n", ("a", "d"), {}, "[a]\n\n[b]\n\n[a.c]\n\n[a.d]\n"),
}


@pytest.mark.parametrize(("before", "path", "value", "after"), NEW_TABLES.values(), ids=NEW_TABLES)
def test_a_new_table_stands(before: str, path: tuple[str, ...], value: object, after: str) -> None:
    assert edited(before, Edit(path, value)) == after


REMOVALS = {
    "a key and its comment": ("a = 1 # c\n# d\nb = 2\n", ("a",), "# d\nb = 2\n"),
    "a key of several lines": ("a = [\n1,\n]\nb = 2\n", ("a",), "b = 2\n"),
    "the last line without newline": ("a = 1\nb = 2", ("b",), "a = 1\n"),
    "a table between others": ("[a]\nx = 1\n\n[b]\ny = 1\n\n[c]\n", ("b",), "[a]\nx = 1\n\n[c]\n"),
    "the first table": ("[a]\nx = 1\n\n[b]\n", ("a",), "[b]\n"),
    "the last table": ("[a]\nx = 1\n\n\n[b]\ny = 1\n", ("b",), "[a]\nx = 1\n"),
    "the only table": ("[a]\nx = 1\n", ("a",), ""),
    "close tables": ("[a]\n[b]\n[c]\n", ("b",), "[a]\n[c]\n"),
    "a table with its comment": ("[a]\n\n# of b\n# too\n[b]\n\n# of c\n[c]\n", ("b",), "[a]\n\n# of c\n[c]\n"),
    "not a comment set apart": (
        "[a]\n\n# apart\n\n[b]\n\n# apart too\n\n[c]\n",
        ("b",),
        "[a]\n\n# apart\n\n# apart too\n\n[c]\n",
    ),
    "not the comment of the next": ("[a]\nx = 1\n# of b\n[b]\n", ("a",), "# of b\n[b]\n"),
    "a table with its sub-tables": ("[a]\n\n[b]\n\n[b.c]\n\n[[b.d]]\n\n[e]\n", ("b",), "[a]\n\n[e]\n"),
    "tables of an implicit one": ("[a]\n\n[b.c]\n\n[b.d]\n\n[e]\n", ("b",), "[a]\n\n[e]\n"),
    "tables out of order": ("[a]\n[b]\n[a.c]\n[d]\n", ("a",), "[b]\n[d]\n"),
    "dotted keys": ("a.x = 1\nb = 1\na.y.z = 2\n", ("a",), "b = 1\n"),
    "one dotted key": ("a.x = 1\na.y = 2\n", ("a", "x"), "a.y = 2\n"),
    "an array": ("[a]\n\n[[b]]\n\n[[b]]\n\n[c]\n", ("b",), "[a]\n\n[c]\n"),
    "one element": (
        "[[b]]\nn = 1\n\n[[b]]\nn = 2\n\n[b.s]\n\n[[b]]\nn = 3\n",
        ("b", 1),
        "[[b]]\nn = 1\n\n[[b]]\nn = 3\n",
    ),
    "a key inside an inline table": ("a = {b=1, c=2}\n", ("a", "c"), "a = {b=1 }\n"),
    "an element of an inline array": ("a = [{ b = 1 }, { b = 2 }]\n", ("a", 0), "a = [{ b = 2 }]\n"),
    "nothing that is not there": ("a = {b=1}\n[c]\n", ("a", "x"), "a = {b=1}\n[c]\n"),
    "nothing of another name": ("[c.d]\nx = 1\n", ("c", "x"), "[c.d]\nx = 1\n"),
    "with carriage returns": ("[a]\r\n\r\n[b]\r\nx = 1\r\n\r\n[c]\r\n", ("b",), "[a]\r\n\r\n[c]\r\n"),
}


@pytest.mark.parametrize(("before", "path", "after"), REMOVALS.values(), ids=REMOVALS)
def test_a_removal_takes_out(before: str, path: tuple[str, ...], after: str) -> None:
    assert edited(before, Edit(path, ABSENT)) == after


ARRAY = '# one\n[[g]]\nname = "A"  # a\nn = 1\n\n# two\n[[g]]\nname = "B"\nn = 2\n\n[g.s]\nx = 1\n\n[z]\n'
A, B, C = {"name": "A", "n": 1}, {"name": "B", "n": 2, "s": {"x": 1}}, {"name": "C", "n": 3}
TEXT_A, TEXT_B = '# one\n[[g]]\nname = "A"  # a\nn = 1\n\n', '# two\n[[g]]\nname = "B"\nn = 2\n\n[g.s]\nx = 1\n\n'
TEXT_C = '[[g]]\nname = "C"\nn = 3\n\n'

WHOLE_ARRAYS = {
    "equal elements stay": ([A, B], TEXT_A + TEXT_B),
    "moved ones take their comments and sub-tables along": ([B, A], TEXT_B + TEXT_A),
    "a new one at the end": ([A, B, C], TEXT_A + TEXT_B + TEXT_C),
    "a new one between": ([A, C, B], TEXT_A + TEXT_C + TEXT_B),
    "a new one in front": ([C, A, B], TEXT_C + TEXT_A + TEXT_B),
    "one less": ([B], TEXT_B),
    "one changed in place, by its name": ([{**A, "n": 5}, B], TEXT_A.replace("n = 1", "n = 5") + TEXT_B),
    "changed and moved": ([B, {**A, "n": 5}], TEXT_B + TEXT_A.replace("n = 1", "n = 5")),
    "a changed sub-table": ([A, {**B, "s": {"x": 2}}], TEXT_A + TEXT_B.replace("x = 1", "x = 2")),
    "all others": ([C], TEXT_C),
    "removed, moved and new": ([C, B], TEXT_C + TEXT_B),
}


@pytest.mark.parametrize(("value", "after"), WHOLE_ARRAYS.values(), ids=WHOLE_ARRAYS)
def test_a_whole_array_keeps_what_it_can(value: list[object], after: str) -> None:
    assert edited(ARRAY, Edit(("g",), value)) == after + "[z]\n"


def test_an_array_at_the_end_of_a_file_without_newline_can_be_turned_round() -> None:
    before = "[[g]]\nname = 1\n\n[[g]]\nname = 2"
    assert edited(before, Edit(("g",), [{"name": 2}, {"name": 1}])) == "[[g]]\nname = 2\n\n[[g]]\nname = 1\n"


def test_an_array_set_empty_is_an_empty_list() -> None:
    assert edited("a = 1\n\n[[g]]\nn = 1\n", Edit(("g",), [])) == "a = 1\ng = []\n"


def test_an_array_set_empty_by_default_is_gone() -> None:
    assert edited("a = 1\n\n[[g]]\nn = 1\n", Edit(("g",), [], default=True)) == "a = 1\n"


def test_indexes_count_anew_after_a_removal_from_an_array() -> None:
    after = Document("[[a]]\nn = 1\n\n[[a]]\nn = 2\n").edit([Edit(("a", 0), ABSENT)])
    assert after.edit([Edit(("a", 0, "n"), 3)]).text == "[[a]]\nn = 3\n"


DEFAULTS = {
    "rewritten where it stands": ("a = 1 # c\n", ("a",), 2, "a = 2 # c\n"),
    "left out where it does not": ("a = 1\n", ("b",), 2, "a = 1\n"),
    "left out of an inline table": ("a = { b = 1 }\n", ("a", "c"), 2, "a = { b = 1 }\n"),
    "rewritten in an inline table": ("a = { b = 1 }\n", ("a", "b"), 2, "a = { b = 2 }\n"),
    "left out as a table": ("a = 1\n", ("t",), {"x": 1}, "a = 1\n"),
    "only its written keys in a table": ("[t]\nx = 1\n", ("t",), {"x": 2, "y": 1}, "[t]\nx = 2\n"),
}


@pytest.mark.parametrize(("before", "path", "value", "after"), DEFAULTS.values(), ids=DEFAULTS)
def test_a_default_is(before: str, path: tuple[str, ...], value: object, after: str) -> None:
    assert edited(before, Edit(path, value, default=True)) == after


WHOLE_TABLES = {
    "key by key": ("[t]\na = 1 # a\nb = 2\n# c\n", ("t",), {"a": 3, "c": 4}, "[t]\na = 3 # a\nc = 4\n# c\n"),
    "its sub-tables": ("[t]\na = 1\n\n[t.s]\nx = 1\n", ("t",), {"a": 1, "s": {"x": 2}}, "[t]\na = 1\n\n[t.s]\nx = 2\n"),
    "as dotted keys": ("t.a = 1\nt.b.c = 2\n", ("t",), {"a": 1, "b": {"c": 3}}, "t.a = 1\nt.b.c = 3\n"),
    "of dotted keys emptied": ("t.a = 1\n", ("t",), {}, "[t]\n"),
    "a new inline value over a header keeps the header": ("[t]\na = 1\n", ("t",), Inline(a=2), "[t]\na = 2\n"),
    "of a header and dotted keys": (
        "[t]\na.b = 1\n\n[t.a.c]\nx = 1\n",
        ("t", "a"),
        {"b": 2, "c": {"x": 2}},
        "[t]\na.b = 2\n\n[t.a.c]\nx = 2\n",
    ),
    "the whole document": ("a = 1\n\n[t]\nb = 1\n", (), {"a": 2}, "a = 2\n"),
}


@pytest.mark.parametrize(("before", "path", "value", "after"), WHOLE_TABLES.values(), ids=WHOLE_TABLES)
def test_a_whole_table_is_edited(before: str, path: tuple[str, ...], value: object, after: str) -> None:
    assert edited(before, Edit(path, value)) == after


RENAMES = {
    "in every header below": (
        "[l.In] # c\n\n[[l.In.g]]\nIn = 1\n\n[ l . In . h ]\n[l.Inner]\n",
        ("l", "In"),
        "Out",
        "[l.Out] # c\n\n[[l.Out.g]]\nIn = 1\n\n[ l . Out . h ]\n[l.Inner]\n",
    ),
    "in dotted keys": (
        "a . In.x = 1\na.In.y = 2\na.z = 1\n",
        ("a", "In"),
        "Out",
        "a . Out.x = 1\na.Out.y = 2\na.z = 1\n",
    ),
    "of an inline table": ("In = { x = 1 }\n", ("In",), "Out", "Out = { x = 1 }\n"),
    "quoted where needed": ('[d."a.example"]\n', ("d", "a.example"), "b.example", '[d."b.example"]\n'),
    "bare where that will do": ('[d."a.example"]\n', ("d", "a.example"), "b", "[d.b]\n"),
    "inside an element of an array": (
        "[[a]]\n[a.s]\n[[a]]\n[a.s]\n",
        ("a", 1, "s"),
        "t",
        "[[a]]\n[a.s]\n[[a]]\n[a.t]\n",
    ),
    "of a whole array": ("[[a]]\n[a.s]\n[[a]]\n", ("a",), "b", "[[b]]\n[b.s]\n[[b]]\n"),
    "inside an inline table": ("a = { b = 1, c = 2 }\n", ("a", "b"), "d", "a = { c = 2, d = 1 }\n"),
    "of what is not there": ("[a]\n", ("b",), "c", "[a]\n"),
}


@pytest.mark.parametrize(("before", "path", "name", "after"), RENAMES.values(), ids=RENAMES)
def test_a_rename_changes_the_name(before: str, path: tuple[str, ...], name: str, after: str) -> None:
    assert edited(before, Rename(path, name)) == after


def test_a_renamed_table_is_found_by_its_new_name() -> None:
    after = Document("[l.In]\nx = 1\n").edit([Rename(("l", "In"), "Out"), Edit(("l", "Out", "x"), 2)])
    assert after.text == "[l.Out]\nx = 2\n"


VALUES = {
    "text": ("x", '"x"'),
    "text in another script": ("Grüße", '"Grüße"'),
    "text with quotes and controls": ('"\\\t\r\x00\x7f', '"\\"\\\\\\t\\r\\u0000\\u007f"'),
    "lines": ("a\nb\n", '"""\na\nb\n"""'),
    "lines with quotes": ('"""\n"\\', '"""\n""\\"\n"\\\\"""'),
    "lines that end with a quote": ('a\n"', '"""\na\n\\""""'),
    "lines with carriage returns": ("a\r\nb", '"""\na\\r\nb"""'),
    "lines in a list": (["a\nb"], '["a\\nb"]'),
    "infinity": (float("-inf"), "-inf"),
    "not a number": (float("nan"), "nan"),
    "a large number": (1e300, "1e+300"),
    "true": (True, "true"),
    "a moment": (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
    "a local moment": (datetime(2026, 1, 2, 3, 4, 5, 600), "2026-01-02T03:04:05.000600"),
    "a day": (date(2026, 1, 2), "2026-01-02"),
    "a time": (time(3, 4), "03:04:00"),
    "nothing": ("", '""'),
    "an empty inline table": (Inline(), "{}"),
}


@pytest.mark.parametrize(("value", "written"), VALUES.values(), ids=VALUES)
def test_a_value_is_written(value: object, written: str) -> None:
    assert edited("", Edit(("a",), value)) == f"a = {written}\n"
    assert repr(tomllib.loads(f"a = {written}\n")["a"]) == repr(value)


LINES = [
    ((), None),
    (("hostname",), 2),
    (("dialogs",), 3),
    (("interfaces",), None),
    (("interfaces", "PublicNet"), 5),
    (("interfaces", "PublicNet", "https", "port"), 7),
    (("interfaces", "PublicNet", "https", "ports"), None),
    (("listeners", "Inboundmail"), 10),
    (("listeners", "Inboundmail", "host_access", "groups"), 16),
    (("listeners", "Inboundmail", "host_access", "groups", 0, "senders"), 18),
    (("listeners", "Inboundmail", "host_access", "groups", 1), None),
    (("alerts", "initial_wait"), 21),
]


@pytest.mark.parametrize(("path", "line"), LINES)
def test_the_line_of(path: tuple[str | int, ...], line: int | None) -> None:
    assert Document(SAMPLE).line(path) == line


def test_the_line_of_a_table_of_dotted_keys_is_its_first_one() -> None:
    assert Document("x = 1\n[t]\na.b = 1\n").line(("t", "a")) == 3


def test_lines_follow_the_edits() -> None:
    document = Document(SAMPLE)
    assert document.line(("alerts",)) == 20
    assert document.edit([Edit(("new",), "a\nb")]).line(("alerts",)) == 23
    assert document.line(("alerts",)) == 20


def test_the_old_document_stays_what_it_was() -> None:
    old = Document(SAMPLE)
    new = old.edit([Edit(("listeners", "Inboundmail"), ABSENT), Edit(("hostname",), "x")])
    assert old.text == SAMPLE
    assert new.edit([]).text == new.text != SAMPLE
    assert old.edit([Edit(("listeners", "Inboundmail", "port"), 26)]).text == SAMPLE.replace("25", "26")


UNWRITABLE = [
    ("a = 1\n", Edit(("a", "b"), 1)),
    ("[[a]]\n", Edit(("a", "b"), 1)),
    ("[[a]]\n", Edit(("a", 2), {})),
    ("[[a]]\n", Edit(("a", 2, "b"), 1)),
    ("[a]\n", Edit((), ABSENT)),
    ("[a]\n[b]\n", Rename(("a",), "b")),
    ("[[a]]\n", Rename(("a", 0), "b")),
]


@pytest.mark.parametrize(("before", "edit"), UNWRITABLE)
def test_an_edit_without_a_place_is_refused(before: str, edit: Edit | Rename) -> None:
    with pytest.raises(UnwritableEdit):
        Document(before).edit([edit])


def test_a_value_toml_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError):
        Document("").edit([Edit(("a",), None)])


def test_tomlkit_is_imported_only_for_values_in_a_layout_of_their_own() -> None:
    program = (
        "import sys; from state.document import *; "
        "print(Document('a = { b = 1 }').edit([Edit(('a', 'b'), 2)]).text, 'tomlkit' in sys.modules); "
        "print(Document('a = {b=1}').edit([Edit(('a', 'b'), 2)]).text, 'tomlkit' in sys.modules)"
    )
    root = FilePath(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert result.stdout == "a = { b = 2 } False\na = {b=2} True\n"


def test_many_tables_added_one_by_one_stay_in_order() -> None:
    document = Document("[d.a]\n\n[z]\n")
    for number in range(300):
        document = document.edit([Edit(("d", f"n{number}"), {"x": number})])
        document = document.edit([Edit((f"d{number}", "x"), number)])
    values = tomllib.loads(document.text)
    assert list(values["d"]) == ["a", *(f"n{number}" for number in range(300))]
    assert list(values)[:3] == ["d", "z", "d0"]
    assert document.text == Document(document.text).edit([]).text


def test_room_between_tables_that_runs_out_is_made_anew() -> None:
    document, expected = Document("[a.b]\n[z]\n"), []
    for number in range(60):
        path = ("a", "b", *(f"c{level}" for level in range(60 - number)))
        expected.append(path)
        document = document.edit([Edit((*path, "x"), 1)])
    value = tomllib.loads(document.text)
    for path in expected:
        found = value
        for key in path:
            found = found[key]
        assert found["x"] == 1
