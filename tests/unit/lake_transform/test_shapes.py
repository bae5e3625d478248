"""The shape of rows is told in numbers: how wide the widest is, and how many columns are new."""

from __future__ import annotations

import json

import pytest

from lake_transform import handler, shapes
from lake_transform.settings import Settings
from lake_transform.shapes import Shapes
from lake_transform.transform import Transform


def _counts(counted):
    return counted.columns_at_most, counted.new_columns


def test_rows_are_counted_by_the_widest_and_by_what_none_had_before():
    counted = Shapes()
    assert _counts(counted) == (0, 0)

    counted.add_row({"a": 1, "b": 2, "c": 3})
    counted.add_row({"a": 1, "d": 2})
    assert _counts(counted) == (3, 4)

    counted.start_batch()
    assert _counts(counted) == (0, 0)
    counted.add_row({"d": 1, "a": 2})
    assert _counts(counted) == (2, 0)
    counted.add_row({"e": 1})
    assert _counts(counted) == (2, 1)


def test_widths_and_names_can_be_told_apart_from_each_other():
    counted = Shapes()
    counted.add_width(7)
    counted.add_width(5)
    counted.add_names(["a", "b", "a"])
    counted.add_names(iter(["b", "c"]))

    assert _counts(counted) == (7, 3)


def test_names_are_remembered_up_to_a_number_and_then_forgotten(monkeypatch):
    monkeypatch.setattr(shapes, "_MAX_NAMES", 3)
    counted = Shapes()
    counted.add_names(["a", "b", "c"])
    counted.add_names(["a", "b", "c"])
    assert counted.new_columns == 3

    counted.add_names(["d", "d", "a"])
    assert counted.new_columns == 5


def test_names_never_fill_the_memory():
    counted = Shapes()
    for first in range(0, 200_000, 1_000):
        counted.add_names(f"c{number}" for number in range(first, first + 1_000))

    assert counted.new_columns == 200_000
    assert len(counted._known) <= 32_768


@pytest.fixture
def counted(monkeypatch):
    counted = Shapes()
    transform = Transform(Settings(), counted)
    monkeypatch.setattr(handler, "_SHAPES", counted)
    monkeypatch.setattr(handler, "_transform", lambda: transform)
    monkeypatch.setattr(handler, "_ONE_PASS", None)


@pytest.fixture
def log(firehose, capsys, counted):
    """Runs a batch and returns how the log counts its columns."""

    def run(*documents):
        handler.lambda_handler(firehose(*documents), None)
        line = json.loads(capsys.readouterr().out)
        return line["ColumnsAtMost"], line["NewColumns"]

    return run


def test_the_log_of_a_batch_counts_its_columns(log, record):
    assert log(record({"id": {"S": "1"}, "m": {"M": {"a": {"S": "x"}, "b": {"N": "1"}}}}), record()) == (11, 11)
    assert log(record()) == (9, 0)
    assert log(record({"id": {"S": "1"}, "c": {"S": "x"}})) == (10, 1)
    assert log() == (0, 0)


def test_a_map_keyed_by_data_is_seen_in_every_batch(log, record):
    batches = [
        log(record({"byUser": {"M": {f"u-{batch}-{number}": {"N": "1"} for number in range(100)}}}))
        for batch in range(3)
    ]

    assert batches == [(108, 108), (108, 100), (108, 100)]


def test_overflow_and_old_image_are_columns_too(ruled, record):
    transform = ruled({}, before=True)
    images = {
        "ApproximateCreationDateTime": 1,
        "Keys": {"id": {"S": "1"}},
        "NewImage": {"a": {"S": "x"}, "A": {"S": "y"}},
    }
    transform.change(record(eventName="MODIFY", dynamodb=images | {"OldImage": {"a": {"S": "w"}}}))

    assert transform._shapes.columns_at_most == 8 + len(["cdc_overflow", "a", "cdc_before"])


def test_with_a_hook_the_row_that_it_returns_is_counted(as_hook, record):
    shape = Shapes()
    transform = Transform(Settings(**as_hook(lambda row, _: row | {"one": 1, "two": 2})), shape)
    data = transform.change(record()).data
    assert _counts(shape) == (11, 11)

    transform.hooked(Transform(Settings()).change(record()).data, record())
    assert _counts(shape) == (11, 11)
    assert len(json.loads(data)) == 11


def test_a_row_that_the_hook_drops_is_not_counted(as_hook, record):
    shape = Shapes()
    Transform(Settings(**as_hook(lambda _row, _change: None)), shape).change(record())

    assert _counts(shape) == (0, 0)


def test_rows_of_a_backfill_are_counted(record):
    shape = Shapes()
    item = b'{"Item":{"id":{"S":"1"},"a":{"N":"1"}}}'
    Transform(Settings(), shape).item(item, table="t", key_names=["id"], snapshot_id="s", instant=0)

    assert _counts(shape) == (10, 10)
