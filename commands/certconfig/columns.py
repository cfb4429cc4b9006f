"""Tables of certconfig: columns as wide as what stands in them, long cells cut on a narrow screen."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = 12
"""Characters to which a cell is never cut below."""


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Return the lines of a table: heads, a rule, the rows.

    Args:
        heads: of the columns.
        rows: the cells.
        width: columns of the screen, where there is one: then the widest column gives up what is too much.
    """
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    if width is not None:
        widest = widths.index(max(widths))
        over = sum(widths) + 2 * (len(widths) - 1) - width
        widths[widest] = max(min(widths[widest], LEAST), widths[widest] - max(0, over))
    return [_line(row, widths) for row in (heads, ["-" * size for size in widths], *rows)]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        (cell if len(cell) <= size else cell[: size - 1] + "…").ljust(size)
        for cell, size in zip(row, widths, strict=True)
    ]
    return "  ".join(cells).rstrip()
