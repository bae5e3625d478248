from __future__ import annotations

import pytest

from tools.lake.reconcile import hourly
from tools.lake.reconcile.hourly import Hour


def hour(written=10, read=12, answered=10, failed=1, dropped=2, delivered=7):
    return Hour("2026-01-31 05:00", written, read, answered, failed, dropped, delivered)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ([hour()], None),
        ([hour(answered=9), hour(answered=11)], None),
        ([hour(written=11)], "1 records came to the stream that the function never saw"),
        ([hour(delivered=5)], "2 records left the function that were not delivered"),
        ([hour(written=None, read=None)], None),
        ([hour(answered=None, failed=None, dropped=None)], None),
        ([], None),
    ],
)
def test_only_what_a_whole_period_lacks_is_a_gap(hours, said):
    assert hourly.gaps(hours) == ([said] if said else [])
