"""The Lambda function that Amazon Data Firehose calls with a batch of change records."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from lake_transform import one_pass, report, response, settings
from lake_transform.batch import transform_records
from lake_transform.crash_guard import CrashGuard
from lake_transform.shapes import Shapes

if TYPE_CHECKING:
    from lake_transform.response import Outcome
    from lake_transform.transform import Transform

# Records that are transformed together: enough to share the cost, few enough to repeat if one has a bad number.
_CHUNK_SIZE: Final = 64

# What `modules/transform/schedule.tf` sends, and nothing else: a batch of Firehose has other members.
_KEEP_ACTIVE: Final = {"keep_active": True}

# Read at the cold start, so that a wrong setting fails every invocation with the setting's message.
_SETTINGS: Final = settings.from_environment(os.environ)
_GUARD: Final = CrashGuard(os.environ)
_SHAPES: Final = Shapes()
_ONE_PASS: Final = one_pass.load(_SETTINGS, _GUARD, _SHAPES)


@functools.cache
def _transform() -> Transform:
    """Returns the Transform for the records that native code declines, and for the hook."""
    # Importing it takes more than half of a cold start, and ordinary records do not need it.
    from lake_transform.transform import Transform  # noqa: PLC0415

    return Transform(_SETTINGS, _SHAPES)


if _ONE_PASS is None or _SETTINGS.hook:
    _transform()


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes two
    """Answers one batch, or the scheduled call that keeps the function active.

    Args:
        event: `{"invocationId", "deliveryStreamArn", "region", "records": [{"recordId", "data" (base64),
            "kinesisRecordMetadata": {"sequenceNumber", ...}}]}`; or `{"keep_active": true}`.
        context: Lambda's context, not used.

    Returns:
        `{"records": [{"recordId", "result", "data" (base64)}]}`, one answer for each record with a recordId, in order;
        `{}`, which Firehose takes for no answer, to the scheduled call.

    Raises:
        TypeError: the event is no batch of Firehose.
        ResponseTooLargeError: there are so many records that not even the shortest answers fit a response.
    """
    if event == _KEEP_ACTIVE:
        return {}
    started = time.perf_counter()
    records = event.get("records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise TypeError("the event is no batch of Amazon Data Firehose: it has no list of records")
    answerable = [
        record for record in records if isinstance(record, dict) and isinstance(record.get("recordId"), (str, int))
    ]
    outcomes: list[Outcome] = []
    _SHAPES.start_batch()
    with _GUARD.watch() if _ONE_PASS is not None else contextlib.nullcontext(False) as may_run:
        native_code = _ONE_PASS if may_run else None
        for first in range(0, len(answerable), _CHUNK_SIZE):
            chunk = answerable[first : first + _CHUNK_SIZE]
            outcomes += transform_records(chunk, _transform, native_code)
    answers = response.answers(outcomes)
    sys.stdout.write(
        report.log_line(
            outcomes,
            shapes=_SHAPES,
            event=event,
            level=_SETTINGS.log_level,
            milliseconds_now=time.time_ns() // 1_000_000,
            milliseconds_taken=(time.perf_counter() - started) * 1_000,
            without_record_id=len(records) - len(outcomes),
        ).decode()
    )
    return {"records": answers}
