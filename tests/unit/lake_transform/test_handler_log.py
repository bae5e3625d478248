"""The log of a batch names each failed record with its reason, and counts what overflowed."""

from __future__ import annotations

import json
import time

import pytest

from lake_transform import handler
from lake_transform.hook import HookedRows
from lake_transform.transform import Transform


@pytest.fixture
def answered(firehose, capsys):
    """Runs a batch and returns its answers and its log."""

    def run(event):
        answers = handler.lambda_handler(event, None)["records"]
        return answers, json.loads(capsys.readouterr().out)

    return run


def test_each_failed_record_is_listed_under_its_own_reason(firehose, record, answered):
    event = firehose(
        record(),
        record({"a": {"N": "x"}}),
        b"junk",
        record(keys={"id": {"N": "1e126"}}),
        record({"a": {"S": "x", "N": "1"}}),
        record(keys={"id": {"BOOL": True}}),
        record(),
        record(),
    )
    event["records"][6]["data"] = "not base64!"
    del event["records"][7]["data"]
    answers, log = answered(event)

    ids = [one["recordId"] for one in event["records"]]
    assert log["failures"] == {
        "a number is not in JSON's grammar": [ids[1]],
        "not one JSON document in UTF-8": [ids[2]],
        "a number is outside DynamoDB's range": [ids[3]],
        "an attribute value has not exactly one type": [ids[4]],
        "an attribute of the primary key is no string, number or binary value": [ids[5]],
        "the record's data is not base64": [ids[6]],
        "the record has no data": [ids[7]],
    }
    assert [answer["recordId"] for answer in answers] == ids
    assert [answer["data"] for answer in answers[1:]] == [one.get("data", "") for one in event["records"][1:]]
    assert log["message"] == "batch transformed"


def test_a_fault_of_ours_is_listed_and_its_record_is_kept(firehose, record, answered, monkeypatch):
    def broken(*_, **__):
        raise LookupError

    monkeypatch.setattr(Transform, "change", broken)
    event = firehose(record())
    answers, log = answered(event)

    assert log["failures"] == {"unexpected LookupError": [event["records"][0]["recordId"]]}
    assert answers[0]["data"] == event["records"][0]["data"]


def test_values_that_overflow_are_counted_whatever_becomes_of_their_record(firehose, record, answered, monkeypatch):
    event = firehose(record({"a": {"S": "1"}, "A": {"S": "2"}, "cdc_x": {"S": "3"}}), record())
    _, kept = answered(event)
    monkeypatch.setattr(handler._transform(), "_hooked_rows", HookedRows(lambda _row, _change: None, handler._SHAPES))
    _, dropped = answered(event)

    assert (kept["RecordsOk"], kept["RecordsWithOverflow"], kept["OverflowColumns"]) == (2, 1, 2)
    assert (dropped["RecordsDropped"], dropped["RecordsWithOverflow"], dropped["OverflowColumns"]) == (2, 1, 2)


def test_the_log_says_when_and_how_long_in_milliseconds(firehose, record, answered, monkeypatch):
    clock = iter([50.0, 50.25])
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_123_456_789)
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    _, log = answered(firehose(record()))

    assert log["_aws"]["Timestamp"] == 1_700_000_000_123
    assert log["milliseconds"] == 250.0
