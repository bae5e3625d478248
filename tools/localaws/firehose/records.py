"""A change record on its way, and how far each shard has come."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the source stream. `arrival_ms` is in milliseconds since the epoch."""

    shard_id: str
    sequence_number: str
    partition_key: str
    arrival_ms: int
    data: bytes

    @property
    def record_id(self) -> str:
        """The id under which the function gets and returns the record."""
        return f"{self.sequence_number}000000"


class Ledger:
    """Which records of one shard are settled: in S3, or dropped.

    `position` is the sequence number up to which every record is settled (None: none yet). It never passes a record
    that was read and is not settled, in whatever order they are settled.
    """

    def __init__(self, position: str | None) -> None:
        self.position = position
        self._unsettled: deque[str] = deque()
        self._settled: set[str] = set()

    def read(self, sequence_number: str) -> None:
        """Notes a record that was read; records of a shard are read in order."""
        self._unsettled.append(sequence_number)

    def settle(self, sequence_number: str) -> None:
        """Notes that a record which was read is settled."""
        self._settled.add(sequence_number)
        while self._unsettled and self._unsettled[0] in self._settled:
            self.position = self._unsettled.popleft()
            self._settled.remove(self.position)

    @property
    def outstanding(self) -> int:
        """How many records were read and are not covered by `position`."""
        return len(self._unsettled)
