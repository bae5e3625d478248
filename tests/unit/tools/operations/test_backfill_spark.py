"""A job writes the sets of a plan once, wherever it or the verb dies, and the ledger knows of each."""

from __future__ import annotations

import json
from types import SimpleNamespace

import msgspec
import pytest

from lake_backfill import plan as plans
from lake_backfill import task
from lake_backfill.rows import RowMaker
from lake_transform.settings import Settings
from lake_transform.transform import Transform
from tests.unit.lake_backfill import exported
from tests.unit.tools.lake.versioned_bucket import Bucket, Killed
from tools.errors import LakeError
from tools.lake.backfill.plan import VERB, Plan
from tools.lake.row_ledger import Counts, RowLedger
from tools.lake.row_writer import RowWriter
from tools.operations import backfill_spark

LINES = [exported.line(item) for item in exported.items(4)]
BAD = b'{"Item":{"id":{"S":"bad"},"n":{"N":"NaN"}}}\n'
FOLDER = f"ledger/{exported.TABLE}/backfill/0170-a/"


def planned(bucket):
    """Returns a plan of three sets, of which the last has no row."""
    made = exported.export(bucket, [{"a": LINES[:2]}, {"b": [*LINES[2:], BAD]}, {"c": [BAD]}])
    return msgspec.convert({**msgspec.to_builtins(made), "kms_key_arn": None}, Plan)


def job(bucket, seen=None):
    """Returns what does as the Glue job, in this process."""

    def run(plan_key, tell):
        plan = plans.read(bucket.get_object(Bucket=exported.NAME, Key=plan_key)["Body"].read(), plan_key)
        if seen is not None:
            seen.append([each.identity for each in plan.sets])
        maker = Transform(Settings())
        counts = {each.identity: task.write_set(bucket, plan, each, RowMaker(plan, each, maker)) for each in plan.sets}
        bucket.put_object(Bucket=exported.NAME, Key=plans.result_key(plan_key), Body=msgspec.json.encode(counts))

    return run


def carry_out(bucket, plan, run_job):
    """Ends what an earlier run has begun, and carries out what is left, as the verb does."""
    ledger = RowLedger(bucket, exported.NAME, exported.TABLE)
    place = (bucket, exported.NAME, exported.TABLE)
    writer = RowWriter(*place, prefix=f"data/{exported.TABLE}/", verb=VERB, held=SimpleNamespace(check=lambda: None))
    writer.end_open([each.identity for each in plan.sets])
    sets = [each for each in plan.sets if not ledger.is_done(VERB, each.identity)]
    return backfill_spark.carry_out(bucket, plan, sets, run_job, export_id="0170-a", tell=lambda _: None)


def test_each_set_is_written_and_noted_and_another_run_has_nothing_to_do():
    bucket, seen = Bucket(), []
    plan = planned(bucket)

    assert carry_out(bucket, plan, job(bucket, seen)) == Counts(4, 0, 2)
    assert len(bucket.lines("data/")) == 4
    assert bucket.keys("ledger/orders/rows/open/") == []
    done = [json.loads(bucket.body(key)) for key in bucket.keys("ledger/orders/rows/done/")]
    assert [each["counts"] for each in done] == [
        {"rows": 2, "dropped": 0, "left": 0},
        {"rows": 2, "dropped": 0, "left": 1},
        {"rows": 0, "dropped": 0, "left": 1},
    ]
    assert carry_out(bucket, plan, job(bucket, seen)) == Counts()
    assert seen == [["set-0", "set-1", "set-2"]]


@pytest.mark.parametrize("answers_last", [False, True], ids=["before", "after"])
def test_killed_at_any_call_and_run_again_it_ends_as_if_nothing_had_happened(answers_last):
    for dies_at in range(1, 200):
        bucket = Bucket()
        plan = planned(bucket)
        bucket.dies_at, bucket.answers_last = dies_at, answers_last
        try:
            carry_out(bucket, plan, job(bucket))
        except Killed:
            bucket.revive()
            carry_out(bucket, plan, job(bucket))
        else:
            break
        finally:
            assert len(bucket.lines("data/")) == 4
            assert {len(bucket.versions[key]) for key in bucket.keys("data/")} == {1}
            assert len(bucket.keys("ledger/orders/rows/done/backfill/")) == 3
            assert bucket.keys("ledger/orders/rows/open/") == []
    assert dies_at > 20


def test_while_the_job_is_at_work_the_ledger_keeps_others_from_its_objects():
    bucket = Bucket()
    plan = planned(bucket)
    kept = []

    def look(plan_key, tell):
        kept.append(RowLedger(bucket, exported.NAME, exported.TABLE).unsettled())
        job(bucket)(plan_key, tell)

    carry_out(bucket, plan, look)
    assert kept == [{each.key for each in plan.sets}]


def test_a_job_that_says_it_has_succeeded_and_wrote_nothing_is_not_believed():
    bucket = Bucket()
    plan = planned(bucket)
    claimed = {each.identity: {"rows": each.items} for each in plan.sets}
    bucket.place(f"{FOLDER}spark-result.json", msgspec.json.encode(claimed))

    with pytest.raises(LakeError, match="set set-0 was not written"):
        carry_out(bucket, plan, lambda plan_key, tell: None)


def test_a_set_that_lost_items_is_told():
    bucket = Bucket()
    plan = planned(bucket)

    def loses(plan_key, tell):
        job(bucket)(plan_key, tell)
        bucket.place(plan.sets[0].key, b"", attempt="x", rows="1", dropped="0", left="0")

    with pytest.raises(LakeError, match="set set-0: 2 items became 1 rows, 0 dropped and 0 failed"):
        carry_out(bucket, plan, loses)
