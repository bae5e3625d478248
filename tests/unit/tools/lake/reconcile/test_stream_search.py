from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tools.lake.reconcile import items, stream_search

KEY = items.key_text({"id": {"S": "a"}})
SINCE = datetime(2026, 1, 31, tzinfo=UTC)


class Stream:
    """Shards that are read page by page; `behind` is what an empty page at the end says."""

    def __init__(self, shards, behind=0):
        self._shards, self._behind = shards, behind

    def get_paginator(self, _):
        return self

    def paginate(self, **_):
        yield {"Shards": [{"ShardId": name} for name in self._shards]}

    def get_shard_iterator(self, *, ShardId, ShardIteratorType, Timestamp, **_):  # noqa: N803  # boto3's names
        assert (ShardIteratorType, Timestamp) == ("AT_TIMESTAMP", SINCE)
        return {"ShardIterator": f"{ShardId} 0"}

    def get_records(self, *, ShardIterator):  # noqa: N803
        shard, _, page = ShardIterator.partition(" ")
        pages = self._shards[shard]
        records = pages[int(page)] if int(page) < len(pages) else []
        return {
            "Records": records,
            "MillisBehindLatest": self._behind,
            "NextShardIterator": f"{shard} {int(page) + 1}",
        }


def record(key, event_id, number):
    change = {"eventName": "MODIFY", "eventID": event_id, "dynamodb": {"Keys": {"id": {"S": key}}}}
    return {
        "Data": json.dumps(change).encode(),
        "SequenceNumber": number,
        "ApproximateArrivalTimestamp": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    }


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(stream_search, "_PAUSE_SECONDS", 0)


def test_changes_of_the_wanted_keys_are_found_in_all_shards_and_pages():
    stream = Stream({"s1": [[record("a", "e-1", "1"), record("b", "e-2", "2")], [record("a", "e-3", "3")]], "s2": []})
    stream._shards["s2"] = [[record("a", "e-4", "4"), {**record("a", "", "5"), "Data": b"no change"}]]

    found = stream_search.search(stream, "stream", {KEY}, SINCE, 5)

    assert found.is_complete
    assert found.changes.keys() == {KEY}
    assert sorted((each.event_id, each.shard, each.us) for each in found.changes[KEY]) == [
        ("e-1", "s1", 1_000_000),
        ("e-3", "s1", 1_000_000),
        ("e-4", "s2", 1_000_000),
    ]


def test_a_search_that_ends_before_the_stream_does_says_so():
    assert not stream_search.search(Stream({"s1": []}, behind=7), "stream", {KEY}, SINCE, 0.05).is_complete
