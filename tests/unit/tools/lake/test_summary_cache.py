from __future__ import annotations

import sqlite3

import pytest

from tools.lake import summary_cache
from tools.lake.objects import LakeObject
from tools.lake.summaries import Example, Seen, Summary

ONE = LakeObject("data/t/a", 10, None, "v1")
SUMMARY = Summary(3, columns={"a": {"s": Seen(3, Example("data/t/a", 1, "{}"))}})


def test_a_summary_is_found_again_by_the_next_command(tmp_path):
    with summary_cache.opened(tmp_path / "cache", "lake") as cache:
        assert cache.get(ONE) is None
        cache.put(ONE, SUMMARY)
        assert cache.get(ONE) == SUMMARY
    with summary_cache.opened(tmp_path / "cache", "lake") as cache:
        assert cache.get(ONE) == SUMMARY
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "cache" / "summaries.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("other", [LakeObject("data/t/a", 10, None, "v2"), LakeObject("data/t/a", 11, None, "v1")])
def test_another_version_of_an_object_has_another_summary(tmp_path, other):
    with summary_cache.opened(tmp_path, "lake") as cache:
        cache.put(ONE, SUMMARY)
        assert cache.get(other) is None


def test_the_same_key_in_another_bucket_is_another_object(tmp_path):
    with summary_cache.opened(tmp_path, "lake") as cache:
        cache.put(ONE, SUMMARY)
    with summary_cache.opened(tmp_path, "other") as cache:
        assert cache.get(ONE) is None


def test_what_was_put_is_kept_when_the_command_is_interrupted(tmp_path):
    def interrupted():
        with summary_cache.opened(tmp_path, "lake") as cache:
            cache.put(ONE, SUMMARY)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with summary_cache.opened(tmp_path, "lake") as cache:
        assert cache.get(ONE) == SUMMARY


@pytest.mark.parametrize("content", [b"no database at all, " * 100, None])
def test_a_damaged_file_is_made_anew(tmp_path, content):
    file = tmp_path / "summaries.sqlite"
    if content:
        file.write_bytes(content)
    else:
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    with summary_cache.opened(tmp_path, "lake") as cache:
        cache.put(ONE, SUMMARY)
    with summary_cache.opened(tmp_path, "lake") as cache:
        assert cache.get(ONE) == SUMMARY


def test_work_goes_on_without_a_cache_where_none_can_be_made(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with summary_cache.opened(tmp_path / "cache", "lake") as cache:
        cache.put(ONE, SUMMARY)
        assert cache.get(ONE) is None


def test_work_goes_on_while_another_command_writes_to_the_cache(tmp_path):
    with summary_cache.opened(tmp_path, "lake") as cache:
        other = sqlite3.connect(tmp_path / "summaries.sqlite")
        other.execute("BEGIN IMMEDIATE")
        cache.put(ONE, SUMMARY)
        assert cache.get(ONE) is None
        other.close()


def test_the_cache_stays_within_its_bound_and_gives_up_what_was_used_longest_ago(tmp_path):
    objects = [LakeObject(f"data/t/{number:03d}", 1, None, "v") for number in range(60)]
    size = _stored(tmp_path / "size", objects[:1])
    for start in range(0, 60, 20):
        connection = sqlite3.connect(tmp_path / "summaries.sqlite")
        connection.execute(summary_cache._TABLE)
        cache = summary_cache.SummaryCache(connection, "lake", largest=40 * size)
        for each in objects[start : start + 20]:
            cache.put(each, SUMMARY)
        cache.commit()
        assert _total(connection) <= 40 * size
        connection.close()
    with summary_cache.opened(tmp_path, "lake") as cache:
        found = [each.key for each in objects if cache.get(each)]
    assert found[-20:] == [each.key for each in objects[-20:]]
    assert 20 < len(found) <= 40


def test_what_this_command_used_is_not_given_up_for_more(tmp_path):
    objects = [LakeObject(f"data/t/{number:03d}", 1, None, "v") for number in range(30)]
    size = _stored(tmp_path / "size", objects[:1])
    connection = sqlite3.connect(tmp_path / "summaries.sqlite")
    connection.execute(summary_cache._TABLE)
    cache = summary_cache.SummaryCache(connection, "lake", largest=10 * size)
    for each in objects:
        cache.put(each, SUMMARY)

    assert [cache.get(each) is not None for each in objects] == [True] * 10 + [False] * 20


def _stored(folder, objects):
    with summary_cache.opened(folder, "lake") as cache:
        for each in objects:
            cache.put(each, SUMMARY)
    return _total(sqlite3.connect(folder / "summaries.sqlite"))


def _total(connection):
    return connection.execute("SELECT sum(length(content)) FROM summary").fetchone()[0]
