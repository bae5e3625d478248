"""The database in which the emulator's state rests: `state.db`, SQLite with a write-ahead log beside it.

Every row has a checksum. Opening checks the structure of all tables but the records', the log, and each row that is
read then; a record is checked when it is read, so that starting does not grow with what lies in the streams.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
import zlib
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_REMEDY: Final = "put back a good copy, or remove all data of local AWS with: python -m tools.local down --purge"
_REMEDIES: Final = {
    sqlite3.SQLITE_FULL: "free space and try again",
    sqlite3.SQLITE_BUSY: "another process uses it: stop that first",
    **dict.fromkeys(
        (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
        "make its disk and folder writable and try again",
    ),
}
"""What to do about an error, by SQLite's primary result code."""

_VERSION: Final = 2
"""Of the tables: another one is not read."""

_SCHEMA: Final = f"""
PRAGMA page_size = 16384;
PRAGMA user_version = {_VERSION};
CREATE TABLE settings (service TEXT PRIMARY KEY, content BLOB, checksum INTEGER);
CREATE TABLE items (table_id TEXT, partition TEXT, sort TEXT, content BLOB, checksum INTEGER,
                    PRIMARY KEY (table_id, partition, sort));
CREATE TABLE shards (shard INTEGER PRIMARY KEY, first INTEGER, next INTEGER, checksum INTEGER);
CREATE TABLE records (shard INTEGER, position INTEGER, arrival REAL, uptime REAL, sequence_number TEXT,
                      partition_key TEXT, data BLOB, checksum INTEGER, PRIMARY KEY (shard, position));
CREATE TABLE clock (id INTEGER PRIMARY KEY, sequence_number TEXT, uptime REAL, checksum INTEGER);
"""
_CHECKED_AT_THE_START: Final = ("settings", "items", "shards", "clock")
_LOG_PAGES: Final = 1000
"""The log is moved into the database when it has so many pages: 16 MB."""

_WAL_HEADER_BYTES: Final = 32
_FRAME_HEADER_BYTES: Final = 24


class UnusableStateError(Exception):
    """The state cannot be read or written: says which file, why, and what to do, in one line."""


def checksum(*values: object) -> int:
    """Returns the CRC-32 of a row's values."""
    result = 0
    for number, value in enumerate(values):
        # Not joined first: that would copy all that a record holds.
        content = value if isinstance(value, bytes) else str(value).encode()
        result = zlib.crc32(content, zlib.crc32(b"\0", result) if number else 0)
    return result


def report(error: Exception) -> None:
    """Writes an error to the log, where that can still be written."""
    with suppress(OSError):
        print(f"error: {error}", flush=True)


def end_process(error: Exception) -> NoReturn:
    """Ends this process, which can answer nobody rightly any more."""
    report(error)
    os._exit(1)


class Database:
    """The database at `path`, for this process alone; made where there is none.

    Raises:
        UnusableStateError: from any method, where the file cannot be read or written, or is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        """Held during a transaction."""

        self.undo: dict[object, Callable[[], None]] = {}
        """What puts memory back when the transaction fails, by what it puts back."""

        self.before_commit: dict[object, Callable[[], None]] = {}
        """What a transaction executes last, by what it stores: once, however often it has changed."""

        self._failure: UnusableStateError | None = None
        self._is_open = False
        try:
            if not path.exists():
                self._make()
            committed = self._committed_frames()
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
            try:
                self._open(committed)
            except BaseException:
                self._connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error, "opened") from None

    def _open(self, committed: list[int]) -> None:
        # No other process can open it meanwhile, and there is no third file to keep.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A commit is with the operating system; `sync` and the log's checkpoints write it to the disk.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        # Moving the log into the database waits for the disk, whatever there is to move.
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        self._connection.execute("SELECT * FROM sqlite_master").fetchall()
        if self._connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            raise UnusableStateError(f"{self.path} is of another version, or damaged; {_REMEDY}")
        read = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
        if any(frame >= read for frame in committed):
            self._raise_damaged(self._log, "changes at its end cannot be read")
        for table in _CHECKED_AT_THE_START:
            found = self._connection.execute(f"PRAGMA integrity_check('{table}')").fetchone()[0]
            if found != "ok":
                self._raise_damaged(self.path, found)

    def close(self) -> None:
        """Moves the log into the database, and closes both."""
        with self.lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits what is executed within, or nothing of it; a transaction within another is part of that one."""
        with self.lock:
            if self._is_open:
                yield
                return
            self._is_open, self._failure = True, None
            self.undo.clear()
            self.before_commit.clear()
            try:
                self.execute("BEGIN")
                yield
                for store in self.before_commit.values():
                    store()
                # Fails too where a caller within has swallowed a failure.
                self.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                self._failure = None
                self._put_memory_back()
                raise
            finally:
                self._is_open = False

    def execute(self, statement: str, *values: Any) -> list[Any]:  # noqa: ANN401  # what SQLite takes
        """Executes a statement and returns its rows; after one that failed, all others in its transaction fail too."""
        with self.lock:
            self._fail_again()
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                self._failure = self._unusable(error, "used")
                raise self._failure from None

    def rows(self, statement: str, *values: Any) -> Iterator[Any]:  # noqa: ANN401
        """Executes a statement and yields its rows as they are read."""
        with self.lock:
            self._fail_again()
            try:
                yield from self._connection.execute(statement, values)
            except sqlite3.Error as error:
                self._failure = self._unusable(error, "used")
                raise self._failure from None

    def check(self, row: Any, what: str) -> None:  # noqa: ANN401
        """Raises UnusableStateError where the last of a row's values is not the checksum of the others."""
        if checksum(*row[:-1]) != row[-1]:
            self._failure = UnusableStateError(f"{self.path} is damaged ({what} is not as written); {_REMEDY}")
            raise self._failure

    def sync(self) -> None:
        """Writes what is committed to the disk: it then survives a loss of power too. Takes no lock."""
        with suppress(FileNotFoundError):
            log = os.open(self._log, os.O_RDWR)
            try:
                os.fsync(log)
            finally:
                os.close(log)

    def _put_memory_back(self) -> None:
        try:
            for put_back in self.undo.values():
                put_back()
        except UnusableStateError as error:
            # Memory now differs from what is stored: nobody may be answered from it.
            end_process(error)

    @property
    def _log(self) -> Path:
        return self.path.with_name(f"{self.path.name}-wal")

    def _make(self) -> None:
        # Under its name there is a whole database or none: an empty file is a damaged one.
        partial = self.path.with_suffix(".new")
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(partial)) as connection:
            connection.executescript(_SCHEMA)
        partial.rename(self.path)

    def _committed_frames(self) -> list[int]:
        """Returns the numbers of the log's frames that end a transaction.

        SQLite reads a log up to the first frame that is not whole, and drops the rest silently: right for what a
        kill cut off, which has no such frame; wrong for a damaged one.
        """
        if not self._log.exists():
            return []
        content = self._log.read_bytes()
        page_bytes, salts = int.from_bytes(content[8:12], "big"), (content[16:20], content[20:24])
        if len(content) <= _WAL_HEADER_BYTES:
            return []
        if not _is_whole_header(content[:_WAL_HEADER_BYTES]):
            self._raise_damaged(self._log, "its header is not as written")
        frames = range(
            _WAL_HEADER_BYTES, len(content) - _FRAME_HEADER_BYTES - page_bytes + 1, _FRAME_HEADER_BYTES + page_bytes
        )
        # Frames of earlier use share neither salt.
        return [
            number
            for number, start in enumerate(frames)
            if any(content[start + 4 : start + 8])
            and (content[start + 8 : start + 12] == salts[0] or content[start + 12 : start + 16] == salts[1])
        ]

    def _raise_damaged(self, file: Path, reason: str) -> None:
        raise UnusableStateError(f"{file} is damaged ({' '.join(reason.split())}); {_REMEDY}")

    def _fail_again(self) -> None:
        if self._is_open and self._failure is not None:
            raise self._failure

    def _unusable(self, error: Exception, done: str) -> UnusableStateError:
        remedy = _REMEDIES.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF, _REMEDY)
        return UnusableStateError(f"{self.path} cannot be {done} ({error}); {remedy}")


def _is_whole_header(header: bytes) -> bool:
    """Returns whether the header of a write-ahead log has its own checksum (sqlite.org/fileformat2, 4.1 and 4.2)."""
    first = second = 0
    for one, other in struct.iter_unpack(">II" if header[3] & 1 else "<II", header[:24]):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return header[24:32] == struct.pack(">II", first, second)
