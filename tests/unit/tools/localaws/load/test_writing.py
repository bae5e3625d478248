from __future__ import annotations

import threading
from time import monotonic

import pytest
from botocore.exceptions import ClientError

from tools.localaws.load.changes import Plan, Texts
from tools.localaws.load.writing import Writing

TEXTS = Texts()
PLAN = Plan("r", 400, 40, 200)


def is_of_the_second_writer(request):
    return request["t"][0]["PutRequest"]["Item"]["id"]["S"].endswith(("1", "3", "5", "7", "9"))


class Table:
    """Takes what DynamoDB's BatchWriteItem gets; leaves the last item of each first attempt unprocessed."""

    def __init__(self, fails_at=None):
        self.versions, self.requests, self.fails_at, self.lock = {}, 0, fails_at, threading.Lock()

    def batch_write_item(self, *, RequestItems):  # noqa: N803  # as boto3 spells it
        with self.lock:
            self.requests += 1
            if self.fails_at and self.requests >= self.fails_at and is_of_the_second_writer(RequestItems):
                raise ClientError({"Error": {"Code": "InternalServerError"}}, "BatchWriteItem")
            (puts,) = RequestItems.values()
            taken = puts if len(puts) == 1 else puts[:-1]
            for put in taken:
                item = put["PutRequest"]["Item"]
                self.versions.setdefault(item["id"]["S"], []).append(int(item["version"]["N"]))
            return {"UnprocessedItems": {"t": puts[len(taken) :]} if len(taken) < len(puts) else {}}


def test_all_changes_are_written_in_the_order_of_each_items_versions_and_noted():
    table, counted = Table(), []
    writing = Writing(table, "t", "id", TEXTS)
    writing.run(PLAN, 3, None, counted.append)
    assert len(table.versions) == 40
    assert all(versions == list(range(1, 11)) for versions in table.versions.values())
    assert sum(counted) == len(writing.written) == len(set(writing.written)) == 400
    assert writing.call_seconds > 0


def test_writing_ends_when_its_time_is_over():
    table = Table()
    writing = Writing(table, "t", "id", TEXTS)
    writing.run(Plan("r", 10**9, 40, 200), 2, 0.2, lambda _: None)
    assert 0 < len(writing.written) == sum(map(len, table.versions.values()))


def test_after_an_error_the_other_writers_stop_and_what_was_acknowledged_is_known():
    table = Table(fails_at=20)
    writing = Writing(table, "t", "id", TEXTS)
    with pytest.raises(ClientError):
        writing.run(Plan("r", 10**9, 40, 200), 2, None, lambda _: None)
    written = {(change.key, change.version) for change in writing.written}
    assert written <= {(key, version) for key, versions in table.versions.items() for version in versions}
    assert written


def test_a_rate_is_kept_to_by_all_writers_together():
    writing = Writing(Table(), "t", "id", TEXTS)
    began = monotonic()

    writing.run(PLAN, 2, None, lambda _: None, rate=1000)

    # The last batch of each writer, of 25 at most, may start when all before it were due.
    assert monotonic() - began >= (400 - 2 * 25) / 1000
    assert len(writing.written) == 400
