"""Finds a value in a column of lake rows: in the column itself, in lists, in the old image and in the overflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.lake.column_names import DEFAULT_SEPARATOR, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.lake.lines import Row

_OLD: Final = ("cdc_before", "cdc_overflow")
"""Columns with JSON text of values by the names that they have in the item."""


class ColumnMatch(msgspec.Struct, frozen=True):
    """A column, named as in the lake, that has a value, written as in the lake.

    Each of `separators` may join the names of a path where they are one column.
    """

    column: str
    value: str
    separators: frozenset[str] = frozenset((DEFAULT_SEPARATOR,))

    def __call__(self, row: Row) -> bool:
        """Tells whether a row has the value.

        A list or set has it where one of its values is equal, and JSON text where one in it is.
        """
        raw = row.get(self.column)
        if raw is not None and self._is_in(read(bytes(raw))):
            return True
        return any(self._is_below(read(bytes(row[name])), ()) for name in _OLD if name in row)

    def _is_in(self, value: object) -> bool:
        return any(each == self.value for each in leaves(value))

    def _is_below(self, value: object, path: tuple[str, ...]) -> bool:
        """Tells whether what lies below a path of the item belongs to the column, and has the value."""
        if path and any(column_name(path, each) == self.column for each in self.separators):
            return self._is_in(value)
        if isinstance(value, str) and not path:
            value = read(value.encode())
        return isinstance(value, dict) and any(self._is_below(each, (*path, name)) for name, each in value.items())


def leaves(value: object) -> Iterator[str]:
    """Yields the values in a JSON value as text, those in JSON text too; not the names.

    >>> list(leaves({"a": ["x", "7", True, None], "b": '{"c":["y"]}'}))
    ['x', '7', 'true', '{"c":["y"]}', 'y']
    """
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str):
        yield value
        if value[:1] in ("[", "{"):
            inner = read(value.encode())
            yield from leaves(inner) if isinstance(inner, (dict, list)) else ()


def read(text: bytes) -> Any:  # noqa: ANN401  # any JSON
    """Returns what JSON says, numbers as they are written; the text itself where it is none."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text.decode(errors="replace")
