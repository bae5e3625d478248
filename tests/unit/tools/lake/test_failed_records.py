from __future__ import annotations

import base64
import json

import pytest

from tools.lake import failed_records
from tools.lake.failed_records import FailedRecord

KEY = {"id": {"S": "864732"}, "at": {"N": "1"}, "raw": {"B": b"\x00"}}


def failed(data):
    return FailedRecord(rawData=base64.b64encode(data).decode())


def change(keys):
    return failed(json.dumps({"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": keys}}).encode())


def test_a_line_is_read_with_its_reason_and_one_that_is_none_is_passed_over():
    line = {
        "errorCode": "Lambda.X",
        "errorMessage": "no\n good",
        "arrivalTimestamp": 7,
        "attemptsMade": 4,
        "rawData": "",
    }

    (found,) = failed_records.parse(["", "not json", "[]", json.dumps(line)])

    assert (found.reason, found.arrivalTimestamp) == ("Lambda.X: no good", 7)


def test_a_failed_change_of_the_item_is_told_by_its_key():
    assert change({"id": {"S": "864732"}, "at": {"N": "1"}, "raw": {"B": "AA=="}}).changes(KEY)


@pytest.mark.parametrize(
    "record",
    [
        change({"id": {"S": "864732"}}),
        change({"id": {"S": "somebody else's"}, "at": {"N": "1"}, "raw": {"B": "AA=="}}),
        failed(b"this is no change record"),
        failed(b'{"dynamodb": {}}'),
        failed(b"\xff"),
        FailedRecord(rawData="!"),
        FailedRecord(),
    ],
)
def test_what_is_no_change_of_the_item_is_somebody_elses(record):
    assert not record.changes(KEY)


@pytest.mark.parametrize(
    "names", [("errorCode", "errorMessage"), ("ErrorCode", "ErrorMessage"), ("lastErrorCode", "lastErrorMessage")]
)
def test_lines_of_every_error_type_say_why_and_say_it_anew_when_they_fail_again(names):
    line = json.dumps({names[0]: "C", names[1]: "m", "attemptsMade": "4", "rawData": "YQ==", "lambdaARN": "arn"})

    record = failed_records.parse_line(line)
    again = json.loads(failed_records.failed_again(line.encode(), "poison", 7))

    assert (record.code, record.message, record.data()) == ("C", "m", b"a")
    assert again == json.loads(line) | {names[1]: "poison", "attemptsMade": 5, "attemptEndingTimestamp": 7}


def test_members_that_are_not_ours_stay_digit_for_digit():
    line = b'{"rawData":"YQ==","sequenceNumber":"49","price":1.10,"big":12345678901234567890}'

    again = failed_records.failed_again(line, "poison", 7)

    assert b'"sequenceNumber":"49","price":1.10,"big":12345678901234567890' in again
    assert json.loads(again)["errorMessage"] == "poison"


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"rawData":""}', b'{"rawData":7}', b"\xff"])
def test_a_line_without_the_record_itself_cannot_be_replayed(line):
    assert failed_records.replayable(line) is None
