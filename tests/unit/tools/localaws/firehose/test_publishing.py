from __future__ import annotations

import threading

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tools.errors import LakeError
from tools.localaws.firehose import publishing
from tools.localaws.firehose.metrics import Meter
from tools.localaws.firehose.publishing import Publisher


class CloudWatch:
    """Keeps what is put, and raises the errors that it was given first."""

    def __init__(self, *errors):
        self.errors, self.put, self.accounts, self.has_put = list(errors), [], [], threading.Event()

    def put_metric_data(self, **request):
        if self.errors:
            raise self.errors.pop(0)
        self.put.append(request)
        self.has_put.set()


@pytest.fixture
def publisher(stream):
    def make(cloudwatch, seconds=60.0, count=1):
        def client(account):
            cloudwatch.accounts.append(account)
            return cloudwatch

        return Publisher(lambda: [(stream, Meter().take())] * count, client, seconds)

    return make


def test_it_publishes_under_firehoses_namespace_in_the_streams_account(publisher, stream):
    cloudwatch = CloudWatch()
    publisher(cloudwatch).publish()
    assert cloudwatch.accounts == [stream.account_id]
    (request,) = cloudwatch.put
    assert request["Namespace"] == "AWS/Firehose"
    assert {datum["StorageResolution"] for datum in request["MetricData"]} == {60}


def test_at_shorter_intervals_metrics_are_of_high_resolution(publisher):
    cloudwatch = CloudWatch()
    publisher(cloudwatch, 5.0).publish()
    assert {datum["StorageResolution"] for datum in cloudwatch.put[0]["MetricData"]} == {1}


@pytest.mark.parametrize(
    "error",
    [ClientError({"Error": {"Code": "AccessDenied"}}, "PutMetricData"), EndpointConnectionError(endpoint_url="x")],
)
def test_a_refusal_is_logged_and_the_next_stream_is_published(publisher, caplog, error):
    cloudwatch = CloudWatch(error, error)
    publisher(cloudwatch, count=3).publish()
    assert len(cloudwatch.put) == 1
    assert len([record for record in caplog.records if "metrics are lost" in record.message]) == 1


def test_it_publishes_again_and_again_whatever_was_raised(publisher):
    cloudwatch = CloudWatch(RuntimeError("a defect"))
    running = publisher(cloudwatch, 0.01)
    running.start()
    assert cloudwatch.has_put.wait(10)
    running.stop(10)


def test_when_it_stops_the_last_metrics_are_published(publisher):
    cloudwatch = CloudWatch()
    running = publisher(cloudwatch, 60.0)
    running.start()
    assert not cloudwatch.put
    running.stop(10)
    assert len(cloudwatch.put) == 1


def test_the_interval_is_a_minute_or_what_the_variable_says():
    assert publishing.read_interval({}) == 60
    assert publishing.read_interval({publishing.VARIABLE: "2.5"}) == 2.5


@pytest.mark.parametrize("text", ["often", "0", "61", "nan", "-5"])
def test_an_interval_that_cannot_be_is_refused_by_name(text):
    with pytest.raises(LakeError, match=f"LAKE_METRICS_SECONDS is '{text}'; set it to"):
        publishing.read_interval({publishing.VARIABLE: text})
