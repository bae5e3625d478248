from __future__ import annotations

import os

import pytest

from tools.lake.engines.object_cache import ObjectCache


@pytest.fixture
def cache(tmp_path):
    return ObjectCache(tmp_path / "cache", 25)


def put(cache, name, age=0):
    path = cache.path("bucket", name, "etag")
    cache.put(path, [b"12345", b"67890"])
    os.utime(path, (1000 - age, 1000 - age))
    return path


def test_a_file_is_found_by_bucket_key_and_content(cache):
    path = put(cache, "a")

    assert cache.find("bucket", "a", "etag") == path
    assert path.read_bytes() == b"1234567890"
    assert [cache.find(*other) for other in (("b", "a", "etag"), ("bucket", "b", "etag"), ("bucket", "a", "e"))] == [
        None
    ] * 3


def test_what_was_used_longest_ago_goes_first_and_never_what_is_in_use(cache):
    oldest, used, newest = put(cache, "oldest", 300), put(cache, "used", 200), put(cache, "newest", 100)
    cache.find("bucket", "used", "etag")

    cache.trim([oldest])

    assert [path.exists() for path in (oldest, used, newest)] == [True, True, False]


def test_a_copy_that_is_interrupted_leaves_nothing(cache):
    def chunks():
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.put(cache.path("bucket", "a", "etag"), chunks())
    assert not [file for file in cache.folder.rglob("*") if file.is_file()]


def test_the_folder_is_its_owners_alone(cache):
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert put(cache, "a").parent.stat().st_mode & 0o777 == 0o700
