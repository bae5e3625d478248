from __future__ import annotations

import gzip
import io
import json

from tools.lake import failed_records
from tools.lake.backfill import row_making
from tools.lake.backfill.row_making import RowMaker
from tools.lake.deployed_transform import Result
from tools.lake.export import Change
from tools.lake.packed_file import PackedFile
from tools.lake.reconcile.items import Schema
from tools.lake.row_ledger import Counts

SCHEMA = Schema("orders", {"id": "S"})
KEY = {"id": {"S": "a"}}


class Function:
    """Makes a line of each change; drops the item `drop`, and fails the item `fail`."""

    def transform(self, records):
        return [self._made(json.loads(record.document)) for record in records]

    def explain(self, records):
        return ["the hook raised KeyError"] * len(records)

    def check(self):
        pass

    def _made(self, change):
        images = change["dynamodb"]
        key = images["Keys"]["id"]["S"]
        if key in ("drop", "fail"):
            return Result("Dropped" if key == "drop" else "ProcessingFailed")
        row = {
            "cdc_event": change["eventName"],
            "cdc_event_id": change["eventID"],
            "cdc_changed_at_us": images["ApproximateCreationDateTime"],
            "cdc_sequence_number": None,
            "cdc_key": json.dumps({"id": key}),
            "old": images.get("OldImage", {}).get("v"),
        }
        return Result("Ok", json.dumps(row).encode() + b"\n")


def made(states):
    rows, failed = io.BytesIO(), io.BytesIO()
    packed = PackedFile(rows), PackedFile(failed)
    maker = RowMaker(
        Function(), SCHEMA, snapshot="backfill-e", identity="backfill-e-0", rows=packed[0], failed=packed[1]
    )
    maker.add(states)
    maker.flush()
    for each in packed:
        each.finish()
    return maker, *(gzip.decompress(each.getvalue()).splitlines() for each in (rows, failed))


def items(*keys):
    return row_making.of_items(SCHEMA, ({"id": {"S": key}} for key in keys), 17)


def test_items_become_snapshot_rows_of_the_exports_time_in_their_order():
    maker, rows, _ = made(items("b", "a"))

    assert [(row["cdc_event"], row["cdc_event_id"], row["cdc_changed_at_us"]) for row in map(json.loads, rows)] == [
        ("SNAPSHOT", 'backfill-e:{"id": "b"}', 17),
        ("SNAPSHOT", 'backfill-e:{"id": "a"}', 17),
    ]
    assert maker.counts == Counts(rows=2)


def test_what_changed_last_in_a_window_becomes_a_row_of_its_own_time_and_a_removal_a_removal():
    changes = [
        Change(KEY, {**KEY, "v": {"N": "2"}}, None, 5999),
        Change({"id": {"S": "b"}}, None, {"v": {"N": "1"}}, 6000),
    ]

    _, rows, _ = made(row_making.of_changes(changes))

    found = [json.loads(row) for row in rows]
    assert [(row["cdc_event"], row["cdc_changed_at_us"], row["old"]) for row in found] == [
        ("SNAPSHOT", 5000, None),
        ("REMOVE", 6000, {"N": "1"}),
    ]
    assert found[1]["cdc_event_id"] == 'backfill-e:{"id": "b"}'


def test_what_the_function_fails_is_kept_with_its_reason_as_replay_reads_it_and_told_by_no_value():
    maker, rows, failed = made(items("a", "fail", "drop", "fail"))

    records = [failed_records.replayable(line) for line in failed]
    assert [record.reason for record in records] == ["Backfill.TransformFailed: the hook raised KeyError"] * 2
    changes = [json.loads(record.data()) for record in records]
    assert [change["eventID"] for change in changes] == ["backfill-e-0:2", "backfill-e-0:4"]
    assert (maker.counts, len(rows)) == (Counts(1, 1, 2), 1)
    assert dict(maker.reasons) == {"the hook raised KeyError": 2}
