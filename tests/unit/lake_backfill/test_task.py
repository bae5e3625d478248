"""A set is written once, whichever call an attempt dies at, and only from the files that DynamoDB wrote."""

from __future__ import annotations

import base64
import gzip
import json

import msgspec
import pytest

from lake_backfill import task
from lake_backfill.errors import BackfillError
from lake_backfill.objects import Counts
from lake_backfill.rows import RowMaker
from lake_transform.settings import Settings
from lake_transform.transform import Transform
from tests.unit.lake_backfill import exported
from tests.unit.tools.lake.versioned_bucket import Bucket, Killed
from tools.lake import failed_records, row_ledger
from tools.lake.row_ledger import Record

BAD = b'{"Item":{"id":{"S":"bad"},"n":{"N":"NaN"}}}\n'
LINES = [exported.line(item) for item in exported.items(3)]


def run(bucket, plan):
    return task.write_set(bucket, plan, plan.sets[0], RowMaker(plan, plan.sets[0], Transform(Settings())))


def test_rows_stand_in_the_order_of_the_files_and_failed_items_beside_them_under_the_error_prefix():
    bucket = Bucket()
    plan = exported.export(bucket, [{"b": LINES[1:], "a": [BAD, LINES[0], BAD]}])

    assert run(bucket, plan) == Counts(3, 0, 2)
    (packed,) = [bucket.body(key) for key in bucket.keys("data/")]
    ids = [json.loads(line)["id"] for line in gzip.decompress(packed).splitlines()]
    assert ids == ["ord-00001", "ord-00002", "ord-00000"]
    (key,) = bucket.keys("errors/")
    assert key == f"errors/orders/backfill-failed/{exported.HOUR}/backfill-0.gz"
    failed = [failed_records.replayable(line) for line in gzip.decompress(bucket.body(key)).splitlines()]
    assert {(each.code, each.message) for each in failed} == {
        ("Backfill.TransformFailed", "a number is not in JSON's grammar")
    }
    assert failed[0].changes({"id": {"S": "bad"}})
    assert [json.loads(each.data())["eventID"] for each in failed] == ["backfill-set-0:3", "backfill-set-0:5"]


def test_the_ledger_of_rows_reads_what_a_task_has_written():
    bucket = Bucket()
    plan = exported.export(bucket, [{"a": [*LINES, BAD]}])
    run(bucket, plan)
    key = plan.sets[0].key
    metadata = bucket.versions[key][-1].metadata

    read = row_ledger.committed(Record("backfill", "set-0", (), key, "ours"), metadata)

    assert read.counts == row_ledger.Counts(3, 0, 1)
    assert read.attempt != "ours"
    assert metadata["lines"] == "3"


def test_a_set_without_rows_has_no_object():
    bucket = Bucket()
    assert run(bucket, exported.export(bucket, [{"a": [BAD]}])) == Counts(0, 0, 1)
    assert not bucket.keys("data/")


def calls():
    bucket = Bucket()
    run(bucket, exported.export(bucket, [{"a": [*LINES, BAD]}]))
    return len(bucket.calls)


@pytest.mark.parametrize("answers_last", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, calls() + 1))
def test_an_attempt_that_is_killed_at_any_call_and_repeated_writes_each_row_once(at, answers_last):
    bucket = Bucket()
    plan = exported.export(bucket, [{"a": [*LINES, BAD]}])
    bucket.dies_at, bucket.answers_last = at, answers_last
    with pytest.raises(Killed):
        run(bucket, plan)
    bucket.revive()

    assert run(bucket, plan) == Counts(3, 0, 1)
    assert len(bucket.lines("data/")) == 3
    assert len(bucket.lines("errors/")) == 1
    assert [len(bucket.versions[key]) for key in (*bucket.keys("data/"), *bucket.keys("errors/"))] == [1, 1]


def test_of_two_attempts_at_the_same_time_the_first_has_written_the_set():
    bucket = Bucket()
    plan = exported.export(bucket, [{"a": LINES}])
    asked = []

    def other_is_first():
        if not asked:
            asked.append(True)
            run(bucket, plan)

    bucket.looked = other_is_first
    assert run(bucket, plan) == Counts(3)
    assert len(bucket.versions[plan.sets[0].key]) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body, file: (body[:-9], file),
        lambda body, file: (b"no gzip", file),
        lambda body, file: (gzip.compress(gzip.decompress(body)[:-20]), file),
        lambda body, file: (gzip.compress(b'{"Item":{"name":{"S":"no key"}}}\n'), file),
        lambda body, file: (body, msgspec.structs.replace(file, items=4)),
        lambda body, file: (body, msgspec.structs.replace(file, md5=base64.b64encode(b"0" * 16).decode())),
    ],
    ids=["cut", "other", "fewer bytes", "other items", "other count", "other checksum"],
)
def test_a_file_that_is_not_the_manifests_writes_nothing(spoil):
    bucket = Bucket()
    plan = exported.export(bucket, [{"a": LINES}])
    (file,) = plan.sets[0].files
    body, file = spoil(bucket.body(file.key), file)
    bucket.place(file.key, body)
    spoilt = msgspec.structs.replace(plan, sets=(msgspec.structs.replace(plan.sets[0], files=(file,)),))

    with pytest.raises(BackfillError, match="export again"):
        run(bucket, spoilt)
    assert not bucket.keys("data/")


def test_an_object_that_no_backfill_wrote_is_left_as_it_is():
    bucket = Bucket()
    plan = exported.export(bucket, [{"a": LINES}])
    bucket.place(plan.sets[0].key, b"somebody's")

    with pytest.raises(BackfillError, match="is no object of a backfill"):
        run(bucket, plan)
    assert bucket.body(plan.sets[0].key) == b"somebody's"
