"""How deployed tables are used and set, by answers of CloudWatch and the services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tools.deployments.outputs import Table
from tools.errors import LakeError
from tools.operations import measuring
from tools.sizing.settings import FunctionSettings, TableSettings
from tools.sizing.usage import Workload

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TABLE = Table("orders-delivery", "role", "data/orders/", "errors/orders/", "arn:t", stream_name="orders-stream")


class Client:
    """One client for all services; points are minutes ago -> value."""

    def __init__(self, points):
        self.points = points
        self.table = {"TableSizeBytes": 5_000_000, "ItemCount": 4000}
        self.describe_table = lambda **_: {"Table": self.table}
        self.describe_stream_summary = lambda **_: {
            "StreamDescriptionSummary": {
                "OpenShardCount": 4,
                "RetentionPeriodHours": 48,
                "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            }
        }
        hints = {"BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 5}}
        self.describe_delivery_stream = lambda **_: {
            "DeliveryStreamDescription": {"Destinations": [{"ExtendedS3DestinationDescription": hints}]}
        }
        self.get_function_configuration = lambda **_: {"MemorySize": 512, "Architectures": ["x86_64"]}

    def client(self, _service):
        return self

    def get_paginator(self, _name):
        return self

    def paginate(self, *, MetricDataQueries, **_):  # noqa: N803  # boto3's own name
        results = []
        for query in MetricDataQueries:
            points = self.points.get(query["MetricStat"]["Metric"]["MetricName"], {})
            results.append(
                {
                    "Id": query["Id"],
                    "Timestamps": [NOW - timedelta(minutes=ago) for ago in points],
                    "Values": list(points.values()),
                }
            )
        return [{"MetricDataResults": results}]


def measure(points, **changed):
    client = Client(points)
    vars(client).update(changed)
    return measuring.measure(client, {"orders": TABLE}, NOW, timedelta(hours=24))["orders"]


def test_rates_count_from_the_first_record_and_sizes_are_means():
    found = measure(
        {
            "IncomingRecords": {10: 60.0, 9: 540.0, 1: 0.0},
            "IncomingBytes": {10: 60_000.0, 9: 1_140_000.0},
            "ConsumedWriteCapacityUnits": {200: 7.0, 10: 100.0, 9: 1100.0},
        }
    )

    assert found.workload == Workload(
        writes_per_second=1.0,
        item_bytes=1250.0,
        peak_over_mean=9.0,
        record_bytes=2000.0,
        write_units=2.0,
        table_gb=5_000_000 / 2**30,
    )
    assert (found.records, found.record_bytes, found.seconds, found.busiest_per_second) == (600, 1_200_000, 600, 9)
    assert found.settings == TableSettings(shards=4, retention_hours=48, object_seconds=60, object_mib=5)


def test_what_nobody_reported_is_unknown_and_not_zero():
    found = measure({}, table={"TableSizeBytes": 0, "ItemCount": 0})

    assert found.workload == Workload()
    assert found.records == 0


def test_without_consumed_units_they_follow_from_the_item():
    found = measure({"IncomingRecords": {5: 10.0}, "IncomingBytes": {5: 10.0}})

    assert found.workload.write_units is None


def test_a_stream_in_another_account_cannot_be_measured_here():
    elsewhere = Table("d", "role", "data/", "errors/")

    with pytest.raises(LakeError, match="table orders is in another account"):
        measuring.measure(Client({}), {"orders": elsewhere}, NOW, timedelta(hours=1))


def test_what_may_not_be_read_is_said_in_a_line():
    with pytest.raises(LakeError, match=r"cannot be measured: An error occurred \(403\)"):
        measure({}, describe_table=raising(failed("DescribeTable", 403)))


def test_the_function_is_asked_for_its_memory():
    client = Client({})

    assert measuring.function_settings(client, "flatten") == FunctionSettings(512, "x86_64")
    assert measuring.function_settings(client, None) == FunctionSettings()
    client.get_function_configuration = raising(failed("GetFunctionConfiguration", 403))
    with pytest.raises(LakeError, match="function flatten cannot be looked at: "):
        measuring.function_settings(client, "flatten")
