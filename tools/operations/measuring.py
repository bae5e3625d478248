"""Measures how deployed tables are used and set: by CloudWatch, and by what the services say of themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.deployments.outputs import LIVE
from tools.errors import LakeError
from tools.health import metrics
from tools.health.measuring import processor_parameter
from tools.health.metrics import NOTHING, Metric
from tools.sizing.amounts import GIB
from tools.sizing.settings import DEFAULT_FUNCTION, FunctionSettings, TableSettings
from tools.sizing.usage import Workload

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Table
    from tools.health.metrics import Series

LONGEST: Final = timedelta(days=15)
"""So long CloudWatch keeps points of a minute (Amazon CloudWatch User Guide, "Metrics concepts")."""

_KINESIS: Final = "AWS/Kinesis"
_MINUTE_SECONDS: Final = metrics.PERIOD.total_seconds()


@dataclass(frozen=True)
class TableUse:
    """What was measured of one table.

    Attributes:
        workload: what follows from it; what could not be measured is unknown.
        settings: how it is streamed.
        records: change records that came, since the first of them.
        record_bytes: their bytes together.
        seconds: how long ago the first minute with a record was.
        busiest_per_second: records a second in the busiest minute.
    """

    workload: Workload
    settings: TableSettings
    records: int
    record_bytes: int
    seconds: float
    busiest_per_second: float


def measure(aws: Aws, tables: Mapping[str, Table], now: datetime, span: timedelta) -> dict[str, TableUse]:
    """Returns how each table was used in the last `span`, at most since its first record, and how it is set.

    Raises:
        LakeError: CloudWatch or a service does not tell, or a table's stream is in another account.
    """
    wanted = {name: _metrics(name, table) for name, table in tables.items()}
    try:
        every = [metric for named in wanted.values() for metric in named]
        found = metrics.read(aws.client("cloudwatch"), every, now, span)
        return {
            name: _use(aws, table, [found.get(metric, NOTHING) for metric in wanted[name]], now)
            for name, table in tables.items()
        }
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"how the tables are used cannot be measured: {reason(error)}") from None


def function_settings(aws: Aws, name: str | None) -> FunctionSettings:
    """Returns the settings of the function; the default ones where there is none here.

    Raises:
        LakeError: Lambda does not tell.
    """
    if name is None:
        return DEFAULT_FUNCTION
    try:
        found = aws.client("lambda").get_function_configuration(FunctionName=name, Qualifier=LIVE)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"function {name} cannot be looked at: {reason(error)}") from None
    return FunctionSettings(found["MemorySize"], found.get("Architectures", ["x86_64"])[0])


def _metrics(name: str, table: Table) -> tuple[Metric, Metric, Metric]:
    # Amazon Kinesis Data Streams Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon
    # CloudWatch"; Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions".
    stream = table.stream_name
    if stream is None:
        raise LakeError(f"the stream of table {name} is in another account; measure there")
    return (
        Metric(_KINESIS, "IncomingRecords", (("StreamName", stream),), "Sum"),
        Metric(_KINESIS, "IncomingBytes", (("StreamName", stream),), "Sum"),
        Metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", (("TableName", name),), "Sum"),
    )


def _use(aws: Aws, table: Table, series: list[Series], now: datetime) -> TableUse:
    incoming, incoming_bytes, units = series
    records = sum(value for _, value in incoming.points)
    size = sum(value for _, value in incoming_bytes.points)
    begun = min((at for at, value in incoming.points if value), default=now)
    seconds = (now - begun).total_seconds()
    busiest = max((value for _, value in incoming.points), default=0) / _MINUTE_SECONDS
    workload = _described(aws, table)
    if records and seconds:
        mean = records / seconds
        consumed = sum(value for at, value in units.points if at >= begun)
        workload = _with(
            workload,
            writes_per_second=mean,
            peak_over_mean=max(1.0, busiest / mean),
            record_bytes=size / records,
            write_units=consumed / records if units.points else None,
        )
    return TableUse(workload, _settings(aws, table), int(records), int(size), seconds, busiest)


def _described(aws: Aws, table: Table) -> Workload:
    """Returns size and mean item of a table, which DynamoDB counts every six hours (API Reference, DescribeTable)."""
    found = aws.client("dynamodb").describe_table(TableName=table.table_arn or "")["Table"]
    size, count = found.get("TableSizeBytes", 0), found.get("ItemCount", 0)
    return Workload(item_bytes=size / count, table_gb=size / GIB) if size and count else Workload()


def _settings(aws: Aws, table: Table) -> TableSettings:
    stream = aws.client("kinesis").describe_stream_summary(StreamName=table.stream_name or "")
    summary = stream["StreamDescriptionSummary"]
    delivery = aws.client("firehose").describe_delivery_stream(DeliveryStreamName=table.delivery_stream_name)
    destination = delivery["DeliveryStreamDescription"]["Destinations"][0].get("ExtendedS3DestinationDescription", {})
    hints = destination.get("BufferingHints", {})
    default = TableSettings()
    return replace(
        default,
        on_demand=summary.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND",
        shards=summary["OpenShardCount"],
        retention_hours=summary["RetentionPeriodHours"],
        call_seconds=int(processor_parameter(destination, "BufferIntervalInSeconds", str(default.call_seconds))),
        call_mb=Decimal(processor_parameter(destination, "BufferSizeInMBs", str(default.call_mb))),
        object_seconds=hints.get("IntervalInSeconds", default.object_seconds),
        object_mib=hints.get("SizeInMBs", default.object_mib),
        existing=bool(table.existing),
    )


def _with(workload: Workload, **found: Any) -> Workload:  # noqa: ANN401  # members of a workload
    return Workload(**{name: getattr(workload, name) for name in workload.__struct_fields__} | found)
