"""Which failed records are replayed, and how many there are. Pure: no call of AWS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from tools.lake.replay.failed_objects import FailedObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.lake.failed_records import FailedRecord

UNREADABLE: Final = "unreadable"
"""Stands for the code of lines that are no failed records."""


LATER_MS: Final = 3_600_000
"""Milliseconds after their arrival in which records are transformed, however often that is repeated."""

OTHER_REASONS: Final = "other reasons"
_MOST_REASONS: Final = 10


class Selection(msgspec.Struct, frozen=True):
    """Failed records that arrived from `since_ms` on and before `until_ms`, with one of `codes`; empty: all.

    Times are in milliseconds since the epoch. A line that is no failed record is never chosen.
    """

    codes: frozenset[str] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None

    def __contains__(self, record: FailedRecord) -> bool:
        """Tells whether a record is chosen."""
        return (
            (not self.codes or record.code in self.codes)
            and (self.since_ms is None or record.arrivalTimestamp >= self.since_ms)
            and (self.until_ms is None or record.arrivalTimestamp < self.until_ms)
        )


class Tally(msgspec.Struct):
    """Failed records of one type, code and hour: how many, their bytes, first and last arrival, and how many by reason.

    `tried_ms` is when the last of them was tried last, by Firehose. Times are in milliseconds since the epoch. Of many
    reasons the first ones are told apart.
    """

    records: int = 0
    bytes: int = 0
    first_ms: int = 0
    last_ms: int = 0
    reasons: dict[str, int] = {}
    tried_ms: int = 0

    def add(self, other: Tally) -> None:
        """Adds those of another tally."""
        times = [each for each in (self.first_ms, other.first_ms) if each]
        self.first_ms = min(times, default=0)
        self.last_ms = max(self.last_ms, other.last_ms)
        self.tried_ms = max(self.tried_ms, other.tried_ms)
        self.records += other.records
        self.bytes += other.bytes
        for reason, records in other.reasons.items():
            # Some messages of AWS hold an identity of their own.
            is_told = reason in self.reasons or len(self.reasons) < _MOST_REASONS
            name = reason if is_told else OTHER_REASONS
            self.reasons[name] = self.reasons.get(name, 0) + records


Key = tuple[str, str, str]
"""Error type, code, and hour of arrival (`2026-01-31T05`, UTC)."""


class Survey(msgspec.Struct):
    """What is in one object: chosen records by type, code and hour, lines in all, and why it cannot be read."""

    found: FailedObject
    tallies: dict[Key, Tally] = {}
    lines: int = 0
    unreadable: str = ""

    @property
    def chosen(self) -> int:
        """Records that are chosen, and can be replayed."""
        return sum(tally.records for (_, code, _), tally in self.tallies.items() if code != UNREADABLE)

    def add(self, record: FailedRecord | None, selection: Selection) -> None:
        """Counts a line; None for one that is no failed record."""
        self.lines += 1
        if record is None:
            self._count(UNREADABLE, Tally(1, reasons={"the line is no failed record of Firehose's": 1}), 0)
        elif record in selection:
            at = record.arrivalTimestamp
            # Four characters of Base64 are three bytes.
            size = len(record.rawData) * 3 // 4
            self._count(record.code, Tally(1, size, at, at, {record.message: 1}, _tried_ms(record)), at)

    def _count(self, code: str, tally: Tally, at_ms: int) -> None:
        hour = f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H}" if at_ms else ""
        self.tallies.setdefault((self.found.error_type, code, hour), Tally()).add(tally)


def _tried_ms(record: FailedRecord) -> int:
    """Returns until when Firehose has tried a record: a replay that it failed again says when that was."""
    latest = record.arrivalTimestamp + LATER_MS
    return min(record.attemptEndingTimestamp or latest, latest)


def total(surveys: Iterable[Survey]) -> Mapping[Key, Tally]:
    """Returns the tallies of several objects, in the order of hours, types and codes."""
    found: dict[Key, Tally] = {}
    for survey in surveys:
        for key, tally in survey.tallies.items():
            found.setdefault(key, Tally()).add(tally)
    return {key: found[key] for key in sorted(found, key=lambda key: (key[2], key[0], key[1]))}
