"""Marker items: written to a table until each open shard of its stream has carried one, and removed again.

A shard hands its records on in their order. So when the lake has the marker of each shard, it has been reached by what
was in the stream before. Markers have random keys and no other attributes, and never take the place of an item.
"""

from __future__ import annotations

import random
import secrets
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake.reconcile.items import changed_key, key_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesis import KinesisClient

    from tools.lake.reconcile.items import Item, Schema

PREFIX: Final = "reconcile-marker-"

_POLL_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 3.0
_FOR_EACH_SHARD: Final = 3
"""Markers written at a time for each shard that has carried none: with three a shard is left out one time in twenty."""


class Markers:
    """Writes markers to one table, whose changes go to `stream`."""

    def __init__(self, dynamodb: DynamoDBClient, kinesis: KinesisClient, schema: Schema, stream: str) -> None:
        self._dynamodb = dynamodb
        self._kinesis = kinesis
        self._schema = schema
        self._stream = stream

    def carry(self, seconds: float, tell: Callable[[str], None]) -> list[Item]:
        """Returns the keys of markers: one for each open shard, which has carried it.

        Args:
            seconds: how long to try.
            tell: called with how far it is.

        Raises:
            LakeError: the table or the stream refuses, or a shard carries none in this time.
        """
        written: dict[bytes, Item] = {}
        try:
            return list(self._carry(seconds, tell, written))
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"table {self._schema.table}: markers cannot be written: {reason(error)}") from None
        finally:
            self._remove(written)

    def _carry(self, seconds: float, tell: Callable[[str], None], written: dict[bytes, Item]) -> Iterator[Item]:
        waiting = self._iterators()
        shards = len(waiting)
        began = monotonic()
        write_at = 0.0
        while waiting:
            if monotonic() >= write_at:
                for _ in range(len(waiting) * _FOR_EACH_SHARD):
                    self._write(written)
                write_at = monotonic() + _AGAIN_SECONDS
            for shard in list(waiting):
                found, after = self._read(waiting[shard], written)
                if found is not None:
                    yield found
                if found is not None or after is None:
                    del waiting[shard]
                else:
                    waiting[shard] = after
            tell(f"{shards - len(waiting)} of {shards} shards have carried a marker")
            if waiting and monotonic() - began > seconds:
                raise LakeError(
                    f"no marker came through {len(waiting)} of {shards} shards of {self._stream} in {seconds:.0f} s; "
                    "see that the table streams to it (aws dynamodb describe-kinesis-streaming-destination)"
                )
            sleep(_POLL_SECONDS if waiting else 0)

    def _iterators(self) -> dict[str, str]:
        found = {}
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._stream)
        for shard in (each for page in pages for each in page["Shards"]):
            # A closed shard has an end, and nothing comes to it any more.
            if "EndingSequenceNumber" not in shard["SequenceNumberRange"]:
                name = shard["ShardId"]
                answer = self._kinesis.get_shard_iterator(
                    StreamName=self._stream, ShardId=name, ShardIteratorType="LATEST"
                )
                found[name] = answer["ShardIterator"]
        return found

    def _read(self, iterator: str, written: Mapping[bytes, Item]) -> tuple[Item | None, str | None]:
        """Returns the first marker in the records that come next, and how to go on; None: the shard was closed."""
        answer = self._kinesis.get_records(ShardIterator=iterator)
        for record in answer["Records"]:
            key = changed_key(record["Data"])
            if key is not None and key in written:
                return written[key], None
        return None, answer.get("NextShardIterator")

    def _write(self, written: dict[bytes, Item]) -> None:
        key = {name: {kind: _random(kind)} for name, kind in self._schema.attributes.items()}
        # Noted first: a write whose answer is lost on the way has been made.
        written[key_text(key)] = key
        try:
            self._dynamodb.put_item(
                TableName=self._schema.table,
                Item=key,
                ConditionExpression="attribute_not_exists(#k)",
                ExpressionAttributeNames={"#k": next(iter(key))},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # Somebody's item has this key; nothing of it may be removed.
            del written[key_text(key)]

    def _remove(self, written: Mapping[bytes, Item]) -> None:
        for key in written.values():
            with suppress(BotoCoreError, ClientError):
                self._dynamodb.delete_item(TableName=self._schema.table, Key=key)


def _random(kind: str) -> Any:  # noqa: ANN401  # a value of that type
    match kind:
        case "N":
            return str(random.SystemRandom().randrange(10**36, 10**37))
        case "B":
            return PREFIX.encode() + secrets.token_bytes(16)
        case _:
            return f"{PREFIX}{secrets.token_hex(16)}"
