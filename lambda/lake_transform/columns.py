"""Column names: what a path through an item is called in the lake.

A table's items share their paths, so each path is named once and remembered in a tree that has the shape of the items:
a step from an attribute to a member of its map is one look-up.
"""

from __future__ import annotations

import re
from typing import Final

# AWS Glue Developer Guide, "Column structure": a name has at most 255 bytes. Ours are ASCII, so bytes are characters.
LONGEST: Final = 255
RESERVED_PREFIX: Final = "cdc_"
OVERFLOW: Final = "cdc_overflow"

_ILLEGAL: Final = re.compile(r"[^A-Za-z0-9_]")
_LEGAL_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]{0,254}")
_LEADING_LETTER: Final = "x"

# A table with fewer paths than this never forgets one; one with maps keyed by data forgets all and starts again.
_MOST_PATHS: Final = 32_768


class Node:
    """One path through an item.

    Attributes:
        column: the path's column, or None when it cannot have one: its name is too long or reserved.
        name: the name that the path has, or would have if it were not reserved.
        open: whether the path's members can be walked; False where the name has become too long.
        children: the members seen so far.
    """

    __slots__ = ("children", "column", "name", "open")

    def __init__(self, column: str | None, name: str, *, is_open: bool) -> None:
        self.column = column
        self.name = name
        self.open = is_open
        self.children: dict[str, Node] = {}


_TOO_LONG: Final = Node(None, "", is_open=False)


class Columns:
    """The tree of paths seen so far."""

    def __init__(self, separator: str) -> None:
        """Starts an empty tree whose names are joined with `separator`, which must itself be legal in a column."""
        self.root: Final = Node(None, "", is_open=True)
        self._separator: Final = separator
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def grow(self, parent: Node, name: str) -> Node:
        """Returns the node of a member that `parent.children` does not hold yet.

        A name that makes the path too long is not remembered: it can be as long as an item and appear only once.
        """
        if parent is self.root:
            column = _component(name)
            if not column[:1].isalpha():
                column = _LEADING_LETTER + column
        else:
            column = parent.name + self._separator + _component(name)
        if len(column) > LONGEST:
            return _TOO_LONG
        if self._count >= _MOST_PATHS:
            self.root.children.clear()
            self._count = 0
        self._count += 1
        node = Node(None if column.startswith(RESERVED_PREFIX) else column, column, is_open=True)
        parent.children[name] = node
        return node


def is_column(name: str) -> bool:
    """Says whether a name is legal for a column."""
    return _LEGAL_COLUMN.fullmatch(name) is not None


def pointer(path: tuple[str, ...]) -> str:
    """Returns a path as a JSON Pointer (RFC 6901), which is different for every path.

    >>> pointer(("a", "b")), pointer(("a.b",)), pointer(("a/b", "~"))
    ('/a/b', '/a.b', '/a~1b/~0')
    """
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def _component(name: str) -> str:
    # Only ASCII letters have case here: Unicode's own rules change with the Python version and change lengths.
    return _ILLEGAL.sub("_", name).lower()
