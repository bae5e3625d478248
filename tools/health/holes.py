"""Spans of time in which a table was written to, and none of it was streamed: what measurements tell of them. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tools.health.metrics import PERIOD
from tools.lake.gaps import Gap

if TYPE_CHECKING:
    from datetime import datetime

    from tools.health.measured import PathMeasured

SHORTEST: Final = timedelta(minutes=3)
"""A hole that is told: points of two metrics that are of the same write can be minutes apart."""

_LONGEST_BUFFERS: Final = timedelta(minutes=30)
"""What two buffers hold at most, where theirs are not known."""


def last_seen(path: PathMeasured) -> datetime | None:
    """Returns a time before which the changes of a table are surely streamed; None where nothing has come lately."""
    buffers = path.delivery.buffering if path.delivery and path.delivery.buffering else _LONGEST_BUFFERS
    found = [path.lake.newest - buffers - PERIOD] if path.lake and path.lake.newest else []
    if path.stream:
        found += [at for at, value in path.stream.incoming.points if value]
    return max(found, default=None)


def find(path: PathMeasured, now: datetime) -> tuple[datetime, datetime] | None:
    """Returns the longest time in which a table was written to and nothing came into its stream; None: there is none.

    One that is noted as a gap already is none, nor is what has ended a moment ago: its changes may be on the way.
    """
    if path.table is None or path.stream is None:
        return None
    came = {at for at, value in path.stream.incoming.points if value}
    near = {at + step * PERIOD for at in came for step in (-1, 0, 1)}
    spans: list[tuple[datetime, datetime]] = []
    open_since: datetime | None = None
    for at, value in path.table.writes.points:
        if at in near:
            open_since = None
        elif value:
            open_since = open_since or at
            spans.append((open_since, at + PERIOD))
    known = [] if path.lake is None else path.lake.gaps
    missing = [each for each in spans if each[1] - each[0] >= SHORTEST and each[1] <= now - SHORTEST]
    open_spans = [each for each in missing if not any(_covers(gap, *each) for gap in known)]
    return max(open_spans, key=lambda each: each[1] - each[0], default=None)


def _covers(gap: Gap, first: datetime, end: datetime) -> bool:
    wanted = Gap.of(first, end)
    return gap.since <= wanted.since and wanted.until <= gap.until
