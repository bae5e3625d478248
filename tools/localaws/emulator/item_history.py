"""Keeps what items were before each change while a table has point-in-time recovery, so that earlier times can be read.

What a change replaced is stored in the change's own transaction. A table as it was at a time is the table as it is,
with the first change after that time undone, item by item. AWS documentation: "Point-in-time recovery for DynamoDB".
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.database import checksum

if TYPE_CHECKING:
    from tools.localaws.emulator.database import Database

    Item = dict[str, Any]
    Key = tuple[str, str]

KEPT_MICROSECONDS: Final = 35 * 24 * 3600 * 1_000_000
"""How long a change can be undone: the longest recovery period."""

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS recovery (table_id TEXT PRIMARY KEY, since INTEGER, checksum INTEGER)",
    "CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, table_id TEXT, partition TEXT, sort TEXT,"
    " at INTEGER, before BLOB, checksum INTEGER)",
    "CREATE INDEX IF NOT EXISTS history_by_time ON history (table_id, at)",
)


@dataclass(frozen=True)
class Change:
    """What became of an item in a window: before and after it (None: not there), and the last write's microseconds."""

    partition: str
    old: Item | None
    new: Item | None
    written_at: int


class ItemHistory:
    """What the items of tables with point-in-time recovery were, in `database`; times in microseconds of the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        for statement in _SCHEMA:
            database.execute(statement)
        self._since: dict[str, int] = {}
        self._load()
        (last,) = database.execute("SELECT MAX(at) FROM history")[0]
        self._last = last or 0

    def since(self, table_id: str) -> int | None:
        """Returns the earliest time at which a table can be read, None where it has no recovery."""
        found = self._since.get(table_id)
        return None if found is None else max(found, self.now() - KEPT_MICROSECONDS)

    def now(self) -> int:
        """Returns a time that is later than that of every change, whatever the machine's clock says."""
        return max(int(time.time() * 1_000_000), self._last + 1)

    def set_recovery(self, table_id: str, *, enabled: bool) -> None:
        """Begins to keep the history of a table, or drops it."""
        if enabled == (table_id in self._since):
            return
        # Memory follows what is stored, also where the transaction fails.
        self._database.undo["recovery"] = self._load
        if enabled:
            values = (table_id, self.now())
            self._database.execute("INSERT INTO recovery VALUES (?, ?, ?)", *values, checksum(*values))
            self._since[table_id] = values[1]
        else:
            self.forget(table_id)

    def forget(self, table_id: str) -> None:
        """Removes all history of a table."""
        if self._since.pop(table_id, None) is not None:
            for name in ("history", "recovery"):
                self._database.execute(f"DELETE FROM {name} WHERE table_id = ?", table_id)  # noqa: S608  # our own names

    def remember(self, table_id: str, partition: str, sort: str, before: Item | None) -> None:
        """Keeps what an item is before a change, None where it is not there."""
        if table_id in self._since:
            self._last = self.now()
            content = None if before is None else json.dumps(before, separators=(",", ":")).encode()
            values = (table_id, partition, sort, self._last, content)
            self._database.execute("INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?)", *values, checksum(*values))

    def prune(self) -> None:
        """Removes what is older than the longest recovery period."""
        self._database.execute("DELETE FROM history WHERE at < ?", self.now() - KEPT_MICROSECONDS)

    def table_at(self, table_id: str, at: int) -> dict[Key, Item]:
        """Returns a table's items as they were after all changes up to `at`, that time included."""
        with self._database.lock:
            stored = self._database.execute("SELECT * FROM items WHERE table_id = ? ORDER BY rowid", table_id)
            undone = self._undone(table_id, at + 1)
        for row in stored:
            self._database.check(row, "an item")
        found = {(row[1], row[2]): row[3] for row in stored} | undone
        return {key: json.loads(content) for key, content in found.items() if content is not None}

    def changes(self, table_id: str, start: int, end: int) -> list[Change]:
        """Returns one change for each item that differs or was written in a window: from `start`, before `end`.

        An item that was neither there before the window nor after it is left out.
        """
        with self._database.lock:
            written = self._database.execute(
                "SELECT partition, sort, MAX(at) FROM history WHERE table_id = ? AND at >= ? AND at < ?"
                " GROUP BY partition, sort",
                table_id,
                start,
                end,
            )
            before = self._undone(table_id, start)
            after = self.table_at(table_id, end - 1)
        found = []
        for partition, sort, at in written:
            content = before[partition, sort]
            old = None if content is None else json.loads(content)
            new = after.get((partition, sort))
            if old is not None or new is not None:
                found.append(Change(partition, old, new, at))
        return found

    def _undone(self, table_id: str, start: int) -> dict[Key, bytes | None]:
        """Returns what each item was that changed at `start` or later, before the first of these changes."""
        rows = self._database.execute(
            "SELECT table_id, partition, sort, at, before, checksum FROM history WHERE id IN"
            " (SELECT MIN(id) FROM history WHERE table_id = ? AND at >= ? GROUP BY partition, sort)",
            table_id,
            start,
        )
        for row in rows:
            self._database.check(row, "the history of an item")
        return {(row[1], row[2]): row[4] for row in rows}

    def _load(self) -> None:
        self._since.clear()
        for row in self._database.execute("SELECT * FROM recovery"):
            self._database.check(row, "the time since when a table can be recovered")
            self._since[row[0]] = row[1]
