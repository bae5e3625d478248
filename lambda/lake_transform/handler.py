"""The Lambda function that Amazon Data Firehose calls with a batch of change records."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from lake_transform import one_pass, report, response, settings
from lake_transform.batch import outcomes_of
from lake_transform.crash_guard import CrashGuard

if TYPE_CHECKING:
    from lake_transform.response import Outcome
    from lake_transform.transform import Transform

# Records that are looked at together: enough to share the cost, few enough to look at again when one is bad.
_CHUNK: Final = 64

# Read at the cold start, so that a wrong setting fails every invocation with its own message.
_SETTINGS: Final = settings.from_environment(os.environ)
_GUARD: Final = CrashGuard(os.environ)
_ONE_PASS: Final = one_pass.load(_SETTINGS, _GUARD)


@functools.cache
def _transform() -> Transform:
    """Returns what makes the lines that native code does not."""
    # Importing it takes more than half of a cold start, and where records are ordinary nobody needs it.
    from lake_transform.transform import Transform  # noqa: PLC0415

    return Transform(_SETTINGS)


if _ONE_PASS is None:
    _transform()


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
    with _GUARD.watch() if _ONE_PASS is not None else contextlib.nullcontext(False) as may_run:
        native = _ONE_PASS if may_run else None
        for first in range(0, len(answerable), _CHUNK):
            outcomes += outcomes_of(answerable[first : first + _CHUNK], _transform, native)
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
