from __future__ import annotations

import gzip
import os

import pytest

from tests.unit.tools.lake import small_lake
from tools.errors import LakeError
from tools.lake import processes
from tools.lake.engines import copying
from tools.lake.engines.object_cache import ObjectCache
from tools.lake.engines.stored_objects import Stored


@pytest.fixture
def s3():
    s3 = small_lake.S3()
    for name in "abc":
        s3.put(small_lake.folder() + name, [small_lake.change(name, id="17", n=1)] * 3)
    return s3


def copy(s3, folder):
    cache = ObjectCache(folder / "cache", 1 << 20)
    wanted = [
        Stored(small_lake.BUCKET, key, s3.etag(key), len(data), {"cdc_hour": "07"}) for key, data in s3.objects.items()
    ]
    copied = copying.copy(s3, cache, wanted, lambda _state: None)
    return copied, [gzip.decompress(copying.path(cache, each).read_bytes()) for each in wanted]


def test_copies_are_the_same_whether_processes_write_them_or_not_and_nothing_else_is_left(s3, tmp_path, monkeypatch):
    alone = copy(s3, tmp_path / "alone")
    monkeypatch.setattr(processes, "FEW_BYTES", 0)

    assert copy(s3, tmp_path / "several") == alone
    assert alone[0] == 3
    assert alone[1][0].count(b'"n":"1"') == 3
    assert sum(1 for file in (tmp_path / "several" / "cache").rglob("*") if file.is_file()) == 3


def test_a_line_that_is_no_json_is_named_by_whichever_process_reads_it(s3, tmp_path, monkeypatch):
    key = small_lake.folder() + "b"
    s3.put(key, [small_lake.change(1), b'{"torn":'])
    monkeypatch.setattr(processes, "FEW_BYTES", 0)

    with pytest.raises(LakeError, match=f"{key}: line 2 is no JSON object"):
        copy(s3, tmp_path)


def test_a_process_that_is_killed_is_told_of(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "FEW_BYTES", 0)
    monkeypatch.setattr(copying, "_rewrite", die)

    with pytest.raises(LakeError, match="a process that works beside this one was ended from outside"):
        copy(s3, tmp_path)


def die(*_):
    os._exit(9)
