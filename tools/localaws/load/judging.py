"""Judges what a load has left in the lake: is every version of every item there, as written and in its order?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from tools.localaws.load.changes import Change, Texts

_SHOWN: Final = 3
"""Of each kind of fault so many are named."""


@dataclass(frozen=True)
class Verdict:
    """What is wrong, a line for each kind, and how many records were delivered more than once, which may be."""

    faults: tuple[str, ...]
    duplicates: int


class Judge:
    """Takes the records of the lake in any order, and judges them by the changes that were acknowledged."""

    def __init__(self, written: Collection[Change], texts: Texts, key_name: str) -> None:
        self._written = {(change.key, change.version): change for change in written}
        self._texts = texts
        # Columns are lower-cased: docs/record.md.
        self._key_column = key_name.lower()
        self._found: dict[str, dict[tuple[int, int, str], int]] = {}
        self._missing = set(self._written)
        self._altered: set[tuple[str, int]] = set()
        self._records = 0

    @property
    def missing(self) -> int:
        """How many changes have not been seen."""
        return len(self._missing)

    def take(self, line: str) -> None:
        """Takes one line of an object; a line of another load, or of nobody's, is left out."""
        row: dict[str, Any] = json.loads(line)
        key = row.get(self._key_column)
        version = row.get("version")
        change = self._written.get((key, version)) if isinstance(key, str) and isinstance(version, int) else None
        if change is None:
            return
        number = str(row["cdc_sequence_number"])
        # The order of records: docs/record.md.
        order = (int(row["cdc_changed_at_us"]), len(number), number)
        self._found.setdefault(change.key, {})[order] = change.version
        self._missing.discard((change.key, change.version))
        self._records += 1
        if row.get("text") != self._texts.of(change):
            self._altered.add((change.key, change.version))

    def verdict(self) -> Verdict:
        """Returns the verdict on all that was taken."""
        disordered = [
            key
            for key, found in self._found.items()
            if (versions := [found[order] for order in sorted(found)]) != sorted(versions)
        ]
        faults = [
            f"{len(these):,} {what}: {', '.join(map(str, sorted(these)[:_SHOWN]))}"
            for what, these in (
                ("changes are missing", _named(self._missing)),
                ("changes are not as written", _named(self._altered)),
                ("items have versions in another order than they were written in", disordered),
            )
            if these
        ]
        return Verdict(tuple(faults), self._records - sum(map(len, self._found.values())))


def _named(changes: set[tuple[str, int]]) -> list[str]:
    return [f"{key} version {version}" for key, version in changes]
