"""Items of a table: their keys, and the change records with which DynamoDB would have streamed them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Item = dict[str, Any]
"""An item, or a key, as boto3 has it: attribute name -> {type: value}; binary values are bytes, or Base64 text."""

DIGEST_BYTES: Final = 16
_HASH: Final = re.compile("[0-9a-f]{64}")


class Schema(msgspec.Struct, frozen=True):
    """The key of a table.

    Attributes:
        table: the table's name.
        attributes: attribute of the key -> S, N or B.
        hashed: those whose values a rule hashes.
        has_older: whether older versions of the function, with other rules perhaps, have written rows.
    """

    table: str
    attributes: dict[str, str]
    hashed: frozenset[str] = frozenset()
    has_older: bool = False

    def key_of(self, item: Mapping[str, Any]) -> Item:
        """Returns the key of an item."""
        return {name: item[name] for name in self.attributes}

    def of_cdc_key(self, text: str) -> Item | None:
        """Returns the key that a `cdc_key` says; None where it may be a hash, or where it is none of this table.

        >>> Schema("t", {"id": "S", "n": "N"}).of_cdc_key('{"id":"a","n":1.5}')
        {'id': {'S': 'a'}, 'n': {'N': '1.5'}}
        """
        try:
            values = json.loads(text, parse_int=str, parse_float=str)
        except ValueError:
            return None
        if not isinstance(values, dict) or values.keys() != self.attributes.keys():
            return None
        for name, kind in self.attributes.items():
            may_be_hashed = name in self.hashed or self.has_older
            if not _is_value(values[name], kind) or (may_be_hashed and _HASH.fullmatch(values[name])):
                return None
        return {name: {kind: values[name]} for name, kind in self.attributes.items()}


def _is_value(value: object, kind: str) -> bool:
    """Tells whether a value that was read is one that a key attribute of a type can have."""
    if not isinstance(value, str):
        return False
    try:
        if kind == "B":
            base64.b64decode(value, validate=True)
        return kind != "N" or Decimal(value).is_finite()
    except (ValueError, DecimalException):
        return False


def described(description: Mapping[str, Any], rules: Mapping[str, str], *, has_older: bool = False) -> Schema:
    """Returns the schema of a table from what DescribeTable says under "Table", and the table's rules by path."""
    types = {each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]}
    names = [part["AttributeName"] for part in description["KeySchema"]]
    hashed = frozenset(name for name in names if rules.get(name.replace("\\", "\\\\").replace(".", "\\.")) == "hash")
    return Schema(description["TableName"], {name: types[name] for name in names}, hashed, has_older)


def key_text(key: Mapping[str, Any]) -> bytes:
    """Returns a key as JSON, one text for each key: attributes sorted by name, binary values in Base64."""
    return msgspec.json.encode({name: key[name] for name in sorted(key)})


def read_key(text: bytes) -> Item:
    """Returns the key of a text of `key_text`, as boto3 takes it."""
    key: Item = msgspec.json.decode(text)
    return {
        name: {kind: base64.b64decode(each) if kind == "B" else each for kind, each in value.items()}
        for name, value in key.items()
    }


def key_digest(text: bytes) -> bytes:
    """Returns the digest of a key's text; `cdc_key` and typed keys have digests of their own."""
    return hashlib.blake2b(text, digest_size=DIGEST_BYTES).digest()


class Images(msgspec.Struct):
    """The key in a change record."""

    Keys: Item


class Change(msgspec.Struct):
    """What a change record says of a change: what happened, its identity and its key."""

    eventName: str  # noqa: N815  # DynamoDB's names
    eventID: str  # noqa: N815
    dynamodb: Images


_CHANGE: Final = msgspec.json.Decoder(Change)


def read_change(record: bytes) -> Change | None:
    """Returns the change that a record is of; None if it is none of an item."""
    try:
        return _CHANGE.decode(record)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None


def changed_key(record: bytes) -> bytes | None:
    """Returns the key that a change record is of, as `key_text` writes it; None if it is none of an item."""
    change = read_change(record)
    return key_text(change.dynamodb.Keys) if change else None


def insert_record(schema: Schema, item: Mapping[str, Any], instant: int) -> bytes:
    """Returns the change record of an item that is made at an instant, in microseconds since the epoch.

    Amazon DynamoDB Developer Guide, "Using Kinesis Data Streams to capture changes to DynamoDB".
    """
    return change_record(schema, item, event="INSERT", event_id="reconcile", instant=instant)


def change_record(schema: Schema, item: Mapping[str, Any], *, event: str, event_id: str, instant: int) -> bytes:
    """Returns the change record that leaves an item, without the item before it."""
    images = {"Keys": schema.key_of(item), "NewImage": item}
    return _record(schema, images, event=event, event_id=event_id, instant=instant)


def removal_record(
    schema: Schema, key: Mapping[str, Any], old: Mapping[str, Any] | None, *, event_id: str, instant: int
) -> bytes:
    """Returns the change record that removes an item, which was `old` before where that is known."""
    images = {"Keys": key, **({"OldImage": old} if old else {})}
    return _record(schema, images, event="REMOVE", event_id=event_id, instant=instant)


def _record(schema: Schema, images: Mapping[str, Any], *, event: str, event_id: str, instant: int) -> bytes:
    return msgspec.json.encode(
        {
            "eventID": event_id,
            "eventName": event,
            "userIdentity": None,
            "recordFormat": "application/json",
            "tableName": schema.table,
            "dynamodb": {
                "ApproximateCreationDateTime": instant,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
                **images,
            },
            "eventSource": "aws:dynamodb",
        }
    )
