"""Changes an hour in and out, by metrics: a cheap look beside the comparison, which shows that something is lost. Pure.

Metrics of an hour can count what the next hour delivers, and records that are read again count twice. So only the whole
of a period is judged, and only where less came out than went in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


class Hour(msgspec.Struct, frozen=True):
    """One hour of one table; None where there is no metric.

    Attributes:
        hour: its begin, UTC.
        written: records that came to the stream.
        read: records that Firehose read from it, those that it read again included.
        answered: records that the function wrote, dropped or failed.
        failed: those that it failed.
        dropped: those that the hook dropped.
        delivered: records that Firehose delivered.
    """

    hour: str
    written: int | None
    read: int | None
    answered: int | None
    failed: int | None
    dropped: int | None
    delivered: int | None


def gaps(hours: Sequence[Hour]) -> list[str]:
    """Returns what is wrong with the whole of a period, a line each."""
    written, answered, delivered = (_sum([getattr(each, name) for each in hours]) for name in _JUDGED)
    failed, dropped = (_sum([getattr(each, name) for each in hours]) or 0 for name in ("failed", "dropped"))
    found = []
    if written is not None and answered is not None and answered < written:
        found.append(f"{written - answered:,} records came to the stream that the function never saw")
    if answered is not None and delivered is not None and delivered + failed + dropped < answered:
        found.append(f"{answered - failed - dropped - delivered:,} records left the function that were not delivered")
    return found


_JUDGED = ("written", "answered", "delivered")


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
