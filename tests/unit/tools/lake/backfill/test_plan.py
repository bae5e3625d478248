from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.errors import LakeError
from tools.lake.backfill import plan as planning
from tools.lake.backfill.plan import SET_BYTES, SET_ITEMS, Plan, PlannedSet
from tools.lake.export import File

NOW = datetime(2026, 1, 31, 5, 20, tzinfo=UTC)
FILES = [File(f"f{number}", number, "md5") for number in range(5)]
SIZES = {"f0": 1, "f1": SET_BYTES - 1, "f2": 1, "f3": SET_BYTES * 2, "f4": 1}


def sets():
    return planning.sets(FILES, SIZES, export_id="e", prefix="data/t/", now=NOW)


def test_files_are_grouped_in_order_as_far_as_an_object_is_to_have():
    assert [[file.key for file in each.files] for each in sets()] == [["f0", "f1"], ["f2"], ["f3"], ["f4"]]
    assert [each.key for each in sets()][:2] == [
        "data/t/cdc_date=2026-01-31/cdc_hour=05/backfill-e-0.gz",
        "data/t/cdc_date=2026-01-31/cdc_hour=05/backfill-e-1.gz",
    ]


def test_small_items_are_grouped_by_their_number():
    files = [File(name, count, "md5") for name, count in (("a", SET_ITEMS - 1), ("b", 1), ("c", 1), ("d", SET_ITEMS))]

    found = planning.sets(files, {}, export_id="e", prefix="data/t/", now=NOW)

    assert [[file.key for file in each.files] for each in found] == [["a", "b"], ["c"], ["d"]]


def test_sets_that_were_not_written_go_to_another_hour_and_the_others_stay():
    planned = Plan("lake", "t", "backfill-e", 1, False, ("id",), None, sets())

    found = planning.moved(planned, ["e-1"], "data/t/", NOW.replace(hour=23)).sets

    assert [planning.hour(each, "data/t/").hour for each in found] == [5, 23, 5, 5]
    assert [each.identity for each in found] == [each.identity for each in planned.sets]


def test_a_plan_whose_keys_are_elsewhere_is_refused():
    with pytest.raises(LakeError, match="restore the plan"):
        planning.hour(PlannedSet("e-0", "data/u/cdc_date=2026-01-31/cdc_hour=05/x.gz", ()), "data/t/")
