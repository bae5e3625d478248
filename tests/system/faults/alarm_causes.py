"""What raises each alarm of a deployment: its own fault, or its metric put by hand where local AWS has no such fault.

A metric that is put by hand says that the alarm watches it, and not that the service publishes it so.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tests.system.test_guards_and_faults import without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Outputs

UNREAD: Final = "unread"
UNWRITTEN: Final = "unwritten"
BROKEN: Final = "broken"
MINUTES: Final = 20
"""For so long the metrics that are put by hand have been bad: longer than any alarm looks at."""


@dataclass(frozen=True)
class Metric:
    """A metric, and a value of it that raises an alarm."""

    namespace: str
    name: str
    unit: str
    value: float
    dimensions: Callable[[Outputs, str], Mapping[str, str]]


def _table(_: Outputs, table: str) -> dict[str, str]:
    return {"TableName": table, "DelegatedOperation": "any"}


def _stream(outputs: Outputs, table: str) -> dict[str, str]:
    return {"StreamName": str(outputs.tables[table].stream_name)}


def _delivery(outputs: Outputs, table: str) -> dict[str, str]:
    return {"DeliveryStreamName": outputs.tables[table].delivery_stream_name}


def _ours(outputs: Outputs, table: str) -> dict[str, str]:
    return {"DeliveryStream": outputs.tables[table].delivery_stream_name}


def _function(outputs: Outputs, _: str) -> dict[str, str]:
    return {"FunctionName": str(outputs.function_name)}


def _machine(outputs: Outputs, table: str) -> dict[str, str]:
    return {
        "StateMachineArn": f"arn:aws:states:{outputs.region}:{outputs.account_id}:stateMachine:alarms-{table}-state"
    }


def _group(_: Outputs, table: str) -> dict[str, str]:
    return {"ScheduleGroup": f"alarms-{table}-state"}


_HOUR: Final = 3_600_000
BY_HAND: Final = {
    "changes-lost": Metric("AWS/DynamoDB", "FailedToReplicateRecordCount", "Count", 1, _table),
    "changes-held": Metric("AWS/DynamoDB", "AgeOfOldestUnreplicatedRecord", "Milliseconds", 400_000, _table),
    "changes-throttled": Metric("AWS/DynamoDB", "ThrottledPutRecordCount", "Count", 1, _table),
    "stream-read-late": Metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Milliseconds", 7 * _HOUR, _stream),
    "stream-nearly-expired": Metric(
        "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Milliseconds", 13 * _HOUR, _stream
    ),
    "stream-write-refused": Metric("AWS/Kinesis", "WriteProvisionedThroughputExceeded", "Count", 1, _stream),
    "stream-read-refused": Metric("AWS/Kinesis", "ReadProvisionedThroughputExceeded", "Count", 1, _stream),
    "stream-nearly-full": Metric("AWS/Kinesis", "IncomingBytes", "Bytes", 60 * 2**20, _stream),
    "delivery-throttled": Metric("AWS/Firehose", "ThrottledGetRecords", "Count", 1, _delivery),
    "transform-slow": Metric("AWS/Firehose", "ExecuteProcessing.Duration", "Milliseconds", 119_000, _delivery),
    "records-too-large": Metric("DynamoToLake", "RecordsOverResponseLimit", "Count", 1, _ours),
    "function-throttled": Metric("AWS/Lambda", "Throttles", "Count", 1, _function),
    "function-slow": Metric("AWS/Lambda", "Duration", "Milliseconds", 119_000, _function),
    "state-failing": Metric("AWS/States", "ExecutionsFailed", "Count", 1, _machine),
    "schedule-failing": Metric("AWS/Scheduler", "InvocationDroppedCount", "Count", 1, _group),
}
"""Key of an alarm -> the metric that is put by hand, for the table `BROKEN`."""

REAL: Final = {
    (UNREAD, "delivery-behind"): "the delivery role may not read the stream",
    (UNREAD, "delivery-silent"): "the delivery role may not read the stream",
    (UNREAD, "data-at-risk"): "the delivery role may not read the stream",
    (UNWRITTEN, "delivery-late"): "the delivery role may not write to the bucket",
    (BROKEN, "records-failed"): "a record that is no change",
    (BROKEN, "state-late"): "no run has told how old the state is",
}
"""Table and key of an alarm -> the fault that raises it."""

OVER_BY_ITSELF: Final = (BROKEN, "records-failed")
"""What needs no repair, as a metric that is put by hand needs none."""

OF_THE_FUNCTION: Final = {
    (BROKEN, "transform-failing"): "the function's handler is not there",
    ("", "function-errors"): "the function's handler is not there",
}


def put(client: Callable[[str], Any], outputs: Outputs, table: str, metric: Metric, minutes: int = MINUTES) -> None:
    """Puts a value for each of the last minutes."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions(outputs, table).items()]
    datum = {"MetricName": metric.name, "Dimensions": dimensions, "Unit": metric.unit, "Value": metric.value}
    minute = time.time() // 60 * 60
    data = [{**datum, "Timestamp": datetime.fromtimestamp(minute - 60 * ago, UTC)} for ago in range(minutes)]
    client("cloudwatch").put_metric_data(Namespace=metric.namespace, MetricData=data)


@contextmanager
def lost_permission(aws: Aws, role_arn: str, action: str) -> Iterator[None]:
    """Takes a permission away from a role, and gives it back."""
    iam, role = aws.client("iam"), role_arn.rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(without(whole, action)))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


@contextmanager
def without_handler(aws: Aws, name: str) -> Iterator[None]:
    """Publishes a version of the function that cannot start, has it called, and puts the old one back."""
    functions = aws.client("lambda")
    good = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    handler = functions.get_function_configuration(FunctionName=name)["Handler"]
    functions.update_function_configuration(FunctionName=name, Handler="nothing.here")
    bad = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=bad)
    try:
        yield
    finally:
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=good)
        functions.update_function_configuration(FunctionName=name, Handler=handler)


@contextmanager
def all_real_faults(aws: Aws, outputs: Outputs) -> Iterator[None]:
    """Has all faults of `REAL` at once; that of the state is there from the start."""
    with ExitStack() as stack:
        for table, action in ((UNREAD, "kinesis:GetRecords"), (UNWRITTEN, "s3:PutObject")):
            stack.enter_context(lost_permission(aws, outputs.tables[table].delivery_role_arn, action))
        stream = outputs.tables[BROKEN].stream_name
        aws.client("kinesis").put_record(StreamName=stream, Data=b"no change", PartitionKey="1")
        yield
