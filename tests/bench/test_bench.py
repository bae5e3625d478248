"""The benchmark measures what its tables say."""

from __future__ import annotations

import base64
import importlib.machinery
import json
import os
import random
import sys
import zipfile

import pytest

from lake_transform.settings import Settings
from tests.bench import artifact, configured, events, measure, results
from tests.bench.ways import floor, ours, ours_before, ours_python, ours_rules
from tests.unit.lake_transform import reading_back


@pytest.mark.parametrize(
    ("size", "least", "most"), [("small", 300, 400), ("medium", 1_500, 2_500), ("large", 20_000, 40_000)]
)
def test_items_have_the_size_that_the_table_says(size, least, most):
    rng = random.Random(1)
    for _ in range(50):
        assert least <= len(json.dumps(events.ITEMS[size](rng), separators=(",", ":"))) <= most


@pytest.mark.parametrize("size", events.ITEMS)
@pytest.mark.parametrize("update", [False, True])
def test_a_batch_is_the_same_every_time_and_fills_its_event(size, update):
    batch = events.batch(events.ITEMS[size], 400_000, update=update)

    assert batch == events.batch(events.ITEMS[size], 400_000, update=update)
    assert 300_000 < len(json.dumps(batch)) <= 400_000


def test_the_batch_of_a_case_is_what_its_column_says():
    for case in events.CASES:
        batch = events.batch_for(case)
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


@pytest.mark.parametrize("size", events.ITEMS)
@pytest.mark.parametrize("update", [False, True])
def test_without_native_code_our_answer_is_the_same(size, update):
    batch = events.batch(events.ITEMS[size], 200_000, update=update)

    assert ours_python.transform(batch) == ours.transform(batch)


def test_the_rules_of_a_table_are_applied_and_its_old_image_is_there():
    batch = events.batch(events.small, 100_000, update=True)
    columns = {path[0].lower(): kind for path, kind in ours_rules.RULES.items()}
    assert sorted(columns.values()) == ["drop", "hash", "json", "text"]
    rows = [
        [json.loads(base64.b64decode(answer["data"])) for answer in way.transform(batch)["records"]]
        for way in (ours, ours_rules, ours_before)
    ]
    for plain, ruled, before in zip(*rows, strict=True):
        assert {name for name in plain if plain[name] != ruled.get(name)} == columns.keys()
        assert {name for name in before if before[name] != plain.get(name)} == {"cdc_before"}


def test_a_way_with_other_settings_is_alone_with_them():
    environment = dict(os.environ)
    another = configured.handler_with(PATH_SEPARATOR="__", LOG_LEVEL="ERROR")

    assert dict(os.environ) == environment
    assert another.__globals__["_SETTINGS"] == Settings("__", log_level="ERROR")
    assert ours_rules._HANDLER.__globals__["_SETTINGS"].mask_key
    assert ours_python._HANDLER.__globals__["_SETTINGS"] == Settings(native_code=False)
    assert ours.lambda_handler.__globals__["_SETTINGS"] == Settings()


def test_what_is_measured_is_the_newest_artifact_without_its_wheels(tmp_path):
    def build(name, time, handler):
        file = tmp_path / f"lake_transform-{name}.zip"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("lake_transform/__init__.py", "")
            archive.writestr("lake_transform/handler.py", handler)
            archive.writestr("orjson/__init__.py", "raise ImportError('this is of another Python')")
        os.utime(file, (time, time))
        return file

    newest = build("local-1", 2_000_000_000, "def lambda_handler(event, context): return event * 1_000_000")
    build("local-2", 1_000_000_000, "raise ImportError('this is an older one')")
    build("python3.13-arm64-3", 2_100_000_000, "raise ImportError('this is for Lambda')")
    path = list(sys.path)
    with artifact.unpacked(tmp_path) as file:
        assert file == newest
        folder = importlib.machinery.PathFinder.find_spec("lake_transform").submodule_search_locations[0]
        assert folder.startswith(str(tmp_path))
        assert measure._in_a_child("output_megabytes", results.OURS, "x") == pytest.approx(1, abs=0.01)
        assert not importlib.machinery.PathFinder.find_spec("orjson").origin.startswith(str(tmp_path))

    assert sys.path == path
    assert {file.suffix for file in tmp_path.iterdir()} == {".zip"}


def test_where_nothing_is_built_it_is_said_how(tmp_path):
    with pytest.raises(
        SystemExit, match=r"nothing is built in .*: run .venv/bin/python -m tools\.build --local --native"
    ):
        artifact.unpacked(tmp_path).__enter__()


def test_a_ratio_is_taken_within_each_round():
    taken = {"floor": [1.0, 10.0, 1.0], "ours": [2.0, 20.0, 3.0]}

    assert measure.ratios(taken) == {"floor": 1.0, "ours": 2.0}
