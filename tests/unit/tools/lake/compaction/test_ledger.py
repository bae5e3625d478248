from __future__ import annotations

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.errors import LakeError
from tools.lake.compaction.grouping import Group, Source
from tools.lake.compaction.ledger import Ledger, Record

FOLDER = "cdc_date=2026-01-31/cdc_hour=05"
OPEN = f"ledger/orders/compaction/open/{FOLDER}.json"
RECORD = Record("orders", FOLDER, (Group("data/t", (Source("data/a", "e", 1), Source("data/b", "f", 2))),))


@pytest.fixture
def s3():
    return Bucket()


@pytest.fixture
def ledger(s3):
    return Ledger(s3, NAME, "orders")


def test_what_is_written_is_read_until_it_is_closed(s3, ledger):
    etag = ledger.write(RECORD, None)

    assert ledger.read(FOLDER) == (RECORD, etag)
    assert list(ledger.folders()) == [FOLDER]

    ledger.close(RECORD)

    assert ledger.read(FOLDER) is None
    assert list(ledger.folders()) == []
    assert len(s3.keys("ledger/orders/compaction/done/")) == 1


def test_nobody_writes_over_what_somebody_else_has_written_meanwhile(ledger):
    first = ledger.write(RECORD, None)
    with pytest.raises(LakeError, match="has changed meanwhile"):
        ledger.write(RECORD, None)
    ledger.write(RECORD, first)
    with pytest.raises(LakeError, match=r"^s3://lake/ledger/.*\.json has changed meanwhile; run the same again$"):
        ledger.write(RECORD, first)


def test_what_cannot_be_read_or_written_is_named(s3, ledger):
    s3.place(OPEN, b"{}")
    with pytest.raises(LakeError, match="is no record of this version"):
        ledger.read(FOLDER)
    s3.closed.add(OPEN)
    for action, what in ((ledger.read, "read"), (ledger.drop, "removed")):
        with pytest.raises(LakeError, match=f"cannot be {what}: .*AccessDenied"):
            action(FOLDER)
    with pytest.raises(LakeError, match="cannot be written"):
        ledger.write(RECORD, None)


def test_a_record_without_a_group_or_with_another_one():
    other = Group("data/u", ())

    assert RECORD.with_group(0, None).groups == ()
    assert RECORD.with_group(0, other).groups == (other,)
    assert not RECORD.is_written
