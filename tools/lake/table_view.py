"""Lays an answer out for people: as a table or, where that is too wide for the terminal, a block for each row."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.lake.engines.results import Result

NULL: Final = "NULL"
WIDEST: Final = 40
"""Characters of a value in a table on a terminal; a longer one is cut."""

_GAP: Final = "  "
_NUMBERS: Final = ("bigint", "integer", "smallint", "tinyint", "double", "real", "decimal")


def lay_out(result: Result, limit: int | None, width: int | None) -> Iterator[str]:
    """Yields the lines of an answer, at most `limit` rows of it, and how many more there are.

    `width` is that of the terminal, in characters; None cuts nothing.
    """
    rows = list(islice(result.rows, limit))
    left = sum(1 for _ in result.rows)
    names = [shown(column.name) for column in result.columns]
    cells = [[NULL if value is None else shown(value) for value in row] for row in rows]
    longest = WIDEST if width is not None else None
    sizes = [_size([name, *(row[at] for row in cells)], longest) for at, name in enumerate(names)]
    if width is not None and sum(sizes) + len(_GAP) * (len(sizes) - 1) > width:
        yield from _blocks(names, cells, width)
    else:
        numeric = [column.type.startswith(_NUMBERS) for column in result.columns]
        yield from _table(names, cells, sizes, numeric)
    if left:
        yield f"… {left:,} more row{'s' if left > 1 else ''}"
    elif not rows:
        yield "no rows"


def shown(text: str) -> str:
    r"""Returns text that cannot act on a terminal or break a line.

    >>> shown("a\x1b[2J\nü")
    'a\\x1b[2J\\nü'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _size(cells: Sequence[str], longest: int | None) -> int:
    size = max(map(cell_len, cells))
    return size if longest is None else min(size, longest)


def _table(
    names: Sequence[str], cells: Sequence[Sequence[str]], sizes: Sequence[int], numeric: Sequence[bool]
) -> Iterator[str]:
    yield _GAP.join(map(_fit, names, sizes)).rstrip()
    yield _GAP.join("-" * size for size in sizes)
    for row in cells:
        fitted = (
            " " * (size - cell_len(cell)) + cell if right else _fit(cell, size)
            for cell, size, right in zip(row, sizes, numeric, strict=True)
        )
        yield _GAP.join(fitted).rstrip()


def _blocks(names: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    widest = max(map(cell_len, names))
    for number, row in enumerate(cells, start=1):
        yield f"-- row {number}"
        for name, cell in zip(names, row, strict=True):
            yield f"{_fit(name, widest)}{_GAP}{_cut(cell, max(width - widest - len(_GAP), 1))}"


def _fit(cell: str, size: int) -> str:
    return set_cell_size(_cut(cell, size), size)


def _cut(cell: str, size: int) -> str:
    return cell if cell_len(cell) <= size else set_cell_size(cell, size - 1).rstrip() + "…"
