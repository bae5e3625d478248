from __future__ import annotations

import base64
import json

import pytest

from tools.localaws.firehose.transformation import (
    PAYLOAD_BYTES,
    FailedInvocationError,
    Outcome,
    Result,
    check_response,
    failure_line,
    payload_size,
    request,
)


def answer(*records):
    return json.dumps({"records": list(records)}).encode()


def ok(record, data=b"x"):
    return {"recordId": record.record_id, "result": "Ok", "data": base64.b64encode(data).decode()}


def test_the_request_is_the_event_that_firehose_sends(stream, record):
    event = json.loads(request(stream, "invocation", [record(7, b"change", "shardId-1")]))
    assert event == {
        "invocationId": "invocation",
        "sourceKinesisStreamArn": stream.source_arn,
        "deliveryStreamArn": stream.arn,
        "region": "us-east-1",
        "records": [
            {
                "recordId": "00007000000",
                "approximateArrivalTimestamp": 1_700_000_000_007,
                "data": "Y2hhbmdl",
                "kinesisRecordMetadata": {
                    "sequenceNumber": "00007",
                    "subsequenceNumber": 0,
                    "partitionKey": "pk7",
                    "shardId": "shardId-1",
                    "approximateArrivalTimestamp": 1_700_000_000_007,
                },
            }
        ],
    }


def test_a_record_never_takes_more_of_a_request_than_estimated(stream, record):
    for size in (0, 1, 2, 3, 1000):
        one, two = (len(request(stream, "i", [record(9, b"x" * size)] * count)) for count in (1, 2))
        assert two - one <= payload_size(record(9, b"x" * size))


def test_each_result_is_understood(record):
    first, second, third = record(1), record(2), record(3)
    dropped = {"recordId": second.record_id, "result": "Dropped"}
    failed = {"recordId": third.record_id, "result": "ProcessingFailed", "data": "not base64!"}
    outcomes = check_response(answer(failed, ok(first, b"row\n"), dropped), None, [first, second, third])
    assert outcomes[first.record_id] == Outcome(Result.OK, b"row\n")
    assert outcomes[second.record_id].result is Result.DROPPED
    assert outcomes[third.record_id].result is Result.FAILED


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "Lambda.JsonProcessingException"),
        (b"null", "Lambda.JsonProcessingException"),
        (b'{"records": 3}', "Lambda.JsonProcessingException"),
        (b'{"records": [3]}', "Lambda.JsonProcessingException"),
        (b'{"records": []}', "Lambda.MissingRecordId"),
        (answer({"recordId": "other", "result": "Dropped"}), "Lambda.MissingRecordId"),
        (answer({"recordId": "00001000000", "result": "ok"}), "Lambda.JsonProcessingException"),
        (answer({"recordId": "00001000000", "result": "Ok"}), "Lambda.JsonProcessingException"),
        (answer({"recordId": "00001000000", "result": "Ok", "data": "a"}), "Lambda.JsonProcessingException"),
        (answer({"recordId": "00001000000", "result": "Ok", "data": "YQ==\n!"}), "Lambda.JsonProcessingException"),
        (answer(*[{"recordId": "00001000000", "result": "Dropped"}] * 2), "Lambda.DuplicatedRecordId"),
        (b" " * (PAYLOAD_BYTES + 1), "Lambda.FunctionError"),
    ],
)
def test_an_answer_that_breaks_the_contract_fails_the_batch(record, payload, code):
    with pytest.raises(FailedInvocationError) as failure:
        check_response(payload, None, [record(1)])
    assert failure.value.code == code


def test_a_function_error_fails_the_batch_whatever_the_answer(record):
    with pytest.raises(FailedInvocationError):
        check_response(answer(ok(record(1))), "Unhandled", [record(1)])


def test_a_failure_line_has_the_fields_that_firehose_writes(record):
    line = failure_line(record(2, b"raw \xff"), "arn:fn", 4, 1_700_000_100.5, FailedInvocationError("Code", "why"))
    assert line.endswith(b"\n")
    assert json.loads(line) == {
        "attemptsMade": 4,
        "arrivalTimestamp": 1_700_000_000_002,
        "errorCode": "Code",
        "errorMessage": "why",
        "attemptEndingTimestamp": 1_700_000_100_500,
        "rawData": base64.b64encode(b"raw \xff").decode(),
        "lambdaArn": "arn:fn",
    }


def test_a_record_that_the_function_gave_up_says_so(record):
    assert json.loads(failure_line(record(), "arn:fn", 1, 1.0, None))["errorCode"] == "Lambda.FunctionError"
