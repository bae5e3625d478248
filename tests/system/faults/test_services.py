"""Services that refuse and come back, and shards that are replaced: nothing is lost, whatever is killed meanwhile."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.system.long_form import ROUNDS
from tests.system.waiting import wait_until
from tools.localaws import service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults"), pytest.mark.long]


def expect_error(lake, text):
    wait_until(lambda: text in lake.last_error(), lambda: f"{text} in {lake.last_error()!r}")


def test_a_bucket_that_denies_puts_holds_delivery_until_it_allows_them(lake):
    arns = [f"arn:aws:s3:::{lake.bucket}/*"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": arns}
    lake.s3.put_bucket_policy(Bucket=lake.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    lake.write(20)
    expect_error(lake, "s3:PutObject")
    lake.end("delivery")
    lake.up()
    lake.write(20)
    expect_error(lake, "s3:PutObject")
    lake.s3.delete_bucket_policy(Bucket=lake.bucket)
    lake.check()


def reshard(lake, shards):
    """Asks for so many shards until it is answered: what was asked of a killed emulator may have been done."""

    def attempt():
        try:
            lake.kinesis.update_shard_count(
                StreamName=lake.stream, TargetShardCount=shards, ScalingType="UNIFORM_SCALING"
            )
        except (BotoCoreError, ClientError):
            lake.up()
        summary = lake.kinesis.describe_stream_summary(StreamName=lake.stream)["StreamDescriptionSummary"]
        return summary["OpenShardCount"] == shards

    wait_until(attempt, f"{shards} shards")


@pytest.mark.parametrize("counts", [(3, 1, 4, 2)] * ROUNDS)
def test_shards_that_are_split_and_merged_while_processes_are_killed_lose_and_reorder_nothing(lake, counts):
    for number, shards in enumerate(counts):
        lake.write(20)
        lake.end(service.PARTS[number % 2])
        lake.up()
        reshard(lake, shards)
        lake.write(20)
        lake.end(service.PARTS[(number + 1) % 2])
        lake.up()
    lake.write(20)
    lake.check()
