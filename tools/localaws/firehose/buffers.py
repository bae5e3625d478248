"""Buffers before the function and before the bucket. Sizes are in bytes, times in seconds of the monotonic clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.localaws.firehose.transformation import PAYLOAD_BYTES, payload_size

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tools.localaws.firehose.records import Record
    from tools.localaws.firehose.transformation import Outcome

BUFFERED_BYTES: Final = 32 * 1024 * 1024
"""So much may be read and not delivered, in all delivery streams of a worker together."""

MIN_BUFFERED_BYTES: Final = 3 * 1024 * 1024 // 2
"""So much may be in each, however many they are: a record may have 1 MiB."""


@dataclass(eq=False)
class Batch:
    """Records that go to the function in one request, how often it was tried, and when it may be tried again.

    `answer` is record id -> outcome of a call that goes on, which began at `called_at`.
    """

    records: list[Record]
    size: int
    attempts: int = 0
    not_before: float = 0.0
    answer: Future[dict[str, Outcome]] | None = None
    called_at: float = 0.0


@dataclass(eq=False)
class PendingObject:
    """An object under its key, and the records that it came from; `stored` while it is being stored."""

    key: str
    body: bytes
    records: list[Record]
    stored: Future[None] | None = None


class Incoming:
    """Records that were read and not yet sent to the function, with the time when each was read."""

    def __init__(self) -> None:
        self._records: deque[tuple[Record, float]] = deque()
        self.size = 0

    def add(self, record: Record, now: float) -> None:
        """Adds a record at the end."""
        self._records.append((record, now))
        self.size += len(record.data)

    def is_due(self, now: float, size: int, seconds: float) -> bool:
        """Returns whether there is enough for a batch, or the first record has waited long enough."""
        return bool(self._records) and (self.size >= size or now - self._records[0][1] >= seconds)

    def take(self, size: int) -> Batch:
        """Removes and returns a batch: `size` of data or a little more, never more than a request holds."""
        batch = Batch([], 0)
        payload = 0
        while self._records and (not batch.records or batch.size < size):
            record = self._records[0][0]
            payload += payload_size(record)
            if batch.records and payload > PAYLOAD_BYTES:
                break
            self._records.popleft()
            batch.records.append(record)
            batch.size += len(record.data)
        self.size -= batch.size
        return batch

    def take_all(self) -> list[Record]:
        """Removes and returns all records."""
        taken = [record for record, _ in self._records]
        self._records.clear()
        self.size = 0
        return taken


class Outgoing:
    """Data to be delivered, each piece with the record that it came from, until it is in the bucket."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[Record, bytes, float]] = deque()
        self.pending: PendingObject | None = None
        """The object that comes next, once its data was taken."""

        self.size = 0
        """Bytes, those of the pending object too."""

    def add(self, record: Record, data: bytes, now: float) -> None:
        """Adds a piece at the end."""
        self._pieces.append((record, data, now))
        self.size += len(data)

    def is_due(self, now: float, size: int, seconds: float) -> bool:
        """Returns whether there is enough for an object, or the first piece has waited long enough."""
        waiting = self.size - (len(self.pending.body) if self.pending else 0)
        return bool(self._pieces) and (waiting >= size or now - self._pieces[0][2] >= seconds)

    def take(self, size: int) -> tuple[list[Record], bytes]:
        """Removes and returns records and body of the next object, `size` long or a little more.

        The body counts until `delivered`.
        """
        records: list[Record] = []
        parts: list[bytes] = []
        total = 0
        while self._pieces and (not records or total < size):
            record, data, _ = self._pieces.popleft()
            records.append(record)
            parts.append(data)
            total += len(data)
        return records, b"".join(parts)

    def delivered(self, stored: PendingObject) -> None:
        """Notes that the pending object is in the bucket."""
        self.size -= len(stored.body)
        self.pending = None
