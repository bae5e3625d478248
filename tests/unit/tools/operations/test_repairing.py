from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.errors import LakeError
from tools.lake import lease
from tools.lake.row_writer import RowWriter
from tools.operations import repairing

AT = datetime(2026, 1, 31, 5, 20, 30, tzinfo=UTC)
LINE = (
    b'{"cdc_event":"INSERT","cdc_event_id":"reconcile","cdc_sequence_number":null,"cdc_changed_at_us":17,'
    b'"cdc_key":"{\\"id\\":\\"a\\"}","n":0.123456789012345678901234567890}\n'
)


def hold(bucket):
    return lease.held(bucket, NAME, "orders", who="w", host="h", verb=repairing.VERB)


def writer(bucket, held):
    return RowWriter(bucket, NAME, "orders", prefix="data/orders/", verb=repairing.VERB, held=held)


def test_rows_go_under_the_hour_of_the_run_and_the_ledger_knows_of_them():
    bucket = Bucket()
    with hold(bucket) as held:
        repairing.write_rows(writer(bucket, held), "2026-1", [LINE, LINE], AT)

    (key,) = bucket.keys("data/")
    assert key == "data/orders/cdc_date=2026-01-31/cdc_hour=05/repair-2026-1.gz"
    assert gzip.decompress(bucket.body(key)) == LINE * 2
    assert bucket.keys("ledger/orders/rows/") == ["ledger/orders/rows/done/repair/2026-1.json"]


@pytest.mark.parametrize("answers_last", [False, True])
def test_what_a_run_that_died_has_begun_is_ended_by_the_next_wherever_it_died(answers_last):
    for dies_at in range(2, 9):
        bucket = Bucket()
        bucket.dies_at, bucket.answers_last = dies_at, answers_last
        with suppress(Killed), hold(bucket) as held:
            repairing.write_rows(writer(bucket, held), "2026-1", [LINE], AT)
        bucket.revive()
        bucket.wait(minutes=6)

        with hold(bucket) as held:
            writer(bucket, held).end_open()

        assert bucket.keys("ledger/orders/rows/open/") == []
        assert len(bucket.keys("ledger/orders/rows/done/")) == len(bucket.keys("data/"))


def test_nothing_is_written_while_another_tool_writes_to_the_table():
    bucket = Bucket()
    repair = repairing.Repair(_Lake(bucket), "w")
    with lease.held(bucket, NAME, "orders", who="w", host="h", verb="compact"):
        with pytest.raises(LakeError, match="compact is at work"):
            repair.run([])
        assert bucket.keys("data/") == []


def test_two_runs_in_the_same_second_write_the_rows_of_both(monkeypatch):
    bucket, snapshots = Bucket(), set()
    monkeypatch.setattr(repairing.Repair, "_rows", lambda _, found, snapshot: snapshots.add(snapshot) or iter(found))
    for line in (LINE, LINE.replace(b"a", b"b")):
        repairing.Repair(_Lake(bucket), "w").run([line])

    assert {gzip.decompress(bucket.body(key)) for key in bucket.keys("data/")} == {LINE, LINE.replace(b"a", b"b")}
    assert len(snapshots) == 2


class _Lake:
    """As much of a table as is looked at where its items are not."""

    name = "orders"
    outputs = SimpleNamespace(data_prefix="data/orders/")

    def __init__(self, bucket):
        self._bucket = bucket
        self.lake = self
        self.bucket = NAME

    def client(self):
        return self._bucket
