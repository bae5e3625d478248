"""A stream's capacity mode and number of shards change as on Kinesis, and what reads the stream goes on."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.system.accounts import Account
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A = service.PRODUCER


class Stream:
    def __init__(self, local, name, **settings):
        self.kinesis = Account(local, A).client("kinesis")
        self.name, self.arn = name, f"arn:aws:kinesis:us-east-1:{A}:stream/{name}"
        self.kinesis.create_stream(StreamName=name, **settings)

    def to(self, mode):
        self.kinesis.update_stream_mode(StreamARN=self.arn, StreamModeDetails={"StreamMode": mode})
        return self.summary()["StreamModeDetails"]["StreamMode"]

    def scale(self, target):
        self.kinesis.update_shard_count(StreamName=self.name, TargetShardCount=target, ScalingType="UNIFORM_SCALING")

    def summary(self):
        return self.kinesis.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]


def can_scale_from_one_to_three(local):
    stream = Stream(local, "scaled-too-far", ShardCount=1)
    try:
        stream.scale(3)
    except ClientError as error:
        return error.response["Error"]["Code"] != "InvalidArgumentException"
    return True


def test_a_stream_scales_at_most_to_double(corrected):
    assert not can_scale_from_one_to_three(corrected)


def test_the_emulator_still_needs_the_correction(uncorrected):
    assert can_scale_from_one_to_three(uncorrected), (
        "the emulator keeps Kinesis' limits by itself now: see what is left of change_capacity_within_limits"
    )


def test_a_change_of_mode_keeps_shards_records_and_iterators_and_happens_twice_a_day(corrected):
    stream = Stream(corrected, "of-two-modes", ShardCount=2)
    kinesis = stream.kinesis
    shard = kinesis.put_record(StreamName=stream.name, Data=b"before", PartitionKey="1")["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=stream.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]

    assert stream.to("ON_DEMAND") == "ON_DEMAND"
    assert stream.summary()["OpenShardCount"] == 2
    kinesis.put_record(StreamName=stream.name, Data=b"after", PartitionKey="1")
    found = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [record["Data"] for record in found] == [b"before", b"after"]

    assert stream.to("PROVISIONED") == "PROVISIONED"
    with pytest.raises(ClientError, match="LimitExceededException"):
        stream.to("ON_DEMAND")


def test_a_stream_on_demand_starts_with_four_shards_and_takes_no_shard_count(corrected):
    stream = Stream(corrected, "on-demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})

    assert stream.summary()["OpenShardCount"] == 4
    with pytest.raises(ClientError, match="ValidationException"):
        stream.scale(8)
    with pytest.raises(ClientError, match="ValidationException"):
        stream.kinesis.merge_shards(
            StreamName=stream.name, ShardToMerge="shardId-000000000000", AdjacentShardToMerge="shardId-000000000001"
        )


def test_closed_shards_do_not_count_and_the_eleventh_change_of_a_day_is_refused(corrected):
    stream = Stream(corrected, "scaled-often", ShardCount=4)
    for target in (2, 1, 2, 1, 2, 1, 2, 1, 2, 1):
        stream.scale(target)

    assert stream.summary()["OpenShardCount"] == 1
    with pytest.raises(ClientError, match="LimitExceededException"):
        stream.scale(2)
