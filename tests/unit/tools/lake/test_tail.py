from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.tools.lake import small_lake
from tools.lake.tail import Tail, json_line, line

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
DIGITS = b"0.12345678901234567890123456789012345678"


@pytest.fixture
def s3():
    s3 = small_lake.S3()
    s3.put(small_lake.folder("2026-01-31", 11) + "old", [small_lake.change("old")])
    return s3


def tail(s3, since=None, bad=None):
    place = (small_lake.BUCKET, f"data/{small_lake.TABLE}/")
    return Tail(s3, place, bad.append if bad is not None else pytest.fail, NOW, since)


def events(following, now=NOW):
    return [json_line(row).split('"cdc_event_id":"')[1].split('"')[0] for row in following.arrived(now)]


def test_what_was_there_before_is_not_told_and_what_comes_is_told_once(s3):
    following = tail(s3)
    assert events(following) == []
    s3.put(small_lake.folder("2026-01-31", 12) + "a", [small_lake.change("new")])
    s3.put(small_lake.folder("2026-01-31", 11) + "late", [small_lake.change("late")])

    assert sorted(events(following)) == ["event-late", "event-new"]
    assert events(following) == []


def test_since_tells_what_is_there_from_that_hour_on(s3):
    s3.put(small_lake.folder("2026-01-29", 1) + "older", [small_lake.change("older")])
    s3.put(small_lake.folder("2026-01-30", 1) + "wanted", [small_lake.change("wanted")])

    following = tail(s3, since=datetime(2026, 1, 30, tzinfo=UTC))

    assert events(following) == ["event-wanted", "event-old"]
    assert events(following) == []


def test_what_compaction_writes_is_told_where_it_holds_changes_that_were_not(s3):
    following = tail(s3)
    s3.put(small_lake.folder("2026-01-31", 11) + "compacted-1.gz", [small_lake.change("old")])

    assert events(following) == []
    assert events(tail(s3, since=datetime(2026, 1, 31, tzinfo=UTC))) == ["event-old"] * 2


def test_it_goes_on_over_midnight(s3):
    following = tail(s3)
    s3.put(small_lake.folder("2026-02-01", 0) + "a", [small_lake.change("new")])

    assert events(following, NOW + timedelta(hours=12)) == ["event-new"]


def test_a_line_has_every_digit_and_cannot_act_on_a_terminal(s3):
    following = tail(s3)
    text = small_lake.change("new", event="INSERT")
    import json

    raw = json.dumps(text).encode().removesuffix(b"}") + b',"n":' + DIGITS + b',"t":"a\xc2\x9bm"}'
    s3.put(small_lake.folder("2026-01-31", 12) + "a", [raw])

    (row,) = following.arrived(NOW)

    assert DIGITS.decode() in json_line(row)
    assert line(row).startswith('1970-01-01 00:00:00.000000  INSERT    {"id":"17"}  {"n":' + DIGITS.decode())
    assert "a\\x9bm" in line(row)


def test_a_line_that_is_no_record_is_told_and_the_rest_goes_on(s3):
    bad = []
    following = tail(s3, bad=bad)
    s3.put(small_lake.folder("2026-01-31", 12) + "a", [b"torn", small_lake.change("new")])

    assert events(following) == ["event-new"]
    assert [each.line for each in bad] == [1]
