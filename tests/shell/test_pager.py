"""The pager: where it stops, what goes on, what q leaves out."""

from __future__ import annotations

import os

from shell.pager import MORE, Pager, columns

WIPE = "\r" + " " * len(MORE) + "\r"


def paged(text: str, keys: str, lines: int = 5, width: int = 20) -> str:
    pressed = iter(keys)
    out: list[str] = []
    pager = Pager(out.append, lambda: os.terminal_size((width, lines)), lambda: next(pressed))
    pager.begin()
    pager.show(text)
    out.append("|")
    pager.ask("Question?\n")
    assert next(pressed, None) is None, "a key was not asked for"
    return "".join(out)


def rows(count: int) -> str:
    return "".join(f"row {number}\n" for number in range(count))


def test_what_fits_is_shown_at_once() -> None:
    assert paged(rows(3), "") == rows(3) + "|Question?\n"


def test_any_key_goes_on_and_the_text_is_overwritten() -> None:
    shown = paged(rows(6), "  ", lines=4)
    assert shown == f"row 0\nrow 1\nrow 2\n{MORE}{WIPE}row 3\nrow 4\nrow 5\n|{MORE}{WIPE}Question?\n"


def test_q_leaves_out_the_rest_but_not_the_question() -> None:
    assert paged(rows(60), "q", lines=4) == f"row 0\nrow 1\nrow 2\n{MORE}{WIPE}|Question?\n"


def test_a_long_line_counts_as_the_rows_it_takes() -> None:
    assert paged("x" * 50 + "\n" + "y\n", "x", lines=4).count(MORE) == 1
    assert paged("x" * 20 + "\n" + "y\n", "", lines=5).count(MORE) == 0


def test_a_screen_of_one_row_still_ends() -> None:
    assert paged(rows(3), "   ", lines=1).count("row") == 3


def test_wide_letters_take_two_columns() -> None:
    assert (columns("abc"), columns("日本"), columns("é"), columns("e\u0301")) == (3, 4, 1, 1)
