"""Keeps the summaries of objects, so that a second look at a table reads only what has come since.

One file of SQLite, of bounded size, that holds nothing which cannot be made again: where it is damaged, or in use by
another command, work goes on without it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import zlib
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake import summaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.lake.objects import LakeObject
    from tools.lake.summaries import Summary

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of summaries that are kept: those of some hundred thousand objects."""

_FORMAT: Final = 1
"""Goes up when a summary of the same object would come out differently."""

_NAME: Final = "summaries.sqlite"
_COMMIT_SECONDS: Final = 2.0
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS summary (
        bucket TEXT, key TEXT, etag TEXT, size INTEGER, used REAL, content BLOB,
        PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID
"""


class SummaryCache:
    """The summaries of the objects of one bucket."""

    def __init__(self, connection: sqlite3.Connection | None, bucket: str, largest: int = LARGEST) -> None:
        self._connection = connection
        self._bucket = bucket
        self._largest = largest
        self._started = time.time()
        self._committed = time.monotonic()
        self._size = self._sum("SELECT sum(length(content)) FROM summary")

    def get(self, found: LakeObject) -> Summary | None:
        """Returns the summary of an object as it is now; None where there is none."""
        row = self._one(
            "SELECT content FROM summary WHERE bucket = ? AND key = ? AND etag = ? AND size = ?",
            (self._bucket, found.key, found.etag, found.size),
        )
        if row is None:
            return None
        try:
            summary = summaries.decode(zlib.decompress(row[0]))
        except (zlib.error, msgspec.DecodeError):
            return None
        self._run("UPDATE summary SET used = ? WHERE bucket = ? AND key = ?", (time.time(), self._bucket, found.key))
        return summary

    def put(self, found: LakeObject, summary: Summary) -> None:
        """Keeps the summary of an object, where there is room: what was not used lately makes room."""
        content = zlib.compress(summaries.encode(summary), 1)
        if self._size + len(content) > self._largest and not self._make_room(len(content)):
            return
        self._run(
            "INSERT OR REPLACE INTO summary VALUES (?, ?, ?, ?, ?, ?)",
            (self._bucket, found.key, found.etag, found.size, time.time(), content),
        )
        self._size += len(content)
        if time.monotonic() - self._committed > _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Keeps what was put until now, whatever comes."""
        self._committed = time.monotonic()
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.commit()

    def _make_room(self, size: int) -> bool:
        """Removes what this command has not used, oldest first; says whether `size` bytes are free then."""
        room = max(size, self._largest // 10)
        rows = self._all(
            "SELECT bucket, key, length(content) FROM summary WHERE used < ? ORDER BY used LIMIT 100000",
            (self._started,),
        )
        for bucket, key, length in rows:
            if self._size + room <= self._largest:
                break
            self._run("DELETE FROM summary WHERE bucket = ? AND key = ?", (bucket, key))
            self._size -= int(length)
        return self._size + size <= self._largest

    def _sum(self, statement: str) -> int:
        row = self._one(statement, ())
        return int(row[0] or 0) if row else 0

    def _one(self, statement: str, values: tuple[object, ...]) -> tuple[bytes, ...] | None:
        rows = self._all(statement, values)
        return rows[0] if rows else None

    def _all(self, statement: str, values: tuple[object, ...]) -> list[tuple[bytes, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error:
            self._connection = None
            return []

    def _run(self, statement: str, values: tuple[object, ...]) -> None:
        self._all(statement, values)


@contextlib.contextmanager
def opened(folder: Path, bucket: str) -> Iterator[SummaryCache]:
    """Opens the cache in `folder` for the objects of a bucket; what was put is kept, however this ends."""
    connection = _connect(folder / _NAME)
    cache = SummaryCache(connection, bucket)
    try:
        yield cache
    finally:
        cache.commit()
        if connection is not None:
            connection.close()


def files(folder: Path) -> tuple[Path, ...]:
    """Returns the files that a cache in `folder` has or may have: SQLite keeps a journal beside its file."""
    return tuple(folder / f"{_NAME}{ending}" for ending in ("", "-journal", "-wal", "-shm"))


def _connect(file: Path) -> sqlite3.Connection | None:
    """Returns a connection to the file, made anew where it is damaged or of another version; None without one."""
    for _ in range(2):
        try:
            # Keys of items are in it: only for whoever made it.
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            connection = sqlite3.connect(file, timeout=1)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version in (0, _FORMAT):
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
                connection.commit()
                return connection
            connection.close()
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:
            pass
        except OSError:
            return None
        file.unlink(missing_ok=True)
    return None
