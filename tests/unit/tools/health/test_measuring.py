from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tools.deployments.outputs import Outputs, Table
from tools.health import measuring
from tools.lake.objects import LakeObject

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
TABLE = Table(
    "orders-delivery",
    "role",
    "data/orders/",
    "errors/orders/",
    "arn:t",
    stream_name="orders-stream",
    stream_arn="arn:s",
    log_group_name="/aws/kinesisfirehose/orders",
)
OUTPUTS = Outputs("us-east-1", "1" * 12, "lake", function_name="flatten", tables={"orders": TABLE})


class Client:
    """One client for all services: answers by method."""

    def __init__(self):
        self.describe_table = lambda **_: {"Table": {"TableStatus": "ACTIVE"}}
        self.describe_kinesis_streaming_destination = lambda **_: {
            "KinesisDataStreamDestinations": [
                {"StreamArn": "arn:other", "DestinationStatus": "ACTIVE"},
                {"StreamArn": "arn:s", "DestinationStatus": "DISABLED"},
            ]
        }
        self.describe_stream_summary = lambda **_: {
            "StreamDescriptionSummary": {
                "StreamStatus": "ACTIVE",
                "OpenShardCount": 4,
                "RetentionPeriodHours": 48,
                "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            }
        }
        processor = {"Parameters": [{"ParameterName": "BufferIntervalInSeconds", "ParameterValue": "30"}]}
        self.destination = {
            "BufferingHints": {"IntervalInSeconds": 120},
            "ProcessingConfiguration": {"Processors": [processor]},
        }
        self.get_function_configuration = lambda **_: {"State": "Active", "Version": "7", "LastModified": "then"}
        self.logged = []
        self.delivered_at = NOW
        self.values = {"IncomingRecords": 5, "DeliveryToS3.Records": 6, "Invocations": 7}

    def describe_delivery_stream(self, **_):
        stream = {
            "DeliveryStreamStatus": "ACTIVE",
            "Destinations": [{"ExtendedS3DestinationDescription": self.destination}],
        }
        return {"DeliveryStreamDescription": stream}

    def filter_log_events(self, **request):
        """Answers with messages by how many minutes ago they were written."""
        events = [
            {"timestamp": int((NOW - timedelta(minutes=ago)).timestamp() * 1000), "message": message}
            for message, ago in self.logged
        ]
        return {"events": [event for event in events if event["timestamp"] >= request["startTime"]]}

    def get_paginator(self, _name):
        return self

    def paginate(self, **request):
        results = []
        for query in request["MetricDataQueries"]:
            value = self.values.get(query["MetricStat"]["Metric"]["MetricName"])
            if value is not None:
                results.append({"Id": query["Id"], "Timestamps": [self.delivered_at], "Values": [value]})
        yield {"MetricDataResults": results}


class Aws:
    def __init__(self, client):
        self._client = client

    def client(self, _service):
        return self._client


def measure(client):
    paths, function, unseen = measuring.measure_pipeline(Aws(client), OUTPUTS, OUTPUTS.tables, NOW)
    return paths["orders"], function, unseen


def test_every_hop_is_described_with_its_metrics():
    path, function, unseen = measure(Client())

    assert (path.table.status, path.table.destination, unseen) == ("ACTIVE", "DISABLED", "")
    assert (path.stream.shards, path.stream.retention) == (4, timedelta(days=2))
    assert path.delivery.buffering == timedelta(seconds=150)
    assert path.stream.incoming.total(NOW) == 5
    assert path.delivery.delivered.total(NOW) == 6
    assert (function.version, function.invocations.total(NOW)) == ("7", 7)


def test_a_processor_without_a_setting_of_its_own_buffers_for_aws_default():
    client = Client()
    client.destination = {"BufferingHints": {"IntervalInSeconds": 60}}

    assert measure(client)[0].delivery.buffering == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("minutes", "logged", "told"),
    [
        (0, [("before", 3)], ""),
        (4, [("before", 5), ("older", 3), ("newest", 2)], "newest"),
        (3, [("in the same minute", 3)], ""),
        (120, [("long ago", 20)], ""),
        (120, [("long ago", 20), ("newest", 2)], "newest"),
    ],
)
def test_what_the_log_says_since_the_last_delivery_is_told(minutes, logged, told):
    client = Client()
    client.delivered_at, client.logged = NOW - timedelta(minutes=minutes), logged

    assert measure(client)[0].delivery.refused == told


def test_a_destination_that_is_not_there_is_missing():
    client = Client()
    client.describe_kinesis_streaming_destination = lambda **_: {"KinesisDataStreamDestinations": []}

    assert measure(client)[0].table.destination == "MISSING"


def test_what_may_not_be_looked_at_is_unknown_with_the_reason_and_the_rest_is_there():
    client = Client()
    client.describe_stream_summary = raising(failed("DescribeStreamSummary", 400, "AccessDenied"))
    client.paginate = raising(failed("GetMetricData", 403, "AccessDenied"))

    path, _, unseen = measure(client)

    assert (path.stream.status, path.table.status) == (None, "ACTIVE")
    assert "AccessDenied" in path.stream.unseen
    assert "AccessDenied" in unseen


def test_objects_of_the_last_hour_and_failed_ones_are_counted(monkeypatch):
    def found(key, minutes):
        return LakeObject(key, 100, NOW - timedelta(minutes=minutes), "etag")

    data = "data/orders/cdc_date=2026-01-31/cdc_hour={}/{}"
    listed = {
        "data/orders/": [found(data.format("11", "a.gz"), 70), found(data.format("12", "b.gz"), 10)],
        "errors/orders/": [found("errors/orders/x", 600), found("errors/orders/y", 5)],
        "ledger/orders/gaps/": [],
    }
    monkeypatch.setattr(measuring, "COUNTED", 1)
    monkeypatch.setattr(measuring.objects, "list_objects", lambda s3, bucket, prefix, *_: iter(listed[prefix]))

    lake = measuring.measure_lake(None, "lake", "orders", TABLE, NOW)

    assert (lake.objects, lake.size, lake.newest) == (1, 100, NOW - timedelta(minutes=10))
    assert (lake.failed_objects, lake.failed_is_more) == (1, True)


def test_failed_records_that_may_not_be_listed_leave_the_rest_known(monkeypatch):
    def listed(s3, bucket, prefix, *_):
        if prefix.startswith("errors/"):
            raise failed("ListObjectsV2", 403, "AccessDenied")
        return iter(())

    monkeypatch.setattr(measuring.objects, "list_objects", listed)

    lake = measuring.measure_lake(None, "lake", "orders", TABLE, NOW)

    assert (lake.objects, lake.failed_objects) == (0, None)
    assert "AccessDenied" in lake.unseen
