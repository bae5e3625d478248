"""Item image -> columns of a row.

Nearly every item fills its columns without conflict, so the first attempt only writes and counts. When the count shows
that two paths wanted one column, or that a path can have none, the attempt is thrown away and the item is laid out
again leaf by leaf, by the rules in `_lay_out`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lake_transform.columns import OVERFLOW, Columns, Node, pointer
from lake_transform.errors import RecordError
from lake_transform.values import ABSENT, AttributeValue, json_text, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lake_transform.settings import ListFormat
    from lake_transform.values import Image, Tally


# A path repeats the names above it, for each of its leaves: a record of 320 kB was seen to overflow into 35 MB.
# A line with more bytes of paths than this fits no response, because base64 makes 6,000,000 of them.
_LONGEST_POINTERS: Final = 4_500_000

# None is never a column of a finished row: it marks an attempt that failed.
Row = dict[str | None, Any]


class Flattener:
    """Lays item images out in columns."""

    def __init__(self, columns: Columns, list_format: ListFormat, number: Callable[[str], Any]) -> None:
        """Prepares to flatten.

        Args:
            columns: names the paths.
            list_format: how a list or a set becomes a value.
            number: makes a row's value of a number's literal.
        """
        self._columns: Final = columns
        self._lists_as_text: Final = list_format == "text"
        self._number: Final = number

    def fill(self, row: Row, image: Image, tally: Tally) -> int:
        """Adds an image's columns to a row that holds the `cdc_` columns, and returns how many values overflowed.

        The numbers' literals in `tally` are for the caller to check before the row is written.

        Raises:
            RecordError: a value has no type.
        """
        before = len(row)
        expected = before + self._walk(image, self._columns.root, row, tally)
        if len(row) == expected and None not in row:
            return 0
        for column in list(row)[before:]:
            del row[column]
        return self._lay_out(row, image, tally)

    def _walk(self, image: Image, node: Node, row: Row, tally: Tally) -> int:
        """Writes each leaf under its column and returns their number; a leaf without column goes under None."""
        children = node.children
        literals = tally.literals
        number = self._number
        leaves = len(image)
        tally.values += leaves
        for name, value in image.items():
            try:
                child = children[name]
            except KeyError:
                child = self._columns.grow(node, name)
            if (text := value.S) is not ABSENT:
                row[child.column] = text
            elif (literal := value.N) is not ABSENT:
                literals.append(literal)
                row[child.column] = number(literal)
            elif (truth := value.BOOL) is not ABSENT:
                row[child.column] = truth
            elif (members := value.M) is not ABSENT and members and child.open:
                leaves += self._walk(members, child, row, tally) - 1
            else:
                row[child.column] = self._cell(value, tally)
        return leaves

    def _lay_out(self, row: Row, image: Image, tally: Tally) -> int:
        """Adds an image's columns by the exact rules, and returns how many values overflowed.

        Of the paths that want one column the shallowest has it, of those the first in the order of their spelling.
        """
        leaves = list(self._leaves(image, self._columns.root, ()))
        winners: dict[str, _Leaf] = {}
        for candidate in leaves:
            column = candidate.column
            if column is not None and (column not in winners or _rank(candidate) < _rank(winners[column])):
                winners[column] = candidate
        overflow = [loser for loser in leaves if loser.column is None or winners[loser.column] is not loser]
        if overflow:
            overflow.sort(key=_rank)
            row[OVERFLOW] = _overflow_text(overflow, tally)
        for one in leaves:
            if one.column is not None and winners[one.column] is one:
                row[one.column] = self._cell(one.value, tally)
        return len(overflow)

    def _leaves(self, image: Image, node: Node, path: tuple[str, ...]) -> Iterator[_Leaf]:
        """Yields each leaf of an image in its order.

        Members whose names are too long for a column stay together, as a map at the path reached. At the top there is
        no such path: each is a leaf of its own that has no column.
        """
        rest: Image = {}
        for name, value in image.items():
            child = node.children.get(name) or self._columns.grow(node, name)
            if not child.open and path:
                rest[name] = value
            elif child.open and value.M is not ABSENT and value.M:
                yield from self._leaves(value.M, child, (*path, name))
            else:
                yield _Leaf(child.column, (*path, name), value)
        if rest:
            yield _Leaf(node.column, path, AttributeValue(M=rest))

    def _cell(self, value: AttributeValue, tally: Tally) -> Any:  # noqa: ANN401 - any JSON value
        """Returns what a column holds: maps as JSON text, lists and sets as configured, anything else as it is."""
        if value.M is not ABSENT:
            return json_text(plain(value, tally))
        if not self._lists_as_text:
            if (elements := value.L) is ABSENT:
                return plain(value, tally, self._number)
            tally.values += len(elements)
            # No object may be in an array either, so a map in a list is JSON text there.
            return [self._cell(element, tally) for element in elements]
        if (numbers := value.NS) is not ABSENT:
            tally.literals.extend(numbers)
            return f"[{','.join(numbers)}]"
        if value.L is not ABSENT or value.SS is not ABSENT or value.BS is not ABSENT:
            return json_text(plain(value, tally))
        return plain(value, tally, self._number)


def _overflow_text(overflow: Sequence[_Leaf], tally: Tally) -> str:
    """Returns the JSON text of an object, the pointer of each leaf to its plain value.

    Raises:
        RecordError: a value has no type, or the pointers are too long together.
    """
    room = _LONGEST_POINTERS
    members: dict[str, Any] = {}
    for one in overflow:
        key = pointer(one.path)
        room -= len(json_text(key))
        if room < 0:
            raise RecordError("the paths of what has no column are too long together")
        members[key] = plain(one.value, tally)
    return json_text(members)


class _Leaf(NamedTuple):
    """A value that wants a column, or has none to want."""

    column: str | None
    path: tuple[str, ...]
    value: AttributeValue


def _rank(one: _Leaf) -> tuple[int, tuple[str, ...]]:
    return len(one.path), one.path
