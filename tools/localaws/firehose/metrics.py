"""What a delivery stream's metrics are, counted between two publications.

Source: Amazon Data Firehose Developer Guide, "Monitor Amazon Data Firehose with CloudWatch metrics": those of a stream
with a Kinesis source, a function and an S3 destination. Of the metrics of API calls there is none.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

    from tools.localaws.firehose.interfaces import BlockedError
    from tools.localaws.firehose.records import Record

    Samples = Mapping[str, Counter[float]]
    """Metric -> value -> how often it was seen."""

NAMESPACE: Final = "AWS/Firehose"
DIMENSION: Final = "DeliveryStreamName"
BEHIND: Final = "KinesisMillisBehindLatest"
FRESHNESS: Final = "DeliveryToS3.DataFreshness"

_UNITS: Final[Mapping[str, StandardUnitType]] = {
    "DataReadFromKinesisStream.Records": "Count",
    "DataReadFromKinesisStream.Bytes": "Bytes",
    BEHIND: "Milliseconds",
    "ThrottledGetRecords": "Count",
    "ThrottledGetShardIterator": "Count",
    "ThrottledDescribeStream": "Count",
    "ExecuteProcessing.Success": "None",
    "ExecuteProcessing.Duration": "Milliseconds",
    "SucceedProcessing.Records": "Count",
    "SucceedProcessing.Bytes": "Bytes",
    "DeliveryToS3.Records": "Count",
    "DeliveryToS3.Bytes": "Bytes",
    "DeliveryToS3.Success": "None",
    FRESHNESS: "Seconds",
}
_KINESIS_THROTTLES: Final = ("Kinesis.ProvisionedThroughputExceededException", "Kinesis.LimitExceededException")
_THROTTLES: Final = tuple(name for name in _UNITS if name.startswith("Throttled"))
_MAX_VALUES: Final = 150
"""So many different values one MetricDatum takes (CloudWatch API Reference, "MetricDatum")."""


class Meter:
    """Counts what one delivery stream does. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[str, Counter[float]] = {}

    def read(self, records: Sequence[Record]) -> None:
        """Counts one read of a shard."""
        self.add("DataReadFromKinesisStream.Records", len(records))
        self.add("DataReadFromKinesisStream.Bytes", sum(len(record.data) for record in records))

    def blocked(self, error: BlockedError) -> None:
        """Counts what blocked delivery, where that was a call of Kinesis that was throttled."""
        name = f"Throttled{error.action.rpartition(':')[2]}"
        if error.code in _KINESIS_THROTTLES and name in _THROTTLES:
            self.add(name, 1)

    def invoked(self, seconds: float, *, successful: bool) -> None:
        """Counts one call of the function."""
        self.add("ExecuteProcessing.Success", int(successful))
        self.add("ExecuteProcessing.Duration", round(seconds * 1000))

    def processed(self, records: Sequence[Record]) -> None:
        """Counts records that the function has processed."""
        self.add("SucceedProcessing.Records", len(records))
        self.add("SucceedProcessing.Bytes", sum(len(record.data) for record in records))

    def put(self, *, successful: bool) -> None:
        """Counts one attempt to put an object into the bucket."""
        self.add("DeliveryToS3.Success", int(successful))

    def delivered(self, records: Sequence[Record], age: float) -> None:
        """Counts records that are in the bucket, and the age of the oldest record before that, in seconds."""
        self.add("DeliveryToS3.Records", len(records))
        self.add("DeliveryToS3.Bytes", sum(record.size for record in records))
        self.add(FRESHNESS, round(age, 3))

    def add(self, name: str, value: float) -> None:
        """Adds one value to a metric."""
        with self._lock:
            self._samples.setdefault(name, Counter())[value] += 1

    def take(self) -> Samples:
        """Returns what was counted since the last call."""
        with self._lock:
            taken, self._samples = self._samples, {}
        for name in _THROTTLES:
            taken.setdefault(name, Counter({0: 1}))
        return taken


def metric_data(stream_name: str, samples: Samples, at: float, resolution: int) -> list[MetricDatumTypeDef]:
    """Returns samples as PutMetricData takes them; `at` in seconds since the epoch, `resolution` 1 or 60 seconds."""
    data: list[MetricDatumTypeDef] = []
    for name, values in samples.items():
        datum: MetricDatumTypeDef = {
            "MetricName": name,
            "Dimensions": [{"Name": DIMENSION, "Value": stream_name}],
            "Timestamp": datetime.fromtimestamp(at, UTC),
            "Unit": _UNITS[name],
            "StorageResolution": resolution,
        }
        if len(values) <= _MAX_VALUES:
            datum["Values"], datum["Counts"] = list(values), list(values.values())
        else:
            datum["StatisticValues"] = {
                "SampleCount": values.total(),
                "Sum": sum(value * count for value, count in values.items()),
                "Minimum": min(values),
                "Maximum": max(values),
            }
        data.append(datum)
    return data
