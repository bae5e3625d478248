"""The shape of rows: how many columns they have, and how many columns are new to this execution environment.

A map that is keyed by data makes new columns with each item. That is seen here on the first day, as numbers: the names
can be data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

# When so many names are known, all are forgotten. Only tables whose maps have data as names come so far.
_MAX_NAMES: Final = 32_768


class Shapes:
    """Counts columns, batch by batch.

    Attributes:
        columns_at_most: the number of columns of the widest row since the last batch began.
        new_columns: the number of columns since then that no row of this execution environment had before.
    """

    def __init__(self) -> None:
        """Starts with no column known."""
        self.columns_at_most = 0
        self.new_columns = 0
        self._known: set[str] = set()

    def start_batch(self) -> None:
        """Starts to count anew. The columns that are known stay known."""
        self.columns_at_most = 0
        self.new_columns = 0

    def add_row(self, columns: Collection[Any], check: Callable[[Collection[Any]], None] | None = None) -> None:
        """Counts a row by the names of its columns, which are text.

        Args:
            columns: the names.
            check: called with the names before one is counted as new; what it raises is raised.
        """
        if not self._known.issuperset(columns):
            if check is not None:
                check(columns)
            self.add_names(columns)
        if len(columns) > self.columns_at_most:  # noqa: PLR1730 - called for each record, and a call of max takes time
            self.columns_at_most = len(columns)

    def add_width(self, columns: int) -> None:
        """Counts a row by the number of its columns."""
        self.columns_at_most = max(self.columns_at_most, columns)

    def add_names(self, names: Iterable[str]) -> None:
        """Counts those of the names that are new."""
        for name in names:
            if name in self._known:
                continue
            if len(self._known) >= _MAX_NAMES:
                self._known.clear()
            self._known.add(name)
            self.new_columns += 1
