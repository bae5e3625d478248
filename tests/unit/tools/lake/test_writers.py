from __future__ import annotations

import pytest

from tools.deployments.aws import Aws
from tools.errors import RefusedError
from tools.lake import writers

A = "111111111111"


class Firehose:
    """Delivery streams by name -> destination bucket, listed one a page."""

    def __init__(self, **streams):
        self.streams = streams

    def list_delivery_streams(self, *, Limit, ExclusiveStartDeliveryStreamName=None):  # noqa: N803
        names = sorted(self.streams)
        at = names.index(ExclusiveStartDeliveryStreamName) + 1 if ExclusiveStartDeliveryStreamName else 0
        return {"DeliveryStreamNames": names[at : at + 1], "HasMoreDeliveryStreams": at + 1 < len(names)}

    def describe_delivery_stream(self, *, DeliveryStreamName):  # noqa: N803
        arn = f"arn:aws:s3:::{self.streams[DeliveryStreamName]}"
        return {
            "DeliveryStreamDescription": {"Destinations": [{"ExtendedS3DestinationDescription": {"BucketARN": arn}}]}
        }


def test_every_delivery_stream_to_a_bucket_is_found_whatever_its_name():
    assert writers.to_bucket(Firehose(a="lake", b="other", c="lake"), "lake") == ["a", "c"]
    assert writers.to_bucket(Firehose(a="my-lake"), "lake") == []


def producer(monkeypatch, account, **streams):
    monkeypatch.setattr(Aws, "account_id", lambda _self: account)
    monkeypatch.setattr(Aws, "client", lambda _self, _name: Firehose(**streams) if streams else Firehose(z="none"))
    return Aws({"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}, "us-east-1")


def test_a_consumer_that_is_delivered_to_is_not_destroyed(monkeypatch):
    with pytest.raises(RefusedError, match=r"still delivers to lake \(orders\).*destroy the producer first"):
        writers.check_ended(producer(monkeypatch, A, orders="lake"), A, "lake", "us-east-1")


def test_a_consumer_whose_producer_cannot_be_seen_is_not_destroyed(monkeypatch):
    with pytest.raises(RefusedError, match=r"cannot be seen.*--producer-profile"):
        writers.check_ended(None, A, "lake", "us-east-1")
    with pytest.raises(RefusedError, match=f"account {A}, not by 333333333333"):
        writers.check_ended(producer(monkeypatch, "333333333333"), A, "lake", "us-east-1")


def test_a_consumer_whose_producer_is_gone_may_be_destroyed(monkeypatch):
    writers.check_ended(producer(monkeypatch, A), A, "lake", "us-east-1")
