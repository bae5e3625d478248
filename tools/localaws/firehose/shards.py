"""Reads all shards of a source stream: parent shards before their child shards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.localaws.firehose.interfaces import BEGINNING, BlockedError
from tools.localaws.firehose.records import RECORD_BYTES, RecordTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tools.localaws.firehose.interfaces import Page, Shard, Source
    from tools.localaws.firehose.records import Record

_LIST_SECONDS: Final = 10.0
"""How often new shards are looked for; they are also looked for as soon as a shard is closed."""


_PAGE_BYTES: Final = 4 * 1024 * 1024
"""About so much is asked for at once, so never the 10,000 records or 10 MB that Kinesis gives at most.

The copies on the way take several times as much."""

_MAX_RECORD_BYTES: Final = 1024 * 1024

_POLL_SLACK_SECONDS: Final = 5.0
"""A shard that was read this recently is not behind."""

EXPIRED_ITERATOR: Final = "Kinesis.ExpiredIteratorException"
"""An iterator is valid for five minutes, and until the emulator stops: then a new one continues in the same place."""


class _ShardReader:
    def __init__(self, position: str | None) -> None:
        self.tracker = RecordTracker(position)
        self.last_read = position
        self.iterator: str | None = None
        self.is_exhausted = False
        self.behind_ms = 0
        self.bytes_per_record = _MAX_RECORD_BYTES
        self.read_at: float | None = None


class Shards:
    """The shards of one stream, read from `positions` (shard id -> sequence number) on."""

    def __init__(self, source: Source, positions: Mapping[str, str]) -> None:
        self._source = source
        self._readers = {shard_id: _ShardReader(position) for shard_id, position in positions.items()}
        self._listed: dict[str, Shard] = {}
        self._list_at = 0.0
        self._last_read = ""
        self._began_at: float | None = None

    @property
    def pending(self) -> int:
        """How many records were read and are not done."""
        return sum(reader.tracker.pending for reader in self._readers.values())

    @property
    def behind_ms(self) -> int:
        """Milliseconds by which reading is behind, in the shard where that is most."""
        return max((reader.behind_ms for reader in self._readers.values()), default=0)

    def lag_ms(self, now: float) -> float:
        """Returns by how many milliseconds reading is behind, with the time since a shard could be read last.

        Safe in any thread.
        """
        if self._began_at is None:
            return 0.0
        lags = [] if self._listed else [(now - self._began_at) * 1000]
        for shard_id, reader in list(self._readers.items()):
            if not reader.is_exhausted and (shard_id in self._listed or not self._listed):
                waited = now - (self._began_at if reader.read_at is None else reader.read_at)
                lags.append(reader.behind_ms + (waited * 1000 if waited > _POLL_SLACK_SECONDS else 0))
        return max(lags, default=0.0)

    def oldest_at(self) -> float | None:
        """Returns when the oldest record that is not done was read; None where there is none. Safe in any thread."""
        times = [reader.tracker.oldest_at for reader in list(self._readers.values())]
        return min((time for time in times if time is not None), default=None)

    @property
    def has_more(self) -> bool:
        """Whether the last read left records unread."""
        return self.behind_ms > 0

    def positions(self) -> dict[str, str]:
        """Returns shard id -> sequence number up to which every record is done."""
        positions = {shard_id: each.tracker.position for shard_id, each in self._readers.items()}
        return {shard_id: position for shard_id, position in positions.items() if position is not None}

    def mark_done(self, record: Record) -> None:
        """Notes that a record is done: it is in S3, or was dropped."""
        self._readers[record.shard_id].tracker.mark_done(record.sequence_number)

    def read(self, now: float, room: Callable[[], int]) -> Iterator[Sequence[Record]]:
        """Yields the next records of every shard that may be read, a page at a time; each is tracked from then on.

        It stops when `room`, the bytes that may still be kept, is 0, and goes on with the next shard the next time.

        Raises:
            BlockedError: a shard could not be read. Pages yielded before are tracked; the rest is read the next time.
        """
        self._began_at = now if self._began_at is None else self._began_at
        if now >= self._list_at:
            self._list()
            self._list_at = now + _LIST_SECONDS
        for shard_id in sorted(self._listed, key=lambda each: (each <= self._last_read, each)):
            reader, left = self._readers[shard_id], room()
            if left <= 0:
                return
            if not reader.is_exhausted and self._parents_are_read(shard_id):
                self._last_read = shard_id
                yield self._read_shard(shard_id, reader, left, now)

    def _list(self) -> None:
        self._listed = {shard.shard_id: shard for shard in self._source.shards()}
        for shard_id in self._listed:
            self._readers.setdefault(shard_id, _ShardReader(None))
        for shard_id in [each for each in self._readers if each not in self._listed]:
            # The stream has removed it: nothing is left to read, and no position to keep once all its records are done.
            if not self._readers[shard_id].tracker.pending:
                del self._readers[shard_id]

    def _parents_are_read(self, shard_id: str) -> bool:
        return all(parent.is_exhausted for parent in self._parents(shard_id))

    def _parents(self, shard_id: str) -> list[_ShardReader]:
        # The emulator merges any number of shards at once, and a shard has room for the names of two parents.
        shard = self._listed[shard_id]
        return [self._readers[each] for each, other in self._listed.items() if shard.follows(other)]

    def _page(self, shard_id: str, reader: _ShardReader, limit: int) -> Page:
        if reader.iterator is not None:
            try:
                return self._source.read(shard_id, reader.iterator, limit)
            except BlockedError as error:
                if error.code != EXPIRED_ITERATOR:
                    raise
        if reader.last_read is None and self._is_read_from_its_beginning(shard_id):
            reader.last_read = reader.tracker.position = BEGINNING
        reader.iterator = self._source.open(shard_id, reader.last_read)
        return self._source.read(shard_id, reader.iterator, limit)

    def _is_read_from_its_beginning(self, shard_id: str) -> bool:
        """Returns whether all records of a shard are to be delivered.

        Known once, it is saved as a position: with the time from which on the delivery stream starts, a later process
        would leave out what comes after the clock was set back.
        """
        is_followed = any(parent.tracker.position is not None for parent in self._parents(shard_id))
        return is_followed or self._source.is_new(shard_id)

    def _read_shard(self, shard_id: str, reader: _ShardReader, room: int, now: float) -> Sequence[Record]:
        # As many as there is room for, when they are as large as those of the page before.
        limit = min(room, _PAGE_BYTES) // reader.bytes_per_record + 1
        try:
            page = self._page(shard_id, reader, limit)
        except BlockedError:
            # The shard may be gone: list the shards again at the next attempt.
            reader.iterator = None
            self._list_at = 0.0
            reader.behind_ms = 0
            raise
        reader.iterator, reader.behind_ms, reader.read_at = page.iterator, page.behind_ms, now
        if page.iterator is None:
            reader.is_exhausted = True
            self._list_at = 0.0
        for record in page.records:
            reader.tracker.read(record.sequence_number, now)
            reader.last_read = record.sequence_number
        if page.records:
            size = sum(len(record.data) for record in page.records)
            reader.bytes_per_record = RECORD_BYTES + size // len(page.records)
        return page.records
