"""What is in the columns of some rows: how many values of each shape, and one row that has it.

Summaries of parts add up to the summary of the whole, whatever the parts and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from tools.lake.lines import BadLine
from tools.lake.value_shapes import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tools.lake.lines import Row

METADATA_PREFIX: Final = "cdc_"
"""Columns whose names start with this are ours, and have types of their own."""

MOST_COLUMNS: Final = 10_000
"""Columns that are counted, the first by name. A table with more has data as names, and needs a rule."""

NAMED_BAD_LINES: Final = 20
"""Bad lines that are named; all are counted."""

_LONGEST_KEY: Final = 16_384
"""Characters of an item's key that are kept: more than DynamoDB's longest has, however it is escaped."""

T = TypeVar("T")


class Example(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A row: key of its object, number of its line, and its item's `cdc_key`, which is JSON text itself."""

    object: str
    line: int
    cdc_key: str


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """How many rows have a value of one shape, and the first of them, by object and line."""

    rows: int
    first: Example

    def __add__(self, other: Seen) -> Seen:
        return Seen(self.rows + other.rows, min(self.first, other.first))


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """Rows and bad lines, and for each column its values by shape.

    `bad` are the first of the bad lines, `is_cut` says that there are more columns than are counted.
    """

    rows: int = 0
    bad_lines: int = 0
    bad: tuple[BadLine, ...] = ()
    columns: dict[str, dict[str, Seen]] = {}
    is_cut: bool = False


def summarise(key: str, read: Callable[[Callable[[BadLine], None]], Iterable[tuple[int, Row]]]) -> Summary:
    """Returns the summary of one object.

    Args:
        key: the object's key.
        read: called with what takes bad lines; returns the rows with the numbers of their lines, in their order.
    """
    bad: list[BadLine] = []
    bad_lines = 0

    def take_bad(line: BadLine) -> None:
        nonlocal bad_lines
        bad_lines += 1
        if len(bad) < NAMED_BAD_LINES:
            bad.append(line)

    columns: dict[str, dict[str, list[int]]] = {}
    keys: dict[int, bytes] = {}
    rows, is_cut = 0, False
    for number, row in read(take_bad):
        rows += 1
        for name, value in row.items():
            if name[:4] == METADATA_PREFIX:
                continue
            seen = columns.get(name)
            if seen is None:
                seen = columns[name] = {}
            code = shape(bytes(value))
            try:
                seen[code][0] += 1
            except KeyError:
                seen[code] = [1, number]
                keys[number] = bytes(row["cdc_key"])
        if len(columns) > 2 * MOST_COLUMNS:
            columns, is_cut = _first_columns(columns), True
    is_cut = is_cut or len(columns) > MOST_COLUMNS
    examples = {number: Example(key, number, _text(each)) for number, each in keys.items()}
    return Summary(
        rows,
        bad_lines,
        tuple(bad),
        {
            name: {code: Seen(count, examples[line]) for code, (count, line) in seen.items()}
            for name, seen in _first_columns(columns).items()
        },
        is_cut,
    )


def merge(summaries: Iterable[Summary]) -> Summary:
    """Returns the summary of all rows that `summaries` tell of; no row may be in two of them."""
    rows = bad_lines = 0
    bad: list[BadLine] = []
    columns: dict[str, dict[str, Seen]] = {}
    is_cut = False
    for each in summaries:
        rows += each.rows
        bad_lines += each.bad_lines
        is_cut = is_cut or each.is_cut
        if each.bad:
            bad = sorted([*bad, *each.bad])[:NAMED_BAD_LINES]
        for name, seen in each.columns.items():
            total = columns.setdefault(name, {})
            for code, values in seen.items():
                total[code] = total[code] + values if code in total else values
        if len(columns) > 2 * MOST_COLUMNS:
            columns, is_cut = _first_columns(columns), True
    is_cut = is_cut or len(columns) > MOST_COLUMNS
    return Summary(rows, bad_lines, tuple(bad), _first_columns(columns), is_cut)


def encode(summary: Summary) -> bytes:
    """Returns a summary as bytes, for another process or a file."""
    return msgspec.msgpack.encode(summary)


def decode(data: bytes) -> Summary:
    """Returns the summary in bytes that `encode` made.

    Raises:
        msgspec.DecodeError: they are no summary.
    """
    return msgspec.msgpack.decode(data, type=Summary)


def _first_columns(columns: dict[str, T]) -> dict[str, T]:
    # The first by name of the whole are among the first of each part, so it does not matter when the rest is left out.
    if len(columns) <= MOST_COLUMNS:
        return columns
    return {name: columns[name] for name in sorted(columns)[:MOST_COLUMNS]}


def _text(cdc_key: bytes) -> str:
    key = msgspec.json.decode(cdc_key)
    return key[:_LONGEST_KEY] if isinstance(key, str) else ""
