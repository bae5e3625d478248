"""Rows of a set are written once, whichever call an attempt dies at and whoever comes late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.errors import LakeError
from tools.lake.row_ledger import Counts
from tools.lake.row_writer import STALE, RowWriter

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
PREFIX = "data/orders/"
KEY = f"{PREFIX}cdc_date=2026-01-31/cdc_hour=12/repair-one.gz"


def writer(s3, check=lambda: None):
    return RowWriter(s3, NAME, "orders", prefix=PREFIX, verb="repair", held=SimpleNamespace(check=check))


def rows(*texts, dropped=0):
    def make(file, _record):
        for text in texts:
            file.add(text.encode() + b"\n")
        return Counts(len(texts), dropped)

    return make


def write(s3, make, now=NOW):
    """Does what a run does for a set."""
    one = writer(s3)
    record = one.write("one", (), make, now)
    one.close(record)
    return record


def test_rows_lie_in_one_object_under_the_hour_of_their_writing():
    s3 = Bucket()
    record = write(s3, rows("a", "b", dropped=1))

    assert record.counts == Counts(2, 1)
    assert s3.keys("data/") == [KEY]
    assert s3.lines() == [b"a", b"b"]
    assert s3.keys("ledger/") == ["ledger/orders/rows/done/repair/one.json"]
    assert [writer(s3).is_done(identity) for identity in ("one", "two")] == [True, False]


def calls():
    s3 = Bucket()
    write(s3, rows("a"))
    return len(s3.calls)


@pytest.mark.parametrize("answers_last", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, calls() + 1))
def test_a_repeat_with_other_rows_writes_no_second_time(at, answers_last):
    s3 = Bucket()
    s3.dies_at, s3.answers_last = at, answers_last
    with pytest.raises(Killed):
        write(s3, rows("a"))
    s3.revive()
    if s3.keys("ledger/orders/rows/done/"):
        assert s3.lines() == [b"a"]
        return

    record = write(s3, rows("a", "b"), NOW + timedelta(hours=3))

    assert s3.keys("data/") in ([KEY], [KEY.replace("=12", "=15")])
    assert s3.lines() in ([b"a"], [b"a", b"b"])
    assert record.counts.rows == len(s3.lines())


def test_an_attempt_that_others_have_overtaken_writes_nothing_and_ends():
    s3 = Bucket()

    def overtaken(file, record):
        write(s3, rows("theirs"))
        return rows("ours")(file, record)

    with pytest.raises(LakeError, match="has changed meanwhile"):
        write(s3, overtaken)

    assert s3.lines() == [b"theirs"]


def test_an_hour_that_was_fixed_is_left_only_when_it_is_old():
    for later, hour in ((timedelta(hours=11), "cdc_hour=12"), (STALE, "cdc_date=2026-02-01/cdc_hour=00")):
        s3 = Bucket()
        with pytest.raises(ZeroDivisionError):
            write(s3, lambda *_: 1 / 0)
        write(s3, rows("a"), NOW + later)
        (key,) = s3.keys("data/")
        assert hour in key


def test_without_rows_nothing_but_the_ledger_is_written_and_what_stays_leaves_no_trace():
    s3 = Bucket()
    assert write(s3, rows(dropped=2)).counts == Counts(0, 2)
    assert [key.split("/")[3] for key in s3.keys("ledger/")] == ["done"]

    s3 = Bucket()
    assert writer(s3).write("one", (), lambda *_: None, NOW) is None
    assert s3.keys() == []


def test_an_object_of_somebody_else_in_the_place_of_rows_is_told():
    s3 = Bucket()
    s3.place(KEY, b"other")
    with pytest.raises(LakeError, match="is no object that repair wrote"):
        write(s3, rows("a"))


def test_nothing_is_written_without_the_lease():
    def lost():
        raise LakeError("lost")

    s3 = Bucket()
    with pytest.raises(LakeError, match="lost"):
        writer(s3, lost).write("one", (), rows("a"), NOW)
    assert s3.keys() == []
