from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.unit.tools.aws_answers import failed, raising
from tools.deployments.outputs import Replica
from tools.health import measuring_replica

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
REPLICA = Replica("us-west-2", "copy", "arn:key", "role", ("data/", "errors/"))


class Region:
    """One Region's CloudWatch: the value that each rule has of a metric."""

    def __init__(self, **values):
        self._values = values
        self.asked = set()

    def client(self, _service):
        return self

    def get_paginator(self, _name):
        return self

    def paginate(self, **request):
        results = []
        for query in request["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            assert (dimensions["SourceBucket"], dimensions["DestinationBucket"]) == ("lake", "copy")
            self.asked.add((metric["MetricName"], dimensions["RuleId"], query["MetricStat"]["Stat"]))
            values = self._values.get(metric["MetricName"], {})
            if dimensions["RuleId"] in values:
                results.append(
                    {"Id": query["Id"], "Timestamps": [NOW], "Values": [float(values[dimensions["RuleId"]])]}
                )
        yield {"MetricDataResults": results}


def newest(series):
    return series.newest(NOW - timedelta(minutes=1))


def test_failures_are_asked_of_the_lakes_region_and_lateness_of_the_replicas_over_all_rules():
    here = Region(OperationsFailedReplication={"data": 2, "errors": 1}, ReplicationLatency={"data": 99})
    there = Region(ReplicationLatency={"data": 4, "errors": 30}, OperationsPendingReplication={"data": 5, "errors": 6})

    found = measuring_replica.measure(here, "lake", there, REPLICA, NOW)

    assert (found.bucket, found.region, found.unseen) == ("copy", "us-west-2", "")
    assert (newest(found.failed), newest(found.latency), newest(found.pending)) == (3, 30, 11)
    assert {name for name, _, _ in here.asked} == {"OperationsFailedReplication"}
    assert {(name, stat) for name, _, stat in there.asked} == {
        ("ReplicationLatency", "Maximum"),
        ("OperationsPendingReplication", "Maximum"),
    }


def test_what_may_not_be_read_is_unknown_with_the_reason():
    there = Region()
    there.paginate = raising(failed("GetMetricData", 403, "AccessDenied"))

    found = measuring_replica.measure(Region(), "lake", there, REPLICA, NOW)

    assert "AccessDenied" in found.unseen
    assert newest(found.failed) is None
