"""Changes of a made-up table of orders, and the lines that the function writes of them, very many of them quickly.

A few hundred change records go through `lake_transform` once. What differs from change to change is cut out of the
lines that come back, and filled in again for each change: that takes microseconds, and gives the same bytes.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from lake_transform.handler import lambda_handler
from tests.bench import events

TEMPLATES = 256
START_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
CHANGES_A_SECOND = 10
CHANGES_AN_ITEM = 5
REPEATS = 5
"""Changes of the object before that an object has once more: delivery is at least once."""

_LATE_US = 2_000_000
_KINDS = ["MODIFY"] * 84 + ["INSERT"] * 10 + ["REMOVE"] * 6


class Change(NamedTuple):
    """What differs from change to change: its template, and the values in it; `us` is since the epoch."""

    template: int
    event_id: str
    us: int
    sequence: int
    item: int
    total: str
    balance: str


_MARK = Change(
    0, "0f0e0d0c-0b0a-4908-8706-050403020100", 1_234_567_890_123_456, 7_777_777, 987_654_321, "13.57", "24.68"
)
"""Values that are nowhere else in a line."""


@dataclass(frozen=True)
class Stream:
    """The changes of a table: `changes` of them, in objects of `an_object`, of `items` of which few change often."""

    changes: int
    an_object: int

    @property
    def items(self) -> int:
        return max(self.changes // CHANGES_AN_ITEM, 1)

    @property
    def objects(self) -> int:
        return -(-self.changes // self.an_object)

    def of_object(self, number: int) -> Iterator[Change]:
        """Yields the changes of one object, repeats first."""
        if number:
            yield from self._first(number - 1, REPEATS)
        yield from self._first(number, self.an_object)

    def _first(self, number: int, count: int) -> Iterator[Change]:
        rng = random.Random(number)
        draw, bits = rng.random, rng.getrandbits
        start = number * self.an_object
        for index in range(start, min(start + count, self.changes)):
            text = f"{bits(128):032x}"
            yield Change(
                int(draw() * TEMPLATES),
                f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}",
                START_US + index * 1_000_000 // CHANGES_A_SECOND + int(draw() * _LATE_US),
                index,
                int(self.items * draw() ** 3),
                f"{int(draw() * 99_999)}.{index % 100:02d}",
                # 38 digits, which no double holds.
                f"{10**35 + bits(116)}.{index % 89 + 11}",
            )


def record(change: Change) -> dict[str, Any]:
    """Returns the record of Firehose that holds a change."""
    kind, item = _item(change.template)
    item = {
        "id": {"S": f"order-{change.item:09d}"},
        "orderTotal": {"N": change.total},
        "balance": {"N": change.balance},
        **item,
    }
    is_by_ttl = kind == "REMOVE" and change.template % 2
    envelope = {
        "awsRegion": "eu-west-1",
        "eventID": change.event_id,
        "eventName": kind,
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"} if is_by_ttl else None,
        "recordFormat": "application/json",
        "tableName": "orders",
        "dynamodb": {
            "ApproximateCreationDateTime": change.us,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            "Keys": {"id": item["id"]},
            "OldImage" if kind == "REMOVE" else "NewImage": item,
            "SizeBytes": 1000,
        },
        "eventSource": "aws:dynamodb",
    }
    return {
        "recordId": "1",
        "data": base64.b64encode(json.dumps(envelope).encode()).decode(),
        "kinesisRecordMetadata": {"sequenceNumber": f"4964{change.sequence:052d}"},
    }


def line(change: Change) -> bytes:
    """Returns the line of a change, quickly."""
    return templates()[change.template] % (
        change.event_id.encode(),
        _second(change.us // 1_000_000),
        change.us % 1_000_000,
        change.us,
        change.sequence,
        change.item,
        change.item,
        change.total.encode(),
        change.balance.encode(),
    )


def written(change: Change) -> bytes:
    """Returns the line that the function writes of a change."""
    with contextlib.redirect_stdout(io.StringIO()):
        (answer,) = lambda_handler({"records": [record(change)]}, None)["records"]
    assert answer["result"] == "Ok"
    return base64.b64decode(answer["data"])


@functools.cache
def templates() -> tuple[bytes, ...]:
    """Returns what the lines of changes are filled into."""
    return tuple(_template(_MARK._replace(template=number)) for number in range(TEMPLATES))


def line_bytes() -> int:
    """Returns the mean length of a line."""
    return sum(len(written(_MARK._replace(template=number))) for number in range(TEMPLATES)) // TEMPLATES


def _template(mark: Change) -> bytes:
    slots = {
        mark.event_id.encode(): b"%s",
        b"2009-02-13 23:31:30.123456": b"%s.%06d",
        str(mark.us).encode(): b"%d",
        f"{mark.sequence:052d}".encode(): b"%052d",
        f"order-{mark.item:09d}".encode(): b"order-%09d",
        mark.total.encode(): b"%s",
        mark.balance.encode(): b"%s",
    }
    pattern = b"|".join(map(re.escape, slots))
    return re.sub(pattern, lambda found: slots[found[0]], written(mark).replace(b"%", b"%%"))


@functools.lru_cache(256)
def _second(since_epoch: int) -> bytes:
    return datetime.fromtimestamp(since_epoch, UTC).strftime("%Y-%m-%d %H:%M:%S").encode()


@functools.cache
def _item(template: int) -> tuple[str, dict[str, Any]]:
    """Returns the kind of a template's changes, and what its items have besides the values that differ."""
    rng = random.Random(template)
    small = events.small(rng)
    item = {name: value for name, value in small.items() if name not in ("id", "orderTotal")}
    item["address"] = {"M": events.address(rng)}
    item["tags"] = {"SS": rng.sample(["amber", "birch", "copper", "delta", "ember"], 3)}
    if template % 7 == 0:
        item["coupon"] = {"S": f"C-{template}"}
    return _KINDS[template * len(_KINDS) // TEMPLATES], item
