"""Waits until the lake has all changes up to a moment: by markers, or by how far behind delivery is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import delivery_time
from tools.lake.deployed_transform import Record
from tools.lake.reconcile import claims, digests, items
from tools.lake.reconcile.markers import Markers
from tools.operations import reading_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cloudwatch import CloudWatchClient

    from tools.operations.reconciled_table import ReconciledTable

_POLL_SECONDS: Final = 1.0
_BEHIND_MINUTES: Final = 10
"""The metric is told every minute, and comes late."""


class Progress:
    """How far the lake of one table is; changes must have come to it in `timeout` seconds, or as buffers ask for."""

    def __init__(self, table: ReconciledTable, *, markers: bool, timeout: int | None) -> None:
        self._aws = table.aws
        self._schema = table.source.schema
        self._table = table.outputs
        self._live = reading_table.transform(table.aws, table.source, table.versions.live)
        buffering = delivery_time.buffering_seconds(table.aws.client("firehose"), table.outputs.delivery_stream_name)
        self._seconds = timeout or buffering + delivery_time.SPARE_SECONDS
        self.by_markers: Final = markers and self._markers_are_written()

    def wait(self, read_at: datetime, have: Callable[[set[bytes]], set[bytes]], tell: Callable[[str], None]) -> None:
        """Returns when the lake has what was in the table at `read_at`.

        Args:
            read_at: when the table was read.
            have: looks at what has come to the lake, and returns those of the keys that it has, digests of `cdc_key`.
            tell: called with how far it is.

        Raises:
            LakeError: it does not come in time.
        """
        if self.by_markers:
            self._wait_for_markers(have, tell)
        else:
            self._wait_for_delivery(read_at, tell)

    def _markers_are_written(self) -> bool:
        """Tells whether the function writes a row for a marker: a hook may drop or fail it."""
        example = {name: {kind: _EXAMPLES[kind]} for name, kind in self._schema.attributes.items()}
        (result,) = self._live.transform([Record(items.insert_record(self._schema, example, 0))])
        return result.outcome == "Ok"

    def _wait_for_markers(self, have: Callable[[set[bytes]], set[bytes]], tell: Callable[[str], None]) -> None:
        stream = self._table.stream_name or ""
        dynamodb, kinesis = self._aws.client("dynamodb"), self._aws.client("kinesis")
        carried = Markers(dynamodb, kinesis, self._schema, stream).carry(self._seconds, tell)
        records = [Record(items.insert_record(self._schema, key, 0)) for key in carried]
        rows = [claims.read_row(result.line) for result in self._live.transform(records) if result.line]
        wanted = set(map(digests.row_key, rows))
        until = monotonic() + self._seconds
        while left := wanted - have(wanted):
            tell(f"{len(wanted) - len(left)} of {len(wanted)} markers are in the lake")
            if monotonic() > until:
                raise LakeError(
                    f"{len(left)} of {len(wanted)} markers did not come to the lake in {self._seconds} s, so that "
                    f"nothing can be said; see whether delivery stream {self._table.delivery_stream_name} delivers"
                )
            sleep(_POLL_SECONDS)

    def _wait_for_delivery(self, read_at: datetime, tell: Callable[[str], None]) -> None:
        name = self._table.delivery_stream_name
        until = monotonic() + 2 * self._seconds
        while True:
            behind = behind_latest(self._aws.client("cloudwatch"), name)
            left = read_at + behind + timedelta(seconds=self._seconds) - datetime.now(UTC)
            if left <= timedelta():
                return
            tell(f"{left.total_seconds():.0f} s until delivery must have brought what was in the table")
            if monotonic() > until:
                raise LakeError(
                    f"delivery stream {name} is {behind.total_seconds():.0f} s behind its stream, so that nothing can "
                    "be said; see why, and run this again"
                )
            sleep(min(_POLL_SECONDS * 5, left.total_seconds()))


_EXAMPLES: Final = {"S": "reconcile", "N": "1", "B": b"reconcile"}


def behind_latest(cloudwatch: CloudWatchClient, delivery_stream: str) -> timedelta:
    """Returns how far a delivery stream is behind its stream, as its newest metric says; nothing where there is none.

    Amazon Data Firehose Developer Guide, "Monitor Amazon Data Firehose with CloudWatch metrics":
    KinesisMillisBehindLatest.

    Raises:
        LakeError: CloudWatch does not tell.
    """
    now = datetime.now(UTC)
    try:
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/Firehose",
            MetricName="KinesisMillisBehindLatest",
            Dimensions=[{"Name": "DeliveryStreamName", "Value": delivery_stream}],
            StartTime=now - timedelta(minutes=_BEHIND_MINUTES),
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"it cannot be seen how far {delivery_stream} is behind: {reason(error)}") from None
    newest = max(found, key=lambda each: each["Timestamp"], default=None)
    return timedelta(milliseconds=newest["Maximum"]) if newest else timedelta()
