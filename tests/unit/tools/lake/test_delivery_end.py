from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.errors import LakeError
from tools.lake import delivery_end

ORDERS, EVENTS = ("orders", "arn:orders"), ("events", "arn:events")


class NotFoundError(Exception):
    pass


@pytest.fixture(autouse=True)
def time(monkeypatch):
    """A clock that only sleeping moves: the seconds that were slept."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(delivery_end, "monotonic", lambda: clock.now)
    monkeypatch.setattr(delivery_end, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds))
    return clock


class Aws:
    """DynamoDB and Firehose, which answer of each name what it is in, one after the other, the last for ever."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFoundError)

    def __init__(self, **states):
        self.states = {name: list(each) for name, each in states.items()}
        self.asked = []

    def _next(self, name):
        if name not in self.states:
            raise NotFoundError
        states = self.states[name]
        return states.pop(0) if len(states) > 1 else states[0]

    def describe_kinesis_streaming_destination(self, **request):
        name = request["TableName"]
        other = {"StreamArn": "arn:other", "DestinationStatus": "ACTIVE"}
        return {
            "KinesisDataStreamDestinations": [
                other,
                {"StreamArn": f"arn:{name}", "DestinationStatus": self._next(name)},
            ]
        }

    def disable_kinesis_streaming_destination(self, **request):
        self.asked.append(("stop", request["TableName"], request["StreamArn"]))

    def describe_delivery_stream(self, **request):
        status = self._next(request["DeliveryStreamName"])
        if status is None:
            raise NotFoundError
        failed = {"FailureDescription": {"Type": "X", "Details": "its key is gone"}}
        return {
            "DeliveryStreamDescription": {
                "DeliveryStreamStatus": status,
                **(failed if status.endswith("FAILED") else {}),
            }
        }

    def delete_delivery_stream(self, **request):
        self.asked.append(("remove", request["DeliveryStreamName"]))


def test_all_changes_are_stopped_at_once_and_the_end_of_each_is_waited_for(time):
    aws = Aws(orders=["ACTIVE", "DISABLING", "DISABLING", "DISABLED"], events=["ACTIVE", "DISABLED"])

    delivery_end.stop_changes(aws, (ORDERS, EVENTS))

    assert aws.asked == [("stop", *ORDERS), ("stop", *EVENTS)]
    assert time.now == 3


def test_what_is_being_started_is_stopped_once_it_is_and_what_an_earlier_run_stopped_is_left():
    aws = Aws(orders=["ENABLING", "ACTIVE", "ACTIVE", "DISABLED"], events=["DISABLED"])

    delivery_end.stop_changes(aws, (ORDERS, EVENTS, ("gone", "arn:gone")))

    assert aws.asked == [("stop", *ORDERS)]


def test_delivery_streams_are_gone_when_it_returns(time):
    aws = Aws(a=["CREATING", "ACTIVE", "DELETING", None], b=["DELETING", None], c=["DELETING_FAILED", "DELETING", None])

    delivery_end.remove_delivery_streams(aws, ("a", "b", "c", "gone"))

    assert aws.asked == [("remove", "c"), ("remove", "a")]
    assert time.now == 3


def test_a_delivery_stream_that_firehose_cannot_remove_is_named_with_the_reason():
    with pytest.raises(LakeError, match="delivery stream a cannot be removed: its key is gone"):
        delivery_end.remove_delivery_streams(Aws(a=["ACTIVE", "DELETING_FAILED"]), ("a",))


def test_what_never_ends_is_not_waited_for_for_ever():
    with pytest.raises(LakeError, match="streaming of table orders to arn:orders has not ended in 30 minutes"):
        delivery_end.stop_changes(Aws(orders=["DISABLING"]), (ORDERS,))
