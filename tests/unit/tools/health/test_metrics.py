from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tools.health import metrics
from tools.health.metrics import Metric, Series

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class CloudWatch:
    """Answers each metric with its number, in pages of two metrics."""

    def __init__(self):
        self.asked = []

    def get_paginator(self, _name):
        return self

    def paginate(self, **request):
        self.asked.append(request)
        queries = request["MetricDataQueries"]
        for start in range(0, len(queries), 2):
            yield {
                "MetricDataResults": [
                    {
                        "Id": query["Id"],
                        "Timestamps": [NOW, NOW - metrics.PERIOD],
                        "Values": [float(query["Id"][1:]), 1],
                    }
                    for query in queries[start : start + 2]
                    if query["MetricStat"]["Metric"]["MetricName"] != "silent"
                ]
            }


def metric(name):
    return Metric("AWS/Kinesis", name, (("StreamName", "orders"),), "Sum")


def test_each_metric_gets_its_own_points_oldest_first_over_pages_and_calls(monkeypatch):
    monkeypatch.setattr(metrics, "QUERIES", 3)
    client = CloudWatch()

    found = metrics.read(client, [metric(f"m{number}") for number in range(5)], NOW)

    assert [len(request["MetricDataQueries"]) for request in client.asked] == [3, 2]
    assert found[metric("m2")].points == ((NOW - metrics.PERIOD, 1), (NOW, 2))
    assert found[metric("m3")].points[-1] == (NOW, 0)


def test_a_metric_without_points_is_absent_and_not_zero():
    assert metric("silent") not in metrics.read(CloudWatch(), [metric("silent")], NOW)
    assert Series().total(NOW) is None


def test_values_are_those_since_an_instant():
    series = Series(((NOW - timedelta(hours=2), 9), (NOW - timedelta(minutes=30), 2), (NOW, 1)))
    since = NOW - timedelta(hours=1)

    assert (series.total(since), series.highest(since), series.newest(since)) == (3, 2, 1)
    assert series.newest(NOW + timedelta(seconds=1)) is None
