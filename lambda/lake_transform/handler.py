"""The Lambda function that Amazon Data Firehose calls with a batch of change records."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pybase64

from lake_transform import literals, report, response, settings
from lake_transform.errors import RecordError
from lake_transform.response import Outcome
from lake_transform.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Sequence

# Records whose numbers are checked together: enough to share the cost, few enough to do again when one is bad.
_CHUNK: Final = 64

# Read at the cold start, so that a wrong setting fails every invocation with its own message.
_SETTINGS: Final = settings.from_environment(os.environ)
_TRANSFORM: Final = Transform(_SETTINGS)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes two
    """Answers one batch.

    Args:
        event: `{"invocationId", "deliveryStreamArn", "region", "records": [{"recordId", "data" (base64),
            "kinesisRecordMetadata": {"sequenceNumber", ...}}]}`.
        context: Lambda's, unused.

    Returns:
        `{"records": [{"recordId", "result", "data" (base64)}]}`, one answer a record, in order.

    Raises:
        TypeError: the event is no batch of Firehose.
        ResponseTooLargeError: more records than can be answered at all.
    """
    started = time.perf_counter()
    records = event.get("records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise TypeError("the event is no batch of Amazon Data Firehose: it has no list of records")
    answerable = [
        record for record in records if isinstance(record, dict) and isinstance(record.get("recordId"), (str, int))
    ]
    outcomes: list[Outcome] = []
    for first in range(0, len(answerable), _CHUNK):
        outcomes += outcomes_of(answerable[first : first + _CHUNK], _TRANSFORM)
    answers = response.answers(outcomes)
    sys.stdout.write(
        report.line(
            outcomes,
            event=event,
            level=_SETTINGS.log_level,
            milliseconds_now=time.time_ns() // 1_000_000,
            milliseconds_taken=(time.perf_counter() - started) * 1_000,
            unanswerable=len(records) - len(outcomes),
        ).decode()
    )
    return {"records": answers}


def outcomes_of(records: Sequence[dict[str, Any]], transform: Transform) -> list[Outcome]:
    """Transforms some records of a batch, and checks their numbers together; only if that fails, one by one."""
    unchecked: list[str] = []
    outcomes = [outcome_of(record, transform, unchecked) for record in records]
    try:
        literals.check(unchecked)
    except RecordError:
        return [outcome_of(record, transform) for record in records]
    return outcomes


def outcome_of(record: dict[str, Any], transform: Transform, unchecked: list[str] | None = None) -> Outcome:
    """Transforms one record of a batch; whatever is wrong with it, the outcome says so and nothing is raised.

    With `unchecked` the outcome is provisional, see `Transform.change`.
    """
    record_id = record["recordId"]
    data = record.get("data")
    if not isinstance(data, str):
        return Outcome(record_id, "ProcessingFailed", reason="the record has no data")
    try:
        document = pybase64.b64decode(data, validate=True)
    except ValueError:
        return Outcome(record_id, "ProcessingFailed", original=data, reason="the record's data is not base64")
    metadata = record.get("kinesisRecordMetadata")
    number = metadata.get("sequenceNumber") if isinstance(metadata, dict) else None
    try:
        line = transform.change(
            document, sequence_number=number if isinstance(number, str) else None, unchecked=unchecked
        )
    except RecordError as error:
        return Outcome(record_id, "ProcessingFailed", original=data, reason=str(error))
    except Exception as error:  # noqa: BLE001 - one record, however odd, must not cost its batch
        # The message could quote the record, so only the type is told.
        return Outcome(record_id, "ProcessingFailed", original=data, reason=f"unexpected {type(error).__name__}")
    if line.data is None:
        return Outcome(record_id, "Dropped", "", data, None, line.overflowed)
    return Outcome(record_id, "Ok", pybase64.b64encode_as_string(line.data), data, None, line.overflowed)
