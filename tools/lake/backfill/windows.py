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
    """Returns the windows that cover a span, in order, and what is near its ends, because times may be off.

    A window of its own ends where the span begins: an item that is made and removed within one window is not in its
    export, and what was made before the span is in the lake. All times are seconds of the epoch; no window starts
    before `earliest` or ends after `now`. Where `now` comes too soon after `since`, the last one is too short.

    >>> plan(3600, 5400, earliest=0, now=9000)
    (Window(first=2700, end=3600), Window(first=3600, end=5460))
    """
    end = min(max(-(-until // _MINUTE) * _MINUTE + _MINUTE, since + SHORTEST), now)
    starts = list(range(since, end, LONGEST))
    if len(starts) > 1 and end - starts[-1] < SHORTEST:
        starts[-1] = end - SHORTEST
    if since - SHORTEST >= earliest:
        starts.insert(0, since - SHORTEST)
    return tuple(Window(start, stop) for start, stop in zip(starts, [*starts[1:], end], strict=True))
