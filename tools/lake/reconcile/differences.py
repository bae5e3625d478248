"""Which columns of a row differ from those that the function makes of the item: their names, and no values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from tools.lake.reconcile import digests

if TYPE_CHECKING:
    from tools.lake.lines import Row

How = Literal["value", "spelling", "not in the lake", "not in the table"]
"""What is other: the value; or how it is written, such as a number against the same text; or one has no such column."""


class Difference(msgspec.Struct, frozen=True):
    """A column that differs."""

    column: str
    how: How


def between(expected: Row, found: Row) -> tuple[Difference, ...]:
    """Returns the columns in which a row of the lake differs from the one that is expected, by name."""
    wanted, has = digests.compared(expected), digests.compared(found)
    names = sorted(wanted.keys() | has.keys())
    return tuple(
        Difference(name, _how(wanted.get(name), has.get(name))) for name in names if wanted.get(name) != has.get(name)
    )


def _how(wanted: bytes | None, found: bytes | None) -> How:
    if found is None:
        return "not in the lake"
    if wanted is None:
        return "not in the table"
    return "spelling" if wanted.strip(b'"') == found.strip(b'"') else "value"
