"""Looks whether the past of a table can be taken into the lake: is it streamed, and how far back can it be exported.

AWS documentation: Amazon DynamoDB API Reference, "DescribeKinesisStreamingDestination", "DescribeContinuousBackups";
Developer Guide, "Point-in-time backups for DynamoDB".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Outputs, Table

_ACTIVE: Final = "ACTIVE"


def check_table(outputs: Outputs, table: str | None, label: str) -> None:
    """Returns when a table is one of the deployment called `label`.

    Raises:
        UsageError: it is not; the message names the setting that streams it.
    """
    if table is not None and table not in outputs.tables:
        known = ", ".join(sorted(outputs.tables)) or "none"
        raise UsageError(
            f"table {table!r} is not streamed by {label}, which streams: {known}; add {table} = {{ existing = true }} "
            f"to its variable `tables`, run `python -m tools.deploy {label}`, and then this again"
        )


def check_streaming(aws: Aws, name: str, table: Table, label: str) -> None:
    """Returns when the changes of a table go to the stream that its delivery stream reads.

    Raises:
        LakeError: they do not, or it cannot be seen.
    """
    try:
        destinations = aws.client("dynamodb").describe_kinesis_streaming_destination(TableName=name)
        described = aws.client("firehose").describe_delivery_stream(DeliveryStreamName=table.delivery_stream_name)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"whether {name} is streamed cannot be seen: {reason(error)}") from None
    states = {each["StreamArn"]: each["DestinationStatus"] for each in destinations["KinesisDataStreamDestinations"]}
    state = states.get(table.stream_arn or "", "missing")
    if state != _ACTIVE:
        raise LakeError(
            f"{name}: its streaming destination is {state.lower()}, so that changes after the export would be lost; "
            f"put it right first: python -m tools.deploy {label}"
        )
    stream = described["DeliveryStreamDescription"]
    read = stream.get("Source", {}).get("KinesisStreamSourceDescription", {}).get("KinesisStreamARN")
    if read != table.stream_arn or stream["DeliveryStreamStatus"] != _ACTIVE:
        raise LakeError(
            f"{name}: delivery stream {table.delivery_stream_name} is {stream['DeliveryStreamStatus'].lower()} and "
            f"reads {read}; put it right first: python -m tools.deploy {label}"
        )


def earliest(aws: Aws, name: str) -> datetime:
    """Returns the earliest time of which a table can be exported.

    Raises:
        LakeError: point-in-time recovery is off, or it cannot be seen.
    """
    try:
        answer = aws.client("dynamodb").describe_continuous_backups(TableName=name)
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"whether {name} has point-in-time recovery cannot be seen: {reason(error)}") from None
    found: Mapping[str, object] = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if found.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise LakeError(
            f"{name} has no point-in-time recovery, without which it cannot be exported; switch it on: aws dynamodb "
            f"update-continuous-backups --table-name {name} --point-in-time-recovery-specification "
            "PointInTimeRecoveryEnabled=true"
        )
    time: datetime = found["EarliestRestorableDateTime"]  # type: ignore[assignment]  # what AWS answers
    return time
