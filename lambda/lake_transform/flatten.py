"""Item image -> columns of a row.

In nearly every item each path has a column of its own, so the first attempt only writes values and counts them. If the
count shows that two paths wanted the same column, or that a path can have none, the columns are removed again and
`_add_by_rank` decides leaf by leaf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import UNSET

from lake_transform.columns import Columns, Node, json_pointer
from lake_transform.errors import RecordError
from lake_transform.metadata import OVERFLOW
from lake_transform.values import AttributeValue, json_text, plain_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lake_transform.settings import ListFormat
    from lake_transform.values import Image

# Each path in the overflow repeats the names above it: a record of 320 kB overflowed into 35 MB. A line with more bytes
# of paths than this fits no response, because they are 6,000,000 bytes in base64.
_MAX_POINTER_BYTES: Final = 4_500_000

# None is a column only during the first attempt: a value under it has no column of its own.
Row = dict[str | None, Any]


class Flattener:
    """Adds the columns of an item image to a row."""

    def __init__(self, columns: Columns, list_format: ListFormat, number: Callable[[str], Any]) -> None:
        """Prepares to flatten.

        Args:
            columns: the names of paths.
            list_format: `text` writes lists and sets as JSON text, `array` as arrays.
            number: makes a value of the row from the literal of a number.
        """
        self._columns: Final = columns
        self._lists_as_text: Final = list_format == "text"
        self._number: Final = number

    def add_columns(self, row: Row, image: Image, literals: list[str]) -> int:
        """Adds an image's columns to a row that holds the metadata columns, and returns how many values overflowed.

        The literal of every number is added to `literals`, of some twice. The caller checks them before it writes the
        row.

        Raises:
            RecordError: a value has no type.
        """
        before = len(row)
        expected = before + self._add_in_order(image, self._columns.root, row, literals)
        if len(row) == expected and None not in row:
            return 0
        for column in list(row)[before:]:
            del row[column]
        return self._add_by_rank(row, image, literals)

    def _add_in_order(self, image: Image, node: Node, row: Row, literals: list[str]) -> int:
        """Adds each leaf under its column and returns the number of leaves; a leaf without column goes under None."""
        children = node.children
        number = self._number
        leaves = len(image)
        for name, value in image.items():
            try:
                child = children[name]
            except KeyError:
                child = self._columns.add_child(node, name)
            if (text := value.S) is not UNSET:
                row[child.column] = text
            elif (literal := value.N) is not UNSET:
                literals.append(literal)
                row[child.column] = number(literal)
            elif (truth := value.BOOL) is not UNSET:
                row[child.column] = truth
            elif (members := value.M) is not UNSET and members and child.can_extend:
                leaves += self._add_in_order(members, child, row, literals) - 1
            else:
                row[child.column] = self._column_value(value, literals)
        return leaves

    def _add_by_rank(self, row: Row, image: Image, literals: list[str]) -> int:
        """Adds an image's columns where paths compete for them, and returns how many values overflowed.

        Of the paths that want the same column the one that is spelled exactly like it has it, else the shallowest, and
        of those the first in the order of spelling.
        """
        leaves = list(self._leaves(image, self._columns.root, ()))
        ranked = sorted(leaves, key=_depth_and_spelling)
        winners: dict[str, _Leaf] = {}
        for leaf in sorted(ranked, key=self._is_spelled_otherwise):
            if leaf.column is not None:
                winners.setdefault(leaf.column, leaf)
        overflow = [leaf for leaf in ranked if leaf.column is None or winners[leaf.column] is not leaf]
        if overflow:
            row[OVERFLOW] = _overflow_text(overflow, literals)
        for leaf in leaves:
            if leaf.column is not None and winners[leaf.column] is leaf:
                row[leaf.column] = self._column_value(leaf.value, literals)
        return len(overflow)

    def _leaves(self, image: Image, node: Node, path: tuple[str, ...]) -> Iterator[_Leaf]:
        """Yields each leaf of an image, in the image's order.

        Members of a map whose names are too long for a column stay together: they are one leaf, a map at the path of
        their map. At the top level each such attribute is a leaf without column.
        """
        too_long: Image = {}
        for name, value in image.items():
            child = node.children.get(name) or self._columns.add_child(node, name)
            if not child.can_extend and path:
                too_long[name] = value
            elif child.can_extend and value.M is not UNSET and value.M:
                yield from self._leaves(value.M, child, (*path, name))
            else:
                yield _Leaf(child.column, (*path, name), value)
        if too_long:
            yield _Leaf(node.column, path, AttributeValue(M=too_long))

    def _is_spelled_otherwise(self, leaf: _Leaf) -> bool:
        return leaf.column != self._columns.joined(leaf.path)

    def _column_value(self, value: AttributeValue, literals: list[str]) -> Any:  # noqa: ANN401 - any JSON value
        """Returns what the column of a value holds: maps as JSON text, lists and sets as configured."""
        if value.M is not UNSET:
            return json_text(plain_value(value, literals))
        if not self._lists_as_text:
            if (elements := value.L) is UNSET:
                return plain_value(value, literals, self._number)
            # A line holds no object, not even in an array, so a map in a list is JSON text there.
            return [self._column_value(element, literals) for element in elements]
        if (numbers := value.NS) is not UNSET:
            literals.extend(numbers)
            return f"[{','.join(numbers)}]"
        if value.L is not UNSET or value.SS is not UNSET or value.BS is not UNSET:
            return json_text(plain_value(value, literals))
        return plain_value(value, literals, self._number)


def _overflow_text(overflow: Sequence[_Leaf], literals: list[str]) -> str:
    """Returns the JSON text of an object: the JSON Pointer of each leaf -> its plain value.

    Raises:
        RecordError: a value has no type, or the pointers take too many bytes together.
    """
    room = _MAX_POINTER_BYTES
    members: dict[str, Any] = {}
    for leaf in overflow:
        pointer = json_pointer(leaf.path)
        room -= len(json_text(pointer))
        if room < 0:
            raise RecordError("the paths of what has no column are too long together")
        members[pointer] = plain_value(leaf.value, literals)
    return json_text(members)


class _Leaf(NamedTuple):
    """A value, its path, and the column that it wants; None if it can have none."""

    column: str | None
    path: tuple[str, ...]
    value: AttributeValue


def _depth_and_spelling(leaf: _Leaf) -> tuple[int, tuple[str, ...]]:
    return len(leaf.path), leaf.path
