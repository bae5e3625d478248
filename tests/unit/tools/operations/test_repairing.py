from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.errors import LakeError
from tools.lake import lease
from tools.operations import repairing

AT = datetime(2026, 1, 31, 5, 20, 30, tzinfo=UTC)
LINE = (
    b'{"cdc_event":"INSERT","cdc_event_id":"reconcile","cdc_sequence_number":null,"cdc_changed_at_us":17,'
    b'"cdc_key":"{\\"id\\":\\"a\\"}","n":0.123456789012345678901234567890}\n'
)


def hold(bucket):
    return lease.held(bucket, NAME, "orders", who="w", host="h", verb=repairing.VERB)


def test_a_row_of_an_item_becomes_one_of_a_snapshot_and_keeps_its_digits():
    line = repairing.snapshot_line(LINE, "repair-1")

    row = json.loads(line, parse_float=str)
    assert (row["cdc_event"], row["cdc_event_id"]) == ("SNAPSHOT", 'repair-1:{"id":"a"}')
    assert (row["cdc_changed_at_us"], row["n"]) == (17, "0.123456789012345678901234567890")
    assert line.endswith(b"}\n")
    assert list(row) == ["cdc_event", "cdc_event_id", "cdc_sequence_number", "cdc_changed_at_us", "cdc_key", "n"]


def test_the_same_rows_go_to_the_same_place_and_the_ledger_knows_of_them_first():
    bucket = Bucket()
    with hold(bucket) as held:
        keys = {
            repairing.write_rows(bucket, NAME, ("orders", "data/orders/"), [LINE], at=AT, held=held) for _ in range(2)
        }

    (key,) = keys
    assert key.startswith("data/orders/cdc_date=2026-01-31/cdc_hour=05/repaired-2026-01-31-05-20-30-")
    assert gzip.decompress(bucket.body(key)) == LINE
    (note,) = bucket.keys("ledger/orders/repair/")
    assert json.loads(bucket.body(note))["object"] == key
    puts = [name for operation, name in bucket.calls if operation == "PutObject" and "lease" not in name]
    assert puts == [note, key] * 2


def test_nothing_is_written_while_another_tool_writes_to_the_table():
    bucket = Bucket()
    repair = repairing.Repair(_Lake(bucket), "w")
    with lease.held(bucket, NAME, "orders", who="w", host="h", verb="compact"):
        with pytest.raises(LakeError, match="compact is at work"):
            repair.run([])
        assert bucket.keys("data/") == []


class _Lake:
    """As much of a table as is looked at before the lease is taken."""

    name = "orders"

    def __init__(self, bucket):
        self._bucket = bucket
        self.lake = self
        self.bucket = NAME

    def client(self):
        return self._bucket
