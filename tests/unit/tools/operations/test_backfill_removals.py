from __future__ import annotations

import gzip
import json
from types import SimpleNamespace

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.lake.export import Window
from tools.lake.reconcile.items import Schema
from tools.operations import backfill_removals
from tools.operations.backfill_removals import UnseenRemovals

FIRST = 1769835600  # 2026-01-31 05:00
WINDOW = Window(FIRST, FIRST + 1800)
FOLDER = "data/t/cdc_date=2026-01-31/cdc_hour=05/"
DATE = "Sat, 31 Jan 2026 06:00:00 GMT"
SCHEMA = Schema("t", {"id": "S"})
SNAPSHOT = "backfill-9"


def row(key, event="INSERT", at=60, **more):
    us = (FIRST + at) * 1_000_000
    return {
        "cdc_event": event, "cdc_event_id": f"e-{key}-{event}", "cdc_table": "t", "cdc_changed_at": "",
        "cdc_ttl": False, "cdc_changed_at_us": us, "cdc_sequence_number": "49", "cdc_key": json.dumps({"id": key}),
        "name": f"of {key}", "price": 1.50, **more,
    }  # fmt: skip


def place(s3, name, *rows):
    s3.place(FOLDER + name, gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in rows)))


def lines(s3, *present, schema=SCHEMA, exported=()):
    def batch_get_item(**request):
        keys = request["RequestItems"]["t"]["Keys"]
        found = [key for key in keys if key["id"]["S"] in present]
        return {"Responses": {"t": found}, "UnprocessedKeys": {}, "ResponseMetadata": {"HTTPHeaders": {"date": DATE}}}

    dynamodb = SimpleNamespace(batch_get_item=batch_get_item)
    unseen = UnseenRemovals(s3, (NAME, "data/t/"), dynamodb, schema, WINDOW)
    return [json.loads(line) for line in unseen.lines(exported, SNAPSHOT)]


def test_an_item_that_the_stream_had_and_neither_table_nor_export_has_is_removed_after_its_last_row():
    s3 = Bucket()
    place(s3, "a.gz", row("gone"), row("gone", "MODIFY", 90, cdc_before="{}", name="last"))

    assert lines(s3) == [
        {
            **row("gone", "REMOVE", 90, name="last"),
            "cdc_event_id": 'backfill-9:{"id": "gone"}',
            "cdc_changed_at": "2026-01-31 05:01:30.001000",
            "cdc_changed_at_us": (FIRST + 90) * 1_000_000 + 1000,
            "cdc_sequence_number": None,
        }
    ]


def test_every_digit_of_the_row_stays():
    s3 = Bucket()
    place(s3, "a.gz", row("gone"))
    body = gzip.decompress(s3.body(FOLDER + "a.gz")).replace(b"1.5,", b"1.50,").replace(b"1.5}", b"1.50}")
    s3.place(FOLDER + "a.gz", gzip.compress(body))
    dynamodb = SimpleNamespace(
        batch_get_item=lambda **_: {
            "Responses": {},
            "UnprocessedKeys": {},
            "ResponseMetadata": {"HTTPHeaders": {"date": DATE}},
        }
    )

    (line,) = UnseenRemovals(s3, (NAME, "data/t/"), dynamodb, SCHEMA, WINDOW).lines([], SNAPSHOT)

    assert b'"price":1.50' in line


def test_whatever_is_known_otherwise_is_left_alone():
    s3 = Bucket()
    place(
        s3,
        "a.gz",
        row("there"),
        row("removed"),
        row("removed", "REMOVE", 70),
        row("exported"),
        row("before", at=-60),
        row("after", at=1800),
        row("0" * 64),
        row("ours", cdc_event_id=f"{SNAPSHOT}:ours"),
    )
    place(s3, "export.gz", row("exported", "SNAPSHOT", cdc_event_id=f"{SNAPSHOT}:exported"))
    hashed = Schema("t", {"id": "S"}, frozenset(("id",)))

    assert lines(s3, "there", schema=hashed, exported=[f"{FOLDER}export.gz"]) == []


def test_they_are_written_once(monkeypatch):
    written = []

    class Writer:
        def is_done(self, identity):
            return bool(written)

        def write(self, identity, sources, make, now):
            made = make(SimpleNamespace(add=written.append), None)
            return SimpleNamespace(identity=identity) if made else None

        def close(self, record):
            assert record.identity == "9-unseen"

    ledger = SimpleNamespace(read_done=lambda *_: None)
    planned = SimpleNamespace(sets=[SimpleNamespace(identity="9-0")], snapshot=SNAPSHOT)
    unseen = SimpleNamespace(lines=lambda exported, snapshot: [b"row\n"])

    assert [backfill_removals.write(unseen, Writer(), ledger, planned, "9") for _ in range(2)] == [1, 0]
    assert written == [b"row\n"]
