"""Items that count their versions, a log of every write to them, and which of them a lake must and does have.

It uses nothing of the project's, and keeps to what AWS documents of exports (Amazon DynamoDB Developer Guide, "DynamoDB
data export to Amazon S3: how it works"): a window has the last state of each item that was written to in it, and
nothing of one that was made and removed in it.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Versions = set[tuple[str, int]]
"""Pairs of key and version."""


@dataclass(frozen=True)
class Write:
    """A write that was acknowledged: its version (None: a removal), times around it, and whether it was streamed."""

    key: str
    version: int | None
    before: float
    after: float
    streamed: bool


@dataclass(frozen=True)
class Row:
    """A row of the lake; `order` is its place in the order of its key."""

    key: str
    event: str
    version: int | None
    order: tuple[int, int, str]
    identity: str


class Writer:
    """Writes items with `id` and `version` to one table, and keeps the log of it. Threads may share it."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb, self._table = dynamodb, table
        self._lock = threading.Lock()
        self.log: list[Write] = []
        self.streamed = True
        """What is noted of each write: whoever switches streaming says so here."""

    def put(self, key: str, version: int) -> None:
        item = {"id": {"S": key}, "version": {"N": str(version)}, "text": {"S": f"{key} in version {version}"}}
        before = time.time()
        self._dynamodb.put_item(TableName=self._table, Item=item)
        self._note(key, version, before)

    def remove(self, key: str) -> None:
        before = time.time()
        self._dynamodb.delete_item(TableName=self._table, Key={"id": {"S": key}})
        self._note(key, None, before)

    def fill(self, keys: Iterable[str]) -> None:
        """Writes version 1 of at most 25 items with one request."""
        puts = [{"PutRequest": {"Item": {"id": {"S": key}, "version": {"N": "1"}}}} for key in keys]
        before = time.time()
        answer = self._dynamodb.batch_write_item(RequestItems={self._table: puts})
        assert not answer["UnprocessedItems"]
        for put in puts:
            self._note(put["PutRequest"]["Item"]["id"]["S"], 1, before)

    def _note(self, key: str, version: int | None, before: float) -> None:
        with self._lock:
            self.log.append(Write(key, version, before, time.time(), self.streamed))


def by_key(log: Iterable[Write]) -> dict[str, list[Write]]:
    found = defaultdict(list)
    for write in log:
        found[write.key].append(write)
    return found


def exported(log: Iterable[Write], first: float, end: float) -> Versions:
    """Returns the versions that an incremental export of a window has as the last state of an item."""
    found = set()
    for key, writes in by_key(log).items():
        assert not any(write.before <= edge <= write.after for write in writes for edge in (first, end)), "at an edge"
        inside = [write for write in writes if first <= write.before < end]
        if inside and inside[-1].version is not None:
            found.add((key, inside[-1].version))
    return found


def lost(log: list[Write], windows: Iterable[tuple[float, float]]) -> Versions:
    """Returns the versions that neither the stream nor an export of the windows has."""
    kept = {(write.key, write.version) for write in log if write.streamed}
    kept |= {each for first, end in windows for each in exported(log, first, end)}
    return {(write.key, write.version) for write in log if write.version is not None} - kept


def states_at(log: list[Write], at: float) -> dict[str, set[int | None]]:
    """Returns the versions in which each item can have been at a time: more than one, where it was written to then."""
    found = {}
    for key, writes in by_key(log).items():
        earlier = [write for write in writes if write.after < at]
        around = {write.version for write in writes if write.before <= at <= write.after}
        found[key] = {earlier[-1].version if earlier else None} | around
    return found


def rows(s3: Any, bucket: str, prefix: str) -> Iterator[Row]:
    """Yields every row below a prefix, each as often as it is there."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", ()):
            content = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for line in gzip.decompress(content).splitlines():
                row = json.loads(line)
                number = row["cdc_sequence_number"] or ""
                order = (row["cdc_changed_at_us"], len(number), number)
                yield Row(row["id"], row["cdc_event"], row.get("version"), order, row["cdc_event_id"])


def versions(found: Iterable[Row]) -> Versions:
    """Returns the versions that rows have; those of removals are told by the rows before."""
    return {(row.key, row.version) for row in found if row.event != "REMOVE" and row.version is not None}


def latest(found: Iterable[Row]) -> dict[str, int | None]:
    """Returns the last version of each item that rows have, without those that are removed, and markers."""
    last: dict[str, Row] = {}
    for row in found:
        if row.key not in last or last[row.key].order <= row.order:
            last[row.key] = row
    return {key: row.version for key, row in last.items() if row.event != "REMOVE" and row.version}
