"""Batches of Firehose to measure with: the same bytes every time.

Records are inserts, except in one case. An update also has the old image, which the floor parses and writes and a
flattener can skip, so inserts are harder for a flattener. Sets and binary values are left out, because some of the
other ways cannot read them; `probes` shows which can.
"""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]
EVENT_BYTES = {"1 MB": 1_000_000, "6 MB": 6_000_000}

_WORDS = ["amber", "birch", "copper", "delta", "ember", "flint", "grove", "harbor", "indigo", "jasper", "kelp", "linen"]


def small(rng: random.Random) -> Item:
    """Eight attributes on one level, 300 to 400 bytes as DynamoDB's JSON."""
    return {
        "id": {"S": _hex(rng, 16)},
        "customerName": {"S": _text(rng, 3)},
        "email": {"S": f"{rng.choice(_WORDS)}.{_hex(rng, 4)}@example.com"},
        "orderTotal": {"N": _price(rng)},
        "quantity": {"N": str(rng.randrange(1, 90))},
        "active": {"BOOL": rng.random() < 0.5},
        "placedAt": {"S": f"2026-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T10:20:30.123Z"},
        "note": {"S": _text(rng, 12)},
    }


def medium(rng: random.Random) -> Item:
    """Maps in maps and a list of lines, about 2 kB."""
    return small(rng) | {
        "shippingAddress": {"M": address(rng)},
        "billingAddress": {"M": address(rng)},
        "payment": {
            "M": {
                "method": {"S": "card"},
                "lastFour": {"S": f"{rng.randrange(10_000):04d}"},
                "authorisation": {"M": {"code": {"S": _hex(rng, 8)}, "amount": {"N": _price(rng)}}},
                "refundedAt": {"NULL": True},
            }
        },
        "lines": {"L": [{"M": _line(rng)} for _ in range(8)]},
        "tags": {"L": [{"S": rng.choice(_WORDS)} for _ in range(4)]},
    }


def large(rng: random.Random) -> Item:
    """Sixty measured parts, four levels deep, about 30 kB: mostly numbers."""
    return small(rng) | {
        "device": {
            "M": {
                f"part{number:02d}": {
                    "M": {
                        "serial": {"S": _hex(rng, 12)},
                        "position": {"M": {axis: {"N": _measure(rng)} for axis in ("x", "y", "z")}},
                        "limits": {"M": {"low": {"N": _measure(rng)}, "high": {"N": _measure(rng)}}},
                        "ok": {"BOOL": rng.random() < 0.9},
                        "samples": {"L": [{"N": _measure(rng)} for _ in range(6)]},
                        "comment": {"S": _text(rng, 8)},
                    }
                }
                for number in range(60)
            }
        }
    }


ITEMS: dict[str, Callable[[random.Random], Item]] = {"small": small, "medium": medium, "large": large}


@dataclass(frozen=True)
class Case:
    """What one column of the tables is measured with.

    Attributes:
        item: size of an item.
        event: size of an event.
        update: each record is a MODIFY with both images, instead of an INSERT.
    """

    item: str
    event: str
    update: bool = False

    def __str__(self) -> str:
        return f"{self.item}{' update' if self.update else ''}, {self.event}"


CASES = (
    *(Case(item, "6 MB") for item in ITEMS),
    Case("medium", "6 MB", update=True),
    *(Case(item, "1 MB") for item in ITEMS),
)


def batch_for(case: Case) -> dict[str, Any]:
    """Returns the batch of a case."""
    return batch(ITEMS[case.item], EVENT_BYTES[case.event], update=case.update)


def batch(make: Callable[[random.Random], Item], size: int, *, update: bool = False) -> dict[str, Any]:
    """Returns as many changes as fit an event of `size` bytes of JSON."""
    rng = random.Random(7)
    event = _event([])
    room = size - len(json.dumps(event))
    while True:
        item = make(rng)
        record = _record(item, len(event["records"]), rng, old=_before(item, rng) if update else None)
        room -= len(json.dumps(record)) + len(", ")
        if room < 0:
            return event
        event["records"].append(record)


def batch_of(*items: Item) -> dict[str, Any]:
    """Returns a batch of the given items."""
    rng = random.Random(7)
    return _event([_record(item, number, rng) for number, item in enumerate(items)])


def _event(records: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "invocationId": "8f5a0b0e-6d0b-4a52-bd0e-0b7f0f4f7e11",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders-delivery-stream",
        "sourceKinesisStreamArn": "arn:aws:kinesis:eu-west-1:111122223333:stream/orders-data-stream",
        "region": "eu-west-1",
        "records": records,
    }


def _before(item: Item, rng: random.Random) -> Item:
    """Returns the item as it was before an update of three attributes."""
    earlier = small(rng)
    return item | {name: earlier[name] for name in ("orderTotal", "quantity", "note")}


def _record(item: Item, number: int, rng: random.Random, *, old: Item | None = None) -> dict[str, Any]:
    images = {"NewImage": item} | ({"OldImage": old} if old else {})
    change = {
        "awsRegion": "eu-west-1",
        "eventID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "eventName": "MODIFY" if old else "INSERT",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": "orders",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_770_000_000_000_000 + number * 137,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            "Keys": {"id": item.get("id", {"S": "1"})},
            **images,
            "SizeBytes": sum(len(json.dumps(image)) for image in images.values()),
        },
        "eventSource": "aws:dynamodb",
    }
    return {
        "recordId": f"{number:056d}",
        "approximateArrivalTimestamp": 1_770_000_000_500,
        "data": base64.b64encode(json.dumps(change, separators=(",", ":")).encode()).decode(),
        "kinesisRecordMetadata": {
            "sequenceNumber": f"4964{number:052d}",
            "subsequenceNumber": 0,
            "partitionKey": "A1B2C3",
            "shardId": "shardId-000000000000",
            "approximateArrivalTimestamp": 1_770_000_000_400,
        },
    }


def address(rng: random.Random) -> Item:
    return {
        "street": {"S": f"{rng.randrange(1, 200)} {_text(rng, 2)} Street"},
        "city": {"S": rng.choice(_WORDS)},
        "postCode": {"S": f"{rng.randrange(100_000):05d}"},
        "geo": {"M": {"lat": {"N": _measure(rng)}, "lon": {"N": _measure(rng)}}},
    }


def _line(rng: random.Random) -> Item:
    return {
        "sku": {"S": _hex(rng, 6)},
        "title": {"S": _text(rng, 4)},
        "quantity": {"N": str(rng.randrange(1, 9))},
        "price": {"N": _price(rng)},
    }


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words))


def _hex(rng: random.Random, length: int) -> str:
    return f"{rng.getrandbits(4 * length):0{length}x}"


def _price(rng: random.Random) -> str:
    return f"{rng.randrange(1, 99_999)}.{rng.randrange(100):02d}"


def _measure(rng: random.Random) -> str:
    return f"{rng.choice(['', '-'])}{rng.randrange(180)}.{rng.randrange(10**6):06d}"
