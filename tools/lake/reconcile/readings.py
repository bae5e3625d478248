"""Reads items of a table: all of them in segments, or some of them again, each with the time at which it was read.

Reads are consistent: they show every write that was answered before (Amazon DynamoDB Developer Guide, "DynamoDB read
consistency"). A parallel scan reads items one after the other, so that each page has a time of its own.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tools.lake import instants
from tools.lake.reconcile.claims import Window
from tools.lake.reconcile.items import key_text, read_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from tools.lake.reconcile.items import Item, Schema

KEYS_AT_ONCE: Final = 100
"""Keys of one request at most (Amazon DynamoDB API Reference, "BatchGetItem")."""

_SECOND: Final = 1_000_000


class Page(NamedTuple):
    """Items that were read together, and when."""

    items: Sequence[Mapping[str, Any]]
    window: Window


def scan(dynamodb: DynamoDBClient, table: str, segment: int, segments: int) -> Iterator[Page]:
    """Yields the items of one segment of a table, page by page.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: the table cannot be read.
    """
    after: dict[str, Any] = {}
    while True:
        began = monotonic()
        answer = dynamodb.scan(TableName=table, ConsistentRead=True, Segment=segment, TotalSegments=segments, **after)
        yield Page(answer["Items"], window(answer, monotonic() - began))
        if "LastEvaluatedKey" not in answer:
            return
        after = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def get(dynamodb: DynamoDBClient, schema: Schema, keys: Sequence[bytes]) -> Iterator[tuple[Page, list[Item]]]:
    """Yields items by their keys, texts of `items.key_text`, and with them the keys of those that are not there.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: the table cannot be read.
    """
    for start in range(0, len(keys), KEYS_AT_ONCE):
        left = {text: read_key(text) for text in keys[start : start + KEYS_AT_ONCE]}
        while left:
            began = monotonic()
            request: Any = {schema.table: {"Keys": list(left.values()), "ConsistentRead": True}}
            answer = dynamodb.batch_get_item(RequestItems=request)
            found: list[Any] = answer["Responses"].get(schema.table, [])
            unprocessed: Any = answer["UnprocessedKeys"]
            unread = {key_text(key) for key in unprocessed.get(schema.table, {}).get("Keys", ())}
            seen = {key_text(schema.key_of(item)) for item in found}
            absent = [key for text, key in left.items() if text not in seen and text not in unread]
            yield Page(found, window(answer, monotonic() - began)), absent
            left = {text: key for text, key in left.items() if text in unread}


def window(answer: Any, seconds: float) -> Window:  # noqa: ANN401  # of any call
    """Returns when DynamoDB read what it answered, by its own clock, of which an answer tells the whole second."""
    date = instants.microseconds(parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]))
    return Window(date - int(seconds * _SECOND), date + _SECOND)
