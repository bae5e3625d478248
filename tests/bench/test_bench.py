"""What the benchmark measures with is what it says it is."""

from __future__ import annotations

import base64
import json
import random

import pytest

from tests.bench import events, measure
from tests.bench.ways import floor, ours
from tests.unit.lake_transform import reading_back


@pytest.mark.parametrize(
    ("size", "least", "most"), [("small", 300, 400), ("medium", 1_500, 2_500), ("large", 20_000, 40_000)]
)
def test_items_have_the_size_that_the_table_says(size, least, most):
    chance = random.Random(1)
    for _ in range(50):
        assert least <= len(json.dumps(events.ITEMS[size](chance), separators=(",", ":"))) <= most


@pytest.mark.parametrize("size", events.ITEMS)
@pytest.mark.parametrize("update", [False, True])
def test_a_batch_is_the_same_every_time_and_fills_its_event(size, update):
    batch = events.batch(events.ITEMS[size], 400_000, update=update)

    assert batch == events.batch(events.ITEMS[size], 400_000, update=update)
    assert 300_000 < len(json.dumps(batch)) <= 400_000


def test_the_batch_of_a_case_is_what_its_column_says():
    for case in events.CASES:
        batch = events.of(case)
        assert len(json.dumps(batch)) == pytest.approx(int(str(case).split()[-2]) * 1e6, rel=0.05)
        changes = [json.loads(base64.b64decode(record["data"])) for record in batch["records"][:10]]
        assert {change["eventName"] for change in changes} == {"MODIFY" if "update" in str(case) else "INSERT"}


def test_an_update_has_both_images_of_one_item_and_little_is_changed():
    for record in events.batch(events.medium, 100_000, update=True)["records"]:
        images = json.loads(base64.b64decode(record["data"]))["dynamodb"]
        new, old = images["NewImage"], images["OldImage"]
        assert images["Keys"] == {"id": new["id"]} == {"id": old["id"]}
        assert list(new) == list(old)
        assert {name for name in new if new[name] != old[name]} <= {"orderTotal", "quantity", "note"}
        assert new != old


@pytest.mark.parametrize("size", events.ITEMS)
@pytest.mark.parametrize("update", [False, True])
def test_our_way_is_the_whole_transform_and_the_floor_is_no_flattener(size, update):
    batch = events.batch(events.ITEMS[size], 200_000, update=update)
    for record, answer, copied in zip(
        batch["records"], ours.transform(batch)["records"], floor.transform(batch)["records"], strict=True
    ):
        change = base64.b64decode(record["data"])
        assert base64.b64decode(copied["data"]) == change
        item = json.loads(change)["dynamodb"]["NewImage"]
        row = reading_back.row_of(base64.b64decode(answer["data"]))
        assert reading_back.leaves_in(row, reading_back.shape_of({"M": item})) == reading_back.leaves_of(item)


def test_a_ratio_is_taken_within_each_round():
    taken = {"floor": [1.0, 10.0, 1.0], "ours": [2.0, 20.0, 3.0]}

    assert measure.ratios(taken) == {"floor": 1.0, "ours": 2.0}
