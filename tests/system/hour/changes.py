"""The changes of the hour: which item is put or removed next, so that what must be in the lake follows from few counts.

An item counts its versions from 1 and holds the text of its version. After some versions it is removed, which its key
and version decide; the next version brings it back.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.system.faults import judge

if TYPE_CHECKING:
    from collections.abc import Collection

KEY: Final = "hour-"
REMOVED_EVERY: Final = 7
"""Of so many versions of items, one is removed again."""

EVENNESS: Final = 0.33
"""Of 20,000 items the first 200 have a fifth of all changes."""


@dataclass(frozen=True)
class Change:
    """A version of an item that is put, or that is removed."""

    key: str
    version: int
    is_removal: bool

    def request(self) -> dict[str, Any]:
        """Returns the change as BatchWriteItem takes it."""
        if self.is_removal:
            return {"DeleteRequest": {"Key": {"id": {"S": self.key}}}}
        text = judge.text_of(self.key, self.version)
        item = {"id": {"S": self.key}, "version": {"N": str(self.version)}, "text": {"S": text}}
        return {"PutRequest": {"Item": item}}


class Items:
    """The items of one writer, and how far each has come.

    Attributes:
        versions: the version of each item that was put last.
        removals: how many changes were removals.
    """

    def __init__(self, numbers: range, seed: int) -> None:
        self._keys = [f"{KEY}{number}" for number in numbers]
        self._rng = random.Random(seed)
        self._removed: set[str] = set()
        self.versions: Counter[str] = Counter()
        self.removals = 0

    def next(self, without: Collection[str]) -> Change:
        """Returns the next change, of an item that is not one of `without`; it counts as made with `made`."""
        while True:
            key = self._keys[int(len(self._keys) * self._rng.random() ** (1 / EVENNESS))]
            if key not in without:
                break
        version = self.versions[key]
        if version and key not in self._removed and is_removed(key, version):
            return Change(key, version, is_removal=True)
        return Change(key, version + 1, is_removal=False)

    def made(self, change: Change) -> None:
        """Counts a change that the table has acknowledged."""
        if change.is_removal:
            self._removed.add(change.key)
            self.removals += 1
        else:
            self._removed.discard(change.key)
            self.versions[change.key] = change.version

    @property
    def held(self) -> int:
        """How many items the table has."""
        return len(self.versions) - len(self._removed)


def is_removed(key: str, version: int) -> bool:
    """Returns whether an item is removed after this version."""
    return zlib.crc32(f"{key} {version}".encode()) % REMOVED_EVERY == 0
