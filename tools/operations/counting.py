"""Asks CloudWatch how many records went in and came out, hour by hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake.reconcile.hourly import Hour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudwatch import CloudWatchClient

    from tools.deployments.outputs import Table

_HOUR: Final = timedelta(hours=1)
_DELIVERY: Final = "DeliveryStreamName"
_OURS: Final = ("DynamoToLake", "DeliveryStream")


def hours(cloudwatch: CloudWatchClient, table: Table, count: int, now: datetime) -> list[Hour]:
    """Returns the last hours that are over, but for the newest, whose records may be on their way.

    Args:
        cloudwatch: a client of the table's account.
        table: the table.
        count: how many hours.
        now: the time.

    Raises:
        LakeError: CloudWatch does not tell.
    """
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - _HOUR
    begin = end - count * _HOUR
    name, stream = table.delivery_stream_name, table.stream_name or ""
    metrics = {
        "written": ("AWS/Kinesis", "StreamName", stream, "IncomingRecords"),
        "read": ("AWS/Firehose", _DELIVERY, name, "DataReadFromKinesisStream.Records"),
        "ok": (*_OURS, name, "RecordsOk"),
        "dropped": (*_OURS, name, "RecordsDropped"),
        "failed": (*_OURS, name, "RecordsFailed"),
        "delivered": ("AWS/Firehose", _DELIVERY, name, "DeliveryToS3.Records"),
    }
    sums = {each: _sums(cloudwatch, metric, begin, end) for each, metric in metrics.items()}
    return [_hour(begin + number * _HOUR, sums) for number in range(count)]


def _hour(begin: datetime, sums: dict[str, dict[datetime, int]]) -> Hour:
    # Where a metric is told at all, an hour without it had none.
    found = {name: values.get(begin, 0) if values else None for name, values in sums.items()}
    parts = [found[name] for name in ("ok", "dropped", "failed")]
    return Hour(
        f"{begin:%Y-%m-%d %H}:00",
        found["written"],
        found["read"],
        None if parts[0] is None else sum(each or 0 for each in parts),
        found["failed"],
        found["dropped"],
        found["delivered"],
    )


def _sums(cloudwatch: CloudWatchClient, metric: tuple[str, ...], begin: datetime, end: datetime) -> dict[datetime, int]:
    namespace, dimension, value, name = metric
    try:
        found = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": dimension, "Value": value}],
            StartTime=begin,
            EndTime=end,
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"metric {namespace} {name} of {value} cannot be read: {reason(error)}") from None
    return {each["Timestamp"].astimezone(UTC): int(each["Sum"]) for each in found}


def lines(found: list[Hour]) -> Iterator[str]:
    """Yields hours as a table, line by line."""
    yield "hour (UTC)         written       read   answered     failed    dropped  delivered"
    for each in found:
        numbers = (each.written, each.read, each.answered, each.failed, each.dropped, each.delivered)
        yield each.hour + "".join(f"{'-' if number is None else format(number, ','):>11}" for number in numbers)
