from __future__ import annotations

import gzip

import pytest

from tests.unit.tools.operations import folder_bucket
from tools.errors import LakeError
from tools.lake.data_objects import Period
from tools.operations.reading_lake import LakeReader

PREFIX = "data/orders/"
HOUR = f"{PREFIX}cdc_date=2026-01-31/cdc_hour=05"


@pytest.fixture
def lake(tmp_path):
    return tmp_path / "lake"


def reader(lake, tmp_path, counter=None):
    return LakeReader(folder_bucket.FolderSource(lake), PREFIX, tmp_path / "digests", counter, 1)


def read(made):
    """Returns number of the object -> its lines, and the keys that were read and not kept."""
    fresh = []
    found = made.new(Period(), lambda each: fresh.append(each.key))
    lines = {}
    for file, number in found.items():
        with gzip.open(file, "rt") as digests:
            lines[number] = digests.read().splitlines()
    return lines, fresh


def test_each_object_is_read_once_and_kept_for_the_next_run(lake, tmp_path):
    first, second = f"{HOUR}/a.gz", f"{HOUR}/b.gz"
    folder_bucket.write(lake, first, folder_bucket.record(1), folder_bucket.record(2))
    made = reader(lake, tmp_path)

    lines, fresh = read(made)
    assert ([len(each) for each in lines.values()], fresh) == ([2], [first])
    assert read(made) == ({}, [])

    folder_bucket.write(lake, second, folder_bucket.record(3))
    lines, fresh = read(made)
    assert (list(lines), fresh) == ([1], [second])
    assert [each.key for each in made.objects] == [first, second]

    lines, fresh = read(reader(lake, tmp_path))
    assert (sorted(map(len, lines.values())), fresh) == ([1, 2], [])


def test_what_was_kept_without_a_counter_is_read_again_with_one(lake, tmp_path):
    folder_bucket.write(lake, f"{HOUR}/a.gz", folder_bucket.record(1, version=7))
    read(reader(lake, tmp_path))

    lines, fresh = read(reader(lake, tmp_path, "version"))

    assert lines[0][0].split(",")[7] == "7"
    assert fresh == [f"{HOUR}/a.gz"]


def test_an_object_that_is_gone_when_it_is_read_is_left_out(lake, tmp_path, monkeypatch):
    folder_bucket.write(lake, f"{HOUR}/a.gz", folder_bucket.record(1))
    made = reader(lake, tmp_path)
    whole = folder_bucket.FolderClient.paginate

    def listed(client, **request):
        pages = list(whole(client, **request))
        (lake / f"{HOUR}/a.gz").unlink()
        return pages

    monkeypatch.setattr(folder_bucket.FolderClient, "paginate", listed)

    assert read(made)[0] == {}
    assert made.objects == []


def test_an_object_that_may_not_be_read_is_an_error(lake, tmp_path):
    folder_bucket.write(lake, f"{HOUR}/a-closed", folder_bucket.record(1))

    with pytest.raises(LakeError, match=r"s3://lake/.*a-closed cannot be read: .*AccessDenied"):
        read(reader(lake, tmp_path))
