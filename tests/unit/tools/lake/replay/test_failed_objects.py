from __future__ import annotations

import gzip

import pytest

from tests.unit.tools.lake.replay.failures import ERRORS, HOUR, place
from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.lake import lines
from tools.lake.compaction.grouping import Source
from tools.lake.replay import failed_objects
from tools.lake.replay.failed_objects import UnreadableError


def test_objects_of_every_error_type_are_found_and_what_only_looks_like_one_is_not():
    s3 = Bucket()
    found = [
        place(s3, "a.gz", b"x", error_type="format-conversion-failed"),
        place(s3, "b.gz", b"x"),
    ]
    for name in ("_hidden.gz", ".hidden"):
        place(s3, name, b"x")
    s3.place(f"{ERRORS}{failed_objects.STAGED}/7852db3a27da78a6/attempt.gz", b"x")
    s3.place(f"{ERRORS}processing-failed/{HOUR}/empty.gz", b"")
    s3.place(f"{ERRORS}processing-failed/no-hour.gz", b"x")
    s3.place("errors/orders-old/processing-failed/cdc_date=2026-01-31/cdc_hour=05/a.gz", b"x")

    listed = list(failed_objects.list_failed(s3, NAME, ERRORS))

    assert [each.source.key for each in listed] == found
    assert [each.error_type for each in listed] == ["format-conversion-failed", "processing-failed"]
    assert listed[1].folder == f"{ERRORS}processing-failed/{HOUR}/"


def read(body):
    s3 = Bucket()
    version = s3.place("k", body)
    return list(failed_objects.read_lines(s3, NAME, Source("k", version.etag, len(body))))


def test_lines_are_read_packed_or_not():
    assert (
        read(b'{"a":1}\n\n{"b":"\r"}') == read(gzip.compress(b'{"a":1}\n\n{"b":"\r"}')) == [b'{"a":1}', b'{"b":"\r"}']
    )


def test_what_cannot_be_carried_over_whole_is_an_error(monkeypatch):
    with pytest.raises(UnreadableError, match="ends early"):
        read(gzip.compress(b"{}\n" * 999)[:-9])
    monkeypatch.setattr(lines, "LONGEST", 5)
    with pytest.raises(UnreadableError, match="longer than 5 bytes"):
        read(b"1\n123456\n")
