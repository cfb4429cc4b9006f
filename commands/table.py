"""Tables as dialogs print them: columns under heads and a rule, cut only where a screen is too narrow."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def table(
    heads: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    least: Sequence[int],
    rule: str,
    width: int | None = None,
    shrinks: Sequence[tuple[int, int]] = (),
) -> list[str]:
    """Return the lines of a table.

    Args:
        heads: one or two lines of heads.
        rows: the cells.
        least: the least width of each column.
        rule: the character of the line under the heads.
        width: columns of the screen, None where there is none: then nothing is cut.
        shrinks: (column, its least width) in the order in which columns give way on a narrow screen, after all have
            given up what no cell fills; what is cut ends with `…`.
    """
    sizes = [max(size, *map(len, column)) for size, column in zip(least, zip(*heads, *rows, strict=True), strict=True)]
    if width is not None:
        needed = [max(map(len, column)) for column in zip(*heads, *rows, strict=True)]
        for column, smallest in (*((index, size) for index, size in enumerate(needed) if index), *shrinks):
            over = sum(sizes) + 2 * (len(sizes) - 1) - width
            if over > 0:
                sizes[column] = max(min(sizes[column], smallest), sizes[column] - over)
        rows = [
            [cell if len(cell) <= size else cell[: size - 1] + "…" for cell, size in zip(row, sizes, strict=True)]
            for row in rows
        ]
    ruled = [rule * size for size in sizes]
    return [
        "  ".join(cell.ljust(size) for cell, size in zip(line, sizes, strict=True)).rstrip()
        for line in (*heads, ruled, *rows)
    ]
