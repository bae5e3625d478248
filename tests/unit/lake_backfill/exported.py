"""Exports that are made for tests: items, their files, and the plan of a backfill of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json

from lake_backfill.plan import ExportedFile, Plan, RowSet
from tests.unit.tools.lake.versioned_bucket import NAME

TABLE = "orders"
SNAPSHOT = "backfill-01700000000000-0a1b2c3d"
TIME_US = 1_700_000_000_123_456
HOUR = "cdc_date=2026-01-31/cdc_hour=12"


def line(item):
    return json.dumps({"Item": item}).encode() + b"\n"


def items(count):
    """Returns items with what rules and hooks act on, and what writers of JSON get wrong."""
    return [
        {
            "id": {"S": f"ord-{number:05}"},
            "email": {"S": f"søren{number}@example.com"},
            "price": {"N": f"{number}.10"},
            "quantity": {"N": "12345678901234567890123456789012345678"},
            "tenant": {"S": "load-test" if number % 7 == 0 else "acme"},
            "card": {"M": {"number": {"S": f"4{number:015}"}, "limit": {"N": "1E+3"}}},
            "tags": {"SS": ["<b>", "\u2028"]},
            "blob": {"B": base64.b64encode(bytes([number % 256])).decode()},
            "address": {"M": {"City": {"S": "Oslo"}, "city": {"NULL": True}}},
        }
        for number in range(count)
    ]


def export(bucket, sets):
    """Places files of an export in a bucket, and returns the plan; `sets` is a list of lists of files' lines."""
    return Plan(NAME, TABLE, SNAPSHOT, TIME_US, False, ("id",), tuple(_set(bucket, *each) for each in enumerate(sets)))


def _set(bucket, number, files):
    placed = tuple(_file(bucket, f"exports/{TABLE}/{number}-{index}.json.gz", lines) for index, lines in files.items())
    return RowSet(f"set-{number}", f"data/{TABLE}/{HOUR}/backfill-{number}.gz", placed)


def _file(bucket, key, lines):
    packed = gzip.compress(b"".join(lines))
    bucket.place(key, packed)
    digest = hashlib.md5(packed, usedforsecurity=False).digest()
    return ExportedFile(key, len(lines), base64.b64encode(digest).decode())
