from __future__ import annotations

from collections import Counter

import pytest

from tools.localaws.firehose import metrics
from tools.localaws.firehose.interfaces import BlockedError
from tools.localaws.firehose.metrics import Meter, metric_data


def test_what_is_taken_is_counted_once():
    meter = Meter()
    meter.put(successful=True)
    meter.put(successful=True)
    meter.put(successful=False)
    assert meter.take()["DeliveryToS3.Success"] == Counter({1: 2, 0: 1})
    assert "DeliveryToS3.Success" not in meter.take()


@pytest.mark.parametrize(
    ("code", "action", "metric"),
    [
        ("Kinesis.ProvisionedThroughputExceededException", "kinesis:GetRecords", "ThrottledGetRecords"),
        ("Kinesis.ProvisionedThroughputExceededException", "kinesis:GetShardIterator", "ThrottledGetShardIterator"),
        ("Kinesis.LimitExceededException", "kinesis:DescribeStream", "ThrottledDescribeStream"),
        ("Kinesis.LimitExceededException", "kinesis:ListShards", None),
        ("Kinesis.AccessDenied", "kinesis:GetRecords", None),
        ("S3.SlowDown", "s3:PutObject", None),
    ],
)
def test_a_throttled_call_of_kinesis_is_counted_under_its_operation(code, action, metric):
    meter = Meter()
    meter.blocked(BlockedError(code, "it failed", action))
    throttles = {name: values for name, values in meter.take().items() if values[1]}
    assert list(throttles) == ([metric] if metric else [])


def test_without_a_throttle_its_metrics_are_zero():
    never = Counter({0: 1})
    assert Meter().take() == {
        "ThrottledGetRecords": never,
        "ThrottledGetShardIterator": never,
        "ThrottledDescribeStream": never,
    }


def test_the_data_has_the_documented_names_units_and_dimension(record):
    meter = Meter()
    records = [record(number, b"12345") for number in range(3)]
    meter.read(records)
    meter.invoked(1.25, successful=True)
    meter.processed(records)
    meter.put(successful=True)
    meter.delivered([each.without_data() for each in records], 61.0)
    meter.add(metrics.BEHIND, 1500)
    found = {}
    for datum in metric_data("orders", meter.take(), 1_700_000_000.0, 60):
        assert datum["Dimensions"] == [{"Name": "DeliveryStreamName", "Value": "orders"}]
        assert datum["StorageResolution"] == 60
        assert datum["Timestamp"].timestamp() == 1_700_000_000.0
        found[datum["MetricName"]] = (datum["Unit"], dict(zip(datum["Values"], datum["Counts"], strict=True)))
    assert found == {
        "DataReadFromKinesisStream.Records": ("Count", {3: 1}),
        "DataReadFromKinesisStream.Bytes": ("Bytes", {15: 1}),
        "KinesisMillisBehindLatest": ("Milliseconds", {1500: 1}),
        "ThrottledGetRecords": ("Count", {0: 1}),
        "ThrottledGetShardIterator": ("Count", {0: 1}),
        "ThrottledDescribeStream": ("Count", {0: 1}),
        "ExecuteProcessing.Success": ("None", {1: 1}),
        "ExecuteProcessing.Duration": ("Milliseconds", {1250: 1}),
        "SucceedProcessing.Records": ("Count", {3: 1}),
        "SucceedProcessing.Bytes": ("Bytes", {15: 1}),
        "DeliveryToS3.Records": ("Count", {3: 1}),
        "DeliveryToS3.Bytes": ("Bytes", {15: 1}),
        "DeliveryToS3.Success": ("None", {1: 1}),
        "DeliveryToS3.DataFreshness": ("Seconds", {61.0: 1}),
    }


def test_more_values_than_a_datum_takes_go_as_a_statistic_set():
    meter = Meter()
    for number in range(200):
        meter.add(metrics.BEHIND, number)
    (datum,) = [each for each in metric_data("o", meter.take(), 0.0, 1) if each["MetricName"] == metrics.BEHIND]
    assert datum["StatisticValues"] == {"SampleCount": 200, "Sum": 19900, "Minimum": 0, "Maximum": 199}
    assert "Values" not in datum
