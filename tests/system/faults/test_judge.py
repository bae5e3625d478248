"""The judge of the tests of faults sees what is lost, altered, too early or never written."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from tests.system.faults import judge


def line(version, number, key="key", us=1_000_000, text=None):
    row = {"id": key, "version": version, "text": text or judge.text_of(key, version)}
    return {**row, "cdc_changed_at_us": us, "cdc_sequence_number": number}


def failure(version, key="key"):
    item = {"id": {"S": key}, "version": {"N": str(version)}, "text": {"S": judge.text_of(key, version)}}
    change = {"dynamodb": {"Keys": {"id": item["id"]}, "NewImage": item}}
    return {"rawData": base64.b64encode(json.dumps(change).encode()).decode()}


def judged(data, errors=(), written=None):
    objects = {
        name: gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in lines))
        for name, lines in (("data/t/x.gz", data), ("errors/t/y.gz", errors))
    }
    return judge.faults(judge.rows(objects), written or {"key": 3})


def test_what_is_there_once_or_twice_in_any_object_and_order_of_lines_is_right():
    assert judged([line(3, "10"), line(1, "9"), line(1, "9")], [failure(2)]) == []


@pytest.mark.parametrize(
    ("data", "errors", "found"),
    [
        ([line(1, "1"), line(3, "3")], (), "missing: key versions [2]"),
        ([line(1, "1"), line(2, "10"), line(3, "9")], (), "out of order: key versions [2]"),
        ([line(1, "1"), line(2, "2"), line(3, "3", us=999_999)], (), "out of order: key versions [1]"),
        ([line(1, "1"), line(2, "2", text="x"), line(3, "3")], (), "altered: key version 2 in data/t/x.gz"),
        ([line(1, "1"), line(3, "3")], [failure(2), failure(1, "other")], "never written: other"),
    ],
)
def test_what_is_wrong_is_said(data, errors, found):
    assert judged(data, errors) == [found]


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        ({"key": 3}, []),
        ({"key": 4}, []),
        ({"key": 2}, ["table: key is at version 2, not 3"]),
        ({}, ["table: key is at version 0, not 3"]),
    ],
)
def test_the_table_is_at_the_version_that_was_written_last_or_at_the_one_after(versions, found):
    items = [
        {"id": {"S": key}, "version": {"N": str(version)}, "text": {"S": judge.text_of(key, version)}}
        for key, version in versions.items()
    ]
    assert judge.table_faults(items, {"key": 3}) == found
