from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest

from tools.localaws.firehose.configuration import MIB
from tools.localaws.firehose.interfaces import BEGINNING, BlockedError
from tools.localaws.firehose.records import RECORD_BYTES
from tools.localaws.firehose.transformation import FailedInvocationError


def failed_lines(world):
    return [
        json.loads(line)
        for key, body in world.objects.items()
        if key.startswith("errors/")
        for line in body.splitlines()
    ]


def test_every_record_is_delivered_given_up_or_dropped_and_then_checkpointed(world):
    world.add_shard("a", 25)
    world.add_shard("b", 12)
    engine = world.engine()
    world.run(engine, 30)
    assert world.done_data() == world.all_data()
    assert world.saved_progress.positions == {"a": "a00024", "b": "b00011"}
    assert engine.backlog == 0
    assert (
        world.saved_progress.delivered_records,
        world.saved_progress.failed_records,
        world.saved_progress.dropped_records,
    ) == (30, 4, 3)


def test_killed_between_any_two_steps_a_new_process_delivers_every_record(new_world, crash):
    crash_at, crashes = 0, 0
    while True:
        world = new_world()
        world.add_shard("a", 9, closed=True)
        world.add_shard("b", 14)
        world.add_shard("c", 8, "a")
        world.page_size = 4
        world.crash_at = crash_at
        try:
            world.run(world.engine(), 40)
        except crash:
            crashes += 1
            world.crash_at = None
            world.run(world.engine(), 40)
            assert world.done_data() == world.all_data(), f"killed at operation {crash_at}"
        else:
            break
        crash_at += 1
    assert crashes > 20


def test_killed_again_and_again_it_still_gets_on(new_world, crash):
    world = new_world()
    world.add_shard("a", 200)
    world.page_size = 5
    eager = replace(world.stream.processor, buffer_bytes=1)
    bucket = replace(world.stream.destination, buffer_bytes=1, buffer_seconds=0.0)
    world.stream = replace(world.stream, processor=eager, destination=bucket)
    for life in range(300):
        world.crash_at = world.operations + 5 + life % 31
        try:
            world.run(world.engine(), 30)
        except crash:
            continue
        break
    assert world.done_data() == world.all_data()


def test_nothing_is_delivered_before_its_buffer_is_due(world):
    world.add_shard("a", 2)
    engine = world.engine()
    engine.step(world.now)
    engine.step(world.now + 1.9)
    assert not world.invocations
    engine.step(world.now + 2.0)
    assert len(world.invocations) == 1
    engine.step(world.now + 6.9)
    assert not world.objects
    engine.step(world.now + 7.0)
    assert len(world.objects) == 1


def test_a_full_buffer_does_not_wait(world):
    world.add_shard("a", 4)
    small = replace(world.stream.processor, buffer_bytes=4)
    bucket = replace(world.stream.destination, buffer_bytes=4)
    world.stream = replace(world.stream, processor=small, destination=bucket)
    engine = world.engine()
    engine.step(world.now)
    assert len(world.invocations) == 2
    assert len([key for key in world.objects if key.startswith("data/")]) == 3


def test_the_prefix_is_evaluated_on_the_oldest_record_and_the_name_on_now(world):
    world.add_shard("a", 2)
    engine = world.engine()
    world.run(engine, 10)
    (key,) = world.objects
    assert key.startswith("data/t/cdc_date=2023-11-14/blog-delivery-stream-1-1970-01-01-00-33-")
    assert key.endswith(".json")


@pytest.mark.parametrize("step", [-60.0, 60.0])
def test_a_clock_that_is_set_in_the_middle_of_delivery_changes_no_object_but_the_time_in_its_name(new_world, step):
    def deliver(clock_steps):
        world = new_world()
        world.add_shard("a", 200)
        world.failures = [FailedInvocationError("Lambda.FunctionError", "x")] * 2
        small = replace(world.stream.processor, buffer_bytes=100)
        world.stream = replace(world.stream, processor=small)
        engine, delivered = world.engine(), []
        for second in range(60):
            world.clock_set_by += clock_steps.get(second, 0.0)
            engine.step(world.now)
            delivered.append(list(world.objects.values()))
            world.now += 1.0
        assert world.done_data() == world.all_data()
        return [[re.sub(rb'"attemptEndingTimestamp": \d+', b"", body) for body in bodies] for bodies in delivered]

    assert deliver({7: step, 20: -step, 22: step}) == deliver({})


def arrived(world, shard, seconds):
    """Makes the records of a shard have arrived at this time, in seconds since the epoch."""
    world.records[shard] = [replace(each, arrival_ms=int(seconds * 1000)) for each in world.records[shard]]


def test_a_shard_is_read_to_its_end_though_the_clock_was_set_back_behind_the_start_of_the_delivery_stream(world):
    world.add_shard("a", 0)
    world.run(world.engine(), 5)
    world.add_shard("a", 3)
    del world.shards_listed[-1]
    arrived(world, "a", world.stream.starts - 60)
    world.run(world.engine(), 20)
    assert world.done_data() == world.all_data()


def test_so_is_a_shard_that_follows_one_that_was_read(world):
    world.add_shard("a", 3, closed=True)
    world.add_shard("b", 3, "a")
    arrived(world, "b", world.stream.starts - 60)
    world.run(world.engine(), 20)
    assert world.done_data() == world.all_data()


def test_what_came_before_the_delivery_stream_is_not_delivered(world):
    world.add_shard("a", 3)
    arrived(world, "a", world.stream.starts - 60)
    world.unwanted = {record.data for record in world.records["a"]}
    engine = world.engine()
    world.run(engine, 20)
    world.records["a"].append(
        replace(world.records["a"][0], sequence_number="a00009", data=b"new", arrival_ms=2_000_000)
    )
    world.run(engine, 20)
    assert world.done_data() == {b"new"}


def test_a_denied_function_holds_delivery_and_gives_nothing_up(world):
    world.add_shard("a", 5)
    world.blocked["invoke"] = BlockedError("Lambda.InvokeAccessDenied", "lambda:InvokeFunction denied")
    engine = world.engine()
    world.run(engine, 300)
    assert engine.blocked_by == "lambda:InvokeFunction denied"
    assert world.objects == {}
    assert world.saved_progress.positions == {"a": BEGINNING}
    world.blocked.clear()
    world.run(engine, 20)
    assert world.done_data() == world.all_data()
    assert engine.blocked_by is None
    assert all(line["attemptsMade"] == 1 for line in failed_lines(world))


def test_a_denied_bucket_holds_delivery_and_gives_nothing_up(world):
    world.add_shard("a", 5)
    world.blocked["put"] = BlockedError("S3.AccessDenied", "s3:PutObject denied")
    engine = world.engine()
    world.run(engine, 300)
    assert world.saved_progress.positions == {"a": BEGINNING}
    assert ("S3.AccessDenied", "s3:PutObject denied") in world.reported
    world.blocked.clear()
    world.run(engine, 20)
    assert world.done_data() == world.all_data()


def test_a_source_that_is_away_is_read_on_where_it_was_left(world):
    world.add_shard("a", 30)
    world.page_size = 10
    engine = world.engine()
    engine.step(world.now)
    world.blocked["read"] = BlockedError("Service.Unavailable", "away")
    world.run(engine, 20)
    world.blocked.clear()
    world.reported.clear()
    world.iterators += 1  # those from before are no longer known
    world.run(engine, 30)
    asked = [entry["recordId"] for batch in world.invocations for entry in batch]
    assert len(asked) == len(set(asked)) == 30
    assert world.reported == [], "an iterator that expired is no error"
    assert world.done_data() == world.all_data()


def test_reading_pauses_while_too_much_is_undelivered(world):
    world.share = 20 * (RECORD_BYTES + 4)
    for shard in "abcdef":
        world.add_shard(shard, 40)
    world.blocked["put"] = BlockedError("S3.AccessDenied", "denied")
    engine = world.engine()
    for _ in range(60):
        world.run(engine, 1)
        assert engine.backlog <= 20
    assert engine.backlog >= 14
    world.blocked.clear()
    world.run(engine, 300)
    assert world.done_data() == world.all_data()


def test_every_shard_has_its_turn_though_there_is_never_room_for_all(world):
    world.share = 20 * (RECORD_BYTES + 4)
    for shard in "abcdef":
        world.add_shard(shard, 200)
    engine = world.engine()
    for _ in range(20):
        engine.step(world.now)
        world.now += 1.0
    read = [
        sum(record["kinesisRecordMetadata"]["shardId"] == shard for batch in world.invocations for record in batch)
        for shard in "abcdef"
    ]
    assert sum(read) < 1_000
    assert min(read) > max(read) / 2


def test_a_page_is_as_large_as_there_is_room(world):
    world.share = 2 * MIB
    world.add_shard("a", 100)
    world.records["a"] = [replace(each, data=b"x" * 100_000) for each in world.records["a"]]
    engine = world.engine()
    world.run(engine, 2)
    # At first any record may have 1 MiB; then what the page before was like tells.
    assert world.limits[0] == 3
    assert world.limits[1] == (2 * MIB - 3 * (100_000 + RECORD_BYTES)) // (100_000 + RECORD_BYTES) + 1
    assert engine.backlog * 100_000 < world.share
    world.run(engine, 200)
    assert engine.backlog == 0


def test_a_page_is_never_large_however_much_room_there_is(world):
    world.share = 1024 * MIB
    world.add_shard("a", 100)
    world.records["a"] = [replace(each, data=b"x" * 100_000) for each in world.records["a"]]
    world.run(world.engine(), 5)
    assert world.limits[-1] == 4 * MIB // (100_000 + RECORD_BYTES) + 1


def test_a_page_of_the_smallest_records_is_one_that_kinesis_allows(world):
    world.add_shard("a", 30)
    world.run(world.engine(), 5)
    assert 8_000 < world.limits[-1] <= 10_000


def test_what_fills_the_memory_is_delivered_before_its_buffers_are_due(world):
    world.share = 20 * (RECORD_BYTES + 4)
    slow = replace(world.stream.destination, buffer_bytes=128 * MIB, buffer_seconds=900.0)
    world.stream = replace(world.stream, destination=slow)
    world.stream = replace(world.stream, processor=replace(world.stream.processor, buffer_seconds=900.0))
    world.add_shard("a", 400)
    world.run(world.engine(), 120)
    assert len(world.done_data()) > 380


def test_a_checkpoint_that_cannot_be_saved_holds_delivery_and_delivers_nothing_twice(world):
    world.stream = replace(world.stream, processor=None, append_delimiter=True)
    world.add_shard("a", 30)
    engine = world.engine()
    engine.step(world.now)
    world.blocked["save"] = BlockedError("Checkpoint", "a.json cannot be written (No space left on device)")
    world.run(engine, 120)
    assert engine.blocked_by == "a.json cannot be written (No space left on device)"
    assert ("Checkpoint", engine.blocked_by) in world.reported
    world.add_shard("b", 30)
    world.run(engine, 60)
    assert len(world.objects) == 1
    world.blocked.clear()
    world.run(engine, 60)
    lines = b"".join(world.objects.values()).splitlines()
    assert len(lines) == len(set(lines)) == 60
    assert engine.blocked_by is None
    assert world.saved_progress.positions == {"a": "a00029", "b": "b00029"}


def test_a_failing_function_is_retried_and_then_the_whole_batch_goes_under_the_error_prefix(world):
    world.add_shard("a", 3)
    failure = FailedInvocationError("Lambda.FunctionTimedOut", "no answer")
    world.failures = [failure] * 4
    engine = world.engine()
    world.run(engine, 40)
    assert len(world.invocations) == 4
    lines = failed_lines(world)
    assert [base64.b64decode(line["rawData"]) for line in lines] == [b"a/0", b"a/1", b"a/2"]
    assert {line["attemptsMade"] for line in lines} == {4}
    assert {line["errorCode"] for line in lines} == {"Lambda.FunctionTimedOut"}
    assert all("processing-failed/" in key for key in world.objects)
    assert world.saved_progress.positions == {"a": "a00002"}


def test_a_function_that_recovers_within_its_retries_loses_nothing(world):
    world.add_shard("a", 3)
    world.failures = [FailedInvocationError("Lambda.FunctionError", "x")] * 3
    engine = world.engine()
    world.run(engine, 40)
    assert failed_lines(world) == []
    assert world.saved_progress.delivered_records == 3


def fail_for(world, poison=b""):
    """Makes the function fail for every batch that has a record whose data starts so, and only for these."""

    def answer(records):
        if any(base64.b64decode(record["data"]).startswith(poison) for record in records):
            raise FailedInvocationError("Lambda.FunctionError", "x")
        return world.Function.transform(records)

    world.answer = answer


def test_a_batch_that_fails_again_and_again_does_not_hold_up_the_batches_after_it(world):
    world.stream = replace(world.stream, processor=replace(world.stream.processor, retries=20, buffer_bytes=40))
    world.add_shard("a", 60)
    world.add_shard("b", 60)
    fail_for(world, b"a/0")
    engine = world.engine()
    world.run(engine, 20)
    spared = {f"{shard}/{number}".encode() for shard in "ab" for number in range(60)} - {
        base64.b64decode(record["data"]) for record in world.invocations[0]
    }
    assert spared <= world.done_data()
    assert not [line for line in failed_lines(world) if line["attemptsMade"] > 1]
    assert world.saved_progress.positions["a"] == BEGINNING
    world.run(engine, 200)
    assert world.done_data() == world.all_data()
    given_up = [line for line in failed_lines(world) if line["attemptsMade"] == 21]
    assert b"a/0" in {base64.b64decode(line["rawData"]) for line in given_up}
    assert world.saved_progress.positions == {"a": "a00059", "b": "b00059"}


def test_a_function_that_fails_for_everything_gives_up_nearly_as_much_as_comes(world):
    # 15 changes a second for 8 minutes; a batch is full with about 300, and given up after about 3 minutes.
    world.stream = replace(world.stream, processor=replace(world.stream.processor, retries=20, buffer_bytes=1_800))
    world.add_shard("a", 15 * 480)
    come = world.records["a"]
    world.page_size = 1_000
    fail_for(world)
    engine, started = world.engine(), world.now
    while world.now < started + 480:
        world.records["a"] = come[: int((world.now - started) * 15)]
        world.now += max(engine.step(world.now), 0.001)
    assert len(failed_lines(world)) > 15 * 200
    assert {line["attemptsMade"] for line in failed_lines(world)} == {21}


def test_batches_that_wait_for_another_call_are_limited(world, monkeypatch):
    monkeypatch.setattr("tools.localaws.firehose.engine.RETRYING_BATCHES", 3)
    world.stream = replace(world.stream, processor=replace(world.stream.processor, buffer_bytes=40))
    world.add_shard("a", 100)
    fail_for(world)
    engine = world.engine()
    for _ in range(10):
        engine.step(world.now)
    assert len(world.invocations) == 3
    world.answer = None
    world.run(engine, 60)
    assert world.done_data() == world.all_data()


def test_killed_while_a_batch_is_repeated_a_new_process_delivers_every_record(new_world, crash):
    for crash_at in range(200):
        world = new_world()
        world.stream = replace(world.stream, processor=replace(world.stream.processor, retries=2, buffer_bytes=12))
        world.add_shard("a", 14)
        world.page_size = 4
        fail_for(world, b"a/1")
        world.crash_at = crash_at
        try:
            world.run(world.engine(), 40)
        except crash:
            world.crash_at = None
            world.run(world.engine(), 40)
            assert world.done_data() == world.all_data(), f"killed at operation {crash_at}"
        else:
            break
    assert crash_at > 30


def test_a_malformed_answer_counts_as_a_failed_invocation(world):
    world.add_shard("a", 2)
    world.answer = lambda _records: (b'{"records": []}', None)
    engine = world.engine()
    world.run(engine, 40)
    assert {line["errorCode"] for line in failed_lines(world)} == {"Lambda.MissingRecordId"}


def test_what_was_delivered_before_a_defect_is_saved(world, monkeypatch):
    small = replace(world.stream.destination, buffer_bytes=8)
    world.stream = replace(world.stream, destination=small, processor=None, append_delimiter=True)
    world.add_shard("a", 10)
    engine = world.engine()
    put = engine._delivered._store.put

    def put_once(key, body):
        if world.objects:
            raise ZeroDivisionError
        put(key, body)

    monkeypatch.setattr(engine._delivered._store, "put", put_once)
    with pytest.raises(ZeroDivisionError):
        world.run(engine, 10)
    assert len(world.objects) == 1
    assert world.saved_progress.positions["a"] > "a00000"


def test_without_a_function_records_go_straight_to_the_bucket(world):
    world.stream = replace(world.stream, processor=None, append_delimiter=True)
    world.add_shard("a", 3)
    engine = world.engine()
    world.run(engine, 10)
    assert list(world.objects.values()) == [b"a/0\na/1\na/2\n"]


def test_a_child_shard_is_read_only_after_its_parents(world):
    world.add_shard("child", 3, "one", "two")
    world.add_shard("one", 30, closed=True)
    world.add_shard("two", 30, closed=True)
    world.page_size = 7
    engine = world.engine()
    world.run(engine, 30)
    order = [entry["kinesisRecordMetadata"]["shardId"] for batch in world.invocations for entry in batch]
    assert order.index("child") == 60
    assert world.done_data() == world.all_data()


def test_a_shard_that_was_merged_of_three_is_read_after_all_of_them(world):
    world.add_shard("shard-9", 3, "shard-1", "shard-2")
    for number, count in ((1, 30), (2, 30), (3, 90)):
        world.add_shard(f"shard-{number}", count, closed=True)
    world.add_shard("shard-4", 5)
    hashes = {"shard-1": (0, 9), "shard-2": (10, 19), "shard-3": (20, 29), "shard-4": (30, 39), "shard-9": (0, 29)}
    world.shards_listed = [
        replace(each, first_hash=first, last_hash=last, is_closed=each.shard_id in world.closed)
        for each in world.shards_listed
        for first, last in [hashes[each.shard_id]]
    ]
    world.page_size = 7
    world.run(world.engine(), 30)
    order = [entry["kinesisRecordMetadata"]["shardId"] for batch in world.invocations for entry in batch]
    assert order.index("shard-9") == 155
    assert world.done_data() == world.all_data()


def test_a_shard_that_appears_later_is_read(world):
    world.add_shard("a", 3)
    engine = world.engine()
    world.run(engine, 15)
    world.add_shard("b", 3)
    world.run(engine, 25)
    assert world.done_data() == world.all_data()


def test_a_forgotten_shard_leaves_the_checkpoint_once_its_records_are_done(world):
    world.add_shard("a", 3, closed=True)
    world.add_shard("b", 3, "a")
    engine = world.engine()
    world.run(engine, 5)
    world.shards_listed = [shard for shard in world.shards_listed if shard.shard_id != "a"]
    world.run(engine, 40)
    assert world.saved_progress.positions == {"b": "b00002"}
    assert world.done_data() == world.all_data()


def test_an_idle_stream_is_looked_at_once_a_second(world):
    world.add_shard("a", 0)
    engine = world.engine()
    assert engine.step(world.now) == 1.0


def is_call_with(*data):
    """Returns a function that tells whether a call is one of the function, for a batch with a record of such data."""
    return lambda call: call.func.__name__ == "_invoke" and any(record.data in data for record in call.args[0])


def is_put(call):
    return call.func.__name__ == "_put"


def test_a_function_that_does_not_answer_holds_up_its_own_batches_alone(world):
    world.stream = replace(world.stream, processor=replace(world.stream.processor, buffer_bytes=40))
    world.add_shard("a", 60)
    world.add_shard("b", 60)
    world.holds = is_call_with(b"a/0", b"a/20", b"b/30", b"b/55")
    engine = world.engine()
    world.run(engine, 40)
    assert len(world.held) == 4
    late = {record.data for call, _ in world.held for record in call.args[0] if not record.data.endswith(b"7")}
    assert world.all_data() - world.done_data() == late
    assert world.saved_progress.positions["a"] == BEGINNING
    world.failures = [FailedInvocationError("Lambda.FunctionTimedOut", "no answer")]
    world.let_go()
    world.run(engine, 20)
    assert world.done_data() == world.all_data()
    assert world.saved_progress.positions == {"a": "a00059", "b": "b00059"}


def test_few_calls_are_made_at_a_time_and_more_where_they_take_long(world):
    world.stream = replace(world.stream, processor=replace(world.stream.processor, buffer_bytes=1))
    world.add_shard("a", 100)
    world.page_size = 100
    world.holds = lambda _call: True
    engine = world.engine()
    begun = []
    for second in range(0, 60, 6):
        engine.step(world.now + second)
        begun.append(len(world.held))
    assert begun == [3, 6, 9, 12, 15, 16, 16, 16, 16, 16]


def test_while_an_object_is_being_stored_others_are_made_and_nothing_of_it_counts_as_done(world):
    world.add_shard("a", 10)
    world.holds = is_put
    engine = world.engine()
    world.run(engine, 20)
    world.add_shard("b", 10)
    world.run(engine, 20)
    assert len(world.invocations) == 2
    # Those that the function drops are done.
    assert (world.objects, world.saved_progress.positions) == ({}, {"a": BEGINNING, "b": BEGINNING})
    world.let_go()
    world.run(engine, 20)
    assert world.done_data() == world.all_data()
    assert world.saved_progress.positions == {"a": "a00009", "b": "b00009"}


def test_an_object_that_could_not_be_stored_is_stored_under_the_same_key(world, monkeypatch):
    world.stream = replace(world.stream, processor=None, append_delimiter=True)
    world.add_shard("a", 3)
    engine, keys = world.engine(), []

    def put(key, body):
        keys.append(key)
        world.objects[key] = body
        if len(keys) < 3:
            raise BlockedError("Service.Unavailable", "no answer, and yet it may be there")

    monkeypatch.setattr(engine._delivered._store, "put", put)
    world.run(engine, 30)
    assert (len(keys), len(set(keys)), len(world.objects)) == (3, 1, 1)
    assert world.saved_progress.positions == {"a": "a00002"}


def test_an_object_that_is_being_stored_when_delivery_stops_is_saved_as_done(world):
    world.stream = replace(world.stream, processor=None, append_delimiter=True)
    world.add_shard("a", 3)
    world.holds = is_put
    engine = world.engine()
    world.run(engine, 10)
    assert world.saved_progress.positions == {"a": BEGINNING}
    engine.finish(world.now, 0)
    assert world.saved_progress.positions == {"a": BEGINNING}
    world.let_go()
    engine.finish(world.now, 0)
    assert world.saved_progress.positions == {"a": "a00002"}
    assert world.saved_progress.delivered_records == 3


def test_while_other_streams_have_all_calls_nothing_begins_and_it_is_tried_again_soon(world):
    world.add_shard("a", 10)
    world.most_calls = 0
    engine = world.engine()
    pauses = [engine.step(world.now + second) for second in range(5)]
    assert pauses[-1] == 0.1
    assert not world.invocations
    world.most_calls = 1
    world.run(engine, 3)
    assert len(world.invocations) == 1
    world.most_calls = 0
    world.run(engine, 20)
    assert world.objects == {}
    world.most_calls = 1
    world.run(engine, 20)
    assert world.done_data() == world.all_data()
