"""Reads the shards of a source stream: every one, parents before the shards that came from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.localaws.firehose.interfaces import HeldError
from tools.localaws.firehose.records import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.localaws.firehose.interfaces import Page, Shard, Source
    from tools.localaws.firehose.records import Record

_LIST_SECONDS: Final = 10.0
"""Between two looks for new shards; also looked for as soon as a shard is closed."""


EXPIRED_ITERATOR: Final = "Kinesis.ExpiredIteratorException"
"""Iterators live for five minutes, and end with the emulator: a new one reads on in the same place."""


class _Reader:
    def __init__(self, position: str | None) -> None:
        self.ledger = Ledger(position)
        self.last_read = position
        self.iterator: str | None = None
        self.is_exhausted = False
        self.behind_ms = 0


class Shards:
    """The shards of one stream, from the settled positions (shard id -> sequence number) on."""

    def __init__(self, source: Source, positions: Mapping[str, str]) -> None:
        self._source = source
        self._readers = {shard_id: _Reader(position) for shard_id, position in positions.items()}
        self._listed: dict[str, Shard] = {}
        self._list_at = 0.0

    @property
    def outstanding(self) -> int:
        """How many records were read and are not settled."""
        return sum(reader.ledger.outstanding for reader in self._readers.values())

    @property
    def behind_ms(self) -> int:
        """By how many milliseconds the shard that is furthest behind is behind."""
        return max((reader.behind_ms for reader in self._readers.values()), default=0)

    @property
    def has_more(self) -> bool:
        """Whether the last read left records behind."""
        return self.behind_ms > 0

    def positions(self) -> dict[str, str]:
        """Returns shard id -> sequence number up to which every record is settled."""
        return {shard_id: each.ledger.position for shard_id, each in self._readers.items() if each.ledger.position}

    def settle(self, record: Record) -> None:
        """Notes that a record is in S3, or dropped."""
        self._readers[record.shard_id].ledger.settle(record.sequence_number)

    def read(self, now: float) -> Iterator[Record]:
        """Yields the next records of every shard that may be read; a record is on the ledger once it is yielded.

        Raises:
            HeldError: a shard could not be read. What was yielded counts, and the rest is read the next time.
        """
        if now >= self._list_at:
            self._list()
            self._list_at = now + _LIST_SECONDS
        for shard_id in list(self._listed):
            reader = self._readers[shard_id]
            if not reader.is_exhausted and self._parents_are_read(shard_id):
                yield from self._read_shard(shard_id, reader)

    def _list(self) -> None:
        self._listed = {shard.shard_id: shard for shard in self._source.shards()}
        for shard_id in self._listed:
            self._readers.setdefault(shard_id, _Reader(None))
        for shard_id in [each for each in self._readers if each not in self._listed]:
            # The stream has forgotten it: nothing is left to read, and nothing to remember once all is settled.
            if not self._readers[shard_id].ledger.outstanding:
                del self._readers[shard_id]

    def _parents_are_read(self, shard_id: str) -> bool:
        parents = self._listed[shard_id].parents
        return all(self._readers[parent].is_exhausted for parent in parents if parent in self._listed)

    def _page(self, shard_id: str, reader: _Reader) -> Page:
        if reader.iterator is not None:
            try:
                return self._source.read(shard_id, reader.iterator)
            except HeldError as error:
                if error.code != EXPIRED_ITERATOR:
                    raise
        reader.iterator = self._source.open(shard_id, reader.last_read)
        return self._source.read(shard_id, reader.iterator)

    def _read_shard(self, shard_id: str, reader: _Reader) -> Iterator[Record]:
        try:
            page = self._page(shard_id, reader)
        except HeldError:
            # Shards go: the next attempt looks afresh.
            reader.iterator = None
            self._list_at = 0.0
            reader.behind_ms = 0
            raise
        reader.iterator = page.iterator
        reader.behind_ms = page.behind_ms
        if page.iterator is None:
            reader.is_exhausted = True
            self._list_at = 0.0
        for record in page.records:
            reader.ledger.read(record.sequence_number)
            reader.last_read = record.sequence_number
            yield record
