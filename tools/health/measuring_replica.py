"""Asks CloudWatch how the lake's copy in another Region is."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.health import metrics
from tools.health.measured import ReplicaMeasured
from tools.health.metrics import NOTHING, Metric

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Replica
    from tools.health.metrics import Series

_FAILED: Final = ("OperationsFailedReplication", "Sum")
_LATENCY: Final = ("ReplicationLatency", "Maximum")
_PENDING: Final = ("OperationsPendingReplication", "Maximum")


def measure(here: Aws, bucket: str, there: Aws, replica: Replica, now: datetime) -> ReplicaMeasured:
    """Returns how the replica of `bucket` is; `here` reaches the lake's Region, `there` the replica's.

    Amazon S3 User Guide, "Using S3 Replication metrics": what failed is told in the lake's Region, the rest in the
    replica's, each rule for itself.
    """

    def metric(rule: str, name: str, statistic: str) -> Metric:
        known_by = (("SourceBucket", bucket), ("DestinationBucket", replica.bucket_name), ("RuleId", rule))
        return Metric("AWS/S3", name, known_by, statistic)

    def read(aws: Aws, *named: tuple[str, str]) -> dict[Metric, Series]:
        wanted = [metric(rule, *each) for each in named for rule in replica.rules]
        return metrics.read(aws.client("cloudwatch"), wanted, now)

    found = ReplicaMeasured(replica.bucket_name, replica.region)
    try:
        series = read(here, _FAILED) | read(there, _LATENCY, _PENDING)
    except (BotoCoreError, ClientError) as error:
        return ReplicaMeasured(found.bucket, found.region, unseen=reason(error))

    def merged(named: tuple[str, str], merge: Callable[[float, float], float]) -> Series:
        return metrics.merged((series.get(metric(rule, *named), NOTHING) for rule in replica.rules), merge)

    return ReplicaMeasured(
        found.bucket, found.region, merged(_FAILED, add), merged(_LATENCY, max), merged(_PENDING, add)
    )
