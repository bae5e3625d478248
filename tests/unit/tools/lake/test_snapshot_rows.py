from __future__ import annotations

import json

from tools.lake import snapshot_rows

LINE = (
    b'{"cdc_event":"INSERT","cdc_event_id":"reconcile","cdc_sequence_number":null,"cdc_changed_at_us":17,'
    b'"cdc_key":"{\\"id\\":\\"a\\"}","n":0.123456789012345678901234567890}\n'
)


def test_a_row_of_an_item_becomes_one_of_a_snapshot_and_keeps_its_digits():
    line = snapshot_rows.snapshot_line(LINE, "repair-1")

    row = json.loads(line, parse_float=str)
    assert (row["cdc_event"], row["cdc_event_id"]) == ("SNAPSHOT", 'repair-1:{"id":"a"}')
    assert (row["cdc_changed_at_us"], row["n"]) == (17, "0.123456789012345678901234567890")
    assert line.endswith(b"}\n")
    assert list(row) == ["cdc_event", "cdc_event_id", "cdc_sequence_number", "cdc_changed_at_us", "cdc_key", "n"]


def test_a_removal_keeps_its_event_and_has_the_snapshots_identity():
    row = json.loads(snapshot_rows.removal_line(LINE.replace(b"INSERT", b"REMOVE"), "backfill-1"))

    assert (row["cdc_event"], row["cdc_event_id"]) == ("REMOVE", 'backfill-1:{"id":"a"}')
