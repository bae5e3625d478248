from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.lake import data_objects
from tools.lake.compaction import grouping
from tools.lake.objects import LakeObject

PREFIX = "data/orders/"
FOLDER = f"{PREFIX}cdc_date=2026-01-31/cdc_hour=05/"


def found(name, size=10, etag="e", at=0):
    return LakeObject(FOLDER + name, size, datetime(2026, 1, 31, 5, at, tzinfo=UTC), etag)


def names(groups):
    return [[source.key.removeprefix(FOLDER) for source in group.sources] for group in groups]


def firehose(at, more="x"):
    return f"orders-delivery-stream-1-2026-01-31-05-{at:02}-09-{more}.gz"


def test_small_objects_go_together_in_the_order_of_their_arrival_up_to_the_size():
    objects = [found(firehose(at), 40) for at in (7, 3, 1, 9, 5)]

    assert names(grouping.plan(objects, 100)) == [[firehose(1), firehose(3)], [firehose(5), firehose(7)]]


def test_names_without_a_time_are_ordered_by_when_they_were_written():
    objects = [found("b", at=2), found(firehose(1)), found("a", at=3)]

    assert names(grouping.plan(objects, 100)) == [[firehose(1), "b", "a"]]


def test_what_is_large_or_alone_or_empty_or_of_another_format_stays():
    assert grouping.plan([found("a", 50), found("b", 49)], 100) == []
    assert grouping.plan([found("a.gz"), found("b.parquet"), found("c.zip"), found("d", 0)], 100) == []
    assert grouping.plan([], 100) == []


def test_a_second_plan_of_what_a_plan_makes_is_empty():
    first = grouping.plan([found(firehose(at), 40) for at in range(10)], 100)
    made = [found(group.key.removeprefix(FOLDER), group.size) for group in first]

    assert len(made) == 5
    assert grouping.plan(made, 100) == []


def test_a_name_is_that_of_its_content_and_is_seen_by_readers():
    objects = [found(firehose(1)), found(firehose(2))]
    (group,) = grouping.plan(objects, 100)
    (again,) = grouping.plan(reversed(objects), 100)
    (other,) = grouping.plan([objects[0], found(firehose(2), etag="f")], 100)

    assert again.key == group.key != other.key
    assert group.key.startswith(f"{FOLDER}compacted-2026-01-31-05-01-09-")
    assert data_objects.hour_of(group.key, PREFIX) == datetime(2026, 1, 31, 5, tzinfo=UTC)
    assert grouping.is_compacted(group.key)
    assert not grouping.is_compacted(objects[0].key)


@pytest.mark.parametrize("count", [2, 3])
def test_a_group_without_one_of_its_objects_is_another_one(count):
    (group,) = grouping.plan([found(firehose(at)) for at in range(count)], 100)

    left = group.without(FOLDER + firehose(0))

    if count == 2:
        assert left is None
    else:
        assert names([left]) == [[firehose(1), firehose(2)]]
        assert left.key != group.key
