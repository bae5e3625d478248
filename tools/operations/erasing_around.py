"""Asks AWS what is around a table's part of the lake: what keeps copies there, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import delivery_time, objects
from tools.lake.erasure import places
from tools.lake.erasure.beyond import Surroundings
from tools.operations import lake_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Outputs, Table

LONGEST_RECOVERY_DAYS: Final = 35
"""Days of recovery where the table does not say (DynamoDB API Reference, "PointInTimeRecoverySpecification")."""


def look(
    lake: Aws, outputs: Outputs, name: str, described: Table, *, tables: Aws | None, passage: float
) -> Surroundings:
    """Returns what is around the lake of a table.

    Args:
        lake: access to the lake's account.
        outputs: what its deployment says of itself.
        name: the table.
        described: the table, as the deployment that streams it describes it.
        tables: access to the account of the table; None where it is not named.
        passage: seconds that a record may take to the lake besides both buffers.

    Raises:
        LakeError: AWS does not tell.
    """
    try:
        bucket = outputs.bucket_name or ""
        state = next(objects.list_objects(lake.client("s3"), bucket, places.state_prefix(name)), None)
        table = described.catalog_table or outputs.tables[name].catalog_table
        known: dict[str, Any] = _of_table(tables, name, described, bucket, passage) if tables else {}
        return Surroundings(
            name,
            tables is not None,
            state_table=f"{outputs.database_name}.{table}_state" if state else None,
            workgroup=outputs.workgroup_name,
            **known,
        )
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"{name}: it cannot be seen what else has copies: {reason(error)}") from None


def _of_table(aws: Aws, name: str, described: Table, bucket: str, passage: float) -> dict[str, Any]:
    dynamodb = aws.client("dynamodb")
    stream = described.stream_name or ""
    summary = aws.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    firehose, delivery = aws.client("firehose"), described.delivery_stream_name
    behind = lake_progress.behind_latest(aws.client("cloudwatch"), delivery)
    seconds = delivery_time.buffering_seconds(firehose, delivery) + passage
    return {
        "stream": stream,
        "retention": timedelta(hours=summary["RetentionPeriodHours"]),
        "in_flight": datetime.now(UTC) + behind + timedelta(seconds=seconds),
        "recovery_days": _recovery_days(dynamodb, name),
        "backups": dict(_backups(dynamodb, name)),
        "other_exports": _other_exports(dynamodb, described.table_arn or "", bucket),
    }


def _recovery_days(dynamodb: DynamoDBClient, name: str) -> int | None:
    try:
        found: Any = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    except dynamodb.exceptions.TableNotFoundException:
        return None
    described = found.get("PointInTimeRecoveryDescription", {})
    if described.get("PointInTimeRecoveryStatus") != "ENABLED":
        return None
    return int(described.get("RecoveryPeriodInDays", LONGEST_RECOVERY_DAYS))


def _backups(dynamodb: DynamoDBClient, name: str) -> Iterator[tuple[str, datetime | None]]:
    for page in dynamodb.get_paginator("list_backups").paginate(TableName=name, BackupType="ALL"):
        for each in page.get("BackupSummaries", ()):
            yield each["BackupName"], each.get("BackupExpiryDateTime")


def _other_exports(dynamodb: DynamoDBClient, table_arn: str, bucket: str) -> tuple[str, ...]:
    found = set()
    more: dict[str, Any] = {}
    while True:
        page = dynamodb.list_exports(TableArn=table_arn, **more)
        for each in page.get("ExportSummaries", ()):
            description = dynamodb.describe_export(ExportArn=each["ExportArn"])["ExportDescription"]
            found.add(description.get("S3Bucket", ""))
        if "NextToken" not in page:
            return tuple(sorted(found - {"", bucket}))
        more = {"NextToken": page["NextToken"]}
