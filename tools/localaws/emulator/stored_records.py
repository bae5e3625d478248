"""Keeps Kinesis' records in the database, and reads them in pages as GetRecords returns them (see `durability`).

Each shard's list of records is a `ShardRecords`, which looks like a list to the emulator. A position in it never
changes: what has expired leaves a gap at the start. Records expire by the hours that local AWS has run since they
arrived: neither a machine that was off nor a clock that is set takes unread ones away.
"""

from __future__ import annotations

import base64
import bisect
import hashlib
import importlib
from typing import TYPE_CHECKING, Any, Final, overload

from tools.localaws.emulator import resharding
from tools.localaws.emulator.clock import Clock
from tools.localaws.emulator.corrections import replace
from tools.localaws.emulator.database import UnusableStateError, checksum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.localaws.emulator.database import Database

    Record = dict[str, Any]
    Stream = dict[str, Any]

_MAX_PAGE_BYTES: Final = 10 * 1024 * 1024
"""Data that GetRecords returns at most. Source: Amazon Kinesis API Reference, "GetRecords"."""

_MAX_EXPIRED: Final = 10_000
"""Records of a shard that one call of `expire` removes at most."""


class StoredRecords:
    """The records of all streams, in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.clock = Clock(database)
        self._service: Any = importlib.import_module("ministack.services.kinesis")
        resharding.install(self.clock)
        replace("services.kinesis", "_next_sequence_number", self.clock.next_sequence_number)
        self.clock.give_changes_their_time()
        # Called before every put and read, so that no list of the emulator's own is ever used.
        replace("services.kinesis", "_expire_records", self._use_stored_records)
        replace("services.kinesis", "_start_position", _start_position)
        # What these records hold is base64 already.
        replace("services.kinesis", "_ensure_base64", lambda data: data)

    def load(self) -> None:
        """Removes the records of shards that are gone, and gives no change a time before that of one that is kept."""
        self.sweep()
        for stream in self._service._streams.all_values():
            for _, records in self._use_stored_records(stream):
                if records:
                    self.clock.go_on_after(records[len(records) - 1])

    def expire(self) -> None:
        """Removes records that are older than their stream's retention, and closed shards that have none left."""
        for stream in self._service._streams.all_values():
            oldest = self.clock.uptime() - stream["RetentionPeriodHours"] * 3600
            for shard_id, records in self._use_stored_records(stream):
                if records.expire(oldest):
                    # Iterators are positions.
                    for iterator in self._service._shard_iterators.all_values():
                        if (iterator.get("stream_arn"), iterator["shard_id"]) == (stream["StreamARN"], shard_id):
                            iterator["position"] = max(iterator["position"], records.first)
            resharding.remove_expired_shards(stream, oldest)
        self.clock.save()

    def sweep(self) -> None:
        """Removes the records of shards that are gone."""
        streams = self._service._streams.all_values()
        kept = {records.shard for stream in streams for _, records in self._use_stored_records(stream)}
        for (shard,) in self._database.execute("SELECT shard FROM shards"):
            if shard not in kept:
                self._database.execute("DELETE FROM records WHERE shard = ?", shard)
                self._database.execute("DELETE FROM shards WHERE shard = ?", shard)

    def _use_stored_records(self, stream: Stream) -> list[tuple[str, ShardRecords]]:
        for shard_id, shard in stream["shards"].items():
            if not isinstance(shard["records"], ShardRecords):
                name = f"{stream['StreamARN']} {shard_id} {shard['starting_sequence_number']}"
                shard["records"] = ShardRecords(self._database, self.clock, name)
        return [(shard_id, shard["records"]) for shard_id, shard in stream["shards"].items()]


class ShardRecords:
    """The records of the shard that `name` identifies, as a list on `database`."""

    def __init__(self, database: Database, clock: Clock, name: str) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._known: tuple[int, int] | None = None
        """Positions of the first record and of the next, once they were read."""

        self.shard = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
        """What the database knows it by."""

    @property
    def first(self) -> int:
        """The position of the oldest record that has not expired."""
        return self._bounds()[0]

    def __len__(self) -> int:
        return self._bounds()[1]

    def __bool__(self) -> bool:
        first, end = self._bounds()
        return first < end

    def append(self, record: Record) -> None:
        """Adds a record in the transaction that is open."""
        with self._database.transaction():
            first, end = self._bounds()
            arrival, number = record["ApproximateArrivalTimestamp"], record["SequenceNumber"]
            data = _bytes(record["Data"])
            values = (self.shard, end, arrival, self._clock.uptime(), number, record["PartitionKey"], data)
            self._database.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values, checksum(*values))
            self._set_bounds(first, end + 1)

    @overload
    def __getitem__(self, position: int) -> Record: ...
    @overload
    def __getitem__(self, position: slice) -> list[Record]: ...
    def __getitem__(self, position: int | slice) -> Record | list[Record]:
        """Returns a record, or at most one page of those in a slice.

        Raises:
            IndexError: there is no such record.
        """
        if isinstance(position, int):
            found = list(self._read(position, position + 1))
            if not found:
                raise IndexError(position)
            return found[0]
        page: list[Record] = []
        room = _MAX_PAGE_BYTES
        start, stop, _ = position.indices(len(self))
        for record in self._read(start, stop):
            room -= len(record["Data"]) * 3 // 4
            if page and room < 0:
                break
            page.append(record)
        return page

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Record]:
        # The settings of the service hold no records.
        return []

    def position_at(self, arrival: float) -> int:
        """Returns the position of the first record that arrived at a time or later, in seconds since the epoch."""
        found = self._database.execute(
            "SELECT position FROM records WHERE shard = ? AND arrival >= ? ORDER BY position LIMIT 1",
            self.shard,
            arrival,
        )
        return found[0][0] if found else len(self)

    def expire(self, oldest: float) -> int:
        """Removes records that arrived before `oldest`, in seconds of uptime; returns how many."""
        for most in (1, _MAX_EXPIRED):
            # The first alone says whether there are any.
            expired = [
                position
                for position, uptime in self._database.execute(
                    "SELECT position, uptime FROM records WHERE shard = ? ORDER BY position LIMIT ?", self.shard, most
                )
                if uptime < oldest
            ]
            if not expired:
                return 0
        with self._database.transaction():
            self._database.execute("DELETE FROM records WHERE shard = ? AND position <= ?", self.shard, expired[-1])
            self._set_bounds(expired[-1] + 1, len(self))
        return len(expired)

    def _read(self, start: int, stop: int) -> Iterator[Record]:
        first, end = self._bounds()
        expected = max(start, first)
        stop = min(stop, end)
        for row in self._database.rows(
            "SELECT * FROM records WHERE shard = ? AND position >= ? AND position < ? ORDER BY position",
            self.shard,
            expected,
            stop,
        ):
            if row[1] != expected:
                break
            self._database.check(row, f"a record of {self._name}")
            expected += 1
            yield {
                "SequenceNumber": row[4],
                "ApproximateArrivalTimestamp": row[2],
                "Data": base64.b64encode(row[6]).decode(),
                "PartitionKey": row[5],
            }
        if expected < stop:
            raise UnusableStateError(f"{self._database.path} is damaged (a record of {self._name} is missing)")

    def _bounds(self) -> tuple[int, int]:
        if self._known is None:
            self._known = (0, 0)
            for row in self._database.execute("SELECT * FROM shards WHERE shard = ?", self.shard):
                self._database.check(row, "a shard")
                self._known = row[1], row[2]
        return self._known

    def _set_bounds(self, first: int, end: int) -> None:
        def forget() -> None:
            self._known = None

        self._known = first, end
        self._database.undo[self] = forget
        # Once, however many records a transaction adds.
        self._database.before_commit[self] = self._store_bounds

    def _store_bounds(self) -> None:
        values = (self.shard, *self._bounds())
        self._database.execute("INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?)", *values, checksum(*values))


def _bytes(data: str) -> bytes:
    """Returns what base64 text holds; what is none, which the emulator lets through, is its own data."""
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        return data.encode()


def _start_position(records: ShardRecords, kind: str, sequence_number: str, arrival: Any) -> int | None:  # noqa: ANN401
    """Returns where an iterator of a kind starts, None for an unknown kind."""
    if kind == "TRIM_HORIZON":
        return records.first
    if kind == "LATEST":
        return len(records)
    if kind == "AT_TIMESTAMP":
        return records.position_at(float(arrival))
    find = {"AT_SEQUENCE_NUMBER": bisect.bisect_left, "AFTER_SEQUENCE_NUMBER": bisect.bisect_right}.get(kind)
    if find is None:
        return None
    return find(
        records, _order(sequence_number), records.first, len(records), key=lambda each: _order(each["SequenceNumber"])
    )


def _order(sequence_number: str) -> tuple[int, str]:
    return len(sequence_number), sequence_number
