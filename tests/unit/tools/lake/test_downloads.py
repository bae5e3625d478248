from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.unit.tools.lake import small_lake
from tools.errors import LakeError
from tools.lake import downloads, objects

KEY = small_lake.folder() + "a"


@pytest.fixture
def s3():
    return small_lake.S3({KEY: b"content"})


@pytest.fixture
def found(s3):
    return next(iter(objects.list_objects(s3, small_lake.BUCKET, "data/")))


def download(s3, found, folder):
    return downloads.download(s3, small_lake.BUCKET, found, folder)


def test_an_object_is_copied_under_its_key_with_its_time_and_once(s3, found, tmp_path):
    assert download(s3, found, tmp_path)
    assert (tmp_path / KEY).read_bytes() == b"content"
    assert (tmp_path / KEY).stat().st_mtime == found.written_at.timestamp()
    assert not download(s3, found, tmp_path)
    assert s3.fetched == [KEY]


def cut(file):
    at = file.stat().st_mtime
    os.truncate(file, 3)
    os.utime(file, (at, at))


@pytest.mark.parametrize("change", [cut, lambda file: os.utime(file, (1, 1))])
def test_a_copy_that_is_half_or_of_another_time_is_made_again(s3, found, tmp_path, change):
    download(s3, found, tmp_path)
    change(tmp_path / KEY)

    assert download(s3, found, tmp_path)
    assert (tmp_path / KEY).read_bytes() == b"content"


def test_an_object_that_changed_since_it_was_listed_is_not_copied(s3, found, tmp_path):
    s3.objects[KEY] = b"changed"

    with pytest.raises(LakeError, match=r"cannot be copied: .*PreconditionFailed"):
        download(s3, found, tmp_path)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_an_object_that_comes_short_leaves_no_copy(s3, found, tmp_path):
    with pytest.raises(LakeError, match="came with 7 bytes of 8; run the same command again"):
        download(s3, replace(found, size=8), tmp_path)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@pytest.mark.parametrize("key", ["data/../../outside", "data/folder/"])
def test_a_key_that_is_no_file_of_the_folder_is_refused(s3, found, tmp_path, key):
    with pytest.raises(LakeError, match="can be no file in"):
        download(s3, replace(found, key=key), tmp_path / "folder")
