from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.errors import LakeError
from tools.lake import gaps
from tools.lake.gaps import Gap


def gap(first, last):
    return Gap.of(datetime(2026, 1, 31, first, tzinfo=UTC), datetime(2026, 1, 31, last, tzinfo=UTC))


def test_gaps_are_found_in_order_and_one_that_is_noted_twice_once():
    bucket = Bucket()
    for each in (gap(7, 8), gap(1, 2), gap(7, 8)):
        gaps.put(bucket, NAME, "orders", each)

    assert gaps.find(bucket, NAME, "orders") == [gap(1, 2), gap(7, 8)]
    assert gaps.find(bucket, NAME, "others") == []


def test_what_is_no_gap_is_told():
    bucket = Bucket()
    bucket.place("ledger/orders/gaps/x.json", b"{}")
    with pytest.raises(LakeError, match="no gap"):
        gaps.find(bucket, NAME, "orders")
