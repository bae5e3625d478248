"""The function's log: one line of JSON for each batch, from which CloudWatch also makes metrics.

The line is a document of the embedded metric format (Amazon CloudWatch User Guide, "Specification: Embedded metric
format"), which may have other members beside its metrics. Of a record it holds only the recordId.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import orjson

from lake_transform.response import OVER_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lake_transform.response import Outcome
    from lake_transform.settings import LogLevel
    from lake_transform.shapes import Shapes

NAMESPACE: Final = "DynamoToLake"
DIMENSION: Final = "DeliveryStream"
METRICS: Final = (
    "RecordsOk",
    "RecordsDropped",
    "RecordsFailed",
    "RecordsOverResponseLimit",
    "RecordsWithOverflow",
    "OverflowColumns",
    "ColumnsAtMost",
    "NewColumns",
)

# A log event holds at most 256 KB on older accounts; 1,000 recordIds of Firehose take about 60 KB.
_MAX_FAILURES: Final = 1_000
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def log_line(
    outcomes: Sequence[Outcome],
    *,
    shapes: Shapes,
    event: Mapping[str, Any],
    level: LogLevel,
    milliseconds_now: int,
    milliseconds_taken: float,
    without_record_id: int = 0,
) -> bytes:
    """Returns the log line of a batch, ended by a newline.

    It always has the metrics. At the levels DEBUG and INFO it also has the invocation's id, the time taken, and the
    sizes of the data received and answered, in bytes of base64. At all levels but ERROR it has the recordIds of failed
    records by reason, at most 1,000.

    Args:
        outcomes: the outcomes of the records as they were answered.
        shapes: the columns of the batch's rows: how many the widest has, and how many were new.
        event: the batch as Firehose sent it; only the names of invocation and delivery stream are used.
        level: the least severe detail to log.
        milliseconds_now: the current time in milliseconds since the epoch.
        milliseconds_taken: how long the batch took.
        without_record_id: how many records had no recordId, and so no answer.
    """
    values = _metrics(outcomes, shapes)
    failed = bool(values["RecordsFailed"] or without_record_id)
    document: dict[str, Any] = {
        "_aws": {
            "Timestamp": milliseconds_now,
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [[DIMENSION]],
                    "Metrics": [{"Name": name, "Unit": "Count"} for name in METRICS],
                }
            ],
        },
        DIMENSION: _delivery_stream(event),
        **values,
        "level": "WARNING" if failed else "INFO",
        "message": "batch transformed",
    }
    severity = _LEVELS.index(level)
    if severity <= _LEVELS.index("INFO"):
        document["invocationId"] = _text(event.get("invocationId"))
        document["milliseconds"] = round(milliseconds_taken, 1)
        document["bytesReceived"] = sum([len(outcome.original) for outcome in outcomes])
        document["recordsByNativeCode"] = len([outcome for outcome in outcomes if outcome.is_native])
        document["bytesAnswered"] = sum([len(outcome.data) for outcome in outcomes])
    if failed and severity <= _LEVELS.index("WARNING"):
        document["failures"] = _failures(outcomes)
        if without_record_id:
            document["recordsWithoutId"] = without_record_id
        if values["RecordsFailed"] > _MAX_FAILURES:
            document["failuresNotListed"] = values["RecordsFailed"] - _MAX_FAILURES
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def _metrics(outcomes: Sequence[Outcome], shapes: Shapes) -> dict[str, int]:
    results = Counter([outcome.result for outcome in outcomes])
    overflowed = [outcome.overflowed for outcome in outcomes if outcome.overflowed]
    counts = (
        results["Ok"],
        results["Dropped"],
        results["ProcessingFailed"],
        len([outcome for outcome in outcomes if outcome.reason == OVER_LIMIT]),
        len(overflowed),
        sum(overflowed),
        shapes.columns_at_most,
        shapes.new_columns,
    )
    return dict(zip(METRICS, counts, strict=True))


def _failures(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """Returns the failed recordIds by reason."""
    failures: dict[str, list[str]] = {}
    failed = [outcome for outcome in outcomes if outcome.result == "ProcessingFailed"]
    for outcome in failed[:_MAX_FAILURES]:
        failures.setdefault(outcome.reason or "", []).append(_text(outcome.record_id))
    return failures


def _delivery_stream(event: Mapping[str, Any]) -> str:
    """Returns the delivery stream's name, which is the last part of its ARN.

    >>> _delivery_stream({"deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders"})
    'orders'
    """
    return _text(event.get("deliveryStreamArn")).rpartition("/")[2] or "unknown"


def _text(value: Any) -> str:  # noqa: ANN401 - an event's member can be anything
    """Returns a value as text of at most 256 characters that can be encoded in UTF-8."""
    return str(value)[:256].encode(errors="replace").decode() if value is not None else ""
