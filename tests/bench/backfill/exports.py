"""Exports of any size, as DynamoDB writes them: files of gzip with an item a line, with the MD5 of each."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE: Final = "orders"
SNAPSHOT: Final = "backfill-01700000000000-0a1b2c3d"
TIME_US: Final = 1_700_000_000_123_456
_FOLDER: Final = "cdc_date=2026-01-31/cdc_hour=12"


def item(number: int) -> dict[str, Any]:
    """Returns an item of about 600 bytes as DynamoDB counts, of every type, with a map and a list."""
    return {
        "id": {"S": f"ord-{number:012}"},
        "email": {"S": f"customer{number % 9973}@example.com"},
        "price": {"N": f"{number % 1000}.{number % 100:02}"},
        "quantity": {"N": str(number % 7)},
        "tenant": {"S": "load-test" if number % 50 == 0 else f"tenant-{number % 13}"},
        "note": {"S": hashlib.sha256(str(number).encode()).hexdigest() * 4},
        "card": {"M": {"number": {"S": f"4{number:015}"}, "expires": {"S": "2031-01"}}},
        "lines": {"L": [{"M": {"sku": {"S": f"sku-{each}"}, "count": {"N": str(each)}}} for each in range(4)]},
        "tags": {"SS": ["new", f"t{number % 5}"]},
        "paid": {"BOOL": number % 2 == 0},
        "blob": {"B": base64.b64encode(number.to_bytes(8, "big")).decode()},
        "gone": {"NULL": True},
    }


def files(items: int, count: int) -> Iterator[tuple[str, bytes, int]]:
    """Yields keys, bytes and numbers of items of the files of an export."""
    for number in range(count):
        chosen = range(number * items // count, (number + 1) * items // count)
        lines = b"".join(json.dumps({"Item": item(each)}).encode() + b"\n" for each in chosen)
        yield f"exports/{TABLE}/AWSDynamoDB/0170-a/data/{number:06}.json.gz", gzip.compress(lines, 1), len(chosen)


def plan(bucket: str, found: list[tuple[str, bytes, int]]) -> dict[str, Any]:
    """Returns the plan of an export whose files are sets of their own."""
    return {
        "bucket": bucket,
        "table": TABLE,
        "snapshot": SNAPSHOT,
        "time_us": TIME_US,
        "is_incremental": False,
        "key_names": ["id"],
        "kms_key_arn": None,
        "sets": [
            {
                "identity": f"0170-a-{number}",
                "key": f"data/{TABLE}/{_FOLDER}/backfill-0170-a-{number}.gz",
                "files": [{"key": key, "items": items, "md5": _md5(content)}],
            }
            for number, (key, content, items) in enumerate(found)
        ],
    }


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
