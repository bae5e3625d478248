"""The function's request and response, and the error lines for records that it could not transform.

Sources: Amazon Data Firehose Developer Guide, "Required parameters for data transformation" and "Handle failure in data
transformation"; AWS Lambda Developer Guide, "Using AWS Lambda with Amazon Data Firehose".
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.localaws.firehose.configuration import DeliveryStream
    from tools.localaws.firehose.records import Record

PAYLOAD_BYTES: Final = 6_000_000
"""Largest request and response (Lambda's quota of 6 MB on a synchronous invocation)."""

RECORD_OVERHEAD_BYTES: Final = 512
"""Upper bound of what a record adds to a request besides its data and partition key."""

PROCESSING_FAILED: Final = "processing-failed"
FUNCTION_ERROR: Final = "Lambda.FunctionError"
FUNCTION_ERROR_MESSAGE: Final = "The Lambda function was successfully invoked but it returned an error result."


class Result(Enum):
    """The function's result for one record."""

    OK = "Ok"
    DROPPED = "Dropped"
    FAILED = "ProcessingFailed"


@dataclass(frozen=True)
class Outcome:
    """The function's answer for one record; `data` is decoded, and empty unless the result is Ok."""

    result: Result
    data: bytes = b""


class FailedInvocationError(Exception):
    """A call of the function failed, or its response cannot be used: retried, then the whole batch fails."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def payload_size(record: Record) -> int:
    """Returns an upper bound of the bytes that a record takes in a request."""
    return (len(record.data) + 2) // 3 * 4 + 6 * len(record.partition_key) + RECORD_OVERHEAD_BYTES


def request(stream: DeliveryStream, invocation_id: str, records: Sequence[Record]) -> bytes:
    """Returns the event that the function gets for `records`."""
    return json.dumps(
        {
            "invocationId": invocation_id,
            "sourceKinesisStreamArn": stream.source_arn,
            "deliveryStreamArn": stream.arn,
            "region": stream.region,
            "records": [
                {
                    "recordId": record.record_id,
                    "approximateArrivalTimestamp": record.arrival_ms,
                    "data": base64.b64encode(record.data).decode(),
                    "kinesisRecordMetadata": {
                        "sequenceNumber": record.sequence_number,
                        "subsequenceNumber": 0,
                        "partitionKey": record.partition_key,
                        "shardId": record.shard_id,
                        "approximateArrivalTimestamp": record.arrival_ms,
                    },
                }
                for record in records
            ],
        }
    ).encode()


def check_response(payload: bytes, function_error: str | None, records: Sequence[Record]) -> dict[str, Outcome]:
    """Returns record id -> outcome for every one of `records`.

    Raises:
        FailedInvocationError: the function failed, or its response breaks the contract.
    """
    if function_error:
        raise FailedInvocationError(FUNCTION_ERROR, FUNCTION_ERROR_MESSAGE)
    if len(payload) > PAYLOAD_BYTES:
        raise FailedInvocationError(FUNCTION_ERROR, f"the response of {len(payload)} bytes exceeds 6 MB")
    try:
        answers = json.loads(payload)["records"]
        answered = [(str(answer["recordId"]), answer) for answer in answers]
    except (ValueError, KeyError, TypeError):
        raise FailedInvocationError("Lambda.JsonProcessingException", "the response has no list of records") from None
    outcomes: dict[str, Outcome] = {}
    for record_id, answer in answered:
        if record_id in outcomes:
            raise FailedInvocationError("Lambda.DuplicatedRecordId", f"record {record_id} is in the response twice")
        outcomes[record_id] = _outcome(record_id, answer)
    wanted = {record.record_id for record in records}
    if outcomes.keys() != wanted:
        differing = min(outcomes.keys() ^ wanted)
        what = "is missing from the response" if differing in wanted else "was not asked for"
        raise FailedInvocationError("Lambda.MissingRecordId", f"record {differing} {what}")
    return outcomes


def _outcome(record_id: str, answer: dict[str, Any]) -> Outcome:
    try:
        result = Result(answer.get("result"))
    except ValueError:
        raise FailedInvocationError(
            "Lambda.JsonProcessingException", f"record {record_id} has the result {answer.get('result')!r}"
        ) from None
    if result is not Result.OK:
        return Outcome(result)
    try:
        return Outcome(result, base64.b64decode(answer["data"], validate=True))
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise FailedInvocationError(
            "Lambda.JsonProcessingException", f"record {record_id} has no base64 data"
        ) from None


def failure_line(
    record: Record, lambda_arn: str, attempts: int, ended: float, failure: FailedInvocationError | None
) -> bytes:
    """Returns the line that goes under the error prefix for a record that was not transformed.

    `ended` is in seconds since the epoch. Without `failure`, the function returned ProcessingFailed for the record.
    """
    return (
        json.dumps(
            {
                "attemptsMade": attempts,
                "arrivalTimestamp": record.arrival_ms,
                "errorCode": failure.code if failure else FUNCTION_ERROR,
                "errorMessage": failure.message if failure else FUNCTION_ERROR_MESSAGE,
                "attemptEndingTimestamp": int(ended * 1000),
                "rawData": base64.b64encode(record.data).decode(),
                "lambdaArn": lambda_arn,
            }
        ).encode()
        + b"\n"
    )
