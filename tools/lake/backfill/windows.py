"""The windows in which changes of a span of time are exported.

Amazon DynamoDB Developer Guide, "DynamoDB data export to Amazon S3: how it works": a window of an incremental export
has 15 minutes to 24 hours, its start is included and its end is not, and times may be off by up to a minute.
"""

from __future__ import annotations

from typing import Final

from tools.lake.export import Window

SHORTEST: Final = 15 * 60
"""Seconds that a window has at least."""

LONGEST: Final = 24 * 3600
"""Seconds that a window has at most."""

_MINUTE: Final = 60


def plan(since: int, until: int, *, earliest: int, now: int) -> tuple[Window, ...]:
    """Returns the windows that cover a span, in order: whole minutes, and one more at each end.

    All times are seconds of the epoch. No window starts before `earliest` or ends after `now`; a span that is shorter
    than a window may be is made longer where there is room, first into the past.

    >>> plan(3600, 5400, earliest=0, now=9000)
    (Window(first=3540, end=5460),)
    """
    first = max(_floor(since) - _MINUTE, earliest)
    end = min(-_floor(-until) + _MINUTE, now)
    first = max(min(first, end - SHORTEST), earliest)
    end = min(max(end, first + SHORTEST), now)
    starts = list(range(first, end, LONGEST))
    if len(starts) > 1 and end - starts[-1] < SHORTEST:
        starts[-1] = end - SHORTEST
    return tuple(Window(start, stop) for start, stop in zip(starts, [*starts[1:], end], strict=True))


def _floor(second: int) -> int:
    return second // _MINUTE * _MINUTE
