"""Column names: the name that a path through an item has in the lake.

The items of a table share their paths, so each path is named once and remembered in a tree that has the shape of the
items: a step from an attribute to a member of its map is one look-up.
"""

from __future__ import annotations

import re
from typing import Final

from lake_transform import metadata

# AWS Glue Developer Guide, "Column structure": a name has at most 255 bytes. Ours are ASCII, so bytes are characters.
_MAX_LENGTH: Final = 255

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_ILLEGAL_CHARACTER: Final = re.compile(r"[^A-Za-z0-9_]")
_LEGAL_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]{0,254}")
_LEADING_LETTER: Final = "x"

# When so many paths are remembered, all are forgotten. Only tables whose maps have data as names come so far.
_MAX_PATHS: Final = 32_768


class Node:
    """One path through an item.

    Attributes:
        column: the path's column, or None if it cannot have one, because its name is too long or reserved.
        name: the path's name, reserved or not; empty if it is too long.
        can_extend: whether the names of the path's members can be added to its name; False if it is too long already.
        children: the members seen so far, by name.
    """

    __slots__ = ("can_extend", "children", "column", "name")

    def __init__(self, column: str | None, name: str, *, can_extend: bool) -> None:
        self.column = column
        self.name = name
        self.can_extend = can_extend
        self.children: dict[str, Node] = {}


_TOO_LONG: Final = Node(None, "", can_extend=False)


class Columns:
    """The tree of paths seen so far."""

    def __init__(self, separator: str) -> None:
        """Starts an empty tree.

        Args:
            separator: joins the names of a path; it must be legal in a column name.
        """
        self.root: Final = Node(None, "", can_extend=True)
        self._separator: Final = separator
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def joined(self, path: tuple[str, ...]) -> str:
        """Returns the names of a path, joined: its column is spelled like this, or has been made from it."""
        return self._separator.join(path)

    def add_child(self, parent: Node, name: str) -> Node:
        """Adds the node of a member that `parent.children` does not hold yet, and returns it.

        A name that makes the path too long is not remembered: it can be as long as a whole item, and be seen only once.
        """
        if parent is self.root:
            column = _legal_part(name)
            if not column[:1].isalpha():
                column = _LEADING_LETTER + column
        else:
            column = parent.name + self._separator + _legal_part(name)
        if len(column) > _MAX_LENGTH:
            return _TOO_LONG
        if self._count >= _MAX_PATHS:
            self.root.children.clear()
            self._count = 0
        self._count += 1
        node = Node(None if column.startswith(metadata.PREFIX) else column, column, can_extend=True)
        parent.children[name] = node
        return node


def is_column(name: str) -> bool:
    """Says whether a name is legal for a column.

    >>> is_column("order_id"), is_column("Order-Id"), is_column("_id")
    (True, False, False)
    """
    return _LEGAL_COLUMN.fullmatch(name) is not None


def json_pointer(path: tuple[str, ...]) -> str:
    """Returns a path as a JSON Pointer (RFC 6901), which is different for every path.

    >>> json_pointer(("a", "b")), json_pointer(("a.b",)), json_pointer(("a/b", "~"))
    ('/a/b', '/a.b', '/a~1b/~0')
    """
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def _legal_part(name: str) -> str:
    """Returns what a column's name has of one name of the path.

    >>> _legal_part("Order-Id"), _legal_part("名a"), _legal_part("é")
    ('order_id', 'u00540da', 'u0000e9')
    """
    if not name.isascii():
        name = _NOT_ASCII.sub(_code, name)
    return _ILLEGAL_CHARACTER.sub("_", name).lower()


def _code(character: re.Match[str]) -> str:
    """Returns the code of a character, of one length for all, so that two names in another script stay two columns."""
    return f"u{ord(character[0]):06x}"
