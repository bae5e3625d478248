"""The last row of each item among many rows, kept on the disk: memory stays the same for any number of items."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Order = tuple[int, int, str]
"""The place of a row in the order of its item: time in microseconds, length of the sequence number, that number."""


class LastRows:
    """The place of the last row of each item; `kept` makes it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute(
            "CREATE TABLE last (key TEXT PRIMARY KEY, us INTEGER, length INTEGER, number TEXT, is_removed INTEGER) "
            "WITHOUT ROWID"
        )

    def add(self, key: str, order: Order, *, is_removed: bool) -> None:
        """Adds a row of an item; of two with the same place the later one counts."""
        self._database.execute(
            "INSERT INTO last VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET us = excluded.us, "
            "length = excluded.length, number = excluded.number, is_removed = excluded.is_removed "
            "WHERE (excluded.us, excluded.length, excluded.number) >= (us, length, number)",
            (key, *order, is_removed),
        )

    def forget(self, keys: Iterable[str]) -> None:
        """Leaves items out."""
        self._database.executemany("DELETE FROM last WHERE key = ?", ((key,) for key in keys))

    def there(self) -> Iterator[tuple[str, Order]]:
        """Yields the items whose last row is no removal, and its place."""
        for key, *order in self._database.execute("SELECT key, us, length, number FROM last WHERE NOT is_removed"):
            yield key, (order[0], order[1], order[2])


@contextmanager
def kept() -> Iterator[LastRows]:
    """Keeps rows while the block lasts.

    Raises:
        LakeError: the disk is full.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "last.db", isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN")
            yield LastRows(database)
        except sqlite3.Error as error:
            raise LakeError(f"no room in {tempfile.gettempdir()} ({error}); set TMPDIR to another folder") from None
        finally:
            database.close()
