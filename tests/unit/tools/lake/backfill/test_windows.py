from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tools.lake.backfill import windows

NOW = 100 * windows.LONGEST


@given(st.integers(windows.SHORTEST, NOW - windows.SHORTEST), st.integers(1, 5 * windows.LONGEST))
def test_windows_cover_the_span_in_order_and_are_as_long_as_dynamodb_allows(since, length):
    until = min(since + length, NOW)

    found = windows.plan(since, until, earliest=0, now=NOW)

    assert found[0].first == since - windows.SHORTEST
    assert found[0].end == found[1].first == since
    assert found[-1].end >= min(NOW, until + 60)
    assert all(before.end == after.first for before, after in pairwise(found))
    assert all(windows.SHORTEST <= each.end - each.first <= windows.LONGEST for each in found)


def test_no_window_is_of_a_time_that_cannot_be_exported():
    now = 10 * 3600 + 7

    (found,) = windows.plan(now - 30, now, earliest=now - 100, now=now)

    assert (found.first, found.end) == (now - 30, now)
