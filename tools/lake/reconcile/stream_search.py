"""Looks for changes of some keys in a Kinesis data stream, as far back as it keeps them, for a limited time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.lake import instants
from tools.lake.reconcile.hops import StreamedChange
from tools.lake.reconcile.items import key_text, read_change

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import RecordTypeDef

_AT_ONCE: Final = 8
_PAUSE_SECONDS: Final = 0.2
"""A shard takes five reads a second, those of the delivery stream included (Amazon Kinesis Data Streams API Reference,
"GetRecords")."""


class Found(msgspec.Struct, frozen=True):
    """Changes by key, as `items.key_text` writes it, and whether all of the stream was looked at."""

    changes: dict[bytes, list[StreamedChange]]
    is_complete: bool


def search(kinesis: KinesisClient, stream: str, keys: Collection[bytes], since: datetime, seconds: float) -> Found:
    """Returns the changes of keys since a time; what the stream does not keep any more is not looked for.

    Args:
        kinesis: a client.
        stream: the stream's name.
        keys: texts of `items.key_text`.
        since: when to begin.
        seconds: how long to look.
    """
    until = monotonic() + seconds
    try:
        pages = kinesis.get_paginator("list_shards").paginate(StreamName=stream)
        shards = [shard["ShardId"] for page in pages for shard in page["Shards"]]
    except (BotoCoreError, ClientError):
        return Found({}, is_complete=False)
    changes: dict[bytes, list[StreamedChange]] = {}
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        done = list(threads.map(lambda shard: _search(kinesis, stream, shard, keys, since, until, changes), shards))
    return Found(changes, all(done))


def _search(  # noqa: PLR0917  # what a thread is given
    kinesis: KinesisClient,
    stream: str,
    shard: str,
    keys: Collection[bytes],
    since: datetime,
    until: float,
    changes: dict[bytes, list[StreamedChange]],
) -> bool:
    """Adds the changes in one shard, and returns whether it was read to its end."""
    try:
        iterator: str | None = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=since
        )["ShardIterator"]
        while iterator and monotonic() < until:
            answer = kinesis.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                found = read(record, shard)
                if found and found[0] in keys:
                    changes.setdefault(found[0], []).append(found[1])
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                return True
            iterator = answer.get("NextShardIterator")
            sleep(_PAUSE_SECONDS)
    except (BotoCoreError, ClientError):
        return False
    return iterator is None


def read(record: RecordTypeDef, shard: str) -> tuple[bytes, StreamedChange] | None:
    """Returns the key that a record is of, and the change; None where it is no change of an item."""
    change = read_change(record["Data"])
    if change is None:
        return None
    arrived = instants.microseconds(record["ApproximateArrivalTimestamp"])
    streamed = StreamedChange(change.eventName, change.eventID, arrived, shard, record["SequenceNumber"])
    return key_text(change.dynamodb.Keys), streamed
