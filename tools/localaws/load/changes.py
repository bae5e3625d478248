"""The changes of a load: which item is written when, and with what. The same names and sizes give the same changes.

Each item counts its versions, so that whoever reads the lake can tell what is missing, and what is in the wrong order.
"""

from __future__ import annotations

import math
import random
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MIXED: Final = "mixed"
SMALLEST_BYTES: Final = 100
LARGEST_BYTES: Final = 350_000
"""Limits of mixed sizes. An item may have 400 KB. Source: Amazon DynamoDB Developer Guide, "Quotas"."""

BATCH_CHANGES: Final = 25
"""Changes in one BatchWriteItem at most. Source: Amazon DynamoDB API Reference, "BatchWriteItem"."""

_BATCH_BYTES: Final = 1024 * 1024
"""From here on a batch gets no more changes: the service takes 16 MB, but then nothing else goes on meanwhile."""

_LARGE_FROM_BYTES: Final = 10_000
_LARGE_SHARE: Final = 0.04
"""Of mixed items so many are large. Small and large sizes are spread evenly by magnitude: 6 kB on average."""

_WORDS: Final = 200_000


@dataclass(frozen=True)
class Change:
    """One version of one item: versions of an item count from 1. `size` is that of its text, in bytes."""

    key: str
    version: int
    size: int


@dataclass(frozen=True)
class Plan:
    """A load called `run`: `changes` of `keys` items, each of `size` bytes (None: mixed sizes)."""

    run: str
    changes: int
    keys: int
    size: int | None

    def share(self, writer: int, writers: int) -> Iterator[Change]:
        """Yields the changes of one writer; all changes of an item are of one writer, in the order of versions.

        >>> [f"{change.key} v{change.version}" for change in Plan("r", 5, 2, 100).share(0, 1)]
        ['r-0 v1', 'r-1 v1', 'r-0 v2', 'r-1 v2', 'r-0 v3']
        """
        for number in range(self.changes):
            item, version = number % self.keys, number // self.keys + 1
            if item % writers == writer:
                key = f"{self.run}-{item}"
                yield Change(key, version, _mixed_size(key, version) if self.size is None else self.size)


class Texts:
    """What the items hold: words, which compress as text does, and which follow from the change alone."""

    def __init__(self) -> None:
        chosen = random.Random(0)  # noqa: S311  # no secret
        vocabulary = [f"{chosen.getrandbits(20 + 4 * (number % 6)):x}" for number in range(4_000)]
        self._text = " ".join(chosen.choices(vocabulary, k=_WORDS))

    def of(self, change: Change) -> str:
        """Returns the text of a change, `size` ASCII characters long."""
        start = zlib.crc32(f"{change.key} {change.version}".encode()) % (len(self._text) - LARGEST_BYTES)
        return self._text[start : start + change.size]

    def item(self, change: Change, key_name: str) -> dict[str, Any]:
        """Returns the item to put, as DynamoDB's API has it."""
        return {key_name: {"S": change.key}, "version": {"N": str(change.version)}, "text": {"S": self.of(change)}}


def batches(changes: Iterator[Change]) -> Iterator[Sequence[Change]]:
    """Groups changes as one request can hold them: each item once at most."""
    batch: list[Change] = []
    keys: set[str] = set()
    size = 0
    for change in changes:
        if batch and (len(batch) == BATCH_CHANGES or size + change.size > _BATCH_BYTES or change.key in keys):
            yield batch
            batch, keys, size = [], set(), 0
        batch.append(change)
        keys.add(change.key)
        size += change.size
    if batch:
        yield batch


def record_bytes(changes: Iterable[Change]) -> int:
    """Returns the bytes of the texts in the changes' records: each as it is, and as it was before.

    >>> record_bytes([Change("a", 1, 100), Change("a", 2, 10), Change("b", 1, 5)])
    215
    """
    sizes = {(change.key, change.version): change.size for change in changes}
    return sum(size + sizes.get((key, version - 1), 0) for (key, version), size in sizes.items())


def _mixed_size(key: str, version: int) -> int:
    chosen = random.Random(f"{version} {key}")  # noqa: S311  # no secret
    is_large = chosen.random() < _LARGE_SHARE
    least, most = (_LARGE_FROM_BYTES, LARGEST_BYTES) if is_large else (SMALLEST_BYTES, _LARGE_FROM_BYTES)
    return round(math.exp(chosen.uniform(math.log(least), math.log(most))))
