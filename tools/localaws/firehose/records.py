"""A record of the source stream, and which records of a shard are done."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the source stream. `arrival_ms` is in milliseconds since the epoch."""

    shard_id: str
    sequence_number: str
    partition_key: str
    arrival_ms: int
    data: bytes
    size: int = 0
    """Bytes of the data, where that was taken away."""

    @property
    def record_id(self) -> str:
        """The id under which the function gets and returns the record."""
        return f"{self.sequence_number}000000"

    def without_data(self) -> Record:
        """Returns it without its data, as it is kept until what the function made of it is in the bucket."""
        return replace(self, data=b"", size=len(self.data))


RECORD_BYTES: Final = 512
"""About what a record takes in memory besides its data."""


class RecordTracker:
    """Tracks which records of one shard are done: in S3, or dropped.

    `position` is the sequence number up to which every record is done (None: none yet). It never passes a record that
    was read and is not done, in whatever order they are done.

    >>> tracker = RecordTracker(None)
    >>> for number in ("01", "02", "03"):
    ...     tracker.read(number)
    >>> tracker.mark_done("02")
    >>> tracker.position, tracker.pending
    (None, 3)
    >>> tracker.mark_done("01")
    >>> tracker.position, tracker.pending
    ('02', 1)
    """

    def __init__(self, position: str | None) -> None:
        self.position = position
        self._pending: deque[tuple[str, float]] = deque()
        self._done: set[str] = set()

    def read(self, sequence_number: str, at: float = 0.0) -> None:
        """Notes a record that was read at `at` (seconds of any clock); records of a shard are read in order."""
        self._pending.append((sequence_number, at))

    def mark_done(self, sequence_number: str) -> None:
        """Notes that a record which was read is done."""
        self._done.add(sequence_number)
        while self._pending and self._pending[0][0] in self._done:
            self.position, _ = self._pending.popleft()
            self._done.remove(self.position)

    @property
    def pending(self) -> int:
        """How many records after `position` were read."""
        return len(self._pending)

    @property
    def oldest_at(self) -> float | None:
        """When the first record after `position` was read; None where there is none. Safe in any thread."""
        try:
            return self._pending[0][1]
        except IndexError:
            return None
