"""Asks AWS how the data path is. What may not be asked is left unknown, with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.deployments.outputs import LIVE
from tools.errors import LakeError
from tools.health import metrics
from tools.health.measured import (
    Alarm,
    DeliveryMeasured,
    FunctionMeasured,
    LakeMeasured,
    PathMeasured,
    StreamMeasured,
    TableMeasured,
)
from tools.health.metrics import NOTHING, Metric
from tools.lake import data_objects, delivery_log, gaps, objects
from tools.lake.data_objects import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Outputs, Table
    from tools.health.metrics import Series
    from tools.lake.gaps import Gap

T = TypeVar("T")

HOUR: Final = timedelta(hours=1)
RECENT: Final = timedelta(minutes=15)
"""How old a message of the delivery log may be, and the last point of a metric that says how things are."""
COUNTED: Final = 1000
"""Failed objects that are counted of a table."""

_DYNAMODB: Final = "AWS/DynamoDB"
_KINESIS: Final = "AWS/Kinesis"
_FIREHOSE: Final = "AWS/Firehose"
_LAMBDA: Final = "AWS/Lambda"
_OURS: Final = "DynamoToLake"

# Member of what is measured -> metric, statistic. Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions";
# Amazon Kinesis Data Streams Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon CloudWatch";
# Amazon Data Firehose Developer Guide, "Monitor Amazon Data Firehose with CloudWatch metrics"; AWS Lambda Developer
# Guide, "Types of metrics for Lambda functions".
_OF_TABLE: Final = {"writes": ("ConsumedWriteCapacityUnits", "Sum")}
_OF_STREAM: Final = {
    "incoming": ("IncomingRecords", "Sum"),
    "incoming_bytes": ("IncomingBytes", "Sum"),
    "iterator_age": ("GetRecords.IteratorAgeMilliseconds", "Maximum"),
    "throttled": ("WriteProvisionedThroughputExceeded", "Sum"),
}
_OF_DELIVERY: Final = {
    "read": ("DataReadFromKinesisStream.Records", "Sum"),
    "delivered": ("DeliveryToS3.Records", "Sum"),
    "delivered_bytes": ("DeliveryToS3.Bytes", "Sum"),
    "behind": ("KinesisMillisBehindLatest", "Maximum"),
    "freshness": ("DeliveryToS3.DataFreshness", "Maximum"),
}
_OF_RECORDS: Final = {"processed_ok": ("RecordsOk", "Sum"), "failed": ("RecordsFailed", "Sum")}
_OF_FUNCTION: Final = {
    "invocations": ("Invocations", "Sum"),
    "errors": ("Errors", "Sum"),
    "throttles": ("Throttles", "Sum"),
    "milliseconds": ("Duration", "Maximum"),
}


def measure_pipeline(
    aws: Aws, outputs: Outputs, tables: Mapping[str, Table], now: datetime
) -> tuple[dict[str, PathMeasured], FunctionMeasured | None, str]:
    """Returns the tables' paths as far as the delivery stream, the function, and why metrics could not be read."""
    wanted = {name: _metrics_of(table) for name, table in tables.items()}
    of_function = _named(_OF_FUNCTION, _LAMBDA, "FunctionName", outputs.function_name)
    every = [metric for named in wanted.values() for metric in named.values()] + list(of_function.values())
    read, unseen = _look(lambda: metrics.read(aws.client("cloudwatch"), every, now))
    series = read or {}
    paths = {name: _path(aws, table, _values(wanted[name], series), now) for name, table in tables.items()}
    function = _function(aws, outputs.function_name, _values(of_function, series)) if outputs.function_name else None
    return paths, function, unseen


def measure_lake(s3: S3Client, bucket: str, name: str, table: Table, now: datetime) -> LakeMeasured:
    """Returns what came into a table's part of the bucket in the last hour, how many failed objects lie there, gaps."""

    def look() -> LakeMeasured:
        listed = data_objects.list_data(s3, bucket, table.data_prefix, Period(now - HOUR, now))
        recent = [each for each in listed if each.written_at >= now - HOUR]
        return LakeMeasured(
            len(recent), sum(each.size for each in recent), max((each.written_at for each in recent), default=None)
        )

    found, unseen = _look(look)
    failed, failed_unseen = _look(
        lambda: list(islice(objects.list_objects(s3, bucket, table.error_prefix), COUNTED + 1))
    )
    lake = replace(found or LakeMeasured(), gaps=_gaps(s3, bucket, name), unseen=unseen or failed_unseen)
    if failed is None:
        return lake
    return replace(
        lake,
        failed_objects=min(len(failed), COUNTED),
        failed_is_more=len(failed) > COUNTED,
        oldest_failed=min((each.written_at for each in failed), default=None),
    )


def _gaps(s3: S3Client, bucket: str, name: str) -> tuple[Gap, ...]:
    try:
        return tuple(gaps.find(s3, bucket, name))
    except LakeError:
        # Who may not read the ledger is told of a hole once more.
        return ()


def alarms(aws: Aws, names: Iterable[str]) -> tuple[Alarm, ...]:
    """Returns the alarms, single and composite, of these names that are not OK.

    Raises:
        ClientError: they may not be read.
    """
    wanted = list(names)
    found = []
    pages = aws.client("cloudwatch").get_paginator("describe_alarms")
    for start in range(0, len(wanted), 100):
        asked = {"AlarmNames": wanted[start : start + 100], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        for page in pages.paginate(**asked):  # type: ignore[arg-type]  # the stubs want literals
            found += [*page["MetricAlarms"], *page["CompositeAlarms"]]
    return tuple(
        Alarm(each["AlarmName"], each["StateValue"], each.get("AlarmDescription", ""), each["StateUpdatedTimestamp"])
        for each in found
        if each["StateValue"] == "ALARM"
    )


def _metrics_of(table: Table) -> dict[str, Metric]:
    delivery = table.delivery_stream_name
    name = table.table_arn.rpartition("/")[2] if table.table_arn else None
    return {
        **_named(_OF_TABLE, _DYNAMODB, "TableName", name),
        **_named(_OF_STREAM, _KINESIS, "StreamName", table.stream_name),
        **_named(_OF_DELIVERY, _FIREHOSE, "DeliveryStreamName", delivery),
        **_named(_OF_RECORDS, _OURS, "DeliveryStream", delivery),
    }


def _named(
    wanted: Mapping[str, tuple[str, str]], namespace: str, dimension: str, value: str | None
) -> dict[str, Metric]:
    if value is None:
        return {}
    return {member: Metric(namespace, name, ((dimension, value),), stat) for member, (name, stat) in wanted.items()}


def _values(named: Mapping[str, Metric], series: Mapping[Metric, Series]) -> dict[str, Any]:
    return {member: series.get(metric, NOTHING) for member, metric in named.items()}


def _path(aws: Aws, table: Table, values: Mapping[str, Any], now: datetime) -> PathMeasured:
    of_table = {member: values[member] for member in _OF_TABLE if member in values}
    of_stream = {member: values[member] for member in _OF_STREAM if member in values}
    of_delivery = {member: values[member] for member in (*_OF_DELIVERY, *_OF_RECORDS)}
    measured_table, table_unseen = _look(lambda: _table(aws, table, of_table))
    stream, stream_unseen = _look(lambda: _stream(aws, table, of_stream))
    delivery, delivery_unseen = _look(lambda: _delivery(aws, table, of_delivery, now))
    return PathMeasured(
        measured_table or TableMeasured(**of_table, unseen=table_unseen),
        stream or StreamMeasured(**of_stream, unseen=stream_unseen),
        delivery or DeliveryMeasured(**of_delivery, unseen=delivery_unseen),
    )


def _table(aws: Aws, table: Table, values: Mapping[str, Any]) -> TableMeasured:
    client = aws.client("dynamodb")
    arn = table.table_arn or ""
    status = client.describe_table(TableName=arn)["Table"]["TableStatus"]
    destinations = client.describe_kinesis_streaming_destination(TableName=arn)["KinesisDataStreamDestinations"]
    states = {each["StreamArn"]: each["DestinationStatus"] for each in destinations}
    return TableMeasured(status, states.get(table.stream_arn or "", "MISSING"), **values)


def _stream(aws: Aws, table: Table, values: Mapping[str, Any]) -> StreamMeasured:
    summary = aws.client("kinesis").describe_stream_summary(StreamName=table.stream_name or "")
    described = summary["StreamDescriptionSummary"]
    on_demand = described.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
    return StreamMeasured(
        described["StreamStatus"],
        described["OpenShardCount"],
        on_demand,
        timedelta(hours=described["RetentionPeriodHours"]),
        **values,
    )


def _delivery(aws: Aws, table: Table, values: Mapping[str, Any], now: datetime) -> DeliveryMeasured:
    described = aws.client("firehose").describe_delivery_stream(DeliveryStreamName=table.delivery_stream_name)
    stream = described["DeliveryStreamDescription"]
    destination = stream["Destinations"][0].get("ExtendedS3DestinationDescription", {})
    # 60 s where none is set: Amazon Data Firehose API Reference, "ProcessorParameter".
    calling = int(processor_parameter(destination, "BufferIntervalInSeconds", "60"))
    seconds = destination.get("BufferingHints", {}).get("IntervalInSeconds", 300) + calling
    since = max([now - RECENT, *(at + metrics.PERIOD for at, value in values["delivered"].points if value)])
    messages = delivery_log.errors_since(aws.client("logs"), table.log_group_name, int(since.timestamp() * 1000))
    refused = next(iter(messages), "")
    return DeliveryMeasured(stream["DeliveryStreamStatus"], timedelta(seconds=seconds), refused=refused, **values)


def processor_parameter(destination: Mapping[str, Any], name: str, usual: str) -> str:
    """Returns a parameter of the function's processor in a delivery stream's destination; `usual` where none is set."""
    parameters = [
        parameter
        for processor in destination.get("ProcessingConfiguration", {}).get("Processors", ())
        for parameter in processor.get("Parameters", ())
    ]
    return next((str(p["ParameterValue"]) for p in parameters if p["ParameterName"] == name), usual)


def _function(aws: Aws, name: str, values: Mapping[str, Any]) -> FunctionMeasured:
    def look() -> FunctionMeasured:
        found = aws.client("lambda").get_function_configuration(FunctionName=name, Qualifier=LIVE)
        return FunctionMeasured(found.get("State", "Active"), found["Version"], found["LastModified"], **values)

    function, unseen = _look(look)
    return function or FunctionMeasured(**values, unseen=unseen)


def _look(look: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return look(), ""
    except (BotoCoreError, ClientError) as error:
        return None, reason(error)
