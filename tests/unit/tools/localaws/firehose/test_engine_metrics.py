"""What the engine counts, and how far behind it is while delivery is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.localaws.firehose.interfaces import BlockedError
from tools.localaws.firehose.transformation import FailedInvocationError

DENIED = BlockedError("S3.AccessDenied", "denied")


def total(samples, name):
    return sum(value * count for value, count in samples.get(name, {}).items())


def test_each_record_is_counted_where_it_comes_by(world):
    world.add_shard("a", 25)
    world.run(world.engine(), 30)
    counted = world.meter.take()
    size = sum(len(record.data) for record in world.records["a"])
    failed = [record for record in world.records["a"] if record.data.endswith(b"3")]
    delivered = [record for record in world.records["a"] if record.data[-1:] not in (b"3", b"7")]
    assert total(counted, "DataReadFromKinesisStream.Records") == 25
    assert total(counted, "DataReadFromKinesisStream.Bytes") == size
    assert total(counted, "SucceedProcessing.Records") == 25 - len(failed)
    assert total(counted, "SucceedProcessing.Bytes") == size - sum(len(record.data) for record in failed)
    assert total(counted, "DeliveryToS3.Records") == len(delivered)
    assert total(counted, "DeliveryToS3.Bytes") == sum(len(record.data) for record in delivered)
    assert counted["DeliveryToS3.Success"] == {1: 2}
    assert counted["ExecuteProcessing.Success"] == {1: 1}


def test_a_call_of_the_function_that_fails_or_is_denied_is_no_success(world):
    world.add_shard("a", 2)
    world.failures = [
        FailedInvocationError("Lambda.FunctionError", "x"),
        BlockedError("Lambda.InvokeAccessDenied", "x"),
    ]
    world.run(world.engine(), 30)
    assert world.meter.take()["ExecuteProcessing.Success"] == {0: 2, 1: 1}


def test_data_freshness_is_the_age_of_the_oldest_record_at_its_delivery(world):
    world.add_shard("a", 2)
    engine = world.engine()
    engine.step(world.now)
    assert engine.oldest_age(world.now + 7.0) == 7.0
    engine.step(world.now + 2.0)
    engine.step(world.now + 7.0)
    assert world.meter.take()["DeliveryToS3.DataFreshness"] == {7.0: 1}
    assert engine.oldest_age(world.now + 8.0) is None


def test_while_the_bucket_refuses_data_freshness_rises_and_puts_fail(world):
    world.add_shard("a", 5)
    world.blocked["put"] = DENIED
    engine = world.engine()
    began = world.now
    world.run(engine, 120)
    assert engine.oldest_age(world.now) == pytest.approx(world.now - began)
    assert not world.meter.take()["DeliveryToS3.Success"][1]
    del world.blocked["put"]
    world.run(engine, 30)
    assert engine.oldest_age(world.now) is None


@pytest.mark.parametrize("call", ["list", "open", "read"])
def test_while_the_stream_cannot_be_read_it_falls_behind_and_catches_up(world, call):
    world.add_shard("a", 5)
    engine = world.engine()
    if call == "read":
        world.run(engine, 10)
        assert engine.lag_ms(world.now) == 0
    world.blocked[call] = DENIED
    began = world.now
    world.run(engine, 120)
    assert engine.lag_ms(world.now) >= (world.now - began) * 1000
    assert engine.lag_ms(world.now + 60) == engine.lag_ms(world.now) + 60_000
    del world.blocked[call]
    world.run(engine, 30)
    assert engine.lag_ms(world.now) == 0


def test_what_the_buffers_have_no_room_for_falls_behind(world):
    world.add_shard("a", 50)
    world.blocked["put"] = DENIED
    world.share = 3000
    engine = world.engine()
    world.run(engine, 120)
    assert engine.lag_ms(world.now) > 60_000


def test_a_closed_shard_that_is_read_is_not_behind(world):
    world.add_shard("a", 5, closed=True)
    world.add_shard("b", 5, "a")
    engine = world.engine()
    world.run(engine, 120)
    assert engine.lag_ms(world.now) == 0


def test_before_its_first_step_nothing_is_behind(world):
    assert world.engine().lag_ms(world.now + 1000) == 0


def test_records_that_stay_in_the_function_count_into_the_age(world):
    world.add_shard("a", 5)
    world.stream = replace(world.stream, processor=replace(world.stream.processor, retries=1000))
    world.failures = [FailedInvocationError("Lambda.FunctionError", "x")] * 1000
    engine = world.engine()
    world.run(engine, 60)
    assert engine.oldest_age(world.now) > 55


def test_a_read_that_is_throttled_is_counted(world):
    world.add_shard("a", 2)
    world.blocked["read"] = BlockedError(
        "Kinesis.ProvisionedThroughputExceededException", "slow down", "kinesis:GetRecords"
    )
    world.run(world.engine(), 1)
    counted = world.meter.take()
    assert total(counted, "ThrottledGetRecords") == 1
    assert total(counted, "ThrottledGetShardIterator") == 0


def test_the_oldest_of_several_reads_counts(world):
    world.add_shard("a", 3)
    world.page_size = 1
    engine = world.engine()
    began = world.now
    for second in range(3):
        engine.step(began + second / 2)
    assert engine.oldest_age(began + 1) == 1.0
