from __future__ import annotations

import json

import pytest

from tests.unit.tools.aws_answers import failed
from tools.errors import LakeError
from tools.lake.reconcile import markers
from tools.lake.reconcile.items import Schema
from tools.lake.reconcile.markers import Markers

SCHEMA = Schema("t", {"id": "S", "n": "N"})


class Service:
    """A table and its stream, whose changes go to open shards in turn; the first `deaf` shards carry none."""

    def __init__(self, *shards, deaf=0):
        self.shards = {name: [] for name in shards}
        self.deaf = deaf
        self.items, self.written, self.put_fails = {}, 0, None

    def get_paginator(self, _):
        return self

    def paginate(self, **_):
        yield {"Shards": [{"ShardId": name, "SequenceNumberRange": _range(name)} for name in self.shards]}

    def get_shard_iterator(self, *, ShardId, ShardIteratorType, **_):  # noqa: N803  # boto3's names
        assert ShardIteratorType == "LATEST"
        return {"ShardIterator": ShardId}

    def get_records(self, *, ShardIterator):  # noqa: N803
        records, self.shards[ShardIterator] = self.shards[ShardIterator], []
        return {"Records": records, "NextShardIterator": ShardIterator}

    def put_item(self, *, Item, ConditionExpression, **_):  # noqa: N803
        if self.put_fails:
            raise self.put_fails
        assert ConditionExpression == "attribute_not_exists(#k)"
        self.items[json.dumps(Item)] = Item
        able = [name for name in self.shards if "closed" not in name][self.deaf :]
        if able:
            record = {"eventName": "INSERT", "eventID": "e", "dynamodb": {"Keys": Item}}
            self.shards[able[self.written % len(able)]].append({"Data": json.dumps(record).encode()})
        self.written += 1

    def delete_item(self, *, Key, **_):  # noqa: N803
        self.items.pop(json.dumps(Key), None)


def _range(name):
    return {"StartingSequenceNumber": "1", **({"EndingSequenceNumber": "2"} if "closed" in name else {})}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(markers, "_POLL_SECONDS", 0)
    monkeypatch.setattr(markers, "_AGAIN_SECONDS", 0)


def carry(service, seconds=5):
    return Markers(service, service, SCHEMA, "stream").carry(seconds, lambda _: None)


def test_markers_are_written_until_each_open_shard_has_carried_one_and_then_removed():
    service = Service("a", "b", "c", "closed")

    found = carry(service)

    assert len(found) == 3
    assert all(key["id"]["S"].startswith("reconcile-marker-") and key["n"]["N"].isdecimal() for key in found)
    assert service.items == {}


def test_a_shard_that_carries_none_is_an_error_and_no_marker_stays():
    service = Service("a", "b", deaf=1)

    with pytest.raises(LakeError, match="no marker came through 1 of 2 shards of stream"):
        carry(service, seconds=0.05)
    assert service.items == {}


def test_who_may_not_write_is_told_so_in_one_line():
    service = Service("a")
    service.put_fails = failed("PutItem", 400, "AccessDeniedException")

    with pytest.raises(LakeError, match=r"table t: markers cannot be written: .*AccessDenied"):
        carry(service)
